package directory

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"ucs-harden/internal/lazyregexp"
)

// LDIFError says where a file is not LDIF. It never quotes the value of an attribute.
type LDIFError struct {
	Line int // from 1
	Err  error
}

// Error gives one line of text.
func (e *LDIFError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap gives ErrIncomplete or the error of reading, if that was the reason.
func (e *LDIFError) Unwrap() error { return e.Err }

// ldifEntry is one entry.
type ldifEntry struct {
	dn         string
	attributes map[string][]string // by attribute description in lower case; the values in the order of the file
}

// ldifEntries reads the entries one by one. It stops after the first error, which is an *LDIFError.
//
// go-ldap/ldif is not used: it opens files that URLs in the LDIF name, refuses records with "search:" and records with
// nothing but a dn, and quotes whole lines (password hashes) in its errors.
func ldifEntries(r io.Reader) iter.Seq2[ldifEntry, error] {
	return func(yield func(ldifEntry, error) bool) {
		lines := newLDIFLines(r)
		for {
			record, err := lines.record()
			if err == nil && record == nil {
				return
			}
			var entry *ldifEntry
			if err == nil {
				entry, err = parseRecord(record)
			}
			if err != nil {
				yield(ldifEntry{}, err)
				return
			}
			if entry != nil && !yield(*entry, nil) {
				return
			}
		}
	}
}

// parseRecord makes an entry of a record. It returns nil when the record is not an entry.
func parseRecord(record []ldifLine) (*ldifEntry, error) {
	name, first, err := ldifField(record[0])
	switch {
	case err != nil:
		return nil, err
	case name == "search" || name == "result" || name == "ref":
		return nil, outcome(record)
	case name != "dn":
		return nil, &LDIFError{record[0].number, errors.New("a record begins with something other than a dn")}
	}
	entry := &ldifEntry{dn: first, attributes: map[string][]string{}}
	for _, l := range record[1:] {
		name, value, err := ldifField(l)
		switch {
		case err != nil:
			return nil, err
		case name == "changetype":
			return nil, &LDIFError{l.number, errors.New("this is a change, not an entry")}
		case name == "dn":
			return nil, &LDIFError{l.number, errors.New("a second dn: in one record")}
		}
		entry.attributes[name] = append(entry.attributes[name], value)
	}
	return entry, nil
}

// outcome reads a record that says how the search ended.
func outcome(record []ldifLine) error {
	for _, l := range record {
		name, value, err := ldifField(l)
		switch {
		case err != nil:
			return err
		case name == "ref":
			return &LDIFError{l.number, fmt.Errorf("%w: it was referred to another server", ErrIncomplete)}
		case name == "result" && value != "0" && !strings.HasPrefix(value, "0 "):
			return &LDIFError{l.number, fmt.Errorf("%w: %.80q", ErrIncomplete, value)}
		}
	}
	return nil
}

// description is an attribute description (RFC 4512, 2.5).
var description = lazyregexp.New(`^([A-Za-z][A-Za-z0-9-]*|[0-9]+(\.[0-9]+)*)(;[A-Za-z0-9-]+)*$`)

// ldifField splits a line into attribute description, in lower case, and value.
func ldifField(l ldifLine) (name, value string, err error) {
	name, rest, found := strings.Cut(string(l.text), ":")
	if !found {
		return "", "", &LDIFError{l.number, errors.New("there is no colon")}
	}
	if !description.MatchString(name) {
		return "", "", &LDIFError{l.number, errors.New("what stands before the colon is not an attribute")}
	}
	name = strings.ToLower(name)
	switch {
	case strings.HasPrefix(rest, "<"):
		return "", "", &LDIFError{l.number, errors.New("values that stand in other files are not read")}
	case strings.HasPrefix(rest, ":"):
		decoded, err := base64.StdEncoding.Strict().DecodeString(strings.TrimLeft(rest[1:], " "))
		if err != nil {
			return "", "", &LDIFError{l.number, errors.New("the value is not base64")}
		}
		return name, string(decoded), nil
	}
	return name, strings.TrimLeft(rest, " "), nil
}
