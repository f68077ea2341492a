package evidencetest

import (
	"fmt"
	"math/rand/v2"
	"net/netip"

	"ucs-harden/evidence"
)

// Large is a report of so many groups over so many days. Most groups are forged; a few hundred are open.
func Large(groups, days int) *evidence.Report {
	dice := rand.New(rand.NewPCG(1, 2))
	r := Small()
	r.Coverage = coverage(days)
	r.Groups = r.Groups[:6]
	controls := []string{"sender-spoofing", "submission", "protected", "local-only", "foreign-sender"}
	for i := len(r.Groups); i < groups; i++ {
		perDay := make([]int64, days)
		for d := range perDay {
			if weekend := d%7 > 4; !weekend || i%3 == 0 {
				perDay[d] = max(0, int64(dice.NormFloat64()*4+float64(i%5)))
			}
		}
		control, verdict := controls[0], evidence.Forged
		if i%40 == 0 {
			control, verdict = controls[i/40%len(controls)], evidence.Unclear
		}
		client := netip.AddrFrom4([4]byte{203, byte(i >> 8), byte(i), byte(1 + i%250)})
		g := group(control, fmt.Sprintf("d%d.company.my", i%5), fmt.Sprintf("203.%d.%d.0/24", i>>8, i&255), verdict,
			forged(client.String()), perDay,
			sample(25, client.String(), fmt.Sprintf("host%d.foreign.example", i), "", fmt.Sprintf("user%d@company.my", i), "clerk@company.my"))
		if g.Count == 0 {
			continue
		}
		r.Groups = append(r.Groups, g)
	}
	sortGroups(r.Groups)
	return finish(r)
}

// Nothing is the report of a server on which warn has been in force for a month and has found nothing.
func Nothing() *evidence.Report {
	r := Small()
	r.Groups, r.Exceptions, r.Administrator, r.Notes = []evidence.Group{}, []evidence.ExceptionUse{}, 0, nil
	r.Coverage = coverage(30)
	r.Coverage.Gaps, r.Coverage.Lost, r.Coverage.Unreadable = nil, nil, nil
	for i := range r.Controls {
		c := &r.Controls[i]
		c.Ready, c.Days, c.Missing = true, 30, nil
	}
	return finish(r)
}

// Replay is the report of a replay over the log of Small.
func Replay() *evidence.Report {
	r := Small()
	r.Source = evidence.FromReplay
	r.CannotTell = map[string]int64{
		string(evidence.NoPort): 1204, string(evidence.NoHead): 3,
	}
	for i := range r.Groups {
		g := &r.Groups[i]
		g.Days = map[evidence.Source]map[string]int64{evidence.FromReplay: g.Days[evidence.FromWarn]}
		g.Samples[0].Source = evidence.FromReplay
	}
	return r
}
