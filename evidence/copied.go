package evidence

import "net/netip"

// carried is a message ID that left this server before, and the client that carries it.
type carried struct {
	client netip.Addr
	id     string
}

// carrier is who has used a carried message ID: the letters of the first sender, and whether there was another.
type carrier struct {
	first  Sample
	count  int64
	copied bool
}

// carries remembers who used a message ID that left this server before. When a client uses it with another sender, its
// letters with this ID were copied, also the earlier ones. Its other letters, and those of other clients, were not.
func (c *Cell) carries(s *Sample) {
	if s.MessageID == "" {
		return
	}
	key := carried{s.Client, s.MessageID}
	by := c.returned[key]
	switch {
	case by == nil && len(c.returned) < maxReturned:
		if c.returned == nil {
			c.returned = map[carried]*carrier{}
		}
		c.returned[key] = &carrier{first: *s, count: 1}
	case by == nil:
	case by.copied:
		c.copy(s, 1)
	case by.first.Sender == s.Sender:
		by.count++
	default:
		by.copied = true
		c.copy(&by.first, by.count)
		c.copy(s, 1)
	}
}

// copy counts letters of a kind as copied.
func (c *Cell) copy(s *Sample, n int64) {
	c.Copied += n
	k := Distinct{Client: s.Client, Login: s.Login, Sender: s.Sender, Port: s.Port}
	if kind := c.find(&k, k.hash()); kind != nil {
		kind.Copied += n
		c.leavesEarlier()
	}
}
