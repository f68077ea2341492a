package harden

import (
	"strings"

	"ucs-harden/evidence"
	"ucs-harden/maillog"
	"ucs-harden/rehearsal"
	"ucs-harden/rules"
)

// replay judges letters one after the other.
type replay struct {
	server *Server
	plan   *Planned
	court  *rehearsal.Court
	doors  *entrances
	// known are the names that the directory was asked about, waiting are the letters with others.
	known   map[string]bool
	waiting []maillog.Letter
	found   map[asked]*prediction
	classes map[classAt]*classAnswer
	ours    evidence.Ours
	sample  *sampler
	digest  *evidence.Digest
	counts  evidence.Replayed
	why     map[string]int64
	unknown map[int64]map[string]int64 // see isUnknown
}

// prediction is what the plan does with a letter.
type prediction struct {
	refused, refusedToday bool
	port                  int
	ruling                rules.Ruling
	// why is the reason for which it is not known. perhaps is the control that refuses it at one of the ports.
	why     evidence.Unknown
	perhaps string
}

// take judges a letter.
func (r *replay) take(l *maillog.Letter) {
	r.counts.Letters++
	local := l.Program != "" && !isSmtpd(l.Program)
	returned := l.Returned && !r.isInside(l)
	for i := range l.Recipients {
		to := &l.Recipients[i]
		switch {
		case local:
			r.counts.Unchanged++
			r.counts.Local++
		case to.Refused != "":
			r.counts.Unchanged++
			r.counts.RefusedThen++
		case l.Program == "" || !l.Client.IsValid():
			r.isUnknown(l, evidence.NoHead)
		case !l.LoginKnown && l.Login == "":
			r.isUnknown(l, evidence.NoAuth)
		default:
			r.judge(l, to.Address, returned)
		}
	}
}

// isInside reports whether a letter is from inside: of this machine, of a login, or of a client that may relay.
func (r *replay) isInside(l *maillog.Letter) bool {
	return l.Program != "" && !isSmtpd(l.Program) || l.Login != "" || r.court.Trusts(l.Client)
}

func isSmtpd(program string) bool { return program[strings.LastIndexByte(program, '/')+1:] == "smtpd" }

func (r *replay) cannotTell(why evidence.Unknown) {
	r.counts.CannotTell++
	r.why[string(why)]++
}

// judge judges a letter that was accepted for a recipient.
func (r *replay) judge(l *maillog.Letter, recipient string, returned bool) {
	a := r.answer(l, recipient, r.doors.of(l.Program, l.Login, l.Time))
	switch {
	case a.why != "":
		r.cannotTell(a.why)
		r.counts.CannotTellOf[a.perhaps]++
	case a.refusedToday:
		r.counts.RefusedToday++
	case a.refused:
		r.counts.Refused++
		m := evidence.Message{
			Port: a.port, Client: l.Client, ClientName: l.ClientName,
			Login: l.Login, Sender: l.Sender, Recipient: recipient,
		}
		kept := r.digest.Add(r.ours.KeyOf(controlOf(a.ruling), m), evidence.Sample{
			Time: l.Time, Source: evidence.FromReplay, Port: a.port, Client: l.Client, ClientName: l.ClientName,
			Helo: l.Helo, Login: l.Login, Sender: l.Sender, Recipient: recipient,
			QueueID: l.QueueID, MessageID: l.MessageID,
		}, returned)
		if kept != nil {
			kept.Text = r.because(l, recipient, a)
		}
	default:
		r.counts.Unchanged++
	}
}

// controlOf is the control that refuses. A stopped account is one of control suspended.
func controlOf(r rules.Ruling) string {
	if r.Control == "" {
		return "suspended"
	}
	return r.Control
}

// decides reports whether a control refuses a letter, in its mode or in every mode. What any other rule says holds
// without the controls as well.
func decides(r rules.Ruling) bool {
	return r.Effect == rules.Refuse && (r.Control != "" || r.Name == "stopped")
}

// recipientIs is what the recipient of a letter was that the server accepted. A recipient at a domain of its own was
// known then, whatever the directory says today.
func (r *replay) recipientIs(address string) rehearsal.Certainty {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		if strings.EqualFold(address, "postmaster") {
			return rehearsal.Certainty(rules.Postmaster)
		}
		return rehearsal.Certainty(rules.Known)
	}
	return rehearsal.Certainty(r.court.AtDomain(address[at+1:]))
}
