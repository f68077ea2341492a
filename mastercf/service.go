package mastercf

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"ucs-harden/internal/lexical"
)

// service reads one logical line.
func service(line string) (*Service, error) {
	fields, err := split(line)
	if err != nil {
		return nil, err
	}
	if len(fields) < 8 {
		return nil, fmt.Errorf("%d fields instead of 8", len(fields))
	}
	s := &Service{
		Name: fields[0], Type: fields[1], Private: fields[2], Unprivileged: fields[3], Chroot: fields[4],
		Wakeup: fields[5], MaxProc: fields[6], Command: fields[7], Args: fields[8:],
	}
	if !slices.Contains(types, s.Type) {
		return nil, fmt.Errorf("%q is not a service type", s.Type)
	}
	return s, nil
}

// split separates the fields. It removes the braces around arguments, which are the fields from the ninth on.
func split(line string) ([]string, error) {
	const fixed = 8
	var fields []string
	for {
		line = strings.TrimLeft(line, lexical.Blanks)
		if line == "" {
			return fields, nil
		}
		level, n := 0, 0
		for ; n < len(line); n++ {
			c := line[n]
			if c == '{' {
				level++
			} else if c == '}' && level > 0 {
				level--
			} else if level == 0 && strings.IndexByte(lexical.Blanks, c) >= 0 {
				break
			}
		}
		field := line[:n]
		line = line[n:]
		if level > 0 {
			return nil, fmt.Errorf("missing } in %q", field)
		}
		if len(fields) >= fixed && field[0] == '{' {
			inner, err := unbrace(field)
			if err != nil {
				return nil, err
			}
			field = inner
		}
		fields = append(fields, field)
	}
}

// unbrace removes the outer braces and the blanks next to them.
func unbrace(field string) (string, error) {
	level := 0
	for i := range len(field) {
		switch field[i] {
		case '{':
			level++
		case '}':
			level--
		}
		if level == 0 {
			if i+1 < len(field) {
				return "", fmt.Errorf("text after } in %q", field)
			}
			return strings.Trim(field[1:i], lexical.Blanks), nil
		}
	}
	return "", errors.New("missing }")
}

// Options are the -o overrides in their order. Of two overrides of one parameter the last one counts; see
// [Service.Option].
func (s *Service) Options() []Option {
	// The options of Postfix daemons with an argument, from their getopt(3) call.
	const argued = "imnost"
	var options []Option
	for args := s.Args; len(args) > 0; args = args[1:] {
		arg := args[0]
		if len(arg) < 2 || arg[0] != '-' || arg == "--" {
			break
		}
		for i := 1; i < len(arg); i++ {
			if strings.IndexByte(argued, arg[i]) < 0 {
				continue
			}
			value := arg[i+1:]
			if value == "" {
				if len(args) == 1 {
					return options
				}
				args = args[1:]
				value = args[0]
			}
			if arg[i] == 'o' {
				// Without "=" the daemon ends at its start, so this is not an override.
				if name, value, ok := strings.Cut(value, "="); ok {
					name, value = strings.Trim(name, lexical.Blanks), strings.Trim(value, lexical.Blanks)
					options = append(options, Option{name, value})
				}
			}
			break
		}
	}
	return options
}

// Option returns the value that an override gives to a parameter.
func (s *Service) Option(parameter string) (value string, ok bool) {
	for _, o := range s.Options() {
		if o.Name == parameter {
			value, ok = o.Value, true
		}
	}
	return value, ok
}

// Value is the value of a parameter for this service: that of an override, or else that of main.cf, which main returns.
func (s *Service) Value(parameter string, main func(name string) string) string {
	if value, ok := s.Option(parameter); ok {
		return value
	}
	return main(parameter)
}
