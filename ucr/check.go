package ucr

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits of Linux on what a program can be given, see execve(2): one argument
// with its final NUL (MAX_ARG_STRLEN), and all of them with the environment and a
// pointer each, under the usual stack limit of 8 MiB; some is left for the
// environment.
const (
	maxArgument  = 128<<10 - 1
	maxArguments = 2<<20 - 64<<10
)

// invalidInKey are the characters ucr refuses in a key, with exit code 0.
const invalidInKey = "][\r\n!\"#$%&'()+,;<=>?\\`{}§"

// InvalidError says that ucr would refuse a key, or not keep a value as it is.
type InvalidError struct {
	Key string
	Why string
}

func (e *InvalidError) Error() string {
	return fmt.Sprintf("cannot set registry variable %s: %s", quote(e.Key), e.Why)
}

// TooLongError says that a change does not fit into one call of ucr. Key is ""
// when only the sum is too much. Size and Limit are bytes.
type TooLongError struct {
	Key         string
	Size, Limit int
}

func (e *TooLongError) Error() string {
	if e.Key == "" {
		return fmt.Sprintf("cannot change the registry in one step: %d bytes of arguments, the system allows %d", e.Size, e.Limit)
	}
	return fmt.Sprintf("cannot set registry variable %s: key and value have %d bytes, the system allows %d", quote(e.Key), e.Size, e.Limit)
}

// CheckKey refuses with an *InvalidError what cannot be the key of a variable.
func CheckKey(key string) error {
	switch at := strings.IndexAny(key, invalidInKey); {
	case key == "":
		return &InvalidError{key, "the key is empty"}
	case !utf8.ValidString(key), strings.IndexByte(key, 0) >= 0:
		return &InvalidError{key, "the key is not UTF-8 text"}
	case at >= 0:
		r, _ := utf8.DecodeRuneInString(key[at:])
		return &InvalidError{key, fmt.Sprintf("the key contains %q", r)}
	case strings.Contains(key, ": "):
		return &InvalidError{key, `the key contains ": "`}
	case key[0] == '-':
		return &InvalidError{key, `the key begins with "-", which ucr takes for an option`}
	}
	return nil
}

// CheckValue refuses with an *InvalidError a value that ucr would not keep as it
// is.
func CheckValue(key, value string) error {
	switch {
	case !utf8.ValidString(value), strings.IndexByte(value, 0) >= 0:
		return &InvalidError{key, "the value is not UTF-8 text"}
	case strings.ContainsAny(value, "\r\n"):
		return &InvalidError{key, "the value contains a line break, which ucr deletes"}
	case trim(value) != value:
		return &InvalidError{key, "the value begins or ends with white space, which ucr deletes"}
	}
	return nil
}

// checkSize refuses with a *TooLongError arguments that the system would not
// hand over. keys name the arguments.
func checkSize(keys, arguments []string) error {
	total := len("ucr") + len("unset") + 2*(1+8)
	for i, argument := range arguments {
		if len(argument) > maxArgument {
			return &TooLongError{keys[i], len(argument), maxArgument}
		}
		total += len(argument) + 1 + 8
	}
	if total > maxArguments {
		return &TooLongError{"", total, maxArguments}
	}
	return nil
}

// quote shows a key or value in a message: in quotes, bounded.
func quote(text string) string {
	const most = 100
	if len(text) <= most {
		return fmt.Sprintf("%q", text)
	}
	end := most
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return fmt.Sprintf("%q… (%d bytes)", text[:end], len(text))
}
