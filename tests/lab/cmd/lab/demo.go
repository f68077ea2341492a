package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"ucs-harden/tests/lab"
)

// letters are the messages that the demo sends with swaks, with the reply codes that the controls promise in each mode:
// before, warn, enforce, rolled back.
var letters = []struct {
	what, host string
	args       []string
	expected   [4]int
}{
	{"stranger writes as himself", "outside", mail("me@foreign.example", "employee@company.my"), [4]int{250, 250, 250, 250}},
	{"stranger writes as the boss", "outside", mail("boss@company.my", "employee@company.my"), [4]int{250, 250, 554, 250}},
	{"stranger writes as a sub-domain", "outside", mail("it@help.company.my", "employee@company.my"), [4]int{250, 250, 554, 250}},
	{"stranger wants to relay", "outside", mail("me@foreign.example", "you@foreign.example"), [4]int{454, 454, 454, 454}},
	{"second controller relays", "dc2", mail("root@dc2.company.my", "you@foreign.example"), [4]int{454, 250, 250, 454}},
	{"inside client relays", "inside", mail("pc@company.my", "you@foreign.example"), [4]int{454, 454, 454, 454}},
	{"inside client writes as the boss", "inside", mail("boss@company.my", "employee@company.my"), [4]int{250, 250, 554, 250}},
	{"boss logs in by address", "inside", login("boss@company.my", "boss", "boss@company.my"), [4]int{250, 250, 250, 250}},
	{"boss logs in by uid", "inside", login("boss", "boss", "boss@company.my"), [4]int{250, 250, 250, 250}},
	{"employee writes as the boss", "inside", login("employee", "employee", "boss@company.my"), [4]int{250, 250, 553, 250}},
}

func mail(from, to string) []string { return []string{"--from", from, "--to", to} }

func login(name, uid, from string) []string {
	return append(mail(from, "you@foreign.example"),
		"--port", "587", "--tls", "--auth", "PLAIN", "--auth-user", name, "--auth-password", lab.Users[uid].Password)
}

// demo brings up a lab of its own, installs the package and shows each step. If a verdict is unexpected, demo goes on
// and returns an error at the end.
func demo(ctx context.Context, deb string) (err error) {
	if err := lab.EnsureInstalled(); err != nil {
		return err
	}
	l, err := lab.Up(ctx, lab.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Down()) }()
	if err := install(ctx, l, deb); err != nil {
		return err
	}
	wrong := 0
	for phase, commands := range [4][][]string{
		{{"ucs-harden", "plan", "--mode", "warn"}},
		{{"ucs-harden", "apply", "--mode", "warn", "--yes"}, {"ucs-harden", "status"}},
		{
			{"ucs-harden", "report"}, {"ucs-harden", "apply", "--mode", "enforce", "--yes"},
			{"ucs-harden", "apply", "--no-evidence", "--mode", "enforce", "--yes"}, {"ucs-harden", "status"},
		},
		{{"ucs-harden", "rollback"}, {"ucs-harden", "rollback"}, {"ucs-harden", "history"}},
	} {
		for _, command := range commands {
			if err := tell(ctx, l.Mail(), command); err != nil {
				return err
			}
		}
		bad, err := send(ctx, os.Stdout, l, phase)
		if err != nil {
			return err
		}
		wrong += bad
	}
	fmt.Println("\n# what the mail log says about it")
	for line := range strings.Lines(l.MailLog()) {
		if strings.Contains(line, "warn: ") || strings.Contains(line, "reject_warning: ") {
			fmt.Print(line)
		}
	}
	if wrong > 0 {
		return fmt.Errorf("%d verdicts are not as expected", wrong)
	}
	return nil
}

// tell shows a command and its output. Exit code 2 of ucs-harden means that changes are pending or groups are open, 5
// that the log does not show yet that enforce is safe: the demo has no week.
func tell(ctx context.Context, h *lab.Host, command []string) error {
	fmt.Printf("\n# %s\n", strings.Join(command, " "))
	result, err := h.Run(ctx, command...)
	fmt.Print(result.Stdout, result.Stderr)
	if err == nil && !slices.Contains([]int{0, 2, 5}, result.Code) {
		err = fmt.Errorf("%s: exit code %d", strings.Join(command, " "), result.Code)
	}
	return err
}

// send plays all letters up to RCPT and prints each verdict beside the expected one.
func send(ctx context.Context, out io.Writer, l *lab.Lab, phase int) (wrong int, err error) {
	fmt.Fprintf(out, "\n# mail, %s\n", [4]string{"before", "in mode warn", "in mode enforce", "rolled back"}[phase])
	table := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	for _, letter := range letters {
		argv := append([]string{"swaks", "--server", lab.MailServer(letter.host), "--quit-after", "RCPT"}, letter.args...)
		result, err := l.Host(letter.host).Run(ctx, argv...)
		if err != nil {
			return wrong, err
		}
		reply := lastReply(result.Stdout)
		mark := "as expected"
		if !strings.HasPrefix(reply, fmt.Sprint(letter.expected[phase])) {
			mark = fmt.Sprintf("EXPECTED %d", letter.expected[phase])
			wrong++
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", letter.what, mark, reply)
	}
	return wrong, table.Flush()
}

// lastReply is the server's last line before QUIT in the transcript of swaks. Lines of the server begin with "<"; a
// refusal begins with "<**", and a line under TLS with "<~".
func lastReply(transcript string) string {
	reply := "no answer"
	for line := range strings.Lines(transcript) {
		if strings.Contains(line, "QUIT") {
			break
		}
		if strings.HasPrefix(line, "<") {
			reply = strings.TrimLeft(strings.TrimSpace(line), "<-~* ")
		}
	}
	return reply
}
