package companies_test

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
)

var (
	firstSeed  = flag.Uint64("seed", 5, "the seed of the first company")
	howMany    = flag.Int("companies", 3, "how many companies")
	sideBySide = flag.Int("side-by-side", 2, "how many companies at the same time")
)

// lettersPerCompany are put to the server in every mode. rehearsed are put to a private Postfix as well.
const lettersPerCompany, rehearsed = 160, 60

func TestThePromisesHoldInEveryCompany(t *testing.T) {
	lab.Require(t)
	lab.Build(t)
	slots := make(chan struct{}, *sideBySide)
	for n := range uint64(*howMany) {
		t.Run(fmt.Sprintf("seed %d", *firstSeed+n), func(t *testing.T) {
			t.Parallel()
			slots <- struct{}{}
			defer func() { <-slots }()
			keepPromises(t, draw(*firstSeed+n))
		})
	}
}

func keepPromises(t *testing.T, c company) {
	t.Helper()
	s := c.found(t)
	defer func() {
		if t.Failed() {
			t.Log(c)
		}
	}()
	letters := c.letters(lettersPerCompany)
	untouched := s.snapshot(t)
	before := s.play(t, letters)

	s.sameInPrivate(t, "warn", letters, before, func() []verdict {
		if !s.apply(t, "warn", untouched) {
			return nil
		}
		warn := s.play(t, letters)
		s.refusesNothing(t, letters, before, warn)
		s.nobodyElseRelays(t, "warn", letters, before, warn)
		return warn
	})
	s.sameInPrivate(t, "enforce", letters, nil, func() []verdict {
		if !s.apply(t, "enforce", nil) {
			return nil
		}
		enforce := s.play(t, letters)
		s.asPromised(t, letters, before, enforce)
		s.nobodyElseRelays(t, "enforce", letters, before, enforce)
		return enforce
	})
	s.rollBack(t, untouched)
	for i, after := range s.play(t, letters) {
		assert.Equal(t, before[i].Code, after.Code, "after the rollback: %s", letters[i])
	}
}

// apply applies a mode. It reports false when the plan has findings that stop it, which a company may have that has a
// login map or checks of its own. Nothing is changed then.
func (s *site) apply(t *testing.T, mode string, untouched lab.Snapshot) bool {
	t.Helper()
	require.NoError(t, s.BackdatePostfix())
	result, err := s.Mail().Run(t.Context(), "ucs-harden", "apply", "--no-evidence", "--mode", mode, "--yes")
	require.NoError(t, err)
	if result.Code == 0 {
		s.applied = append(s.applied, mode)
		s.settled(t)
		return true
	}
	assert.True(t, s.mayStop(mode), "apply --mode %s: exit status %d\n%s\n%s", mode, result.Code, last(40, result.Stdout), result.Stderr)
	if untouched != nil {
		assert.Empty(t, untouched.Diff(s.snapshot(t)), "a plan that stopped changed this")
	}
	t.Logf("%s was refused: %s", mode, last(3, result.Stderr))
	return false
}

// mayStop reports whether a finding may stop a mode: his own checks of senders in a list that would meet our map.
func (c company) mayStop(mode string) bool {
	asks := func(text string) bool { return slices.Contains(mapChecks, text) }
	return mode == "enforce" && (c.own.place != "" || slices.ContainsFunc(c.lines, func(l line) bool { return asks(l.text) }))
}

// refusesNothing: what was accepted is accepted in warn.
func (s *site) refusesNothing(t *testing.T, letters []letter, before, warn []verdict) {
	t.Helper()
	for i, l := range letters {
		assert.True(t, !before[i].accepted || warn[i].accepted, "warn refuses what was accepted: %s\nbefore: %s\nwarn:   %s", l, before[i], warn[i])
	}
}

// nobodyElseRelays: mail to elsewhere that was refused is accepted only from systems of control relay.
func (s *site) nobodyElseRelays(t *testing.T, mode string, letters []letter, before, now []verdict) {
	t.Helper()
	for i, l := range letters {
		if s.outward(l) && !before[i].accepted && now[i].accepted {
			assert.True(t, s.relays(l), "%s lets relay: %s\nbefore: %s", mode, l, before[i])
		}
	}
}

// asPromised: enforce refuses what the oracle says and nothing else. What was refused for another reason stays refused,
// except that control relay lets its systems relay.
func (s *site) asPromised(t *testing.T, letters []letter, before, enforce []verdict) {
	t.Helper()
	for i, l := range letters {
		fate := s.fateOf(l)
		switch {
		case fate.refused:
			assert.False(t, enforce[i].accepted, "enforce accepts: %s\nalthough: %s\nbefore: %s", l, fate.why, before[i])
		case before[i].accepted:
			assert.True(t, enforce[i].accepted, "enforce refuses: %s\nalthough: %s\nenforce: %s", l, fate.why, enforce[i])
		case enforce[i].accepted:
			assert.True(t, s.relays(l) && s.behindMynetworks(before[i]), "enforce accepts what was refused: %s\nbefore: %s", l, before[i])
		}
	}
}

// behindMynetworks reports whether a refusal may be one that clients in mynetworks do not meet: of the relay
// restrictions, or of a line of the administrator behind permit_mynetworks, in the recipient list or where he has
// permit_mynetworks in the client list.
func (c company) behindMynetworks(v verdict) bool {
	return strings.Contains(v.Text, "Relay access denied") || slices.ContainsFunc(c.lines, func(l line) bool {
		return l.list == "recipient" && l.key != "05" ||
			l.list == "client" && l.text == "permit_mynetworks" && strings.Contains(v.Text, "Client host rejected")
	})
}

// rollBack takes every apply back.
func (s *site) rollBack(t *testing.T, untouched lab.Snapshot) {
	t.Helper()
	for range s.applied {
		s.run(t, "ucs-harden", "rollback")
	}
	s.settled(t)
	assert.Empty(t, untouched.Diff(s.snapshot(t)), "what the rollback left")
}

// settled waits until Postfix has settled on all its ports.
func (s *site) settled(t *testing.T) {
	t.Helper()
	s.Settled(t, append(slices.Collect(maps.Keys(s.further)), s.port, 465, 587)...)
}

func (s *site) snapshot(t *testing.T) lab.Snapshot {
	t.Helper()
	snapshot, err := s.Snapshot("/etc/postfix", "/etc/univention")
	require.NoError(t, err)
	return snapshot
}

func last(n int, text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
