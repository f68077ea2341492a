package controls

import (
	"fmt"

	"ucs-harden/findings"
	"ucs-harden/mastercf"
	"ucs-harden/plan"
)

// options sets the -o overrides of one service. An override that the administrator has set to something else stays and
// is reported. Only mode enforce switches on what can refuse (TLS, AUTH).
func (c submission) options(service string, adopted bool) {
	c.override(service, "smtpd_recipient_restrictions", ownList, plan.Error, adopted)
	c.override(service, "syslog_name", "postfix/"+service, "", adopted)
	tls := mastercf.Option{Name: "smtpd_tls_wrappermode", Value: "yes"}
	if service == "submission" {
		tls = mastercf.Option{Name: "smtpd_tls_security_level", Value: "encrypt"}
	}
	for _, o := range []mastercf.Option{tls, {Name: "smtpd_sasl_auth_enable", Value: "yes"}} {
		variable := mastercf.Variable(service, o.Name)
		if c.mode == plan.Enforce {
			c.set(variable, o.Value)
			if _, held, ok := c.facts.Registry.Stronger(variable); !ok || held == o.Value {
				c.expect(service, o.Name, o.Value)
			}
		} else if next, _ := c.value(variable); next != o.Value && o.Name == "smtpd_sasl_auth_enable" {
			c.warn(findings.NoAuth.Of(service),
				fmt.Sprintf("AUTH is off on %s; enforce will switch it on and refuse whoever does not log in", service),
				"warn changes nothing there; look at who uses that port before enforcing")
		}
	}
}

// override sets one parameter, unless the administrator has set it otherwise; that is reported with the severity, if any.
func (c submission) override(service, parameter, value string, severity plan.Severity, adopted bool) {
	variable := mastercf.Variable(service, parameter)
	now, set := c.facts.Registry.Get(variable)
	_, ours := c.facts.Ledger.Variables[variable]
	if _, held, ok := c.facts.Registry.Stronger(variable); ok && held != value && severity == plan.Error {
		c.set(variable, value) // claim has the words for it
		return
	}
	switch {
	case !set || ours:
		c.set(variable, value)
	case now == value && !adopted:
	case adopted && now == value:
		c.adopt(variable, value)
	default:
		if severity != "" {
			c.note(severity, findings.KeptOption.Of(variable),
				fmt.Sprintf("%s is %q, set by someone else; ucs-harden wants %q and leaves it alone", variable, now, value),
				"ucr unset "+plan.Quote(variable)+", then plan again; or leave these ports out: ucr set "+submissionMode+"=off")
		}
		return
	}
	c.expect(service, parameter, value)
}

func (c submission) expect(service, parameter, value string) {
	entry := service + "/inet"
	if c.Expect.Master[entry] == nil {
		c.Expect.Master[entry] = map[string]string{}
	}
	c.Expect.Master[entry][parameter] = value
}
