package companies_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/harden"
	"ucs-harden/internal/run"
	"ucs-harden/plan"
	"ucs-harden/privatepostfix"
	"ucs-harden/transaction"
)

// On the mail server the test binary is a program that puts many dialogues at once to the private Postfix of a plan.

const (
	askEnv  = "UCS_HARDEN_ASK" // the mode of the plan
	askPath = "/usr/local/bin/asker"
)

func TestMain(m *testing.M) {
	mode, asked := os.LookupEnv(askEnv)
	if !asked {
		os.Exit(m.Run())
	}
	if err := ask(context.Background(), plan.Mode(mode)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type silent struct{}

func (silent) Progress(string)                {}
func (silent) Recovered(*transaction.Journal) {}
func (silent) Debug(string, map[string]any)   {}

// answers are those of today's configuration and of the planned one.
type answers struct{ Today, Planned []privatepostfix.Reply }

func ask(ctx context.Context, mode plan.Mode) error {
	var dialogues []privatepostfix.Dialogue
	if err := json.NewDecoder(os.Stdin).Decode(&dialogues); err != nil {
		return err
	}
	s := &harden.Server{Runner: run.System{}, Observer: silent{}, Version: "asked"}
	var a answers
	var err error
	if a.Today, a.Planned, err = s.Answers(ctx, mode, dialogues); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(a)
}

// sameInPrivate asks a private Postfix with today's configuration and one with the planned configuration about some of
// the letters, then applies, and compares: the first with what the live server answered before, the second with what it
// answers now.
func (s *site) sameInPrivate(t *testing.T, mode string, letters []letter, before []verdict, apply func() []verdict) {
	t.Helper()
	// A further service in master.cf.local has a name of its own in the private Postfix; package doors gives it.
	var some []letter
	var at []int
	for i, l := range letters {
		if _, further := s.further[l.port]; !further && len(some) < rehearsed {
			some, at = append(some, l), append(at, i)
		}
	}
	a := s.asked(t, mode, some)
	after := apply()
	for n, l := range some {
		i := at[n]
		if before != nil {
			assert.Equal(t, before[i].Code, a.Today[n].Code, "%s: live and private Postfix differ before %s: %s\nlive:    %s\nprivate: %s", "today", mode, l, before[i], a.Today[n])
		}
		if after != nil {
			assert.Equal(t, after[i].Code, a.Planned[n].Code, "live and private Postfix differ in %s: %s\nlive:    %s\nprivate: %s", mode, l, after[i], a.Planned[n])
		}
	}
}

func (s *site) asked(t *testing.T, mode string, letters []letter) (a answers) {
	t.Helper()
	self, err := os.ReadFile("/proc/self/exe")
	require.NoError(t, err)
	require.NoError(t, s.Mail().WriteFile(askPath, self, 0o755))
	names := map[string]string{
		"203.0.113.66": "out66.foreign.example", "203.0.113.25": "mx.foreign.example", "10.99.1.50": "inside.company.my",
		"10.99.1.10": "dc2.company.my", "127.0.0.1": "localhost", "::1": "localhost", "fd99:1::10": "dc2.company.my",
		"203.0.113.1": "mail-outside.company.my",
	}
	var dialogues []privatepostfix.Dialogue
	for _, l := range letters {
		dialogues = append(dialogues, privatepostfix.Dialogue{
			Client: netip.MustParseAddr(l.from.seen), ClientName: names[l.from.seen], Helo: l.helo, Port: cmp.Or(l.port, 25),
			Login: l.login, Sender: l.sender, Recipient: l.receiver,
		})
	}
	text, err := json.Marshal(dialogues)
	require.NoError(t, err)
	require.NoError(t, s.BackdatePostfix())
	result, err := s.Mail().RunInput(t.Context(), string(text), "env", askEnv+"="+mode, askPath)
	require.NoError(t, err)
	require.Zero(t, result.Code, result.Stderr)
	require.NoError(t, json.Unmarshal([]byte(result.Stdout), &a))
	require.Len(t, a.Today, len(letters))
	require.Len(t, a.Planned, len(letters))
	return a
}
