package maillog

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTheUsualProgramsHavePlacesOfTheirOwn(t *testing.T) {
	var p programs
	usual := []string{
		"postfix/smtpd[", "postfix/submission/smtpd[", "postfix/smtps/smtpd[", "postfix/submissions/smtpd[", "postfix/postscreen[",
		"postfix/cleanup[", "postfix/qmgr[", "postfix/pickup[", "postfix/smtp[", "postfix/lmtp[", "postfix/local[", "postfix/virtual[",
		"postfix/pipe[", "postfix/error[", "postfix/discard[", "postfix/bounce[", "postfix/anvil[", "postfix/scache[", "postfix/tlsproxy[",
		"postfix/dnsblog[", "postfix/master[", "postfix/trivial-rewrite[", "postfix/verify[", "postfix/tlsmgr[", "amavis[", "dovecot[",
	}
	for _, name := range usual {
		p.lookUp([]byte(name + "1]: "))
	}
	for _, name := range usual {
		assert.NotNil(t, p.known(begin(name+"1]: ")), name)
	}
	assert.Nil(t, p.known(begin("postfix/smtpdx[1]: ")))
	assert.Nil(t, p.known(begin("")))
}

func begin(text string) *[longest]byte {
	var b [longest]byte
	copy(b[:], text)
	return &b
}
