package maillog

import (
	"bytes"
	"encoding/binary"
)

// program is the name of a program, with its daemon.
type program struct {
	// words are four parts of its name, of eight bytes each, and places where they stand in it. They overlap, and cover
	// a name of up to 32 bytes.
	words  [4]uint64
	places [4]uint8
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
)

// place is the first of the two places of the program that b begins with.
func place(b *[longest]byte) uint64 {
	return binary.LittleEndian.Uint64(b[middle:]) * 0x9e3779b97f4a7c15 >> (64 - placeBits) * 2
}

// known finds the program that b begins with. It is nil where others were met since.
func (p *programs) known(b *[longest]byte) *program {
	at := place(b)
	for i := range p.met[at : at+2] {
		if it := &p.met[at+uint64(i)]; it.name != "" && it.begins(b) {
			return it
		}
	}
	return nil
}

// begins reports whether b begins with the name of a program.
func (p *program) begins(b *[longest]byte) bool {
	return (binary.LittleEndian.Uint64(b[p.places[0]&31:])^p.words[0])|(binary.LittleEndian.Uint64(b[p.places[1]&31:])^p.words[1])|
		(binary.LittleEndian.Uint64(b[p.places[2]&31:])^p.words[2])|(binary.LittleEndian.Uint64(b[p.places[3]&31:])^p.words[3]) == 0
}

// forget makes all places those of no program, so that no line begins with one.
func (p *programs) forget() {
	for i := range p.met {
		p.met[i] = program{words: [4]uint64{0, 1}}
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
	if n < 8 || n > 32 {
		return &it
	}
	for i, at := range [4]int{0, min(8, n-8), max(0, n-16), n - 8} {
		it.places[i], it.words[i] = uint8(at), binary.LittleEndian.Uint64(b[at:])
	}
	at := place(&padded)
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
