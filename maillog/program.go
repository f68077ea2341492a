package maillog

import (
	"bytes"
	"encoding/binary"
)

// program is the name of a program, with its daemon.
type program struct {
	name string // with the bracket behind it
	// first and last are its first and its last eight bytes. A name of up to 16 bytes is no more than these.
	first, last uint64
	daemon      daemon
	ours        bool // it has a slash, as all programs of Postfix have
}

// programs are the programs that were met last. Two have a place by some bytes in the middle of their names, in which the
// programs of Postfix differ, so that a name is known before its end is looked for.
type programs [256][2]program

const (
	middle    = 5 // of "postfix/smtpd["
	middleEnd = middle + 8
)

func (p *programs) place(b []byte) *[2]program {
	if len(b) < middleEnd {
		return &p[0]
	}
	return &p[binary.LittleEndian.Uint64(b[middle:middleEnd])*0x9e3779b97f4a7c15>>56]
}

// known finds the program whose name, with the bracket, b begins with. It is nil where others were met since, and near the
// end of the buffer.
func (p *programs) known(b []byte) *program {
	if len(b) < longest {
		return nil
	}
	first := binary.LittleEndian.Uint64(b)
	known := p.place(b)
	for i := range known {
		k := &known[i]
		n := len(k.name)
		if k.first == first && n >= 8 && binary.LittleEndian.Uint64(b[n-8:]) == k.last && (n <= 16 || has(b, k.name)) {
			return k
		}
	}
	return nil
}

// lookUp finds the program with a name, to which the bracket belongs.
func (p *programs) lookUp(name []byte) *program {
	known := p.place(name)
	for i := range known {
		if known[i].name == string(name) {
			return &known[i]
		}
	}
	plain := name[:len(name)-1]
	slash := bytes.LastIndexByte(plain, '/')
	known[1] = known[0]
	known[0] = program{name: string(name), ours: slash >= 0 && !bytes.ContainsAny(plain, ": ")}
	if n := len(name); n >= 8 {
		known[0].first, known[0].last = binary.LittleEndian.Uint64(name), binary.LittleEndian.Uint64(name[n-8:])
	}
	if known[0].ours {
		known[0].daemon = daemons[string(plain[slash+1:])]
	}
	return &known[0]
}

// programName is a name without the bracket, as a string.
func (p *programs) programName(name []byte) string {
	for i := range p.place(name) {
		if known := p.place(name)[i].name; len(known) == len(name)+1 && known[:len(name)] == string(name) {
			return known[:len(name)]
		}
	}
	return string(name)
}

// has reports whether b begins with a prefix.
func has(b []byte, prefix string) bool {
	return len(b) >= len(prefix) && string(b[:len(prefix)]) == prefix
}
