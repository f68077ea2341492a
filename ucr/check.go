package ucr

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// The limits of Linux on the arguments of a program, see execve(2). maxArgument is for one argument with its final NUL
// (MAX_ARG_STRLEN). maxArguments is for all arguments together with the environment and a pointer for each, under the
// usual stack limit of 8 MiB; it leaves some space for the environment.
const (
	maxArgument  = 128<<10 - 1
	maxArguments = 2<<20 - 64<<10
)

// invalidInKey are the characters that ucr refuses in a key; it exits with 0 all the same.
const invalidInKey = "][\r\n!\"#$%&'()+,;<=>?\\`{}§"

// InvalidError says that ucr would refuse a key, or not keep a value as it is.
type InvalidError struct {
	Key string
	Why string
}

func (e *InvalidError) Error() string {
	return fmt.Sprintf("cannot set registry variable %s: %s", quote(e.Key), e.Why)
}

// TooLongError says that a change does not fit into one call of ucr. Key is "" when each argument fits but the sum is
// too large. Size and Limit are bytes.
type TooLongError struct {
	Key         string
	Size, Limit int
}

func (e *TooLongError) Error() string {
	if e.Key == "" {
		return fmt.Sprintf("cannot change the registry in one step: %d bytes of arguments, the system allows %d",
			e.Size, e.Limit)
	}
	return fmt.Sprintf("cannot set registry variable %s: key and value have %d bytes, the system allows %d",
		quote(e.Key), e.Size, e.Limit)
}

// CheckKey refuses a text that cannot be the key of a variable, with an *InvalidError.
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

// CheckValue refuses a value that ucr would not keep unchanged, with an *InvalidError.
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

// checkSize refuses arguments that the system would not pass to a program, with a *TooLongError. keys are the names of
// the arguments.
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

// quote shows a key or a value in a message: in quotes, and shortened if long.
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
