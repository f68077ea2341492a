package controls_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/controls"
	"ucs-harden/plan"
	"ucs-harden/restrictions"
)

// attempt is one mail that somebody tries to send.
type attempt struct {
	inNetworks bool // the client is in mynetworks
	loggedIn   bool
	ownSender  bool // the login owns the sender
	hosted     bool // the sender is in a hosted domain: spoofed, or own
	listed     bool // the client is on a blocklist
	friend     bool // the client is in the administrator's table, with OK
	recipient  recipient
}

type recipient int

const (
	inside recipient = iota
	insideUnknown
	outside
	outsideUnknownDomain
)

// attempts are all combinations, but for owning without a login.
func attempts() []attempt {
	var out []attempt
	for bits := range 1 << 8 {
		bit := func(n int) bool { return bits>>n&1 == 1 }
		a := attempt{bit(0), bit(1), bit(2), bit(3), bit(4), bit(5), recipient(bits >> 6)}
		if a.loggedIn || !a.ownSender {
			out = append(out, a)
		}
	}
	return out
}

// accepts evaluates a restriction list as smtpd(8) does: one after the other, until one permits or refuses; at the end
// of the list the mail is accepted. It knows what the random administrators use, and nothing of our code.
func accepts(t *testing.T, list []string, table string, a attempt) bool {
	for _, text := range list {
		text, warned := strings.CutPrefix(text, "warn_if_reject ")
		permit, refuse := false, false
		switch text {
		case "permit_mynetworks":
			permit = a.inNetworks
		case "permit_sasl_authenticated":
			permit = a.loggedIn
		case "check_client_access cidr:/etc/postfix/friends":
			permit = a.friend
		case "reject":
			refuse = true
		case "reject_unauth_destination":
			refuse = a.recipient == outside || a.recipient == outsideUnknownDomain
		case "reject_unlisted_recipient":
			refuse = a.recipient == insideUnknown
		case "reject_unknown_recipient_domain":
			refuse = a.recipient == outsideUnknownDomain
		case "reject_rbl_client zen.example":
			refuse = a.listed
		case "reject_sender_login_mismatch":
			refuse = a.loggedIn && !a.ownSender || !a.loggedIn && a.hosted
		case "check_sender_access hash:" + controls.SenderTable, "check_sender_access lmdb:" + controls.SenderTable:
			refuse = a.hosted && strings.Contains(table, "REJECT")
		case "check_policy_service inet:127.0.0.1:12340", "check_policy_service inet:127.0.0.1:10023",
			"check_policy_service unix:private/listfilter", "check_policy_service unix:private/own", "sleep 1":
		default:
			require.Failf(t, "the model does not know the restriction", "%q in %v", text, list)
		}
		if permit {
			return true
		}
		if refuse && !warned {
			return false
		}
	}
	return true
}

type cell struct {
	port string
	attempt
}

// verdicts are the accepted attempts on each port.
func verdicts(t *testing.T, s *server) map[cell]bool {
	out := map[cell]bool{}
	for port, list := range map[string][]string{"25": s.mainList().Texts(), "465": s.serviceList("smtps").Texts(), "587": s.serviceList("submission").Texts()} {
		for _, a := range attempts() {
			if port == "25" && a.loggedIn {
				continue // AUTH is off there
			}
			out[cell{port, a}] = accepts(t, list, string(s.disk[controls.SenderTable]), a)
		}
	}
	return out
}

// Warn changes no verdict at all on a stock server, nor for the administrators who need not accept anything by name
// first. Where the published procedure was followed by hand, warn is asked to let pass what that refused.
func FuzzWarnRefusesNothing(f *testing.F) {
	allSeeds(f)
	f.Fuzz(func(t *testing.T, seed uint64) {
		s := stock()
		if seed > 0 {
			a := newAdministrator(seed)
			s = a.server()
			if a.maybe(30) {
				a.byHand(s)
			}
		}
		before := verdicts(t, s)
		d, err := controls.Desire(s.facts(), plan.Warn)
		require.NoError(t, err)
		if slices.ContainsFunc(d.Findings, changesVerdicts) {
			return
		}
		hasTable := s.disk[controls.SenderTable] != nil
		s.apply(d)
		after := verdicts(t, s)
		for c, accepted := range before {
			if accepted && !after[c] {
				require.Failf(t, "warn refuses", "%+v", c)
			}
		}
		if !hasTable && !slices.ContainsFunc(d.Findings, func(f plan.Finding) bool { return f.ID == "loosens:submission" }) {
			require.Equal(t, before, after)
		}
	})
}

// changesVerdicts tells the findings that stop an apply because something would be refused. Others may be errors that
// warn does no harm with, such as a check that would hit insiders.
func changesVerdicts(f plan.Finding) bool {
	id, _, _ := strings.Cut(f.ID, ":")
	return f.Severity == plan.Error && (!f.Acceptable || id == "dormant" || id == "one-list")
}

// Enforce refuses spoofed senders from outside on port 25, and on 465 and 587 whoever does not log in, does not own the
// sender or writes to a domain that does not exist; and nothing else.
func TestEnforceOnAStockServer(t *testing.T) {
	s := stock()
	before := verdicts(t, s)
	require.True(t, applied(t, s, plan.Enforce))
	main, own := s.mainList().Texts(), s.serviceList("submission").Texts()
	for _, a := range attempts() {
		if !a.loggedIn {
			was := before[cell{"25", a}]
			spoofed := a.hosted && !a.inNetworks
			assert.Equal(t, was && !spoofed, accepts(t, main, string(s.disk[controls.SenderTable]), a), "port 25 %+v", a)
		}
		was := before[cell{"587", a}]
		entitled := a.loggedIn && a.ownSender && a.recipient != outsideUnknownDomain
		assert.Equal(t, was && entitled, accepts(t, own, string(s.disk[controls.SenderTable]), a), "port 587 %+v", a)
	}
	assert.Equal(t, own, s.serviceList("smtps").Texts())
}

// The model can tell a list that refuses more: the twins without their warn_if_reject are found out.
func TestTheModelCanFail(t *testing.T) {
	s := stock()
	before := verdicts(t, s)
	require.True(t, applied(t, s, plan.Warn))
	for _, v := range s.variables(restrictions.SubmissionPrefix) {
		s.normal[v.Key] = strings.ReplaceAll(v.Value, "warn_if_reject ", "")
	}
	assert.NotEqual(t, before, verdicts(t, s))
}
