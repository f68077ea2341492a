package maillog_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/maillog"
)

// bounce(8) may name a notification when qmgr(8) has already delivered it.
func TestANotificationThatIsDeliveredBeforeItIsNamed(t *testing.T) {
	for sentence, c := range map[string]struct{ id, sender, program string }{
		"its message ID is made of its queue ID":   {"20261129062600.5E11CCA344@mail.company.my", "", "postfix/bounce"},
		"another message ID tells nothing":         {"20261129062600.5D1A0CA343@mail.company.my", "", ""},
		"a message with a sender is none":          {"20261129062600.5E11CCA344@mail.company.my", "x@foreign.example", ""},
		"a message ID that the sender has written": {"5E11CCA344@foreign.example", "", ""},
	} {
		log := strings.NewReplacer("ID", c.id, "SENDER", c.sender).Replace(`2026-11-29T06:26:01.000001+01:00 mail postfix/cleanup[7]: 5E11CCA344: message-id=<ID>
2026-11-29T06:26:01.000002+01:00 mail postfix/qmgr[8]: 5E11CCA344: from=<SENDER>, size=2500, nrcpt=1 (queue active)
2026-11-29T06:26:01.000003+01:00 mail postfix/lmtp[9]: 5E11CCA344: to=<boss@company.my>, relay=mail[private/dovecot-lmtp], delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 Saved)
2026-11-29T06:26:01.000004+01:00 mail postfix/qmgr[8]: 5E11CCA344: removed
2026-11-29T06:26:01.000005+01:00 mail postfix/bounce[10]: 5D1A0CA343: sender non-delivery notification: 5E11CCA344
`)
		all := letters(t, maillog.Options{Now: time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)},
			maillog.Source{Path: "-", Stream: strings.NewReader(log)})
		require.Len(t, all, 1, sentence)
		assert.Equal(t, c.program, all[0].Program, sentence)
	}
}
