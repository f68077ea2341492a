package manual

import _ "embed"

//go:embed concepts.md
var concepts string

// Concepts is the page that explains the words of ucs-harden.
func Concepts() Page {
	return Page{
		Name: "ucs-harden", Section: 7, Short: "the concepts of ucs-harden: controls, modes, findings, changes",
		Body: concepts + "\n",
		SeeAlso: []string{
			"ucs-harden(8)", "ucs-harden-findings(7)", "ucs-harden-variables(7)", "access(5)", "postconf(5)", "smtpd(8)",
		},
	}
}
