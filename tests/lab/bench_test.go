package lab

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab/smtpclient"
)

func BenchmarkUp(b *testing.B) {
	Require(b)
	for b.Loop() {
		l, err := Up(b.Context(), Options{})
		require.NoError(b, err)
		b.StopTimer()
		require.NoError(b, l.Down())
		b.StartTimer()
	}
}

func BenchmarkDialogue(b *testing.B) {
	l := New(b)
	for name, d := range map[string]smtpclient.Dialogue{
		"25":  {Port: 25, RcptTo: []string{"boss@company.my"}},
		"587": {Port: 587, TLS: smtpclient.StartTLS, Login: "boss", Password: "lab-boss", RcptTo: []string{"boss@company.my"}},
	} {
		b.Run(name, func(b *testing.B) {
			d.Server = MailServer("inside")
			client := l.SMTP(b, "inside")
			for b.Loop() {
				a, err := client.Play(b.Context(), d)
				require.NoError(b, err)
				require.Equal(b, 250, a.Verdict(0).Code, a.Verdict(0))
			}
		})
	}
}
