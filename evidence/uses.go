package evidence

import (
	"net/netip"
	"slices"
	"time"

	"ucs-harden/rules"
)

// unusedAfter is how long an exception is not used before the report says so.
const unusedAfter = 45 * 24 * time.Hour

// exceptions are all exceptions with their use.
func (b *builder) exceptions(d *Digest) []ExceptionUse {
	out := []ExceptionUse{}
	for _, e := range b.Exceptions {
		if use := d.Uses[e.Name]; use != nil {
			last := use.Last
			e.Last, e.Uses = &last, 0
			for _, n := range use.Days {
				e.Uses += n
			}
		}
		old := b.At.Add(-unusedAfter)
		known := !b.Coverage.From.IsZero() && b.Coverage.From.Before(old)
		e.Unused = e.InForce && known && (e.Last == nil || e.Last.Before(old))
		out = append(out, e)
	}
	return out
}

// exception is an exception as the rules have it.
type exception struct{ rules.Exception }

// rule is the exception as the rules have it. What cannot be read admits nobody.
func (e ExceptionUse) rule() exception {
	out := exception{rules.Exception{Name: e.Name, Sender: e.Sender}}
	if p, err := netip.ParsePrefix(e.Client); err == nil {
		out.Client = p
	} else if a, err := netip.ParseAddr(e.Client); err == nil {
		out.Client = netip.PrefixFrom(a, a.BitLen())
	} else if e.Client != "" {
		return exception{}
	}
	return out
}

// about reports whether the exception is about a letter of a cell.
func (e exception) about(c *Cell) bool {
	return slices.ContainsFunc(c.Kinds, func(k Distinct) bool {
		return slices.ContainsFunc(k.clients(e.Client), func(client netip.Addr) bool { return e.Admits(client, k.Sender) })
	})
}
