package rehearsal_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ucs-harden/mastercf"
	"ucs-harden/privatepostfix"
)

// BenchmarkRehearsal starts a private Postfix and plays 500 dialogues that ask the LDAP maps, on all ports, each with
// another client.
func BenchmarkRehearsal(b *testing.B) {
	s := newServer(b)
	c := s.config(b)
	var dialogues []privatepostfix.Dialogue
	recipients := []string{"clerk@company.local", "office@company.my", "nobody@company.my", "you@foreign.example"}
	for n := range 500 {
		d := privatepostfix.Dialogue{
			Client: netip.AddrFrom4([4]byte{203, 0, 113, byte(n % 250)}), Helo: "office", Port: mastercf.Ports[n%3],
			Sender: fmt.Sprintf("someone%d@company.my", n), Recipient: recipients[n%len(recipients)],
		}
		if d.Port != 25 {
			d.Login = "employee"
		}
		dialogues = append(dialogues, d)
	}
	var up, played []time.Duration
	for b.Loop() {
		out := s.rehearse(b, c, dialogues...)
		require.Empty(b, out.Error)
		up, played = append(up, out.Start), append(played, out.Play)
	}
	b.ReportMetric(median(up), "s/start")
	b.ReportMetric(median(played), "s/500-dialogues")
}

func median(all []time.Duration) float64 {
	slices.Sort(all)
	return all[len(all)/2].Seconds()
}
