package restrictions

import (
	"fmt"
	"slices"
	"strings"
)

// Class is a restriction class: a name that stands for a list of restrictions
// (smtpd_restriction_classes in postconf(5), RESTRICTION_CLASS_README).
type Class struct {
	Name         string
	Restrictions []string
}

// Classes are the classes of one part of main.cf, in their order:
//
//	part    = *comment names switch *( LF class )
//	comment = "#" TEXT LF
//	names   = ClassNames " =" LF 4SP name *( "," LF 4SP name ) LF
//	switch  = "smtpd_restriction_classes = $" ClassNames LF
//	class   = name " =" LF 4SP restriction *( "," LF 4SP restriction ) LF
//
// The names have a parameter of their own, so that an administrator who also has classes can write both:
// smtpd_restriction_classes = his, $ucs_harden_classes.
type Classes []Class

// ClassNames is the main.cf parameter that holds the names of the classes.
const ClassNames = OurClass + "classes"

// OurClass begins the names of our classes.
const OurClass = "ucs_harden_"

const classesHeader = `# Written by ucs-harden, which adds it to main.cf: restriction classes, for which UCR has no variables.
# The next apply or sync overwrites manual changes.
`

// classLetters are the characters in the names of our classes.
const classLetters = "abcdefghijklmnopqrstuvwxyz0123456789_"

// Names are the names of the classes, written as the value of one parameter.
func (c Classes) Names() string {
	names := make([]string, len(c))
	for i, class := range c {
		names[i] = class.Name
	}
	return strings.Join(names, ", ")
}

// Bytes is the part of main.cf. It is nil when there is no class.
func (c Classes) Bytes() []byte {
	if len(c) == 0 {
		return nil
	}
	var b strings.Builder
	b.WriteString(classesHeader)
	parameter := func(name string, values []string) {
		fmt.Fprintf(&b, "%s =\n    %s\n", name, strings.Join(values, ",\n    "))
	}
	parameter(ClassNames, strings.Split(c.Names(), ", "))
	b.WriteString("smtpd_restriction_classes = $" + ClassNames + "\n")
	for _, class := range c {
		b.WriteString("\n")
		parameter(class.Name, class.Restrictions)
	}
	return []byte(b.String())
}

// ClassesOf reads the classes of a main.cf, by the values of its parameters. Texts that Bytes has not written are read as
// far as they are classes.
func ClassesOf(value func(parameter string) string) Classes {
	var out Classes
	for _, name := range Parse(value(ClassNames)).Texts() {
		out = append(out, Class{name, Parse(value(name)).Texts()})
	}
	return out
}

// ParseClasses reads the text that Bytes writes; nil means no class.
func ParseClasses(part []byte) (Classes, error) {
	var out Classes
	var name string
	values := map[string]string{}
	var order []string
	for line := range strings.Lines(string(part)) {
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "" || line[0] == '#':
		case line[0] == ' ' && name != "":
			values[name] += line + "\n"
		default:
			var ok bool
			if name, line, ok = strings.Cut(line, " ="); !ok || strings.ContainsAny(name, " \t") {
				return nil, fmt.Errorf("cannot read the restriction classes: %q is no parameter", name)
			}
			if _, twice := values[name]; twice {
				return nil, fmt.Errorf("cannot read the restriction classes: %s is there twice", name)
			}
			values[name] = line
			order = append(order, name)
		}
	}
	for _, name := range order {
		if name == ClassNames || name == "smtpd_restriction_classes" {
			continue
		}
		class := Class{name, Parse(values[name]).Texts()}
		text := strings.Join(class.Restrictions, " ")
		if text == "" || name == "" || strings.TrimLeft(name, classLetters) != "" ||
			strings.Count(text, "{") != strings.Count(text, "}") {
			return nil, fmt.Errorf("cannot read the restriction classes: %q is none", name)
		}
		out = append(out, class)
	}
	if names := strings.Join(Parse(values[ClassNames]).Texts(), ", "); names != out.Names() {
		return nil, fmt.Errorf("cannot read the restriction classes: %s names %q, and there are %q",
			ClassNames, names, out.Names())
	}
	return out, nil
}

// Union are the classes of c and other. Of two classes with the same name, it holds the one of other. While main.cf is
// changed from c to other, every class that it may name exists.
func (c Classes) Union(other Classes) Classes {
	out := slices.Clone(other)
	for _, class := range c {
		if !slices.ContainsFunc(other, func(o Class) bool { return o.Name == class.Name }) {
			out = append(out, class)
		}
	}
	return out
}
