package mastercf

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// File is a parsed master.cf.
type File struct {
	chunks [][]byte // in order; together the whole file
	// Services are the service entries in the order of the file.
	Services []*Service
}

// Service is one service entry.
type Service struct {
	Name, Type string
	// Private, Unprivileged, Chroot, Wakeup and MaxProc are as written, "-" for the default.
	Private, Unprivileged, Chroot, Wakeup, MaxProc string
	// Command is the program relative to $daemon_directory.
	Command string
	// Args are its arguments, the braces around them taken off.
	Args []string
	// Line is the number of the first line, counted from 1.
	Line int
	// Raw is the entry as it stands in the file, with the comments between its lines.
	Raw []byte
}

var types = []string{"inet", "unix", "unix-dgram", "fifo", "pass"}

// Parse reads a master.cf. An entry that master(8) would refuse is an error
// that names its line.
func Parse(content []byte) (*File, error) {
	if i := bytes.IndexByte(content, 0); i >= 0 {
		return nil, fmt.Errorf("cannot read master.cf: NUL byte in line %d", 1+bytes.Count(content[:i], []byte("\n")))
	}
	f := &File{}
	var at int           // line number
	var entry []byte     // the entry being collected
	var logical []string // its lines without comments
	var begin int        // its first line
	end := func() error {
		if entry == nil {
			return nil
		}
		s, err := service(strings.Join(logical, ""))
		if err != nil {
			return fmt.Errorf("cannot read master.cf, line %d: %w", begin, err)
		}
		s.Line, s.Raw = begin, entry
		f.Services = append(f.Services, s)
		f.chunks = append(f.chunks, entry)
		entry, logical = nil, nil
		return nil
	}
	var pending []byte // ignored lines: part of the entry when it goes on after them
	flush := func() {
		if pending != nil {
			f.chunks = append(f.chunks, pending)
			pending = nil
		}
	}
	for line := range bytes.Lines(content) {
		at++
		text := strings.TrimSuffix(string(line), "\n")
		switch bare := strings.TrimLeft(text, blanks); {
		case bare == "" || bare[0] == '#':
			pending = append(pending, line...)
		case len(bare) < len(text):
			if entry == nil {
				return nil, fmt.Errorf("cannot read master.cf, line %d: a service entry must not begin with a blank", at)
			}
			entry = append(append(entry, pending...), line...)
			logical = append(logical, text)
			pending = nil
		default:
			if err := end(); err != nil {
				return nil, err
			}
			flush()
			entry, logical, begin = bytes.Clone(line), []string{text}, at
		}
	}
	if err := end(); err != nil {
		return nil, err
	}
	flush()
	return f, nil
}

// Bytes is the file as it was read.
func (f *File) Bytes() []byte { return bytes.Join(f.chunks, nil) }

// Service returns the entry that counts for a name and type, or nil. An inet
// entry is also found by another way to write its port: "smtp" finds "25" and
// "0.0.0.0:25"; one written exactly like name is preferred.
func (f *File) Service(name, typ string) *Service {
	for _, same := range []func(*Service) bool{
		func(s *Service) bool { return s.Name == name },
		func(s *Service) bool { return typ == "inet" && port(s.Name) == port(name) },
	} {
		for _, s := range slices.Backward(f.Services) {
			if s.Type == typ && same(s) {
				return s
			}
		}
	}
	return nil
}

// port is the port of an inet service name, as a number where it is one of ours.
func port(name string) string {
	p := name[strings.LastIndexByte(name, ':')+1:]
	switch p {
	case "smtp":
		return "25"
	case "smtps", "submissions", "urd":
		return "465"
	case "submission":
		return "587"
	}
	return p
}
