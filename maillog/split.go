package maillog

import (
	"encoding/binary"
	"math/bits"
)

// said is a line that is needed, split into its parts.
type said struct {
	begin, text, end int32
	program          uint16
	beginning        uint8  // what the first byte of its text tells, see beginnings
	word             uint8  // how many letters and digits the text begins with, up to longestWord
	process          uint64 // the digits of its process, in the upper bytes
}

const (
	// linesAtOnce is how many lines are split before what they tell is read.
	linesAtOnce = 128
	// ahead is how many bytes there are in a buffer behind the host of a line that is split quickly.
	ahead = 2 * longest
	// longestWord is how much of the beginning of a text is looked at.
	longestWord = 16
	// lists is how many lists there are for lines that are needed.
	lists = 4
)

// list is the place for the lines of a list.
type list [linesAtOnce]said

// splitting is what splitLines needs and gives. Lines are those of an hour. They have their ends at places in a block,
// which begins at base in buf.
type splitting struct {
	hour
	patterns *pattern
	buf      *byte
	beyond   int // no line that begins behind it is read
	ends     *uint16
	count    int // of ends, linesAtOnce at most
	base     int
	out      *[lists]list

	begin   int // of the next line
	last    int // the begin of the last line that was read
	lines   int // that were read
	counts  int // of them in each list, as numbers of 16 bits
	foreign int // lines of other programs among them
}

// splitSlowly does the work of splitLines where that is not written for the processor. It reads lines up to one of
// another hour or host, of a program that was not met before, or with another process than one of up to 7 digits.
//
// There is no branch that depends on the line: a processor that guesses wrong what comes next loses as much time as it
// takes to read a line. Eight bytes are compared at once. They may go beyond the line: what they are compared with has
// no line end.
func splitSlowly(s *splitting, buf []byte, ends []uint16, patterns []pattern) {
	s.lines, s.counts, s.foreign = 0, 0, 0
	for s.lines < len(ends) {
		end := s.base + int(ends[s.lines])
		if s.begin > s.beyond || end-s.begin <= s.programAt {
			return
		}
		text := buf[s.begin:]
		if !s.is(text) {
			return
		}
		name := text[s.programAt : s.programAt+longest]
		at := place(binary.LittleEndian.Uint64(name[middle:]))
		p := &patterns[at]
		if !p.begins(name) {
			at++
			if p = &patterns[at]; !p.begins(name) {
				return
			}
		}
		behind := name[p.length:]
		word := binary.LittleEndian.Uint64(behind)
		digits := digitsOf(word)
		number := (word ^ eachByte*'0') << (64 - 8*digits)
		odd := binary.LittleEndian.Uint32(behind[digits:])<<8 ^ behindProcess<<8
		if (uint64(odd)|(number|(number+eachByte*(0x80-10)))&highBits)&p.ours != 0 || digits == 0 && p.ours != 0 {
			return
		}
		start := s.begin + s.programAt + p.length + digits + 3
		beginning := p.beginnings[buf[start]]
		list := beginning & listBits // times 16
		s.out[list/16][s.counts>>list&0xffff] = said{
			begin: int32(s.begin), text: int32(start), end: int32(end), process: number,
			program: uint16(at), beginning: beginning, word: wordOf(buf[start:]),
		}
		s.counts += int(bit(beginning != nothing)) << list
		s.foreign += p.foreign
		s.last, s.begin = s.begin, end+1
		s.lines++
	}
}

// wordOf is how many letters and digits a text begins with, up to longestWord.
func wordOf(text []byte) uint8 {
	n := bits.TrailingZeros64(noWord(binary.LittleEndian.Uint64(text))) >> 3
	if n == 8 {
		n += bits.TrailingZeros64(noWord(binary.LittleEndian.Uint64(text[8:]))) >> 3
	}
	return uint8(n)
}

// noWord has the high bits of those of eight bytes that are no letters and no digits.
func noWord(text uint64) uint64 {
	low := text &^ highBits
	small := low | eachByte*0x20
	digit := (low + eachByte*(0x80-'0')) &^ (low + eachByte*(0x80-'9'-1))
	letter := (small + eachByte*(0x80-'a')) &^ (small + eachByte*(0x80-'z'-1))
	return (^(digit | letter) | text) & highBits
}

const (
	eachByte = 0x0101010101010101
	highBits = 0x8080808080808080
	// behindProcess is what stands behind the number of a process, from the lowest byte on.
	behindProcess = ']' | ':'<<8 | ' '<<16
)

// bit is 1 for true, without a branch.
func bit(b bool) (n uint8) {
	if b {
		n = 1
	}
	return n
}
