package verdicts_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab/smtpclient"
)

// halfMade are set-ups that follow the published procedure by half. list are the keys of its list that are there, by are
// the services that ask the list. accept and unset are what the hints on the way into warn and enforce say.
var halfMade = []struct {
	what, list, by, accept string
}{
	{"587 alone", "10 20 30 99", "submission", ""},
	{"465 alone", "10 20 30 99", "smtps", ""},
	{"a list that nothing asks", "10 20 30 99", "", ""},
	{"a part of the list that nothing asks", "10 99", "", ""},
	{"587 alone, without a check of the sender", "20 30 99", "submission", ""},
	{"465 alone, without an end", "10 20 30", "smtps", ""},
	{"both, without a check of the sender", "20 30 99", "smtps submission", ""},
	{"both, without an end", "20 30", "smtps submission", ""},
	{"both, nothing missing", "10 20 30 99", "smtps submission", "--accept loosens:submission"},
}

var published = map[string]string{
	"10": "reject_sender_login_mismatch", "20": "reject_unknown_recipient_domain", "30": "permit_sasl_authenticated", "99": "reject",
}

// probes are letters by host, port, login, sender and recipient, with the code in mode enforce; 0 is any refusal.
var probes = []struct {
	host, login, sender, recipient string
	enforce                        int
}{
	{"inside", "employee", "employee@company.my", "clerk@company.local", 250},
	{"inside", "employee", "boss@company.my", "clerk@company.local", 553},
	{"inside", "", "me@foreign.example", "clerk@company.local", 554},
	{"outside", "", "me@foreign.example", "clerk@company.local", 554},
	{"outside", "", "me@foreign.example", "you@foreign.example", 0},
	{"dc2", "", "root@company.my", "clerk@company.local", 0},
}

func TestHalfMadeSetUpsHaveAWayIntoWarnAndEnforce(t *testing.T) {
	c := newCompany(t)
	for _, h := range halfMade {
		t.Run(h.what, func(t *testing.T) {
			defer c.unsetHalfMade(t)
			arguments := []string{"set"}
			for _, key := range strings.Fields(h.list) {
				arguments = append(arguments, submissionList+key+"="+published[key])
			}
			for _, service := range strings.Fields(h.by) {
				arguments = append(arguments, options+service+"/smtpd_recipient_restrictions=$submission_recipient_restrictions",
					options+service+"/smtpd_sender_login_maps=ldap:/etc/postfix/ldap.saslusermapping")
			}
			c.UCR(t, arguments...)
			c.ReloadPostfix(t)
			untouched := c.Snapshot(t)
			before := c.halfMade(t)

			c.Harden(t, strings.TrimSpace("apply --mode warn --yes "+h.accept))
			warn := c.halfMade(t)
			for i, code := range before {
				if code == 250 {
					assert.Equal(t, 250, warn[i], "warn refuses: %v %v", i.port, probes[i.probe])
				} else if h.accept == "" && i.probe != 5 { // relay lets the domain controller send
					assert.NotEqual(t, 250, warn[i], "warn loosens: %v %v", i.port, probes[i.probe])
				}
			}
			c.Harden(t, "apply --mode enforce --no-evidence --yes --no-rehearsal")
			for i, code := range c.halfMade(t) {
				if want := probes[i.probe].enforce; want == 0 {
					assert.NotEqual(t, 250, code, "enforce: %v %v", i.port, probes[i.probe])
				} else {
					assert.Equal(t, want, code, "enforce: %v %v", i.port, probes[i.probe])
				}
			}
			c.Harden(t, "rollback")
			c.Harden(t, "rollback")
			assert.Empty(t, untouched.Diff(c.Snapshot(t)), "what the rollbacks left")
		})
	}
}

// unsetHalfMade brings back a server without any set-up, also after a failure.
func (c company) unsetHalfMade(t *testing.T) {
	t.Helper()
	c.Harden(t, "rollback", 0, 1)
	arguments := []string{"unset"}
	for key := range published {
		arguments = append(arguments, submissionList+key)
	}
	for _, service := range []string{"smtps", "submission"} {
		arguments = append(arguments, options+service+"/smtpd_recipient_restrictions", options+service+"/smtpd_sender_login_maps")
	}
	c.UCR(t, arguments...)
}

type probe struct{ port, probe int }

// halfMade are the codes of all probes on both ports, on connections that begin now.
func (c company) halfMade(t *testing.T) map[probe]int {
	t.Helper()
	codes, clients := map[probe]int{}, map[string]*smtpclient.Client{}
	for i, p := range probes {
		if clients[p.host] == nil {
			clients[p.host] = c.SMTP(t, p.host)
			defer clients[p.host].Close()
		}
		for _, port := range []int{465, 587} {
			codes[probe{port, i}] = c.asks(t, clients[p.host], letter{p.host, port, p.login, p.sender, p.recipient})
		}
	}
	require.NotEmpty(t, codes)
	return codes
}
