package ports

import (
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/plan"
	"ucs-harden/transaction"
)

const submissionEntry = "submission/inet"

// expect is a plan that requires these -o overrides of submission.
func expect(options ...string) plan.Expectation {
	entry := map[string]string{}
	for _, o := range options {
		name, value, _ := strings.Cut(o, "=")
		entry[name] = value
	}
	return plan.Expectation{Master: map[string]map[string]string{submissionEntry: entry}}
}

// change is a change of a server between two looks at it.
type change struct {
	before  func(s *smtpServer) // nil: a good server
	change  func(s *smtpServer, p *Port)
	options map[string]string // the -o overrides before
	want    plan.Expectation
	says    string // "" when all is well
}

var changes = map[string]change{
	"nothing changes":              {},
	"nothing, and all is expected": {want: expect("smtpd_tls_security_level=encrypt", "smtpd_sasl_auth_enable=yes")},
	"it hangs up": {
		change: func(s *smtpServer, _ *Port) { s.greeting = "" },
		says:   "greeted before and does not now: cannot get a greeting from",
	},
	"it is busy": {
		change: func(s *smtpServer, _ *Port) { s.greeting = "421 4.3.2 Too busy" }, says: "421",
	},
	"STARTTLS is not named": {
		change: func(s *smtpServer, _ *Port) { s.plain = nil },
		says:   "offered STARTTLS before and does not now: EHLO does not name it",
	},
	"STARTTLS is refused": {
		change: func(s *smtpServer, _ *Port) { s.starttls = "454 4.7.0 TLS not available due to local problem" },
		says:   "offered STARTTLS before and does not now: cannot use STARTTLS with",
	},
	"TLS fails": {change: func(s *smtpServer, _ *Port) { s.broken = true }, says: "offered STARTTLS before"},
	"TLS failed before": {
		before: func(s *smtpServer) { s.broken = true },
	},
	"TLS failed before, and is expected": {
		before: func(s *smtpServer) { s.broken = true },
		want:   expect("smtpd_tls_security_level=encrypt"),
		says:   "does not offer STARTTLS, which the plan requires",
	},
	"AUTH goes": {
		change: func(s *smtpServer, _ *Port) { s.secured = nil }, says: "offered AUTH before and does not now",
	},
	"AUTH moves behind TLS": {
		before: func(s *smtpServer) { s.plain = append(s.plain, "AUTH PLAIN") },
		change: func(s *smtpServer, _ *Port) { s.plain = []string{"STARTTLS"} },
	},
	"AUTH goes because the change takes it away": {
		options: map[string]string{"smtpd_sasl_auth_enable": "yes"},
		change:  func(s *smtpServer, p *Port) { s.secured = nil; p.Options = nil },
	},
	"AUTH was never there, and is expected": {
		before: func(s *smtpServer) { s.secured = nil },
		want:   expect("smtpd_sasl_auth_enable=yes"),
		says:   "does not offer AUTH, which the plan requires",
	},
	"TLS from the start where STARTTLS was": {
		change: func(s *smtpServer, p *Port) {
			s.implicit, p.ImplicitTLS = true, true
			p.Options = map[string]string{"smtpd_tls_wrappermode": "yes"}
		},
		want: expect("smtpd_tls_wrappermode=yes", "smtpd_sasl_auth_enable=yes"),
	},
	"TLS from the start is expected, and there is none": {
		change: func(_ *smtpServer, p *Port) { p.ImplicitTLS = true },
		want:   expect("smtpd_tls_wrappermode=yes"),
		says:   "greeted before and does not now",
	},
	"postmaster is refused": {
		change: func(s *smtpServer, _ *Port) { s.rcpt = "451 4.3.5 Server configuration error" },
		says:   "took mail for postmaster before and does not now: cannot write to postmaster through",
	},
	"the null sender is refused": {
		change: func(s *smtpServer, _ *Port) { s.mail = "550 5.7.1 no" }, says: "MAIL FROM:<>: 550 ",
	},
	"postmaster was refused before": {
		before: func(s *smtpServer) { s.rcpt = "550 5.1.1 who?" },
	},
}

// TestVerify looks at a server, changes it, and looks again.
func TestVerify(t *testing.T) {
	for sentence, c := range changes {
		t.Run(sentence, func(t *testing.T) {
			server := goodServer()
			if c.before != nil {
				c.before(&server)
			}
			var mutex sync.Mutex
			p := Port{MX: true}
			p.Service, p.Addr, p.Options = submissionEntry, server.listen(t, &mutex), c.options
			before := Offers(t.Context(), []Port{p})
			require.Len(t, before, 1)
			if c.change != nil {
				mutex.Lock()
				c.change(&server, &p)
				mutex.Unlock()
			}
			err := Verify(t.Context(), []Port{p}, before, c.want)
			if c.says == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.says)
			assert.ErrorContains(t, err, "port "+nameOf(p.Service, p.Addr)+" ", "it must say which port")
			assert.LessOrEqual(t, strings.Count(err.Error(), "cannot "), 1, "a chain: %s", err)
		})
	}
}

func TestWhatAPortShows(t *testing.T) {
	server, silent := goodServer(), smtpServer{}
	var mutex sync.Mutex
	a := Port{Service: "smtp/inet", Addr: server.listen(t, &mutex), MX: true}
	b := Port{Service: submissionEntry, Addr: server.listen(t, &mutex)}
	gone := Port{Service: "smtps/inet", Addr: silent.listen(t, &mutex)}
	assert.Equal(t, []transaction.Port{
		{Service: "smtp/inet", Addr: a.Addr, STARTTLS: true, AUTH: true, Postmaster: true},
		{Service: submissionEntry, Addr: b.Addr, STARTTLS: true, AUTH: true},
	}, Offers(t.Context(), []Port{a, gone, b}))
}

// A port that was silent counts when the plan expects something of it, and one
// that master.cf has lost is missed.
func TestVerifyOtherPorts(t *testing.T) {
	good, silent := goodServer(), smtpServer{}
	var mutex sync.Mutex
	a := Port{Service: "smtp/inet", Addr: good.listen(t, &mutex)}
	b := Port{Service: submissionEntry, Addr: silent.listen(t, &mutex)}
	before := Offers(t.Context(), []Port{a, b})
	require.NoError(t, Verify(t.Context(), []Port{a, b}, before, plan.Expectation{}))
	err := Verify(
		t.Context(), []Port{a, b}, before,
		plan.Expectation{Master: map[string]map[string]string{submissionEntry: {"syslog_name": "x"}}},
	)
	require.ErrorContains(t, err, "(submission) does not greet: ")
	err = Verify(t.Context(), []Port{b}, before, plan.Expectation{})
	require.ErrorContains(t, err, "(smtp) greeted before and is no longer in master.cf")
}
