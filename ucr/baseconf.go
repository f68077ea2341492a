package ucr

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"ucs-harden/internal/inroot"
)

const header = "# univention_ base.conf\n\n"

// FileError says that a file of the registry cannot be read safely. Line counts
// from 1.
type FileError struct {
	Path string
	Line int
	Why  string
}

func (e *FileError) Error() string {
	return fmt.Sprintf("cannot read %s: line %d %s", e.Path, e.Line, e.Why)
}

// readBaseConf reads the file of one layer. A missing file is fs.ErrNotExist.
func readBaseConf(root, path string) (map[string]string, error) {
	data, err := inroot.ReadFile(root, path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the registry: %w", err)
	}
	text := string(data)
	if err := checkText(below(root, path), text); err != nil {
		return nil, err
	}
	return parseBaseConf(text), nil
}

// checkText refuses text that neither an editor nor ucr writes: the file is most likely damaged.
func checkText(path, text string) error {
	if at := strings.IndexByte(text, 0); at >= 0 {
		return &FileError{path, 1 + strings.Count(text[:at], "\n"), "contains a NUL byte"}
	}
	if utf8.ValidString(text) {
		return nil
	}
	number := 0
	for line := range strings.SplitSeq(text, "\n") {
		if number++; !utf8.ValidString(line) {
			break
		}
	}
	return &FileError{path, number, "is not UTF-8"}
}

// parseBaseConf follows the grammar in the package comment. It can read any text.
func parseBaseConf(text string) map[string]string {
	if strings.IndexByte(text, '\r') >= 0 {
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	}
	vars := make(map[string]string, 1+strings.Count(text, "\n"))
	for text != "" {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		colon := strings.IndexByte(line, ':')
		if colon < 0 || strings.IndexByte(line[:colon], '#') >= 0 {
			continue
		}
		if separator := strings.Index(line[colon:], ": "); separator >= 0 {
			at := colon + separator
			vars[line[:at]] = trim(line[at+2:])
		}
	}
	return vars
}

// writeBaseConf writes variables, sorted by key, as ucr does.
func writeBaseConf(w io.Writer, vars []Variable) (int64, error) {
	counted := &counter{w: w}
	out := bufio.NewWriter(counted)
	_, _ = out.WriteString(header) // bufio keeps the first error until Flush
	for i, v := range vars {
		if i > 0 {
			_ = out.WriteByte('\n')
		}
		_, _ = out.WriteString(v.Key)
		_, _ = out.WriteString(": ")
		_, _ = out.WriteString(v.Text)
	}
	err := out.Flush()
	return counted.n, err
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// trim removes the same white space as Python's str.strip, which also removes the four ASCII separators;
// unicode.IsSpace does not count them.
func trim(value string) string {
	return strings.TrimFunc(value, func(r rune) bool {
		return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f
	})
}

// stored is the part of a value that ucr keeps: it deletes line breaks when it sets a value, and white space around the
// value when it loads one.
func stored(value string) string {
	if strings.ContainsAny(value, "\r\n") {
		value = strings.NewReplacer("\r", "", "\n", "").Replace(value)
	}
	return trim(value)
}
