package rehearsal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/plan"
	"ucs-harden/privatepostfix"
	"ucs-harden/rules"
)

var everyMode = []plan.Mode{plan.Off, plan.Warn, plan.Enforce}

func TestARightPlanHasNoWrongCell(t *testing.T) {
	for _, today := range everyMode {
		for _, planned := range everyMode {
			for face, relay := range map[string][]string{
				"UCS 5.0": nil, "UCS 5.2": stockRelay, "UCS 5.2 where a table lets somebody relay": tableRelay,
			} {
				t.Run(string(today)+" to "+string(planned)+" on "+face, func(t *testing.T) {
					before, after := server(today), server(planned)
					before.relay, after.relay = relay, relay
					m, err := Rehearse(t.Context(), withRelay(company(today, planned), relay), before.play, after.play)
					require.NoError(t, err)
					for _, c := range m.Wrong() {
						t.Errorf("%s: before %s, after %s, expected %s: %s", c, c.Before, c.After, c.Want, c.Why)
					}
					n := m.Count()
					assert.Zero(t, n.Unlogged)
					assert.Zero(t, n.Explained)
					assert.Equal(t, today == planned, n.Differences == 0, "%d differences", n.Differences)
					assert.Equal(t, len(m.Cells), n.Cells)
					for _, c := range m.Cells {
						assert.NotEmpty(t, c.Why, "%s", c)
						assert.NotEmpty(t, c.Want, "%s", c)
					}
				})
			}
		}
	}
}

// With mynetworks = 0.0.0.0/0 every client is one of mynetworks, so the server relays for everybody today and in the
// plan. A finding says so; no answer is unexpected.
func TestAServerThatTrustsEveryClient(t *testing.T) {
	for face, relay := range map[string][]string{"UCS 5.0": nil, "UCS 5.2": stockRelay} {
		for _, mode := range everyMode {
			t.Run(string(mode)+" on "+face, func(t *testing.T) {
				facts := withRelay(company(plan.Off, mode), relay)
				before, after := server(plan.Off), server(mode)
				before.relay, after.relay = relay, relay
				for _, networks := range []*string{&facts.Today.Networks, &facts.Plan.Networks, &before.networks, &after.networks} {
					*networks += " 0.0.0.0/0"
				}
				m, err := Rehearse(t.Context(), facts, before.play, after.play)
				require.NoError(t, err)
				for _, c := range m.Wrong() {
					t.Errorf("%s: before %s, after %s, expected %s: %s", c, c.Before, c.After, c.Want, c.Why)
				}
				assert.Zero(t, m.Count().Explained)
				assert.Contains(t, m.Notes, "mynetworks matches every address: no client is a stranger")
				for _, c := range m.Cells {
					assert.NotZero(t, c.Dialogue.Client.As16()[12], "Postfix refuses %s as the address of a client", c.Dialogue.Client)
				}
			})
		}
	}
}

func insert(check string, at int) func([]string) []string {
	return func(list []string) []string { return slices.Insert(list, at, check) }
}

func replace(old, with string) func([]string) []string {
	return func(list []string) []string {
		i := slices.Index(list, old)
		return slices.Replace(list, i, i+1, with) // panics when there is none
	}
}

func quota(s *smtpd) *smtpd { s.quota = deadService; return s }

// oddPlan is a plan on a server where every control is off today, and what the rehearsal must find.
type oddPlan struct {
	mode          plan.Mode // of the plan; today every control is off
	today, plan   func(*smtpd) *smtpd
	client, on    string // of a cell that is wrong
	from, to, why string
	noForeign     bool
	right         bool // none is wrong
	explained     bool
	unlogged      bool
}

var oddPlans = map[string]oddPlan{
	"warn that refuses": {
		mode: plan.Warn, plan: func(s *smtpd) *smtpd { return s.on(replace("warn spoofing", "spoofing"), 25) },
		client: "a stranger (203.0.113.77)", on: "port 25", from: "boss@company.my", to: "employee@company.my",
		why: "logged, not refused: a stranger may not write as company.my; it is accepted today and would be refused: 554 5.7.1 <x>: Sender address rejected: Delivery not authorized, message refused #ucs-harden:sender-spoofing",
	},
	"warn that closes 587": {
		mode: plan.Warn, plan: func(s *smtpd) *smtpd { return s.on(replace("warn mismatch", "mismatch"), 587) },
		client: "a stranger (203.0.113.77)", on: "port 587, logged in as boss@company.my", from: "employee@company.my (a colleague)", to: "employee@company.my",
		why: "it is accepted today and would be refused: 553 5.7.1 <x>: Sender address rejected: not owned by user boss@company.my",
	},
	"a login map that answers nothing": {
		mode: plan.Enforce, plan: func(s *smtpd) *smtpd { s.logins = nil; return s },
		client: "a stranger (203.0.113.77)", on: "port 587, logged in as boss", from: "boss@company.my", to: "foreign.example (elsewhere)",
		why: "boss may write as boss@company.my; it is refused: 553 5.7.1 <x>: Sender address rejected: not owned by user boss: the login map does not give boss as an owner of boss@company.my",
	},
	"a login map by address while users log in by uid": {
		mode: plan.Enforce, plan: func(s *smtpd) *smtpd {
			for address, owners := range s.logins {
				s.logins[address] = owners[1:]
			}
			return s
		},
		client: "a stranger (203.0.113.77)", on: "port 465, logged in as clerk", from: "clerk@company.local", to: "foreign.example (elsewhere)",
		why: "the login map does not give clerk as an owner of clerk@company.local",
	},
	"a permit before the check": {
		mode: plan.Enforce, plan: func(s *smtpd) *smtpd { return s.on(insert("permit", 3), 25) },
		client: "a stranger (203.0.113.77)", on: "port 25", from: "nobody at company.local", to: "employee@company.my",
		why: "a stranger may not write as company.local; it is accepted all the same: something permits it first, or the check is not there",
	},
	"a permit before the check, in warn": {
		mode: plan.Warn, plan: func(s *smtpd) *smtpd { return s.on(insert("permit", 3), 25) },
		right: true, unlogged: true,
	},
	"a server that does not log": {
		mode: plan.Warn, today: func(s *smtpd) *smtpd { s.mute = true; return s }, plan: func(s *smtpd) *smtpd { s.mute = true; return s },
		right: true,
	},
	"an open relay": {
		mode: plan.Warn, plan: func(s *smtpd) *smtpd { return s.on(insert("permit", 0), 25) },
		client: "a stranger (203.0.113.77)", on: "port 25", from: "foreign.example (elsewhere)", to: "foreign.example (elsewhere)",
		why: "a stranger may never send through this server to elsewhere; it is accepted all the same",
	},
	"an open relay that is one today": {
		mode: plan.Warn, today: func(s *smtpd) *smtpd { s.networks = "0.0.0.0/0"; return s }, plan: func(s *smtpd) *smtpd { s.networks = "0.0.0.0/0"; return s },
		client: "a stranger (203.0.113.77)", on: "port 25", from: "the empty sender", to: "foreign.example (elsewhere)",
		why: "a stranger may never send",
	},
	"a dead quota service": {
		mode: plan.Warn, today: quota, plan: quota, right: true, explained: true,
	},
	"a dead quota service, in enforce": {
		mode: plan.Enforce, today: quota, plan: quota, right: true, explained: true,
	},
	"a quota service that only the plan cannot reach": {
		mode: plan.Warn, plan: quota,
		client: "a stranger (203.0.113.77)", on: "port 25", from: "foreign.example (elsewhere)", to: "employee@company.my",
		why: "the configuration of the plan does not work: 451 4.3.5",
	},
	"a table that is missing": {
		mode: plan.Warn, plan: func(s *smtpd) *smtpd { return s.on(replace("warn spoofing", "missing"), 25) },
		client: "a stranger (203.0.113.77)", on: "port 25", from: "boss@company.my", to: "employee@company.my",
		why: "the configuration of the plan does not work: 451 4.3.5 <x>: Sender address rejected: Server configuration error",
	},
	"a list of before that main.cf.local brings back": {
		mode: plan.Enforce, plan: func(s *smtpd) *smtpd { s.lists[25] = server(plan.Off).lists[25]; return s },
		client: "an inside client that is in no list (10.99.1.50)", on: "port 25", from: "boss@company.my", to: "employee@company.my",
		why: "a client that is not in mynetworks may not write as company.my; it is accepted all the same",
	},
	"a domain controller that mynetworks lacks": {
		mode: plan.Warn, plan: func(s *smtpd) *smtpd { s.networks = "127.0.0.0/8 10.99.1.10;10.99.1.1"; return s },
		client: "the domain controller dc2.company.my (10.99.1.10)", on: "port 25", from: "foreign.example (elsewhere)", to: "foreign.example (elsewhere)",
		why: "a domain controller may relay; it is refused: 554 5.7.1 <x>: Relay access denied",
	},
	"465 and 587 that are still open": {
		mode: plan.Enforce, plan: func(s *smtpd) *smtpd { s.lists[465] = s.lists[25]; return s },
		client: "this server itself (127.0.0.1)", on: "port 465", from: "boss@company.my", to: "employee@company.my",
		why: "465 and 587 are for those who log in, as the owner of boss@company.my; it is accepted all the same",
	},
	"a check of an administrator, today and in the plan": {
		mode:  plan.Enforce,
		today: func(s *smtpd) *smtpd { return s.on(insert("unknown_domain", 0), 25, 465, 587) },
		plan:  func(s *smtpd) *smtpd { return s.on(insert("unknown_domain", 0), 25, 465, 587) },
		right: true, explained: true,
	},
	"a port that is dead in the plan": {
		mode: plan.Warn, plan: func(s *smtpd) *smtpd { s.lists[25] = nil; return s },
		client: "this server itself (127.0.0.1)", on: "port 25", from: "boss@company.my", to: "employee@company.my",
		why: "the configuration of the plan gives no answer",
	},
	"a foreign domain that DNS does not know": {
		mode: plan.Enforce, plan: func(s *smtpd) *smtpd {
			return s.on(func([]string) []string {
				return []string{"mismatch", "nxdomain", "permit_sasl_authenticated", "reject"}
			}, 587)
		},
		client: "a stranger (203.0.113.77)", on: "port 587, logged in as boss", from: "boss@company.my", to: "foreign.example (elsewhere)",
		why: "this server's DNS does not know the domain",
	},
	"a foreign domain that DNS does not know, on a server that sends by DNS": {
		mode: plan.Enforce, plan: func(s *smtpd) *smtpd {
			return s.on(func([]string) []string {
				return []string{"mismatch", "unknown_domain", "nxdomain", "permit_sasl_authenticated", "reject"}
			}, 587)
		},
		noForeign: true, right: true, explained: true,
	},
}

// Of the cells of a plan that is wrong, at least one must say why.
func TestWhatIsWrongWithAPlan(t *testing.T) {
	for sentence, c := range oddPlans {
		t.Run(sentence, func(t *testing.T) {
			today, planned := server(plan.Off), server(c.mode)
			if c.today != nil {
				today = c.today(today)
			}
			planned = c.plan(planned)
			facts := company(plan.Off, c.mode)
			facts.NoForeign = c.noForeign
			m, err := Rehearse(t.Context(), facts, today.play, planned.play)
			require.NoError(t, err)
			assert.Equal(t, c.unlogged, c.right && m.Count().Unlogged > 0, "not logged: %v", m.Groups(NotLogged))
			if c.explained {
				assert.NotZero(t, m.Count().Explained)
			}
			if c.right {
				for _, cell := range m.Wrong() {
					t.Errorf("%s: before %s, after %s, expected %s: %s", cell, cell.Before, cell.After, cell.Want, cell.Why)
				}
				return
			}
			found := false
			for _, cell := range m.Wrong() {
				if cell.Words == (Words{c.client, c.on, c.from, c.to}) {
					found = true
					assert.Contains(t, cell.Why, c.why)
					assert.NotEmpty(t, cell.After.Transcript)
				}
			}
			if !found {
				t.Errorf("of these, none is expected:")
				for _, cell := range m.Wrong() {
					t.Logf("%s: %s", cell, cell.Why)
				}
			}
		})
	}
}

func TestNothingLearntIsAnError(t *testing.T) {
	facts := company(plan.Off, plan.Warn)
	good := server(plan.Off).play
	down := func(context.Context, []privatepostfix.Dialogue) ([]privatepostfix.Reply, error) {
		return nil, errors.New("no instance")
	}
	short := func(ctx context.Context, d []privatepostfix.Dialogue) ([]privatepostfix.Reply, error) {
		return good(ctx, d[1:])
	}
	refusing := server(plan.Off)
	for port := range refusing.lists {
		refusing.lists[port] = []string{"reject"}
	}
	for want, plays := range map[string][2]Play{
		"cannot rehearse today's configuration: no instance":         {down, good},
		"cannot rehearse the configuration of the plan: no instance": {good, down},
		"replies to": {good, short},
		"today's configuration accepts nothing to compare with; a stranger": {refusing.play, good},
	} {
		_, err := Rehearse(t.Context(), facts, plays[0], plays[1])
		require.ErrorContains(t, err, want)
	}
	facts.Domains = nil
	_, err := Rehearse(t.Context(), facts, good, good)
	require.ErrorContains(t, err, "hosts no domain")
}

// What does not work today does not stop a plan that mends it, and the rules count all the same.
func TestAPlanThatMends(t *testing.T) {
	broken := server(plan.Off)
	for port := range broken.lists {
		broken.lists[port] = []string{"missing"}
	}
	dead := func(_ context.Context, d []privatepostfix.Dialogue) ([]privatepostfix.Reply, error) {
		return make([]privatepostfix.Reply, len(d)), nil
	}
	for sentence, today := range map[string]Play{"a table is missing": broken.play, "no smtpd starts": dead} {
		for _, mode := range []plan.Mode{plan.Off, plan.Warn, plan.Enforce} {
			t.Run(fmt.Sprintf("%s, to %s", sentence, mode), func(t *testing.T) {
				m, err := Rehearse(t.Context(), company(mode, mode), today, server(mode).play)
				require.NoError(t, err)
				for _, cell := range m.Wrong() {
					t.Errorf("%s: %s", cell, cell.Why)
				}
				open := server(mode)
				for port := range open.lists {
					open.lists[port] = []string{"permit"}
				}
				m, err = Rehearse(t.Context(), company(mode, mode), today, open.play)
				require.NoError(t, err)
				require.NotEmpty(t, m.Wrong(), "an open relay")
			})
		}
	}
}

func TestTheJSONOfAMatrix(t *testing.T) {
	planned := server(plan.Warn)
	planned.lists[587] = []string{"mismatch", "permit_sasl_authenticated", "reject"}
	m, err := Rehearse(t.Context(), company(plan.Off, plan.Warn), server(plan.Off).play, planned.play)
	require.NoError(t, err)
	content, err := json.Marshal(m)
	require.NoError(t, err)
	var got struct {
		Schema int
		Modes  struct{ Today, Plan map[string]string }
		Counts map[string]int
		Notes  []string
		Cells  []struct {
			Words    map[string]string
			Dialogue map[string]any
			Today    struct{ Reply struct{ Transcript []string } }
			Plan     struct {
				Letter map[string]any
				Ruling map[string]any
				Reply  struct {
					Code       int
					Transcript []string
				}
			}
			Outcome struct {
				Want  string
				Wrong bool
			}
		}
	}
	require.NoError(t, json.Unmarshal(content, &got))
	assert.Equal(t, MatrixSchema, got.Schema)
	assert.Equal(t, "off", got.Modes.Today["submission"])
	assert.Equal(t, "warn", got.Modes.Plan["submission"])
	assert.NotNil(t, got.Notes)
	assert.Len(t, got.Cells, got.Counts["cells"])
	assert.NotZero(t, got.Counts["wrong"])
	for _, c := range got.Cells {
		assert.Equal(t, c.Outcome.Wrong, c.Plan.Reply.Transcript != nil, "a transcript where it explains something")
		assert.NotEmpty(t, c.Words["client"])
		assert.NotEmpty(t, c.Dialogue["client"])
		assert.NotEmpty(t, c.Plan.Letter["sender_is"])
		assert.NotEmpty(t, c.Plan.Ruling["reason"])
		assert.NotZero(t, c.Plan.Reply.Code)
		assert.NotEmpty(t, strings.TrimSpace(c.Outcome.Want))
	}
}

func TestTheWorstIsNamedFirst(t *testing.T) {
	const accepted, refused = 250, 554
	cell := func(name string, effect rules.Effect, control string, code int) Cell {
		return Cell{
			Ruling: rules.Ruling{Rule: rules.Rule{Name: name, Effect: effect, Control: control}},
			After:  privatepostfix.Reply{Code: code}, Outcome: Outcome{Wrong: name != "right"},
		}
	}
	m := Matrix{Cells: []Cell{
		cell("right", rules.Unchanged, "", accepted),
		cell("refused in other words", rules.Refuse, "submission", 451),
		cell("not refused", rules.Refuse, "sender-spoofing", accepted),
		cell("lost", rules.Unchanged, "", refused),
		cell("lost, too", rules.Accept, "relay", refused),
		cell("a stranger relays", rules.Refuse, "", accepted),
	}}
	var names []string
	for _, c := range m.Wrong() {
		names = append(names, c.Ruling.Name)
	}
	assert.Equal(t, []string{"a stranger relays", "lost", "lost, too", "not refused", "refused in other words"}, names)
}

func TestNotesOnWhatOneMightTakeForAMistake(t *testing.T) {
	f := company(plan.Off, plan.Enforce)
	_, notes, err := Cells(f)
	require.NoError(t, err)
	assert.NotContains(t, strings.Join(notes, "\n"), "port 25")
	f.Plan.Postscreen, f.Plan.Ports[25] = true, true
	_, notes, err = Cells(f)
	require.NoError(t, err)
	assert.Contains(t, strings.Join(notes, "\n"), "postscreen stands in front of port 25")
	assert.Contains(t, strings.Join(notes, "\n"), "port 25 offers AUTH")
}

func TestAReplyThatIsTheServersFaultSaysWhoseFault(t *testing.T) {
	r := privatepostfix.Reply{Code: 451, Enhanced: "4.3.5", Text: "no", Log: []string{
		"NOQUEUE: reject: RCPT from x[192.0.2.1]: 451 4.3.5 no; helo=<warning: x>", "trivial-rewrite: warning: connect to 127.0.0.1:9: Connection refused",
	}}
	assert.Equal(t, "451 4.3.5 no (connect to 127.0.0.1:9: Connection refused)", because(r))
	r.Code, r.Enhanced = 554, "5.7.1"
	assert.Equal(t, "554 5.7.1 no", because(r), "a refusal on purpose has no other reason")
}
