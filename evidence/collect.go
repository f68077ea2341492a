package evidence

import (
	"fmt"
	"strings"
	"time"
)

// Digest is what the log says, as far as the evidence needs it. It is kept when the log is gone.
type Digest struct {
	// Cells are the counts by the text form of their keys.
	Cells map[string]*Cell `json:"cells"`
	// Uses are the uses of exceptions, by name.
	Uses map[string]*Use `json:"uses"`
	// Administrator are lines of warn_if_reject that are not ours, by day.
	Administrator map[string]int64 `json:"administrator"`

	said map[session]*said // see again
}

// NewDigest is an empty digest.
func NewDigest() *Digest {
	return &Digest{Cells: map[string]*Cell{}, Uses: map[string]*Use{}, Administrator: map[string]int64{}}
}

// String is the stable name of a group.
func (k Key) String() string {
	or := func(s string) string {
		if s == "" {
			return "-"
		}
		return s
	}
	return k.Control + ":" + or(k.Domain) + ":" + or(k.From)
}

// ParseKey reads the text form of a key. From may contain colons.
func ParseKey(s string) (Key, error) {
	parts := strings.SplitN(s, ":", 3)
	if len(parts) != 3 || parts[0] == "" {
		return Key{}, fmt.Errorf("not a group of the evidence: %q", s)
	}
	for i := 1; i < 3; i++ {
		if parts[i] == "-" {
			parts[i] = ""
		}
	}
	return Key{parts[0], parts[1], parts[2]}, nil
}

// Add counts one letter.
func (d *Digest) Add(k Key, s Sample, returned bool) {
	c := d.Cells[k.String()]
	if c == nil {
		c = &Cell{Key: k, Days: map[Source]map[string]int64{}, First: s.Time, Last: s.Time}
		d.Cells[k.String()] = c
		if len(d.Cells) > MaxCells+MaxCells/4 {
			defer d.Bound(MaxCells)
		}
	}
	count(c.Days, s.Source, s.Time)
	c.First, c.Last = earlier(c.First, s.Time), later(c.Last, s.Time)
	if len(c.Samples) < MaxSamples {
		c.Samples = append(c.Samples, s)
	}
	if returned && c.copied(s) {
		c.Copied++
	}
	for i := range c.Kinds {
		if kind := &c.Kinds[i]; kind.Client == s.Client && kind.Login == s.Login && kind.Sender == s.Sender && kind.Port == s.Port {
			kind.add(s, returned)
			return
		}
	}
	if len(c.Kinds) == MaxDistinct {
		c.Others++
		return
	}
	c.Kinds = append(c.Kinds, Distinct{
		Client: s.Client, ClientName: s.ClientName, Login: s.Login, Sender: s.Sender, Port: s.Port, First: s.Time, Last: s.Time,
	})
	c.Kinds[len(c.Kinds)-1].add(s, returned)
}

// copied remembers whose message ID it is, and reports whether it was another sender's.
func (c *Cell) copied(s Sample) bool {
	if s.MessageID == "" {
		return false
	}
	sender, known := c.returned[s.MessageID]
	if !known && len(c.returned) < maxReturned {
		if c.returned == nil {
			c.returned = map[string]string{}
		}
		c.returned[s.MessageID] = s.Sender
	}
	return known && sender != s.Sender
}

func (d *Distinct) add(s Sample, returned bool) {
	d.Count++
	d.First = earlier(d.First, s.Time)
	if !s.Time.Before(d.Last) {
		d.Last, d.Recipient = s.Time, s.Recipient
	}
	if returned {
		d.Returned++
	}
}

func count(days map[Source]map[string]int64, from Source, at time.Time) {
	if days[from] == nil {
		days[from] = map[string]int64{}
	}
	days[from][at.Format(time.DateOnly)]++
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
