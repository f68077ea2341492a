package evidence_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/evidence"
	"ucs-harden/tests/lab/smtpclient"
)

func TestFromWarnToEnforce(t *testing.T) {
	c := newCompany(t)
	c.newAccounts(t)
	applied := c.at(t, day(0), "apply", "--mode", "warn", "--yes")
	require.Zero(t, applied.Code, applied.Stdout+applied.Stderr)
	c.Settled(t)
	c.watch(t)

	c.report(t, "/var/log/mail.log")
	kept := c.run(t, "test", "-e", "/var/lib/ucs-harden/evidence/spf.json")
	assert.Equal(t, 1, kept.Code, "of a file that is named, not even the answers of the DNS are kept")
	before := c.report(t)
	t.Run("the report counts what was sent, and says what it is", func(t *testing.T) { counts(t, before) })
	t.Run("enforce is refused while somebody would lose mail", func(t *testing.T) { c.gateRefuses(t, before) })
	t.Run("sync stays in warn", func(t *testing.T) { c.syncStays(t, before) })
	t.Run("the printed commands end it", func(t *testing.T) { c.fixAll(t, before) })
	t.Run("the gate lets enforce in", func(t *testing.T) { c.enforces(t) })
	t.Run("an exception ends everywhere at the same instant", func(t *testing.T) { c.endsAtOnce(t) })
}

// newAccounts makes an application's account, and an address that boss and clerk share.
func (c company) newAccounts(t *testing.T) {
	t.Helper()
	c.must(t, "udm", "users/user", "create", "--set", "username=ticket", "--set", "lastname=Ticket", "--set", "password=lab-ticket",
		"--set", "mailPrimaryAddress=ticket@company.my", "--set", "mailHomeServer=mail.company.my")
	for _, uid := range []string{"boss", "clerk"} {
		c.must(t, "udm", "users/user", "modify", "--dn", "uid="+uid+",cn=users,dc=company,dc=my",
			"--append", "mailAlternativeAddress=info@company.my")
	}
}

func counts(t *testing.T, r *evidence.Report) {
	var want []string
	found := groups(r)
	for _, s := range all() {
		want = append(want, s.group)
		g, ok := found[s.group]
		if !assert.True(t, ok, "%s: no group %s", s.what, s.group) {
			continue
		}
		assert.Equal(t, s.count(), g.Count, s.what)
		byDay := map[string]int64{}
		for n := days - s.on(); n < days; n++ {
			byDay[day(n).Format(time.DateOnly)] = int64(s.perDay)
		}
		assert.Equal(t, map[evidence.Source]map[string]int64{evidence.FromWarn: byDay}, g.Days, s.what)
		assert.Equal(t, s.verdict, g.Verdict, "%s: %s", s.what, g.Reason)
		assert.NotEmpty(t, g.Reason, s.what)
		assert.Equal(t, s.verdict.Positive(), g.Open, s.what)
		fix, command := printed(g)
		assert.True(t, strings.HasPrefix(command, s.fix), "%s: %q instead of %q", s.what, command, s.fix)
		assert.Equal(t, s.fix == "", command == "", "%s: %q", s.what, command)
		if command != "" {
			assert.Equal(t, s.count(), fix.Clears, "%s: the command clears all letters", s.what)
			assert.Equal(t, s.count(), fix.Of, s.what)
		}
	}
	assert.ElementsMatch(t, want, slices.Collect(maps.Keys(found)), "no other groups")
	assert.Zero(t, r.Administrator)
	assert.Zero(t, r.Coverage.Unparsed)
	assert.Empty(t, r.Coverage.Gaps)
	assert.Equal(t, day(0).Format(time.DateOnly), r.Coverage.From.Format(time.DateOnly))
}

// printed is the first fix of a group that has commands, and the first of these as one text.
func printed(g evidence.Group) (evidence.Fix, string) {
	for _, f := range g.Fixes {
		if len(f.Commands) > 0 {
			return f, strings.Join(f.Commands[0], " ")
		}
	}
	return evidence.Fix{}, ""
}

// gateRefuses: apply refuses to enforce, names every open group with a way out, and changes nothing.
func (c company) gateRefuses(t *testing.T, r *evidence.Report) {
	was := c.Configuration(t)
	refused := c.run(t, "ucs-harden", "apply", "--mode", "enforce", "--yes")
	assert.Equal(t, 5, refused.Code, refused.Stdout+refused.Stderr)
	assert.Contains(t, refused.Stdout+refused.Stderr, "--accept evidence:"+returning.group)
	all := c.run(t, "ucs-harden", "apply", "--mode", "enforce", "--yes", "--json")
	assert.Equal(t, 5, all.Code, all.Stdout+all.Stderr)
	for id, g := range groups(r) {
		assert.Equal(t, g.Open, strings.Contains(all.Stdout, `"`+id+`"`), "%s\n%s", id, all.Stdout)
	}
	assert.Empty(t, was.Diff(c.Configuration(t)))
	assert.Equal(t, 5, c.run(t, "ucs-harden", "apply", "--mode", "enforce", "--yes",
		"--accept", "evidence:"+returning.group).Code, "one of several")
}

// syncStays: the registry says enforce, and nobody is refused.
func (c company) syncStays(t *testing.T, r *evidence.Report) {
	c.UCR(t, "set", "mail/harden/mode=enforce")
	held := c.run(t, "ucs-harden", "sync")
	assert.Equal(t, 5, held.Code, held.Stdout+held.Stderr)
	for _, control := range []string{"sender-spoofing", "submission"} {
		assert.Contains(t, held.Stdout+held.Stderr, control)
	}
	c.Settled(t)
	c.accepted(t, c.play(t, scenes, "held"))
	c.UCR(t, "set", "mail/harden/mode=warn")
	c.must(t, "ucs-harden", "sync")
}

// fixAll runs the first commands of each open group as they are printed. Then nobody but the forgers is warned of.
func (c company) fixAll(t *testing.T, r *evidence.Report) {
	for _, g := range r.Groups {
		if !g.Open {
			continue
		}
		fix, _ := printed(g)
		for _, command := range fix.Commands {
			ran := c.run(t, command...)
			require.Zero(t, ran.Code, "%q: %s%s", command, ran.Stdout, ran.Stderr)
			if command[0] == "udm" {
				assert.Empty(t, ran.Stderr, "udm warns of what it does not do: %q", command)
			}
		}
	}
	c.must(t, "ucs-harden", "sync")
	c.Settled(t)
	begin := len(c.logged(t))
	c.accepted(t, c.play(t, all(), "fixed"))
	since := c.logged(t)[begin:]
	for _, s := range all() {
		for _, sender := range s.senders {
			warned := strings.Contains(since, fmt.Sprintf("*** Invalid Inbound Sender ***; from=<%s> to=<%s> proto=ESMTP helo=<%s>", sender, s.to, helo(s))) ||
				strings.Contains(since, "<"+sender+">: Sender address rejected: not owned by user "+s.login+";") && s.login != ""
			assert.Equal(t, s.fix == "", warned, "%s: %s\n%s", s.what, sender, since)
		}
	}
	after := c.report(t)
	old := groups(r)
	for id, g := range groups(after) {
		assert.False(t, g.Open, "%s: %s", id, g.Reason)
		if g.Verdict.Positive() {
			assert.Equal(t, old[id].Count+heldAgain(id), g.Count, "%s has no newer letters", id)
		}
	}
	used := 0
	for _, e := range after.Exceptions {
		assert.True(t, e.InForce, e.Name)
		if e.Uses > 0 {
			used++
		}
	}
	assert.NotZero(t, used)
	assert.Len(t, after.Exceptions, used, "the log shows the use of every exception")
}

// heldAgain is how many letters of a group syncStays has sent besides.
func heldAgain(id string) int64 {
	for _, s := range scenes {
		if s.group == id {
			return int64(s.perDay)
		}
	}
	return 0
}

// helo is what the client of a scene says in EHLO.
func helo(s scene) string {
	return map[string]string{
		"printer": "printer.company.my", "files": "files.company.my", "mail2": "mail2.company.my", "forger": "mail.company.my",
		"provider": "mta1.newsletter.example", "lists": "lists.example", "outside": "out66.foreign.example",
	}[s.from]
}

// enforces: the gate lets enforce in. Who has a fix writes as before, forgers are refused, and nobody relays who did not.
func (c company) enforces(t *testing.T) {
	applied := c.run(t, "ucs-harden", "apply", "--mode", "enforce", "--yes")
	require.Zero(t, applied.Code, applied.Stdout+applied.Stderr)
	c.Settled(t)
	replies := c.play(t, all(), "enforce")
	for _, s := range all() {
		if s.fix != "" {
			assert.Equal(t, 250, replies[s.what].Code, "%s: %s", s.what, replies[s.what])
			continue
		}
		assert.Equal(t, 554, replies[s.what].Code, "%s: %s", s.what, replies[s.what])
		assert.Contains(t, replies[s.what].Text, "#ucs-harden:sender-spoofing", s.what)
	}
	var relaying []scene
	for _, s := range all() {
		if s.login == "" {
			s.what, s.to, s.perDay = "to elsewhere: "+s.what, "you@foreign.example", len(s.senders)
			relaying = append(relaying, s)
		}
	}
	for what, reply := range c.play(t, relaying, "relay") {
		assert.Equal(t, smtpclient.Reply{Code: 454, Text: "4.7.1 <you@foreign.example>: Relay access denied"}, reply, what)
	}
	// An exception is for its client and its sender: the printer is no boss, and a forger is no printer.
	for what, s := range map[string]scene{
		"the printer writes as boss":      {from: "printer", senders: []string{"boss@company.my"}},
		"the provider writes as boss":     {from: "provider", senders: []string{"boss@company.my"}},
		"a forger writes as the printer":  {from: "forger", senders: []string{"scan@company.my"}},
		"a stranger sends the newsletter": {from: "outside", senders: []string{"news@company.my"}},
	} {
		s.what, s.to, s.perDay = what, to, 1
		assert.Equal(t, 554, c.play(t, []scene{s}, "neighbour")[what].Code, what)
	}
}
