package harden

import (
	"strings"
	"time"

	"ucs-harden/evidence"
	"ucs-harden/hosteddomains"
	"ucs-harden/maillog"
)

// warmUp is how long a log shows the ends of messages that began before it.
const warmUp = time.Hour

// isUnknown counts a letter of which the log does not show who sent it or whether he had logged in. It counts by the hour
// in which the log first speaks of it, for each control that may refuse it.
func (r *replay) isUnknown(l *maillog.Letter, why evidence.Unknown) {
	r.cannotTell(why)
	hour := l.Time.Truncate(warmUp).Unix()
	if r.unknown[hour] == nil {
		r.unknown[hour] = map[string]int64{}
	}
	for _, control := range r.mayRefuse(l) {
		r.unknown[hour][control]++
	}
}

// mayRefuse are the controls that may refuse a letter of an unknown client and login. All of them ask for these. Only
// sender-spoofing always asks for the sender as well, which the log may not show either.
func (r *replay) mayRefuse(l *maillog.Letter) []string {
	controls := []string{"submission", "local-only", "protected", "foreign-sender"}
	at := strings.LastIndexByte(l.Sender, '@')
	domain := l.Sender[at+1:]
	if at < 0 || hosteddomains.Find(domain, r.ours.Domains) != hosteddomains.Foreign ||
		hosteddomains.Find(domain, r.ours.Names) != hosteddomains.Foreign {
		controls = append(controls, "sender-spoofing")
	}
	return controls
}

// countUnknown sums up the letters that are unknown although the log had begun at least an hour before. Those of the hour in
// which that hour ends are not counted either.
func (r *replay) countUnknown(begin time.Time) {
	for hour, counts := range r.unknown {
		if time.Unix(hour, 0).Before(begin.Add(warmUp)) {
			continue
		}
		for control, n := range counts {
			r.counts.UnknownOf[control] += n
		}
	}
}
