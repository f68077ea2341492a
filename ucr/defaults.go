package ucr

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// readDefaults reads the descriptions in a folder. The folder may be missing (UCS 4). When two files describe one
// variable, the file that is later in name order counts.
func readDefaults(folder string) (map[string]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil && !os.IsNotExist(err) {
		return nil, fmt.Errorf("cannot read the registry's defaults: %w", err)
	}
	defaults := make(map[string]string)
	for _, entry := range entries {
		if entry.IsDir() || filepath.Ext(entry.Name()) != ".cfg" {
			continue
		}
		path := filepath.Join(folder, entry.Name())
		data, err := os.ReadFile(path)
		if os.IsNotExist(err) { // a package was removed meanwhile, or the name is a dangling link
			continue
		} else if err != nil {
			return nil, fmt.Errorf("cannot read the registry's defaults: %w", err)
		}
		if err := parseDefaults(path, data, defaults); err != nil {
			return nil, err
		}
	}
	return defaults, nil
}

// parseDefaults adds the defaults of one INI file to defaults. The grammar is that of Python's configparser: "=" or ":"
// ends the name of an option, "#" and ";" begin a comment line, and an indented line continues the line before it.
// Options other than Default may be in any encoding.
func parseDefaults(path string, data []byte, defaults map[string]string) error {
	section, inDefault := "", false
	number := 0
	for raw := range bytes.SplitSeq(data, []byte("\n")) {
		number++
		line := bytes.TrimSpace(raw)
		if len(line) == 0 || line[0] == '#' || line[0] == ';' {
			continue
		}
		value := line
		switch {
		case raw[0] == ' ' || raw[0] == '\t':
			if !inDefault {
				continue
			}
		case line[0] == '[':
			name, _, closed := bytes.Cut(line[1:], []byte("]"))
			section, inDefault = string(name), false
			if !closed || isPattern(section) {
				section = ""
			}
			continue
		default:
			inDefault = false
			at := bytes.IndexAny(line, "=:")
			if at < 0 || section == "" || !bytes.EqualFold(bytes.TrimSpace(line[:at]), []byte("default")) {
				continue
			}
			inDefault = true
			delete(defaults, section)
			value = line[at+1:]
		}
		if !utf8.Valid(value) || bytes.IndexByte(value, 0) >= 0 {
			return &FileError{path, number, "is not UTF-8"}
		}
		if text := stored(defaults[section] + string(value)); text != "" {
			defaults[section] = text
		}
	}
	return nil
}

// isPattern distinguishes a section that describes many variables from the name of a variable: a pattern has characters
// of a regular expression, or characters that a key must not have.
func isPattern(section string) bool {
	return strings.ContainsAny(section, `*^|`) || CheckKey(section) != nil
}

// expand replaces each @%@key@%@ in a default by the value that the registry holds. path lists the defaults that are
// being expanded. A default that leads back to one of them gives "", and so does a variable that is not set.
func (r *Registry) expand(text string, path []string) string {
	const mark = "@%@"
	var out strings.Builder
	for {
		before, rest, opened := strings.Cut(text, mark)
		name, after, closed := strings.Cut(rest, mark)
		if !opened || !closed {
			out.WriteString(text)
			return out.String()
		}
		out.WriteString(before)
		if !slices.Contains(path, name) {
			value, _ := r.effective(name, path)
			out.WriteString(value.Text)
		}
		text = after
	}
}
