package rehearsal

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/identity"
	"ucs-harden/plan"
	"ucs-harden/privatepostfix"
	"ucs-harden/rules"
)

// people are the company's, and a mailing list.
var people = append(company(plan.Off, plan.Off).Users, identity.Account{UID: "", Primary: "staff@company.my"})

func dialogue(client string, port int, login, from, to string) privatepostfix.Dialogue {
	return privatepostfix.Dialogue{Client: netip.MustParseAddr(client), Helo: "office", Port: port, Login: login, Sender: from, Recipient: to}
}

func TestTheLetterOfAnyDialogue(t *testing.T) {
	f := company(plan.Off, plan.Enforce)
	f.Plan.Networks += " 10.99.1.60/32"
	f.Today.Networks += " 10.99.7.0/24"
	f.Plan.Networks += " 10.99.7.0/24"
	for sentence, c := range map[string]struct {
		privatepostfix.Dialogue
		today, planned string // client
		owner          rules.Owner
		sender         rules.Sender
		recipient      rules.Recipient
		login          string
	}{
		"a stranger who writes as the boss": {
			dialogue("203.0.113.66", 25, "", "Boss@company.my", "employee@company.my"), "a stranger", "a stranger", rules.Somebody, rules.Hosted, rules.Known, "",
		},
		"a client of the house, as somebody who does not exist": {
			dialogue("10.99.1.50", 25, "", "ghost@company.local", "staff@company.my"), "a client that is not in mynetworks", "a client that is not in mynetworks", rules.Nobody, rules.Hosted, rules.Known, "",
		},
		"a domain controller, written as IPv6 is": {
			dialogue("::ffff:10.99.1.10", 25, "", "x@foreign.example", "you@foreign.example"), "a client that is not in mynetworks", "a domain controller", rules.Nobody, rules.Foreign, rules.Elsewhere, "",
		},
		"a system that the plan adds": {
			dialogue("10.99.1.60", 25, "", "", "nobody@company.my"), "a client that is not in mynetworks", "a system named to relay", rules.Nobody, rules.NullSender, rules.Unknown, "",
		},
		"a network that was there before": {
			dialogue("10.99.7.7", 25, "", "x@help.company.my", "PostMaster"), "a client in mynetworks", "a client in mynetworks", rules.Nobody, rules.SubDomain, rules.Postmaster, "",
		},
		"a login by uid, with another address": {
			dialogue("203.0.113.66", 587, "boss", "chief@company.my", "you@foreign.example"), "a stranger", "a stranger", rules.TheLogin, rules.Hosted, rules.Elsewhere, "boss",
		},
		"a login by address, as somebody else": {
			dialogue("203.0.113.66", 465, "boss@company.my", "employee@company.my", "e.mployee@company.my"), "a stranger", "a stranger", rules.Somebody, rules.Hosted, rules.Known, "boss@company.my",
		},
		"a login by an address that is none to log in with": {
			dialogue("203.0.113.66", 465, "chief@company.my", "chief@company.my", "postmaster@company.my"), "a stranger", "a stranger", rules.Somebody, rules.Hosted, rules.Unknown, "chief@company.my",
		},
		"a login where there is no AUTH": {
			dialogue("203.0.113.66", 25, "boss", "boss@company.my", "clerk@company.local"), "a stranger", "a stranger", rules.Somebody, rules.Hosted, rules.Known, "",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			today, planned := f.Letters(c.Dialogue, people)
			assert.Equal(t, c.today, today.Client.String())
			assert.Equal(t, c.planned, planned.Client.String())
			assert.Equal(t, rules.Letter{
				Port: c.Port, Client: planned.Client, Login: c.login, Sender: c.Sender, SenderIs: c.sender,
				Owner: c.owner, Recipient: c.Recipient, RecipientIs: c.recipient,
			}, planned)
		})
	}
}

// The letters of any dialogue are those of the matrix, where it has the dialogue.
func TestTheLettersAreThoseOfTheMatrix(t *testing.T) {
	for _, mode := range everyMode {
		f := company(plan.Off, mode)
		cells, _ := cellsOf(t, f)
		for _, c := range cells {
			today, planned := f.Letters(c.Dialogue, people)
			if c.Letter.RecipientIs == rules.Nowhere { // DNS knows
				today.RecipientIs, planned.RecipientIs = rules.Nowhere, rules.Nowhere
			}
			require.Equal(t, c.Today, today, "%s", c)
			require.Equal(t, c.Letter, planned, "%s", c)
		}
	}
}

func asked(s *smtpd) Asked { return Asked{Play: s.play, Service: service} }

func TestCompare(t *testing.T) {
	for sentence, c := range map[string]struct {
		privatepostfix.Dialogue
		mode          plan.Mode
		today, plan   int // codes
		decided       Kind
		warned        Kind
		reason        string
		advice, notes []string
	}{
		"a stranger as the boss, enforced": {
			Dialogue: dialogue("203.0.113.66", 25, "", "boss@company.my", "employee@company.my"), mode: plan.Enforce,
			today: 250, plan: 554, decided: "sender-spoofing", reason: "a stranger may not write as company.my",
			advice: []string{
				"log in on port 587 or 465 as boss, the owner of boss@company.my",
				"if 203.0.113.66 sends in your name, as a newsletter service does: let it log in, or let it use an envelope sender in a domain of its own",
				"if nothing else is possible: ucs-harden allow NAME --client 203.0.113.66 --sender boss@company.my --reason WHY; then ucs-harden sync",
				"in mode warn the control sender-spoofing only logs it: ucr set mail/harden/sender-spoofing/mode=warn; ucs-harden sync",
			},
		},
		"somebody who does not exist, watched": {
			Dialogue: dialogue("10.99.1.50", 25, "", "ghost@company.my", "employee@company.my"), mode: plan.Warn,
			today: 250, plan: 250, warned: "sender-spoofing", reason: "no control that is on speaks of it",
			advice: []string{
				"log in on port 587 or 465 as the owner of ghost@company.my",
				"nobody has the address ghost@company.my: give it to an account in UMC first",
				"if 10.99.1.50 is a system of yours that is meant to relay: add it to the registry variable mail/harden/relay/systems",
				"if nothing else is possible: ucs-harden allow NAME --client 10.99.1.50 --sender ghost@company.my --reason WHY; then ucs-harden sync",
				"in mode enforce the control sender-spoofing refuses it: a client that is not in mynetworks may not write as company.my",
			},
		},
		"relaying, with every control off": {
			Dialogue: dialogue("10.99.1.10", 25, "", "x@company.my", "you@foreign.example"), mode: plan.Off,
			today: 554, plan: 554, decided: Relaying, reason: "no control that is on speaks of it",
			advice: []string{
				"log in on port 587 or 465",
				"if 10.99.1.10 is a domain controller, or another system of yours that you add to mail/harden/relay/systems: switch the control relay on",
			},
		},
		"somebody else's address": {
			Dialogue: dialogue("203.0.113.66", 587, "boss", "employee@company.my", "clerk@company.local"), mode: plan.Enforce,
			today: 250, plan: 553, decided: NotOwned, reason: "the login boss does not own employee@company.my",
			advice: []string{
				"log in as employee, the owner of employee@company.my",
				"give employee@company.my to boss in UMC, as an alternative address", "if boss may write as employee@company.my without being its owner: ucs-harden send-as add boss --as employee@company.my --now",
				"in mode warn the control submission only logs it: ucr set mail/harden/submission/mode=warn; ucs-harden sync",
			},
		},
		"a list's address": {
			Dialogue: dialogue("203.0.113.66", 587, "boss", "staff@company.my", "clerk@company.local"), mode: plan.Enforce,
			today: 250, plan: 553, decided: NotOwned, reason: "the login boss does not own staff@company.my",
			advice: []string{
				"write as boss@company.my: staff@company.my is the address of a list or a group",
				"if its members may write as it: ucs-harden send-as add --list staff@company.my --now", "if boss may write as staff@company.my without being its owner: ucs-harden send-as add boss --as staff@company.my --now",
				"in mode warn the control submission only logs it: ucr set mail/harden/submission/mode=warn; ucs-harden sync",
			},
		},
		"somebody whom the directory does not know": {
			Dialogue: dialogue("203.0.113.66", 587, "ghost", "employee@company.my", "clerk@company.local"), mode: plan.Enforce,
			today: 250, plan: 553, decided: NotOwned, reason: "the login ghost does not own employee@company.my",
			advice: []string{
				"the directory has no mail account with the login ghost",
				"in mode warn the control submission only logs it: ucr set mail/harden/submission/mode=warn; ucs-harden sync",
			},
			notes: []string{"the directory has no mail account with the login ghost: it could not log in"},
		},
		"without a login on 587": {
			Dialogue: dialogue("203.0.113.66", 587, "", "me@foreign.example", "clerk@company.local"), mode: plan.Enforce,
			today: 250, plan: 554, decided: Everybody, reason: "465 and 587 are for those who log in",
			advice: []string{"log in", "in mode warn the control submission only logs it: ucr set mail/harden/submission/mode=warn; ucs-harden sync"},
		},
		"a login on 25": {
			Dialogue: dialogue("203.0.113.66", 25, "boss", "boss@company.my", "you@foreign.example"), mode: plan.Enforce,
			today: 554, plan: 554, decided: Relaying, reason: "a stranger may never send through this server to elsewhere",
			advice: []string{
				"port 25 has no AUTH, so nobody can log in there: use port 587 or 465",
			},
			notes: []string{"port 25 has no AUTH: the login does not count"},
		},
		"nobody at home": {
			Dialogue: dialogue("203.0.113.66", 25, "", "me@foreign.example", "ghost@company.my"), mode: plan.Enforce,
			today: 550, plan: 550, decided: UnknownRecipient, reason: "no control asks who ghost@company.my is",
			advice: []string{"nobody has the address ghost@company.my: correct it, or give it to somebody in UMC"},
		},
		"a domain that does not exist": {
			Dialogue: dialogue("203.0.113.66", 587, "boss", "boss@company.my", "you@ucs-harden-rehearsal.invalid"), mode: plan.Enforce,
			today: 250, plan: 450, decided: NoDomain, reason: "the domain of you@ucs-harden-rehearsal.invalid does not exist",
			advice: []string{
				"this server's DNS does not know the domain ucs-harden-rehearsal.invalid, or says that it takes no mail: host -t MX ucs-harden-rehearsal.invalid",
				"in mode warn the control submission only logs it: ucr set mail/harden/submission/mode=warn; ucs-harden sync",
			},
		},
		"good mail": {
			Dialogue: dialogue("203.0.113.66", 25, "", "me@foreign.example", "clerk@company.local"), mode: plan.Enforce,
			today: 250, plan: 250, reason: "mail from elsewhere and bounces come in as before",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			f := company(plan.Off, c.mode)
			planned := asked(server(c.mode))
			got, err := Compare(t.Context(), f, c.Dialogue, people, asked(server(plan.Off)), &planned)
			require.NoError(t, err)
			assert.True(t, got.Changes)
			assert.Equal(t, c.today, got.Today.Reply.Code, "%s", got.Today.Reply)
			assert.Equal(t, c.plan, got.Plan.Reply.Code, "%s", got.Plan.Reply)
			assert.Equal(t, c.plan == 250, got.Plan.Accepted)
			assert.False(t, got.Outcome.Wrong, got.Outcome.Why)
			assert.Equal(t, c.reason, got.Plan.Ruling.Reason)
			if c.decided == "" {
				assert.Nil(t, got.Plan.DecidedBy)
			} else if assert.NotNil(t, got.Plan.DecidedBy) {
				assert.Equal(t, c.decided, got.Plan.DecidedBy.Kind)
			}
			if c.warned == "" {
				assert.Empty(t, got.Plan.WarnedBy)
			} else if assert.NotEmpty(t, got.Plan.WarnedBy) {
				assert.Equal(t, c.warned, got.Plan.WarnedBy[0].Kind)
			}
			assert.Equal(t, append([]string{}, c.advice...), got.Plan.Advice)
			assert.Equal(t, append([]string{}, c.notes...), got.Notes)
		})
	}
}

func TestComparingWithNothing(t *testing.T) {
	f := company(plan.Enforce, plan.Enforce)
	f.Today.Modes = modes(plan.Off) // set by hand, so no apply of ours tells
	d := dialogue("203.0.113.66", 25, "", "boss@company.my", "employee@company.my")
	got, err := Compare(t.Context(), f, d, people, asked(server(plan.Enforce)), nil)
	require.NoError(t, err)
	assert.False(t, got.Changes)
	assert.False(t, got.Today.Accepted)
	assert.Equal(t, got.Plan, got.Today)
	assert.False(t, got.Outcome.Wrong, got.Outcome.Why)

	out, err := json.Marshal(got)
	require.NoError(t, err)
	for _, list := range []string{`"notes":[]`, `"warned_by":[]`, `"schema":2`} {
		assert.Contains(t, string(out), list)
	}
}

func TestWhatIsNotAsked(t *testing.T) {
	f := company(plan.Off, plan.Warn)
	d := dialogue("203.0.113.66", 465, "", "boss@company.my", "employee@company.my")
	good := asked(server(plan.Off))
	closed := Asked{Play: func(context.Context, []privatepostfix.Dialogue) ([]privatepostfix.Reply, error) {
		return nil, &privatepostfix.PortError{Ports: []int{465}, Why: "master.cf has no smtpd there"}
	}}
	got, err := Compare(t.Context(), f, d, people, good, &closed)
	require.NoError(t, err)
	assert.Equal(t, NoService, got.Plan.DecidedBy.Kind)
	assert.Equal(t, []string{"use another port: on 465 nothing listens (master.cf has no smtpd there)"}, got.Plan.Advice[:1])
	assert.True(t, got.Outcome.Wrong)

	broken := Asked{Play: func(context.Context, []privatepostfix.Dialogue) ([]privatepostfix.Reply, error) {
		return nil, errors.New("the server hung up")
	}}
	_, err = Compare(t.Context(), f, d, people, broken, &good)
	require.EqualError(t, err, "cannot ask today's configuration: the server hung up")
	_, err = Compare(t.Context(), f, d, people, good, &broken)
	require.EqualError(t, err, "cannot ask the configuration of the plan: the server hung up")
	short := Asked{Play: func(context.Context, []privatepostfix.Dialogue) ([]privatepostfix.Reply, error) { return nil, nil }}
	_, err = Compare(t.Context(), f, d, people, short, &good)
	require.ErrorContains(t, err, "0 replies to one dialogue")
}
