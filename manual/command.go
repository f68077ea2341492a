package manual

import (
	"fmt"
	"slices"
	"strings"
)

// Command is what the page of a command is made of. All texts are plain.
type Command struct {
	Path  string // such as "ucs-harden plan"
	Short string
	Long  string
	// Arguments are the words behind the options, such as "[ID]".
	Arguments string
	Options   []Option
	Statuses  []Status
	Files     []File
	Examples  string // a command to a line
	SeeAlso   []string
	// Sections stand behind the description.
	Sections []Section
	// Parts are the commands below this one, which its page describes, too.
	Parts []Command
}

// Option is an option of a command.
type Option struct {
	Name, Short string // without dashes
	// Value is the word for its value in capitals, "" if it has none.
	Value, Help string
	// InSynopsis: it stands in the synopsis by itself, and not in Arguments.
	InSynopsis bool
	// Common: every command has it.
	Common bool
}

// Status is an exit status.
type Status struct {
	Code  int
	Means string
}

// Section is a section with a list of plain terms and what they mean.
type Section struct {
	Heading string
	Terms   [][2]string
}

// File is a file that a command reads or writes.
type File struct{ Path, About string }

// Page is the page of the command.
func (c Command) Page() Page {
	var b strings.Builder
	b.WriteString(section("SYNOPSIS", c.synopses()))
	b.WriteString(section("DESCRIPTION", paragraphs(c.Long)))
	for _, s := range c.Sections {
		var plain [][2]string
		for _, term := range s.Terms {
			plain = append(plain, [2]string{"**" + escape(term[0]) + "**", escape(term[1])})
		}
		b.WriteString(section(s.Heading, terms(plain...)))
	}
	if len(c.Parts) == 0 {
		b.WriteString(section("OPTIONS", options(c.Options)))
		b.WriteString(section("EXIT STATUS", statuses(c.Statuses)))
	} else {
		b.WriteString(section("COMMANDS", c.parts()))
		common := slices.DeleteFunc(slices.Clone(c.Options), func(o Option) bool { return !o.Common })
		b.WriteString(section("OPTIONS OF EVERY COMMAND", options(common)))
	}
	var files [][2]string
	for _, f := range c.Files {
		files = append(files, [2]string{"**" + escape(f.Path) + "**", escape(f.About)})
	}
	b.WriteString(section("FILES", terms(files...)))
	b.WriteString(section("EXAMPLES", examples(c.Examples)))
	return Page{
		Name: strings.ReplaceAll(c.Path, " ", "-"), Short: lowered(c.Short), Section: 8, Body: b.String(), SeeAlso: c.SeeAlso,
	}
}

// synopses are those of the command, or of its parts.
func (c Command) synopses() string {
	if len(c.Parts) == 0 {
		return c.synopsis()
	}
	var lines []string
	for _, part := range c.Parts {
		lines = append(lines, part.synopsis())
	}
	return strings.Join(lines, "\n\n")
}

func (c Command) synopsis() string {
	words := []string{"**" + escape(c.Path) + "**"}
	for _, o := range c.Options {
		if o.InSynopsis {
			words = append(words, `\[`+o.usage()+`\]`)
		}
	}
	if c.Arguments != "" {
		words = append(words, escape(c.Arguments))
	}
	return strings.Join(words, " ")
}

func (o Option) usage() string {
	text := "**--" + o.Name + "**"
	if o.Value != "" {
		text += " *" + escape(o.Value) + "*"
	}
	return text
}

// parts describes the commands below this one.
func (c Command) parts() string {
	var b strings.Builder
	for _, part := range c.Parts {
		fmt.Fprintf(&b, "### %s\n\n%s\n\n", escape(strings.TrimPrefix(part.Path, "ucs-harden ")), paragraphs(part.Long))
		own := slices.DeleteFunc(slices.Clone(part.Options), func(o Option) bool { return o.Common })
		if len(own) > 0 {
			fmt.Fprintf(&b, "Options:\n\n%s", options(own))
		}
		fmt.Fprintf(&b, "Exit status:\n\n%s", statuses(part.Statuses))
	}
	return b.String()
}

func options(all []Option) string {
	var pairs [][2]string
	for _, o := range all {
		term := o.usage()
		if o.Short != "" {
			term = "**-" + o.Short + "**, " + term
		}
		pairs = append(pairs, [2]string{term, escape(o.Help)})
	}
	return terms(pairs...)
}

func statuses(all []Status) string {
	var pairs [][2]string
	for _, s := range all {
		pairs = append(pairs, [2]string{fmt.Sprintf("**%d**", s.Code), escape(s.Means)})
	}
	return terms(pairs...)
}

// examples are shown as they are typed.
func examples(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString("    " + strings.TrimSpace(line) + "\n")
	}
	return b.String()
}

// paragraphs are those of a plain text. Lines that begin with blanks stay as they are.
func paragraphs(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "  ") {
			b.WriteString("  " + line)
		} else {
			b.WriteString(escape(line))
		}
	}
	return b.String()
}

// lowered begins in lower case, as the line in NAME does.
func lowered(text string) string {
	if text == "" {
		return text
	}
	return strings.ToLower(text[:1]) + text[1:]
}
