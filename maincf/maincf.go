package maincf

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ucs-harden/internal/lexical"
)

// File is the definitions of one main.cf in their order.
type File []Definition

// Definition is one "name = value".
type Definition struct {
	Name string
	// Value is the value as postconf(1) prints it: runs of blanks and line breaks are one blank. References are not
	// expanded.
	Value string
	// Line is the number of its first line, counted from 1.
	Line int
}

// Parse reads a main.cf. A line without "=" is an error, as it is for every program of Postfix. A first line that
// begins with a blank is ignored, as Postfix does.
func Parse(content []byte) (File, error) {
	if i := bytes.IndexByte(content, 0); i >= 0 {
		return nil, fmt.Errorf("cannot read main.cf: NUL byte in line %d", 1+bytes.Count(content[:i], []byte("\n")))
	}
	var main File
	for _, line := range lexical.Logical(content) {
		if line.Orphan() {
			continue
		}
		name, value, ok := strings.Cut(line.Text, "=")
		if name = strings.Trim(name, lexical.Blanks); !ok || name == "" {
			return nil, fmt.Errorf("cannot read main.cf, line %d: no name = value in %q", line.Line, line.Text)
		}
		main = append(main, Definition{name, oneBlank(value), line.Line})
	}
	return main, nil
}

// Get returns the value that counts, the last one.
func (m File) Get(name string) (value string, ok bool) {
	for _, d := range slices.Backward(m) {
		if d.Name == name {
			return d.Value, true
		}
	}
	return "", false
}

// Value returns the value that counts, "" for a parameter that main.cf does not have.
func (m File) Value(name string) string {
	value, _ := m.Get(name)
	return value
}

// With are the definitions together with presets, which count for the parameters that main.cf does not have.
func (m File) With(presets map[string]string) File {
	out := make(File, 0, len(m)+len(presets))
	for _, name := range slices.Sorted(maps.Keys(presets)) {
		out = append(out, Definition{Name: name, Value: presets[name]})
	}
	return append(out, m...)
}

// oneBlank makes each run of blanks one blank and removes the blanks at both ends.
func oneBlank(s string) string {
	return strings.Join(strings.FieldsFunc(s, lexical.IsBlank), " ")
}
