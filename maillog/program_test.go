package maillog

import (
	"strings"
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
		p.lookUp([]byte(name))
	}
	for _, name := range usual {
		if len(name) >= middleEnd {
			assert.NotNil(t, p.known([]byte(name+"123]: "+strings.Repeat("x", longest))), name)
		}
	}
	assert.Nil(t, p.known([]byte("postfix/smtpdx[1]: "+strings.Repeat("x", longest))))
	assert.Nil(t, p.known([]byte("")))
}
