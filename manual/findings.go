package manual

import (
	"fmt"
	"strings"

	"ucs-harden/findings"
)

const findingsIntro = "A finding is one thing that is wrong or risky, and what to do about it. `ucs-harden plan` and" +
	" `ucs-harden status` show the findings, with the values of this server and a hint.\n\n" +
	"A finding of severity *error* stops an apply. If it can be accepted, `ucs-harden apply --accept ID` goes on all the" +
	" same. A *warning* is a risk, or something that is already wrong. A *note* explains an effect that may surprise.\n\n" +
	"The ID of a finding is its kind, and what it is about behind a colon. Capitals stand for the latter.\n"

// findingsBody is the catalogue: a heading of level 2 for each topic, one of level 3 for each kind.
func findingsBody() string {
	var b strings.Builder
	topic := ""
	for _, k := range findings.All() {
		if k.Topic != topic {
			topic = k.Topic
			fmt.Fprintf(&b, "## %s\n\n", topic)
		}
		id := k.Name
		if k.About != "" {
			id += ":" + k.About
		}
		var weights []string
		for _, w := range k.Weights {
			weights = append(weights, string(w))
		}
		fmt.Fprintf(&b, "### %s\n\nID: `%s`. Severity: %s.\n\n%s\n\n**What to do:** %s\n\n",
			k.Name, id, strings.Join(weights, ", or "), escape(k.Means), escape(k.Do))
	}
	return b.String()
}

// Findings is the page about findings.
func Findings() Page {
	return Page{
		Name: "ucs-harden-findings", Section: 7, Short: "what is wrong or risky on a mail server, and what to do about it",
		Body:    section("DESCRIPTION", findingsIntro) + inCapitals(findingsBody()),
		SeeAlso: []string{"ucs-harden(7)", "ucs-harden-variables(7)", "ucs-harden-plan(8)", "ucs-harden-status(8)"},
	}
}

// Documents are the files of docs/ that are made from the same texts, by name.
func Documents(variables []Variable) map[string]string {
	return map[string]string{
		"findings.md":  document("Findings", "findings/", findingsIntro+"\n"+findingsBody()),
		"variables.md": document("Registry variables", "the descriptions of UCR", variablesIntro+"\n"+variablesBody(variables)),
	}
}

// document is a page of docs/, which `make docs` writes.
func document(title, source, body string) string {
	return fmt.Sprintf("# %s\n\n<!-- Made by `make docs` from %s. Do not change it here. -->\n\n%s\n",
		title, source, wrapped(strings.TrimRight(body, "\n")))
}
