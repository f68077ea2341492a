package smtpdaccess_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/smtpdaccess"
)

// The recipient list of main.cf need not refuse relaying if the relay restrictions do so for every service that asks it.
func TestRelayOf(t *testing.T) {
	const level = "compatibility_level = 3.6\n"
	for sentence, c := range map[string]struct {
		main      string
		overrides []string // of each service
		refuses   bool
	}{
		"UCS 5.2":                               {level, []string{"", ""}, true},
		"UCS 5.0":                               {"", []string{"", ""}, false},
		"one of the services has none":          {level, []string{"", "-o smtpd_relay_restrictions="}, false},
		"one of the services only warns":        {level + "mine = warn_if_reject reject\n", []string{"", "-o smtpd_relay_restrictions=$mine"}, false},
		"that one asks another recipient list":  {level + "mine = reject\n", []string{"", "-o smtpd_relay_restrictions= -o smtpd_recipient_restrictions=$mine"}, true},
		"each service has relay restrictions":   {"", []string{"-o smtpd_relay_restrictions=reject", "-o smtpd_relay_restrictions=reject"}, true},
		"one of the services has another level": {level, []string{"", "-o compatibility_level=0"}, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			var services []smtpdaccess.Service
			for _, overrides := range c.overrides {
				services = append(services, service(t, c.main, overrides))
			}
			assert.Equal(t, c.refuses, smtpdaccess.RelayOf(services).Guards())
		})
	}
}
