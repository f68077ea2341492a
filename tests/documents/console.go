package documents

import (
	"fmt"
	"regexp"
	"strings"
)

// Step is one command of a console block, and the output that the document shows.
//
// "mail# ", "inside$ " and "stranger$ " are the prompts of the mail server, of a client in the company's network and of
// a host outside. The ID of a change matches any other ID, and a time any other time. A line "…" matches any lines, and
// "…" at the end of a line the rest of that line.
type Step struct {
	Host, Command string
	Shown         []string
}

// prompts are the prompts, with the host of the lab on which the command runs.
var prompts = map[string]string{"mail# ": "mail", "inside$ ": "inside", "stranger$ ": "outside"}

// Steps are the commands of a page's console blocks.
func (p Page) Steps() ([]Step, error) {
	var steps []Step
	for _, block := range p.Blocks {
		if block.Info != "console" {
			continue
		}
		more, err := stepsOf(block.Text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.Path, err)
		}
		steps = append(steps, more...)
	}
	return steps, nil
}

func stepsOf(block string) ([]Step, error) {
	var steps []Step
	for line := range strings.Lines(block) {
		line = strings.TrimSuffix(line, "\n")
		host, command := prompted(line)
		switch {
		case host != "":
			steps = append(steps, Step{Host: host, Command: command})
		case len(steps) == 0:
			return nil, fmt.Errorf("a console block begins without a prompt: %q", line)
		default:
			last := &steps[len(steps)-1]
			last.Shown = append(last.Shown, line)
		}
	}
	return steps, nil
}

func prompted(line string) (host, command string) {
	for prompt, host := range prompts {
		if command, ok := strings.CutPrefix(line, prompt); ok {
			return host, command
		}
	}
	return "", ""
}

// varying matches the parts of an output that differ from run to run, both in the document and in the real output.
var varying = regexp.MustCompile(`\d{8}T\d{6}Z-[0-9a-f]{8}|\d{4}-\d\d-\d\d \d\d:\d\d`)

// Pattern matches the whole output of the command, if it is as the document shows it.
func (s Step) Pattern() *regexp.Regexp {
	var p strings.Builder
	p.WriteString(`(?s)\A`)
	for _, line := range s.Shown {
		if line == "…" {
			p.WriteString(`(?:[^\n]*\n)*?`)
			continue
		}
		start, cut := strings.CutSuffix(line, "…")
		p.WriteString(varying.ReplaceAllStringFunc(regexp.QuoteMeta(start), func(string) string { return `[-0-9a-fTZ: ]+` }))
		if cut {
			p.WriteString(`[^\n]*`)
		}
		p.WriteString(`\n`)
	}
	p.WriteString(`\z`)
	return regexp.MustCompile(p.String())
}
