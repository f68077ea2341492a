package evidence

import (
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Forget removes what is older than a day (YYYY-MM-DD). The count of a kind is that since its first letter.
func (d *Digest) Forget(before string) {
	d.keep(func(day string) bool { return day >= before })
	for _, c := range d.Cells {
		c.setKinds(slices.DeleteFunc(c.Kinds, func(k Distinct) bool { return dayOf(k.Last) < before }))
		c.Samples = slices.DeleteFunc(c.Samples, func(s Sample) bool { return dayOf(s.Time) < before })
	}
}

// ForgetFrom removes what is of a day or of a later one, which is read anew. Kinds that reach into that time are gone.
func (d *Digest) ForgetFrom(day string) {
	d.keep(func(d string) bool { return d < day })
	for _, c := range d.Cells {
		c.setKinds(slices.DeleteFunc(c.Kinds, func(k Distinct) bool { return dayOf(k.Last) >= day }))
		c.Samples = slices.DeleteFunc(c.Samples, func(s Sample) bool { return dayOf(s.Time) >= day })
	}
}

// keep removes the counts of days, and the cells and uses that have none left.
func (d *Digest) keep(day func(string) bool) {
	only := func(counts map[string]int64) (first, last string) {
		for d := range counts {
			if !day(d) {
				delete(counts, d)
				continue
			}
			if first == "" || d < first {
				first = d
			}
			last = max(last, d)
		}
		return first, last
	}
	for name, c := range d.Cells {
		var first, last string
		for source, days := range c.Days {
			f, l := only(days)
			if len(days) == 0 {
				delete(c.Days, source)
				continue
			}
			if first == "" || f < first {
				first = f
			}
			last = max(last, l)
		}
		if len(c.Days) == 0 {
			delete(d.Cells, name)
			continue
		}
		c.First, c.Last = onDay(c.First, first), onDay(c.Last, last)
	}
	for name, u := range d.Uses {
		_, last := only(u.Days)
		if len(u.Days) == 0 {
			delete(d.Uses, name)
			continue
		}
		u.Last = onDay(u.Last, last)
	}
	only(d.Administrator)
}

// onDay is a time of a day: the given one if it is of that day, else its beginning.
func onDay(t time.Time, day string) time.Time {
	if dayOf(t) == day {
		return t
	}
	if begin, err := time.ParseInLocation(time.DateOnly, day, t.Location()); err == nil {
		return begin
	}
	return t
}

// Strangers tells who is a stranger, for Mask. Address is about a mail address, Client about the address of a client.
type Strangers struct {
	Address func(string) bool
	Client  func(netip.Addr) bool
}

// Mask takes away what tells single strangers apart in letters older than a day: of a mail address stays its domain, as
// "@DOMAIN", of the address of a client its network, as the first address of the /24 or /48. Greetings, message IDs and
// texts of replies go.
func (d *Digest) Mask(before string, who Strangers) {
	address := func(a string) string {
		if at := strings.LastIndexByte(a, '@'); at > 0 && who.Address(a) {
			return a[at:]
		}
		return a
	}
	for _, c := range d.Cells {
		kinds := c.Kinds
		c.setKinds(make([]Distinct, 0, len(kinds)))
		for _, k := range kinds {
			if dayOf(k.Last) < before {
				if k.Client.IsValid() && who.Client(k.Client) && !k.NetworkOnly {
					k.Client, k.ClientName, k.NetworkOnly = Network(k.Client).Addr(), "", true
				}
				k.Sender, k.Recipient = address(k.Sender), address(k.Recipient)
			}
			c.addKind(k)
		}
		for i := range c.Samples {
			s := &c.Samples[i]
			if dayOf(s.Time) >= before {
				continue
			}
			if s.Client.IsValid() && who.Client(s.Client) && !s.NetworkOnly {
				s.Client, s.ClientName, s.NetworkOnly = Network(s.Client).Addr(), "", true
			}
			s.Sender, s.Recipient = address(s.Sender), address(s.Recipient)
			s.Helo, s.MessageID, s.Text, s.QueueID = "", "", "", ""
		}
	}
}

// ClientText is an address of a client, or its network if it stands for this.
func ClientText(client netip.Addr, networkOnly bool) string {
	if networkOnly && client.IsValid() {
		return Network(client).String()
	}
	return client.String()
}

// ClientText is the address of the client, or its network.
func (s Sample) ClientText() string { return ClientText(s.Client, s.NetworkOnly) }

// Network is the network that stands for a client among strangers: its /24 (IPv4) or /48 (IPv6).
func Network(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	bits := 48
	if a.Is4() {
		bits = 24
	}
	return netip.PrefixFrom(a, bits).Masked()
}
