package report_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/evidence"
	"ucs-harden/harden"
	"ucs-harden/plan"
	"ucs-harden/report"
)

func TestExceptions(t *testing.T) {
	since, last := time.Date(2026, 9, 1, 0, 0, 0, 0, time.Local), time.Date(2026, 11, 20, 8, 0, 0, 0, time.Local)
	all := &harden.Exceptions{Control: "sender-spoofing", Mode: plan.Warn, Since: &since, Exceptions: []harden.Exception{
		{ExceptionUse: evidence.ExceptionUse{Name: "news", Sender: "news@company.my", InForce: true, Unused: true}},
		{ExceptionUse: evidence.ExceptionUse{Name: "past", Client: "192.0.2.1", Expires: "2026-01-31", Owner: "IT"}, Expired: true},
		{ExceptionUse: evidence.ExceptionUse{Name: "scanner", Client: "192.0.2.2", Sender: "scan@company.my", Reason: "tab\there", InForce: true, Uses: 3, Last: &last}},
	}}
	var out bytes.Buffer
	require.NoError(t, report.ExceptionsText(&out, all, report.Style{}))
	assert.Equal(t, `NAME     CLIENT     SENDER           REASON       OWNER  EXPIRES     LAST USED
news     any        news@company.my  -            -      -           never       unused for 45 days
past     192.0.2.1  any              -            IT     2026-01-31  never       expired
scanner  192.0.2.2  scan@company.my  "tab\there"  -      -           2026-11-20

3 exceptions, 1 expired; sender-spoofing is in mode warn.
`, out.String())
	out.Reset()
	require.NoError(t, report.ExceptionsText(&out, &harden.Exceptions{Control: "sender-spoofing", Mode: plan.Off}, report.Style{}))
	assert.Equal(t, "0 exceptions; sender-spoofing is off.\n", out.String())
}
