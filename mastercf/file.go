package mastercf

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"ucs-harden/internal/lexical"
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

// Parse reads a master.cf. An entry that master(8) would refuse is an error with the number of its line.
func Parse(content []byte) (*File, error) {
	if i := bytes.IndexByte(content, 0); i >= 0 {
		return nil, fmt.Errorf("cannot read master.cf: NUL byte in line %d", 1+bytes.Count(content[:i], []byte("\n")))
	}
	f := &File{}
	for _, part := range lexical.Parts(content) {
		f.chunks = append(f.chunks, part.Raw)
		switch {
		case part.Text == "":
			continue
		case part.Orphan():
			err := errors.New("a service entry must not begin with a blank")
			return nil, fmt.Errorf("cannot read master.cf, line %d: %w", part.Line, err)
		}
		s, err := service(part.Text)
		if err != nil {
			return nil, fmt.Errorf("cannot read master.cf, line %d: %w", part.Line, err)
		}
		s.Line, s.Raw = part.Line, part.Raw
		f.Services = append(f.Services, s)
	}
	return f, nil
}

// Bytes is the file as it was read.
func (f *File) Bytes() []byte { return bytes.Join(f.chunks, nil) }

// Service returns the entry that counts for a name and type, or nil. An inet entry may have its port in another form:
// "smtp" finds "25" and "0.0.0.0:25". An entry with exactly this name is preferred.
func (f *File) Service(name, typ string) *Service {
	for _, same := range []func(*Service) bool{
		func(s *Service) bool { return s.Name == name },
		func(s *Service) bool { return typ == "inet" && PortOf(s.Name) == PortOf(name) },
	} {
		for _, s := range slices.Backward(f.Services) {
			if s.Type == typ && same(s) {
				return s
			}
		}
	}
	return nil
}
