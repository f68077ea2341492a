package maillog

import (
	"bytes"
	"encoding/binary"
)

// program is the name of a program, with its daemon.
type program struct {
	daemon  daemon
	ours    bool   // it has a slash, as all programs of Postfix have
	notices bool   // it tells of lines that were dropped
	name    string // with the bracket, the colon or the blank behind it; "": it is not known again
	plainly bool   // its refusals are left out, see Options.Plain, but for those with some words
	butFor  []byte
}

// pattern is what a line has where its program stands: 32 bytes, as far as a mask says. It has 128 bytes.
type pattern struct {
	name, mask [4]uint64
	length     int         // of the name
	foreign    int         // 1 if the program is not of Postfix: they are added up
	ours       uint64      // all bits if the program is of Postfix, so that its process has to be a number, else none
	beginnings *[256]uint8 // what the first byte of a text tells
	_          [4]uint64
}

// programs are the programs that were met last. Two have a place by some bytes in the middle of their names, in which the
// programs of Postfix differ, so that a name is known before its end is looked for.
type programs struct {
	met        [2 << placeBits]program
	patterns   [2 << placeBits]pattern
	most       daemon // those above it are not needed
	beginnings *beginnings
	plain      func(program string) (butFor string, plain bool) // may be nil
}

const (
	// longest is what a program's name is at most, the bracket and the process included.
	longest = 96

	placeBits = 8
	middle    = 5 // of "postfix/smtpd["
)

// place is the first of the two places of a program with these bytes in its middle.
func place(middle uint64) uint64 { return middle * 0xbf58476d1ce4e5b9 >> (64 - placeBits) * 2 }

// known finds the program that b begins with. It is nil where others were met since.
func (p *programs) known(b []byte) *program {
	at := place(binary.LittleEndian.Uint64(b[middle:]))
	for i := at; i < at+2; i++ {
		if p.met[i].name != "" && p.patterns[i].begins(b) {
			return &p.met[i]
		}
	}
	return nil
}

// begins reports whether b begins with the name of a program.
func (p *pattern) begins(b []byte) bool {
	different := uint64(0)
	for i := range p.name {
		different |= (binary.LittleEndian.Uint64(b[8*i:]) ^ p.name[i]) & p.mask[i]
	}
	return different == 0
}

// forget makes all places those of no program: no line has line ends at the beginning of a program.
func (p *programs) forget() {
	for i := range p.patterns {
		p.met[i] = program{}
		p.patterns[i] = pattern{name: [4]uint64{'\n'}, mask: [4]uint64{0xff}}
	}
}

// lookUp finds the program that what stands behind the host in a line begins with.
func (p *programs) lookUp(b []byte) *program {
	b = b[:min(len(b), longest)]
	var padded [longest]byte
	copy(padded[:], b)
	if it := p.known(padded[:]); it != nil {
		return it
	}
	it := program{notices: notices(b)}
	end := endOfName(b)
	if end > 0 && b[end] == '[' {
		slash := bytes.LastIndexByte(b[:end], '/')
		if it.ours = slash >= 0; it.ours {
			it.daemon = daemons[string(b[slash+1:end])]
		}
	}
	like := pattern{beginnings: &nothings}
	if it.ours && it.daemon != noDaemon && it.daemon <= p.most || it.notices {
		like.beginnings = &p.beginnings[it.daemon]
	}
	n := end + 1
	if !it.ours {
		like.foreign = 1
		n = max(8, n) // with some digits of its process
	} else {
		like.ours = ^uint64(0)
	}
	if end < 0 || n > len(b) { // the line ends within the name, which tells nothing of other lines
		return &it
	}
	it.name = string(b[:n])
	if p.plain != nil && it.ours {
		words, plainly := p.plain(it.full())
		it.plainly, it.butFor = plainly, []byte(words)
	}
	compared := max(n, middle+8)
	if n < 8 || compared > 32 {
		return &it
	}
	like.length = n
	for i := range like.name {
		like.name[i] = binary.LittleEndian.Uint64(padded[8*i:])
		like.mask[i] = ^uint64(0) >> (64 - 8*min(max(compared-8*i, 0), 8))
	}
	at := place(binary.LittleEndian.Uint64(padded[middle:]))
	p.met[at+1], p.patterns[at+1] = p.met[at], p.patterns[at]
	p.met[at], p.patterns[at] = it, like
	return &p.met[at]
}

// endOfName is the place of what ends a name, a bracket in all programs of Postfix; -1 if there is none.
func endOfName(b []byte) int {
	for i, c := range b {
		if c == '[' || c == ':' || c == ' ' {
			return i
		}
	}
	return -1
}

// full is the name without what stands behind it.
func (p *program) full() string { return p.name[:len(p.name)-1] }

// has reports whether b begins with a prefix.
func has(b []byte, prefix string) bool {
	return len(b) >= len(prefix) && string(b[:len(prefix)]) == prefix
}
