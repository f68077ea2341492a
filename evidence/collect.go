package evidence

import (
	"cmp"
	"fmt"
	"slices"
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
	c.kindOf(s).add(s, returned)
	if returned {
		c.carries(s)
	}
}

// makeRoom makes room for one more kind. Of those that were seen on the fewest days, the one goes that was not seen for
// longest. So a flood of kinds that are seen once pushes out itself.
func (c *Cell) makeRoom() {
	if len(c.Kinds) < MaxDistinct {
		return
	}
	goes := 0
	for i, k := range c.Kinds {
		was := c.Kinds[goes]
		if cmp.Or(cmp.Compare(k.back(), was.back()), cmp.Compare(k.Days, was.Days), k.Last.Compare(was.Last)) < 0 {
			goes = i
		}
	}
	c.Others += c.Kinds[goes].Count
	c.Kinds = slices.Delete(c.Kinds, goes, goes+1)
}

// find is the kind that is counted as one with another, nil if there is none.
func (c *Cell) find(k *Distinct) *Distinct {
	for i := range c.Kinds {
		if c.Kinds[i].same(k) {
			return &c.Kinds[i]
		}
	}
	return nil
}

// kindOf is the kind of a letter, a new one if need be.
func (c *Cell) kindOf(s Sample) *Distinct {
	k := Distinct{Client: s.Client, ClientName: s.ClientName, Login: s.Login, Sender: s.Sender, Port: s.Port, First: s.Time, Last: s.Time}
	if known := c.find(&k); known != nil {
		return known
	}
	c.makeRoom()
	c.Kinds = append(c.Kinds, k)
	return &c.Kinds[len(c.Kinds)-1]
}

func (d *Distinct) add(s Sample, returned bool) {
	if d.Count == 0 || dayOf(s.Time) > dayOf(d.Last) {
		d.Days++
	}
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
