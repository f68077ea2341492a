package maillog

import (
	"bytes"
	"encoding/binary"
)

// program is the name of a program, with its daemon.
type program struct {
	name   string // with the bracket behind it
	daemon daemon
	ours   bool // it has a slash, as all programs of Postfix have
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

// known finds the program whose name, with the bracket, b begins with. It is nil where others were met since.
func (p *programs) known(b []byte) *program {
	known := p.place(b)
	for i := range known {
		if known[i].name != "" && has(b, known[i].name) {
			return &known[i]
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
	known[0] = program{name: string(name), ours: slash >= 0 && bytes.IndexAny(plain, ": ") < 0}
	if known[0].ours {
		known[0].daemon = daemons[string(plain[slash+1:])]
	}
	return &known[0]
}

// has reports whether b begins with a prefix.
func has(b []byte, prefix string) bool {
	return len(b) >= len(prefix) && string(b[:len(prefix)]) == prefix
}
