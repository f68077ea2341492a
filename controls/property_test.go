package controls_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/controls"
	"ucs-harden/plan"
)

func allSeeds(f *testing.F) {
	for seed := range uint64(seeds) {
		f.Add(seed)
	}
}

// applied plans and applies, accepting what can be accepted; false when something cannot be.
func applied(t *testing.T, s *server, mode plan.Mode) bool {
	t.Helper()
	d, err := controls.Desire(s.facts(), mode)
	require.NoError(t, err)
	for _, f := range d.Findings {
		if f.Severity == plan.Error && !f.Acceptable {
			return false
		}
	}
	s.apply(d)
	return true
}

// Whoever set up the server, and whatever else they change while the controls are on: off brings back exactly what was
// there, and what they changed.
func FuzzOffBringsBack(f *testing.F) {
	allSeeds(f)
	f.Fuzz(func(t *testing.T, seed uint64) {
		a := newAdministrator(seed)
		s := a.lists(a.server())
		off := maps.Clone(s.normal)
		for range 1 + a.IntN(4) {
			applied(t, s, pick(a, plan.Warn, plan.Enforce, ""))
			a.meanwhile(s, off)
		}
		// The mode of all does not touch the control with a switch of its own.
		for _, ownSwitch := range []string{"mail/harden/foreign-sender/mode", "mail/harden/relay/foreign-sender/mode"} {
			delete(s.normal, ownSwitch)
			delete(off, ownSwitch)
		}
		d, err := controls.Desire(s.facts(), plan.Off)
		require.NoError(t, err)
		for _, finding := range d.Findings {
			require.NotEqual(t, plan.Error, finding.Severity, "off can always be applied: %v", finding)
		}
		s.apply(d)
		delete(s.normal, "mail/harden/mode") // the administrator's word
		require.Equal(t, off, s.normal)
		require.Empty(t, s.ledger.Bytes())
		require.Empty(t, s.disk)
		require.NotContains(t, slices.Collect(maps.Values(s.maps)), true)
	})
}

// What was applied is what is wanted: the next plan has nothing to do. And how the server came to a mode does not
// matter.
func FuzzApplyOnce(f *testing.F) {
	allSeeds(f)
	f.Fuzz(func(t *testing.T, seed uint64) {
		a := newAdministrator(seed)
		s := a.lists(a.server())
		if a.maybe(50) {
			a.byHand(s)
		}
		mode := pick(a, plan.Warn, plan.Enforce)
		straight, roundabout := s.clone(), s.clone()
		if !applied(t, straight, mode) {
			return
		}
		again, err := controls.Desire(straight.facts(), "")
		require.NoError(t, err)
		require.Empty(t, describeVariables(again))
		require.Empty(t, describeFiles(again))
		require.Equal(t, straight.ledger, again.Ledger)

		for range 3 {
			applied(t, roundabout, pick(a, plan.Warn, plan.Enforce))
		}
		applied(t, roundabout, mode)
		require.Equal(t, straight.normal, roundabout.normal)
		require.Equal(t, straight.disk, roundabout.disk)
		require.Equal(t, straight.ledger, roundabout.ledger)
	})
}

// Whatever the controls want, the administrator's own restrictions, networks and settings keep their values; only what
// the published procedure writes is adopted, and enforce switches on AUTH and TLS.
func FuzzOtherPeoplesSettingsStay(f *testing.F) {
	allSeeds(f)
	f.Fuzz(func(t *testing.T, seed uint64) {
		a := newAdministrator(seed)
		s := a.lists(a.server())
		before := s.clone()
		if !applied(t, s, plan.Enforce) {
			return
		}
		for key, was := range before.normal {
			switch key {
			case "mail/postfix/mynetworks":
				require.Contains(t, s.normal[key], was)
			case "mail/postfix/mastercf/options/smtps/smtpd_tls_wrappermode",
				"mail/postfix/mastercf/options/submission/smtpd_tls_security_level",
				"mail/postfix/mastercf/options/smtps/smtpd_sasl_auth_enable",
				"mail/postfix/mastercf/options/submission/smtpd_sasl_auth_enable":
				require.Contains(t, []string{"yes", "encrypt"}, s.normal[key])
			case "mail/postfix/mastercf/options/smtps/smtpd_sender_login_maps",
				"mail/postfix/mastercf/options/submission/smtpd_sender_login_maps":
				if was != "ldap:/etc/postfix/ldap.saslusermapping" { // knows no uid
					require.Equal(t, was, s.normal[key])
				}
			default:
				require.Equal(t, was, s.normal[key], key)
			}
		}
	})
}

func withLists(seed uint64) *server {
	a := newAdministrator(seed)
	return a.lists(a.server())
}

// The properties above are about something: most administrators can apply.
func TestAdministratorsCanApply(t *testing.T) {
	able := map[plan.Mode]int{}
	for seed := range uint64(seeds) {
		for _, mode := range []plan.Mode{plan.Warn, plan.Enforce} {
			if applied(t, withLists(seed), mode) {
				able[mode]++
			}
		}
	}
	assert.Greater(t, able[plan.Warn], seeds*3/4)
	assert.Greater(t, able[plan.Enforce], seeds*3/4)
}
