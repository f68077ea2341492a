package maillog

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTheUsualProgramsHavePlacesOfTheirOwn(t *testing.T) {
	p := programs{beginnings: beginningsOfHits}
	p.forget()
	usual := []string{
		"postfix/smtpd[", "postfix/submission/smtpd[", "postfix/smtps/smtpd[", "postfix/submissions/smtpd[", "postfix/postscreen[",
		"postfix/cleanup[", "postfix/qmgr[", "postfix/pickup[", "postfix/smtp[", "postfix/lmtp[", "postfix/local[", "postfix/virtual[",
		"postfix/pipe[", "postfix/error[", "postfix/discard[", "postfix/bounce[", "postfix/anvil[", "postfix/scache[", "postfix/tlsproxy[",
		"postfix/dnsblog[", "postfix/master[", "postfix/trivial-rewrite[", "postfix/verify[", "postfix/tlsmgr[", "amavis[", "dovecot[",
	}
	for _, name := range usual {
		p.lookUp([]byte(name + "1]: "))
	}
	names := map[uint64]string{}
	for _, name := range usual {
		text := begin(name + "1]: ")
		assert.NotNil(t, p.known(text), name)
		at := place(binary.LittleEndian.Uint64(text[middle:]))
		if name != "postfix/submissions/smtpd[" { // differs from another one behind its middle
			assert.Empty(t, names[at], name)
		}
		names[at] = name
	}
	assert.Nil(t, p.known(begin("postfix/smtpdx[1]: ")))
	assert.Nil(t, p.known(begin("")))
}

func begin(text string) []byte {
	b := make([]byte, longest)
	copy(b, text)
	return b
}

func TestALineThatEndsWithinTheNameTellsNothingOfOtherLines(t *testing.T) {
	p := programs{beginnings: beginningsOfHits}
	p.forget()
	p.lookUp([]byte("postfix/submission/"))
	assert.Nil(t, p.known(begin("postfix/submission/smtpd[7]: connect from h[203.0.113.66]")))
}
