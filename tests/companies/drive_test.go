package companies_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"strings"
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

func (silent) Progress(string)                  {}
func (silent) Recovered(*transaction.Recovered) {}
func (silent) Upheld(*harden.Applied)           {}
func (silent) Debug(string, map[string]any)     {}
func (silent) Warning(string, string)           {}

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
	some := letters[:rehearsed]
	a := s.asked(t, mode, some)
	after := apply()
	for i, l := range some {
		if before != nil {
			same(t, "today, before "+mode, l, before[i], a.Today[i])
		}
		if after != nil {
			same(t, mode, l, after[i], a.Planned[i])
		}
	}
}

// same compares the answers of the live and of the private Postfix. They may differ where a policy service decides, and
// the private one says then that it did not ask it.
func same(t *testing.T, when string, l letter, live verdict, private privatepostfix.Reply) {
	t.Helper()
	if strings.Contains(live.Text, policySays) {
		assert.Contains(t, private.NotAsked, "the policy service "+policyService, "%s: the private Postfix does not name it: %s", when, l)
		return
	}
	assert.Equal(t, live.Code, private.Code, "live and private Postfix differ %s: %s\nlive:    %s\nprivate: %s", when, l, live, private)
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
		d := privatepostfix.Dialogue{
			Client: netip.MustParseAddr(l.from.seen), ClientName: names[l.from.seen], Helo: l.helo, Port: cmp.Or(l.port, 25),
			Login: l.login, Sender: l.sender, Recipient: l.receiver,
		}
		if role := map[int]int{3325: 25, 10587: 587}[l.port]; role != 0 {
			d.Port, d.Service = role, fmt.Sprint(l.port)
		}
		dialogues = append(dialogues, d)
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
