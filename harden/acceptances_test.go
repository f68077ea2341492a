package harden

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/evidence"
)

// An exception for a wide network was accepted. Afterwards the registry says something else below its name.
func TestAnAcceptedFindingIsAcceptedForWhatItSaid(t *testing.T) {
	const wide = "mail/harden/exception/gw/client: 202.0.0.0/7\nmail/harden/exception/gw/sender: boss@company.my\n" +
		"mail/harden/exception/gw/reason: our gateway"
	for sentence, c := range map[string]struct {
		change  []string
		blocked bool
	}{
		"nothing changes":        {nil, false},
		"a reason is corrected":  {[]string{"our gateway", "the gateway"}, false},
		"it has an owner":        {[]string{"mail/harden/exception/gw/reason", "mail/harden/exception/gw/owner: joe\nmail/harden/exception/gw/reason"}, false},
		"the network is wider":   {[]string{"202.0.0.0/7", "128.0.0.0/1"}, true},
		"it is for every sender": {[]string{"mail/harden/exception/gw/sender: boss@company.my\n", ""}, true},
		"it is for another one":  {[]string{"gw/sender: boss@company.my", "gw/sender: ceo@company.my"}, true},
	} {
		t.Run(sentence, func(t *testing.T) {
			s := gated(t, &told{})
			setModes(s, "mail/harden/mode: warn\n"+wide)
			p, err := s.Plan(t.Context(), "")
			require.NoError(t, err)
			id := "exception-wide:mail/harden/exception/gw"
			require.Error(t, blocked(p.Plan, nil))
			require.NoError(t, blocked(p.Plan, []string{id}))
			s.keepAccepted(t.Context(), p, []string{id}, nil)

			replaceIn(s, "/etc/univention/base.conf", c.change...)
			p, err = s.Plan(t.Context(), "")
			require.NoError(t, err)
			before, err := s.findingsAccepted()
			require.NoError(t, err)
			require.Len(t, before, 1)
			_, err = ApplyOptions{Request: Request{sync: true}, before: before}.review(p)
			assert.Equal(t, c.blocked, err != nil, "%v", err)
		})
	}
}

// What was accepted is forgotten 400 days after the last sync that met it, or after it was accepted.
func TestAnAcceptanceIsForgottenWhenItsGroupIsGone(t *testing.T) {
	s := gated(t, &told{})
	setModes(s, "mail/harden/mode: warn\nmail/harden/exception/gw/client: 202.0.0.0/7")
	now := monday
	s.Now = func() time.Time { return now }
	finding := "exception-wide:mail/harden/exception/gw"
	p, err := s.Plan(t.Context(), "")
	require.NoError(t, err)
	s.keepAccepted(t.Context(), p, []string{finding}, []evidence.Acceptance{
		{ID: "evidence:a", At: now}, {ID: "evidence:b", At: now.AddDate(0, 0, -399)},
	})
	synced := func(days int, groups ...string) []string {
		now = monday.AddDate(0, 0, days)
		p, err := s.Plan(t.Context(), "")
		require.NoError(t, err)
		cells := map[string]*evidence.Cell{}
		for _, g := range groups {
			cells[g] = &evidence.Cell{}
		}
		require.NoError(t, s.ageAccepted(t.Context(), p, cells, 400))
		all, err := s.index().Acceptances()
		require.NoError(t, err)
		return idsOf(all)
	}
	assert.ElementsMatch(t, []string{finding, "evidence:a", "evidence:b"}, synced(1, "a"))
	assert.ElementsMatch(t, []string{finding, "evidence:a"}, synced(2), "nobody has met b for 400 days")
	setModes(s, "mail/harden/exception/gw/client: 192.0.2.1")
	replaceIn(s, "/etc/univention/base.conf", "mail/harden/exception/gw/client: 202.0.0.0/7\n", "")
	assert.ElementsMatch(t, []string{finding, "evidence:a"}, synced(401))
	assert.Equal(t, []string{finding}, synced(402), "a was there on the first day, the finding on the second")
	assert.Empty(t, synced(403))
}
