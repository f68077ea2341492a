package mastercf_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/mastercf"
)

// The names are those of services(5) as Debian has it.
func TestPortOf(t *testing.T) {
	for name, want := range map[string]string{
		"smtp": "25", "smtps": "465", "submissions": "465", "urd": "465", "submission": "587",
		"127.0.0.1:smtp": "25", "[::1]:587": "587", "10025": "10025", "qmqp": "qmqp",
	} {
		assert.Equal(t, want, mastercf.PortOf(name), name)
	}
	for _, port := range mastercf.Ports {
		assert.Equal(t, map[int]string{25: "smtp", 465: "smtps", 587: "submission"}[port], mastercf.NameOf(port))
	}
	assert.Equal(t, "10025", mastercf.NameOf(10025))
}

// postscreen(8) and smtpd_service_name in postconf(5).
func TestSMTPD(t *testing.T) {
	const behind = `smtpd pass - - n - - smtpd -o x=smtpd
first pass - - n - - smtpd -o x=first
second pass - - n - - smtpd -o x=second
other pass - - n - - postlogd
`
	for sentence, c := range map[string]struct{ entries, parameter, want string }{
		"smtpd itself":                   {"smtp inet n - n - - smtpd -o x=25\n" + behind, "first", "25"},
		"the port as a number":           {"0.0.0.0:25 inet n - n - - smtpd -o x=25\n", "", "25"},
		"no entry":                       {"submission inet n - n - - smtpd\n" + behind, "", ""},
		"another program":                {"smtp inet n - n - - smtp-sink\n" + behind, "", ""},
		"behind postscreen, the default": {"smtp inet n - n - 1 postscreen\n" + behind, "", "smtpd"},
		"the one that main.cf names":     {"smtp inet n - n - 1 postscreen\n" + behind, "first", "first"},
		"the override counts more": {
			"smtp inet n - n - 1 postscreen -o smtpd_service_name=second\n" + behind, "first", "second",
		},
		"one that is not there":            {"smtp inet n - n - 1 postscreen\n" + behind, "third", ""},
		"one that is no smtpd":             {"smtp inet n - n - 1 postscreen\n" + behind, "other", ""},
		"nothing behind postscreen at all": {"smtp inet n - n - 1 postscreen\n", "", ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			s := parse(t, c.entries).SMTPD(25, func(name string) string {
				assert.Equal(t, "smtpd_service_name", name)
				return c.parameter
			})
			if c.want == "" {
				assert.Nil(t, s)
				return
			}
			require.NotNil(t, s)
			value, _ := s.Option("x")
			assert.Equal(t, c.want, value)
		})
	}
}
