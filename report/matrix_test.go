package report_test

import (
	"bytes"
	"strings"
	"testing"

	"ucs-harden/plan"
	"ucs-harden/privatepostfix"
	"ucs-harden/rehearsal"
	"ucs-harden/report"
	"ucs-harden/rules"
)

var (
	relayDenied = privatepostfix.Reply{Code: 554, Enhanced: "5.7.1", Text: "<ucs-harden@iana.org>: Relay access denied", At: privatepostfix.AtRcpt}
	unknownUser = privatepostfix.Reply{Code: 550, Enhanced: "5.1.1", Text: "<x@company.my>: Recipient address rejected: User unknown in virtual mailbox table", At: privatepostfix.AtRcpt}
	notOwned    = privatepostfix.Reply{Code: 553, Enhanced: "5.7.1", Text: "<boss@company.my>: Sender address rejected: not owned by user boss", At: privatepostfix.AtRcpt}
	noService   = privatepostfix.Reply{Code: 451, Enhanced: "4.3.5", Text: "<employee@company.my>: Recipient address rejected: Server configuration problem", At: privatepostfix.AtRcpt}
)

// cell is one letter from a stranger; what is said of it is what package rehearsal would say.
func cell(port int, from, to string, before, after privatepostfix.Reply, rule rules.Rule, o rehearsal.Outcome) rehearsal.Cell {
	words := rehearsal.Words{Client: "a stranger (203.0.113.77)", Access: "port 25", Sender: from, Recipient: to}
	switch port {
	case 465:
		words.Access = "port 465"
	case 587:
		words.Access = "port 587, logged in as boss"
	}
	if o.Why == "" {
		o.Why = rule.Reason
	}
	letter := rules.Letter{Port: port, Client: rules.Stranger, SenderIs: rules.Hosted, RecipientIs: rules.Known}
	dialogue := privatepostfix.Dialogue{Port: port}
	if port == 587 {
		letter.Login, dialogue.Login, letter.Owner = "boss", "boss", rules.TheLogin
	}
	if strings.Contains(from, "elsewhere") {
		letter.SenderIs = rules.Foreign
	}
	switch {
	case strings.Contains(to, "elsewhere"):
		letter.RecipientIs = rules.Elsewhere
	case strings.Contains(to, "nobody"):
		letter.RecipientIs = rules.Unknown
	}
	return rehearsal.Cell{
		Words: words, Dialogue: dialogue, Letter: letter, Today: letter, Before: before, After: after,
		Ruling: rules.Ruling{Rule: rule}, Ruled: rules.Ruling{Rule: rules.ByName("rest")}, Outcome: o,
	}
}

// rightMatrix is a rehearsal in which each kind of what is not wrong occurs.
func rightMatrix() *rehearsal.Matrix {
	spoofing, loginOnly, owned, rest := rules.ByName("sender-spoofing"), rules.ByName("login-only"), rules.ByName("own-sender"), rules.ByName("rest")
	spoofing.Reason, owned.Reason = "a stranger may not write as company.my", "boss may write as boss@company.my"
	const boss, employee, nobody, elsewhere = "boss@company.my", "employee@company.my", "nobody at company.my", "iana.org (elsewhere)"
	warned := cell(25, boss, employee, accepted, accepted, rest, rehearsal.Outcome{Unlogged: true, Why: "logged, not refused: a stranger may not write as company.my; warn should log it and does not, because something permits it first"})
	warned.Ruling.Warned = true
	watched := cell(25, boss, nobody, unknownUser, unknownUser, rest, rehearsal.Outcome{})
	watched.Ruling.Warned, watched.Ruling.Warning, watched.Ruling.WarnedBy = true, spoofing.Reason, spoofing.Name
	logged := cell(25, "boss@company.local", employee, accepted, accepted, rest, rehearsal.Outcome{})
	logged.Ruling = watched.Ruling
	return &rehearsal.Matrix{
		Today: map[string]plan.Mode{}, Plan: map[string]plan.Mode{},
		Cells: []rehearsal.Cell{
			cell(25, boss, employee, accepted, spoofed, spoofing, rehearsal.Outcome{}),
			cell(25, "a sub-domain of company.my", employee, accepted, spoofed, spoofing, rehearsal.Outcome{}),
			cell(25, boss, nobody, unknownUser, spoofed, spoofing, rehearsal.Outcome{}),
			cell(25, boss, elsewhere, relayDenied, relayDenied, rest, rehearsal.Outcome{}),
			cell(465, elsewhere, employee, accepted, spoofed, loginOnly, rehearsal.Outcome{}),
			cell(587, elsewhere, employee, accepted, spoofed, loginOnly, rehearsal.Outcome{}),
			cell(587, boss, elsewhere, relayDenied, accepted, owned, rehearsal.Outcome{}),
			cell(25, elsewhere, employee, noService, noService, rest, rehearsal.Outcome{Explained: true, Why: "mail from elsewhere and bounces come in as before; it is put off today, too: 451 4.3.5 <employee@company.my>: Recipient address rejected: Server configuration problem (connect to 127.0.0.1:12340: Connection refused)"}),
			warned, watched, logged,
		},
		Notes: []string{"postscreen stands in front of port 25; rehearsed is the smtpd behind it, where the restriction lists are"},
	}
}

func wrongMatrix() *rehearsal.Matrix {
	m := rightMatrix()
	owned := rules.Rule{Name: "own-sender", Effect: rules.Accept, Reason: "boss may write as boss@company.my"}
	for _, to := range []string{"employee@company.my", "iana.org (elsewhere)"} {
		after := notOwned
		after.Transcript = []string{"C: MAIL FROM:<boss@company.my>", "S: 250 2.1.0 Ok", "C: RCPT TO:<employee@company.my>", "S: " + notOwned.String()}
		after.Log = []string{"NOQUEUE: reject: RCPT from \x1b[31munknown[203.0.113.77]: " + notOwned.String()}
		m.Cells = append(m.Cells, cell(587, "boss@company.my", to, accepted, after, owned, rehearsal.Outcome{
			Wrong: true, Want: "accepted", Why: owned.Reason + "; it is refused: " + notOwned.String() + ": the login map does not give boss as an owner of boss@company.my",
		}))
	}
	return m
}

func TestMatrix(t *testing.T) {
	for name, write := range map[string]func(*bytes.Buffer) error{
		"matrix":      func(b *bytes.Buffer) error { return report.Matrix(b, rightMatrix(), report.Style{}) },
		"matrix-full": func(b *bytes.Buffer) error { return report.Matrix(b, wrongMatrix(), report.Style{Full: true}) },
		"matrix-colour": func(b *bytes.Buffer) error {
			return report.Matrix(b, wrongMatrix(), report.Style{Color: true, Full: true})
		},
		"matrix-80": func(b *bytes.Buffer) error {
			return report.Matrix(b, wrongMatrix(), report.Style{Full: true, Width: 80})
		},
		"matrix-120":    func(b *bytes.Buffer) error { return report.Matrix(b, wrongMatrix(), report.Style{Width: 120}) },
		"matrix-passed": func(b *bytes.Buffer) error { return report.MatrixPassed(b, rightMatrix(), report.Style{}) },
		"matrix-wrong":  func(b *bytes.Buffer) error { return report.MatrixWrong(b, wrongMatrix(), report.Style{}) },
		"matrix-same": func(b *bytes.Buffer) error {
			m := rightMatrix()
			m.Cells, m.Notes = m.Cells[3:4], nil
			return report.Matrix(b, m, report.Style{})
		},
	} {
		t.Run(name, func(t *testing.T) { golden(t, name, write) })
	}
}
