package faults_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
	"ucs-harden/tests/lab/smtpclient"
)

// change is a change of the server. spoofed are the verdicts before and after for a stranger who writes as someone of ours.
// set are variables that are set before.
type change struct {
	arguments string
	spoofed   []int
	set       []string
}

// TestServable has somebody write, on all ports and to a new smtpd each time, after every single step, and reads what
// lies on disk.
func TestServable(t *testing.T) {
	t.Parallel()
	servable(t, []change{
		{applyWarn, []int{250}, nil},
		{applyEnforce, []int{250, 554}, nil},
		{"rollback", []int{554, 250}, nil},
		{"rollback", []int{250}, nil},
		{applyEnforce, []int{250, 554}, nil},
		{applyOff, []int{554, 250}, nil},
		{"rollback", []int{250, 554}, nil},
		{"rollback", []int{554, 250}, nil},
		{applyEnforce, []int{250, 554}, nil},
		// Another list of senders: the tables and the classes that stand for it have other names.
		{again, []int{554}, []string{"mail/harden/protected/list/office/senders=foreign.example partner.example"}},
		{"rollback", []int{554}, nil},
		{"rollback", []int{554, 250}, nil},
	})
}

// TestServableWithExceptions is TestServable while exceptions come, change and go: for the client alone, then for the
// client with senders, then for another one.
func TestServableWithExceptions(t *testing.T) {
	t.Parallel()
	servable(t, []change{
		{applyEnforce, []int{250, 554}, nil},
		{again, []int{554, 250}, []string{"mail/harden/exception/gateway/client=203.0.113.66"}},
		{again, []int{250}, []string{
			"mail/harden/exception/gateway/sender=company.my", "mail/harden/exception/local/client=203.0.113.0/24",
			"mail/harden/exception/local/sender=company.local",
		}},
		{again, []int{250, 554}, []string{"mail/harden/exception/gateway/client=203.0.113.25", "mail/harden/exception/local/client=203.0.113.25"}},
		{"rollback", []int{554, 250}, nil},
		{"rollback", []int{250}, nil},
		{"rollback", []int{250, 554}, nil},
		{"rollback", []int{554, 250}, nil},
	})
}

func servable(t *testing.T, changes []change) {
	c := newCompany(t, lab.Options{Patient: true})
	c.oneClientEach(t)
	old := c.state(t)
	for _, change := range changes {
		if len(change.set) > 0 {
			c.UCR(t, append([]string{"set"}, change.set...)...)
		}
		t.Run(fmt.Sprintf("%s, %d", change.arguments, change.spoofed), func(t *testing.T) {
			seen := 0
			look := func(step string) string {
				seen++
				assert.NoError(t, c.servable(t.Context(), change.spoofed), "after step %s", step)
				return "go"
			}
			during(&c.afterStep, look, func() { c.harden(t, change.arguments, 0) })
			require.GreaterOrEqual(t, seen, len(steps)-1)
			require.NoError(t, c.servable(t.Context(), change.spoofed[len(change.spoofed)-1:]), "at the end")
		})
	}
	c.UCR(t, "set", "mail/harden/protected/list/office/senders=foreign.example") // as before
	c.UCR(t, "unset", "mail/harden/exception/gateway/client", "mail/harden/exception/gateway/sender",
		"mail/harden/exception/local/client", "mail/harden/exception/local/sender")
	c.mustBe(t, old)
	for _, sign := range []string{"fatal:", "throttling", "Server configuration error", "Temporary lookup failure"} {
		assert.NotContains(t, c.MailLog(), sign)
	}
}

// again applies what the registry says by now.
const again = "apply --yes --no-rehearsal"

// oneClientEach makes every smtpd end after one client, so that each dialogue meets a new one.
func (c *company) oneClientEach(t *testing.T) {
	t.Helper()
	c.AddMainCF(t, "max_use = 1")
	require.NoError(t, c.BackdatePostfix())
	require.NoError(t, c.Restart(t.Context(), lab.Postfix))
}

// servable plays a dialogue for each promise, at the same time, and looks at the files.
func (c *company) servable(ctx context.Context, spoofed []int) error {
	own, foreign := "employee@company.my", "you@foreign.example"
	login := func(port int, tls, to string) smtpclient.Dialogue {
		return smtpclient.Dialogue{Port: port, TLS: tls, Login: "boss", Password: lab.Users["boss"].Password, MailFrom: "boss@company.my", RcptTo: []string{to}}
	}
	plain := func(from, to string) smtpclient.Dialogue {
		return smtpclient.Dialogue{Port: 25, MailFrom: from, RcptTo: []string{to}}
	}
	dialogues := []struct {
		who, host string
		d         smtpclient.Dialogue
		codes     []int
	}{
		{"a stranger", "outside", plain("me@foreign.example", own), []int{250}},
		{"a stranger who spoofs", "outside", plain("boss@company.my", own), spoofed},
		{"a stranger who relays", "outside", plain("me@foreign.example", foreign), []int{454}},
		{"a stranger who spoofs and relays", "outside", plain("boss@company.my", foreign), []int{454}},
		{"somebody bound, within his destinations", "outside", plain("clerk@company.local", own), spoofed},
		{"a stranger to a list of senders that has him", "outside", plain("me@foreign.example", "office@company.my"), []int{250}},
		{"a user on 587", "inside", login(587, smtpclient.StartTLS, foreign), []int{250}},
		{"a user on 465", "inside", login(465, smtpclient.Implicit, own), []int{250}},
	}
	errs := make([]error, len(dialogues))
	var all sync.WaitGroup
	for i, d := range dialogues {
		all.Go(func() {
			if err := c.play(ctx, d.host, d.d, d.codes); err != nil {
				errs[i] = fmt.Errorf("%s: %w", d.who, err)
			}
		})
	}
	all.Wait()
	return errors.Join(append(errs, c.consistent())...)
}

func (c *company) play(ctx context.Context, host string, d smtpclient.Dialogue, codes []int) error {
	client, err := c.NewSMTP(host)
	if err != nil {
		return err
	}
	defer client.Close()
	d.Server = lab.MailServer(host)
	answer, err := client.Play(ctx, d)
	if err != nil {
		return err
	}
	verdict := answer.Verdict(0)
	for _, code := range codes {
		if verdict.Code == code {
			return nil
		}
	}
	return fmt.Errorf("the verdict is %s, not one of %d", verdict, codes)
}

var (
	lookup    = regexp.MustCompile(`\b(hash|btree|lmdb|cdb|cidr|pcre|regexp|ldap):(/[^\s,}]+)`)
	parameter = regexp.MustCompile(` -o [a-z_]+=\$(\w+)`)
	working   = regexp.MustCompile(`(^|[\s,])(reject_unauth_destination|reject)([\s,]|$)`)
)

// consistent reads the files on disk as they are: every table that is named exists, every parameter that an override
// names is defined, and no list is without what makes it work.
func (c *company) consistent() error {
	var errs []error
	main, err := c.Mail().ReadFile("/etc/postfix/main.cf")
	if err != nil {
		return err
	}
	master, err := c.Mail().ReadFile(masterCF)
	if err != nil {
		return err
	}
	for _, m := range lookup.FindAllStringSubmatch(withoutComments(string(main))+withoutComments(string(master)), -1) {
		file := m[2]
		switch m[1] {
		case "hash", "btree":
			file += ".db"
		case "lmdb", "cdb":
			file += "." + m[1]
		}
		if _, err := c.Mail().ReadFile(file); err != nil {
			errs = append(errs, fmt.Errorf("%s is named: %w", m[0], err))
		}
	}
	lists := []string{"smtpd_recipient_restrictions"}
	for _, m := range parameter.FindAllStringSubmatch(withoutComments(string(master)), -1) {
		lists = append(lists, m[1])
	}
	for _, name := range lists {
		if list := value(string(main), name); !working.MatchString(list) {
			errs = append(errs, fmt.Errorf("%s = %q would be fatal", name, list))
		}
	}
	return errors.Join(errs...)
}

func withoutComments(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(strings.TrimSpace(line), "#") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// value is a parameter of main.cf, with its continuation lines.
func value(main, name string) string {
	var found []string
	inside := false
	for line := range strings.Lines(withoutComments(main)) {
		if line[0] != ' ' && line[0] != '\t' {
			inside = strings.HasPrefix(line, name+" =")
			if inside {
				found = nil // the last definition wins
			}
		}
		if inside {
			found = append(found, strings.TrimPrefix(line, name+" ="))
		}
	}
	return strings.Join(found, " ")
}
