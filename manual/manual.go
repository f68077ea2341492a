// Package manual writes the manual pages as Markdown: one for each command, and three that explain (section 7): concepts,
// findings and registry variables. Package roff makes of them what man(1) reads. The pages about findings and variables
// are also documents of the project: docs/findings.md and docs/variables.md.
//
// Everything that the program knows itself is taken from the program: commands with their options and exit statuses,
// findings, states of the history. The descriptions of the variables are those that UCR shows.
package manual

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Page is a manual page.
type Page struct {
	// Name is such as "ucs-harden-plan", Short the line behind it in NAME.
	Name, Short string
	Section     int
	// Body is Markdown with headings of level 2 and 3, without NAME and SEE ALSO.
	Body string
	// SeeAlso are other pages, such as "postconf(5)".
	SeeAlso []string
}

// File is the name of the file that man(1) looks for.
func (p Page) File() string { return fmt.Sprintf("%s.%d", p.Name, p.Section) }

// Markdown is the page in the form that package roff reads: the first line names the page, its source and the manual.
func (p Page) Markdown(version string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%% %q \"%d\" \"\" \"ucs-harden %s\" \"Univention Corporate Server\"\n",
		strings.ToUpper(p.Name), p.Section, version)
	fmt.Fprintf(&b, "\n## NAME\n\n%s - %s\n\n%s", p.Name, p.Short, p.Body)
	if len(p.SeeAlso) > 0 {
		bold := make([]string, len(p.SeeAlso))
		for i, page := range p.SeeAlso {
			name, section, _ := strings.Cut(page, "(")
			bold[i] = "**" + name + "**(" + section
		}
		fmt.Fprintf(&b, "## SEE ALSO\n\n%s\n", strings.Join(bold, ", "))
	}
	return b.String()
}

// escaper makes plain text of Markdown.
var escaper = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, ">", `\>`, "#", `\#`, "~", `\~`, "&", `\&`,
)

// escape makes Markdown that shows a text as it is.
func escape(text string) string { return escaper.Replace(text) }

// section is a heading with a text below it, "" without a text.
func section(heading, text string) string {
	if text = strings.Trim(text, "\n"); text == "" {
		return ""
	}
	return "## " + heading + "\n\n" + text + "\n\n"
}

// terms is a list of terms, each with what it means.
func terms(pairs ...[2]string) string {
	var b strings.Builder
	for _, pair := range pairs {
		fmt.Fprintf(&b, "%s\n: %s\n\n", pair[0], strings.ReplaceAll(pair[1], "\n", " "))
	}
	return b.String()
}

// inCapitals writes the headings of sections as manual pages do.
func inCapitals(body string) string {
	var b strings.Builder
	for line := range strings.Lines(body) {
		if strings.HasPrefix(line, "## ") {
			line = strings.ToUpper(line)
		}
		b.WriteString(line)
	}
	return b.String()
}

// width is how long the lines of a document may become.
const width = 118

// wrapped breaks the long lines of a text. A word that would mean something at the beginning of a line stays behind the
// word before it.
func wrapped(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		var b strings.Builder
		length := 0
		for j, word := range strings.Split(line, " ") {
			switch n := utf8.RuneCountInString(word); {
			case j == 0:
				length = n
			case length+1+n > width && !strings.ContainsAny(word[:min(1, len(word))], "-+*#>0123456789"):
				b.WriteString("\n")
				length = n
			default:
				b.WriteString(" ")
				length += 1 + n
			}
			b.WriteString(word)
		}
		lines[i] = b.String()
	}
	return strings.Join(lines, "\n")
}
