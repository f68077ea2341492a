package evidence

import (
	"time"

	"ucs-harden/maillog"
)

// AddHit counts what a line of the log says: a letter of one of our checks, which counts once however many lines the
// control writes about it; the use of an exception; or a line that a check of the administrator has made that only logs. What
// Postfix refuses by checks of its own is nobody's. AddHit returns the control and the source of a letter that it has
// counted, "" for everything else.
func (d *Digest) AddHit(h *maillog.Hit, ours Ours) (control string, from Source) {
	switch a := ours.Of(h); {
	case a.Exception != "":
		d.use(a.Exception, h.Time)
	case a.Ours && a.Control != "":
		if d.said == nil {
			d.said = &conversations{}
		}
		if !d.said.again(a.Key, h) {
			sample := ours.SampleOf(h)
			d.Add(a.Key, sample, h.Returned)
			return a.Control, sample.Source
		}
	case a.Administrator:
		d.Administrator[d.dates.of(h.Time)]++
	}
	return "", ""
}

// port is the port of a program of the log, 0 where the log does not show it.
func (o Ours) port(program string) int {
	switch port, known := o.Ports[program]; {
	case known:
		return port
	case program == "postfix/smtpd" && len(o.Ports) > 0, program == "postfix/postscreen":
		return 25 // the ports for mail programs have names of their own
	}
	return 0
}

func (d *Digest) use(name string, at time.Time) {
	u := d.Uses[name]
	if u == nil {
		u = &Use{Name: name, Days: map[string]int64{}}
		d.Uses[name] = u
	}
	u.Days[d.dates.of(at)]++
	u.Last = later(u.Last, at)
}
