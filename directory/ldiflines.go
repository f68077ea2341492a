package directory

import (
	"bufio"
	"errors"
	"io"
	"strings"
)

// ldifLine is one unfolded line. It is kept as bytes, because a photo has thousands of continuation lines.
type ldifLine struct {
	text   []byte
	number int // where the line begins, from 1
}

// ldifLines reads physical lines and joins continuation lines.
type ldifLines struct {
	in     *bufio.Reader
	number int // of the line last read
	begun  bool
}

func newLDIFLines(r io.Reader) *ldifLines { return &ldifLines{in: bufio.NewReader(r)} }

// record returns the lines up to the next empty line, without comments. It returns nil at the end of the file.
func (ls *ldifLines) record() ([]ldifLine, error) {
	var record []ldifLine
	const nothing, text, comment = 0, 1, 2
	last := nothing // the line that a continuation line would continue
	for {
		physical, err := ls.next()
		if errors.Is(err, io.EOF) {
			return ls.checked(record)
		}
		switch {
		case err != nil:
			return nil, err
		case physical == "":
			if record, err = ls.checked(record); record != nil || err != nil {
				return record, err
			}
			last = nothing
		case physical[0] == '#':
			last = comment
		case physical[0] != ' ':
			record = append(record, ldifLine{[]byte(physical), ls.number})
			last = text
		case last == nothing:
			return nil, &LDIFError{ls.number, errors.New("there is nothing to continue")}
		case last == text:
			folded := &record[len(record)-1]
			folded.text = append(folded.text, physical[1:]...)
		}
	}
}

// checked removes the version from the first record.
func (ls *ldifLines) checked(record []ldifLine) ([]ldifLine, error) {
	if ls.begun || len(record) == 0 {
		return record, nil
	}
	ls.begun = true
	name, version, found := strings.Cut(string(record[0].text), ":")
	if !found || !strings.EqualFold(name, "version") {
		return record, nil
	}
	if strings.TrimLeft(version, " ") != "1" {
		return nil, &LDIFError{record[0].number, errors.New("only version 1 of LDIF is known")}
	}
	if len(record) == 1 {
		return nil, nil
	}
	return record[1:], nil
}

// next returns a physical line without its line end, or io.EOF.
func (ls *ldifLines) next() (string, error) {
	text, err := ls.in.ReadString('\n')
	if errors.Is(err, io.EOF) && text == "" {
		return "", io.EOF
	}
	ls.number++
	switch {
	case errors.Is(err, io.EOF):
		return "", &LDIFError{ls.number, errors.New("the last line has no end: the file was cut off")}
	case err != nil:
		return "", &LDIFError{ls.number, err}
	}
	return strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r"), nil
}
