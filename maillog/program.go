package maillog

import (
	"bytes"
	"encoding/binary"
)

// program is the name of a program, with its daemon.
type program struct {
	// These are parts of its name of eight bytes: what it begins with, what stands in its middle and behind that, as far as
	// mask says, and what it ends with. Together they are a name of up to 29 bytes.
	first, middle, third, mask, last uint64
	lastAt                           uint8

	daemon daemon
	ours   bool // it has a slash, as all programs of Postfix have
	// needed is 1 if some lines of it are read, foreign is 1 if it is not of Postfix: they are added up.
	needed, foreign uint8
	notices         bool   // it tells of lines that were dropped
	name            string // with the bracket, the colon or the blank behind it; "": it is not known again
}

// programs are the programs that were met last. Two have a place by some bytes in the middle of their names, in which the
// programs of Postfix differ, so that a name is known before its end is looked for.
type programs struct {
	met  [2 << placeBits]program
	most daemon // those above it are not needed
}

const (
	// longest is what a program's name is at most, the bracket and the process included.
	longest = 96

	placeBits = 8
	middle    = 5 // of "postfix/smtpd["
	third     = middle + 8
)

// place is the first of the two places of a program with these bytes in its middle.
func place(middle uint64) uint64 { return middle * 0xbf58476d1ce4e5b9 >> (64 - placeBits) * 2 }

// known finds the program that b begins with. It is nil where others were met since.
func (p *programs) known(b *[longest]byte) *program {
	at := place(binary.LittleEndian.Uint64(b[middle:]))
	for i := range p.met[at : at+2] {
		if it := &p.met[at+uint64(i)]; it.name != "" && it.begins(b) {
			return it
		}
	}
	return nil
}

// begins reports whether b begins with the name of a program.
func (p *program) begins(b *[longest]byte) bool {
	return (binary.LittleEndian.Uint64(b[:])^p.first)|
		(binary.LittleEndian.Uint64(b[middle:])^p.middle)|
		(binary.LittleEndian.Uint64(b[third:])^p.third)&p.mask|
		(binary.LittleEndian.Uint64(b[p.lastAt&31:])^p.last) == 0
}

// forget makes all places those of no program, so that no line begins with one.
func (p *programs) forget() {
	for i := range p.met {
		p.met[i] = program{first: 0, last: 1}
	}
}

// lookUp finds the program that what stands behind the host in a line begins with.
func (p *programs) lookUp(b []byte) *program {
	b = b[:min(len(b), longest)]
	var padded [longest]byte
	copy(padded[:], b)
	if it := p.known(&padded); it != nil {
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
	if it.ours && it.daemon != noDaemon && it.daemon <= p.most || it.notices {
		it.needed = 1
	}
	n := end + 1
	if !it.ours {
		it.foreign = 1
		n = max(8, n) // with some digits of its process
	}
	if n > len(b) || n == 0 {
		return &it
	}
	it.name = string(b[:n])
	if n < 8 || n > third+16 {
		return &it
	}
	it.first, it.middle = binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(padded[middle:])
	it.third = binary.LittleEndian.Uint64(padded[third:])
	it.mask = ^uint64(0) >> (64 - 8*min(max(0, n-third), 8))
	it.lastAt, it.last = uint8(n-8), binary.LittleEndian.Uint64(b[n-8:])
	at := place(it.middle)
	p.met[at+1] = p.met[at]
	p.met[at] = it
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

// plain is the name without what stands behind it.
func (p *program) plain() string { return p.name[:len(p.name)-1] }

// has reports whether b begins with a prefix.
func has(b []byte, prefix string) bool {
	return len(b) >= len(prefix) && string(b[:len(prefix)]) == prefix
}
