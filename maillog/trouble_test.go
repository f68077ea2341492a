package maillog

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTroublesOfPostfix(t *testing.T) {
	type found struct{ milters, tables int64 }
	for line, want := range map[string]found{
		"postfix/smtpd[1]: warning: milter inet:127.0.0.1:8891: can't read SMFIC_MAIL reply packet header": {milters: 1},
		"postfix/smtpd[1]: warning: connect to Milter service inet:127.0.0.1:8891: Connection refused":     {milters: 1},
		"postfix/cleanup[1]: warning: milter inet:127.0.0.1:8891: can't read SMFIC_EOH reply packet":       {milters: 1},

		"postfix/smtpd[1]: warning: hash:/etc/postfix/x: table lookup problem":                                                            {tables: 1},
		"postfix/submission/smtpd[1]: warning: ldap:/etc/postfix/x: table lookup problem":                                                 {tables: 1},
		`postfix/smtpd[1]: warning: proxy:ldap:/etc/postfix/x lookup error for "joe@company.my"`:                                          {tables: 1},
		"postfix/smtpd[1]: warning: hash:/etc/postfix/x is unavailable. open database /etc/postfix/x.db: No such file":                    {tables: 1},
		`postfix/trivial-rewrite[1]: warning: ldap:/etc/postfix/x lookup error for "company.my"`:                                          {tables: 1},
		"postfix/cleanup[1]: warning: 4C2D1E0F3A: virtual_alias_maps map lookup problem for joe -- message not accepted, try again later": {tables: 1},

		// What a client writes is no trouble.
		"postfix/smtpd[1]: warning: non-SMTP command from unknown[203.0.113.7]: a:b is unavailable. c:d: table lookup problem":        {},
		"postfix/smtpd[1]: warning: Illegal address syntax from unknown[203.0.113.7] in MAIL command: <x:y is unavailable. @a>":       {},
		"postfix/smtpd[1]: warning: unknown[2001:db8::7]: SASL LOGIN authentication failed: a:b lookup error for x":                   {},
		"postfix/smtpd[1]: warning: 7.113.0.203.bl.example: RBL lookup error: Host or domain name not found.":                         {},
		"postfix/smtpd[1]: NOQUEUE: reject: RCPT from unknown[203.0.113.7]: 451 4.3.0 <x>: Temporary lookup failure; from=<a> to=<b>": {},
	} {
		t.Run(line, func(t *testing.T) {
			log := "2026-11-30T10:00:00.000001+00:00 mail " + line + "\n"
			c, err := Hits(t.Context(), []Source{{Path: "-", Stream: strings.NewReader(log)}}, Options{}, func(Hit) {})
			require.NoError(t, err)
			assert.Equal(t, want, found{c.Milters, c.Tables})
		})
	}
}

func TestOlderTroublesAreNotCounted(t *testing.T) {
	log := ""
	for _, minute := range []string{"00", "01", "02", "03"} {
		log += "2026-11-30T10:" + minute + ":00.000001+00:00 mail postfix/smtpd[1]: warning: hash:/x: table lookup problem\n" +
			"2026-11-30T10:" + minute + ":00.000001+00:00 mail postfix/smtpd[1]: connect from a[203.0.113.7]\n"
	}
	c, err := Hits(t.Context(), []Source{{Path: "-", Stream: strings.NewReader(log)}},
		Options{Troubles: time.Date(2026, 11, 30, 10, 2, 0, 0, time.UTC)}, func(Hit) {})
	require.NoError(t, err)
	assert.EqualValues(t, 2, c.Tables)
	assert.EqualValues(t, 8, c.Lines, "everything else is counted as ever")
}
