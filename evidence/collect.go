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

	kinds int            // that came to all cells since Bound
	said  *conversations // nil before the first hit
	dates dates
}

// NewDigest is an empty digest.
func NewDigest() *Digest {
	return &Digest{Cells: map[string]*Cell{}, Uses: map[string]*Use{}, Administrator: map[string]int64{}}
}

// String is the stable name of a group.
func (k Key) String() string { return string(k.append(nil)) }

func (k Key) append(b []byte) []byte {
	for i, part := range [...]string{k.Control, k.Domain, k.From} {
		if i > 0 {
			b = append(b, ':')
			if part == "" {
				part = "-"
			}
		}
		b = append(b, part...)
	}
	return b
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

// Add counts one letter. It returns the sample that it keeps of it, nil for most letters.
func (d *Digest) Add(k Key, s Sample, returned bool) (kept *Sample) {
	var text [128]byte
	name := k.append(text[:0])
	c := d.Cells[string(name)]
	if c == nil {
		c = &Cell{Key: k, Days: map[Source]map[string]int64{}, First: s.Time, Last: s.Time}
		d.Cells[string(name)] = c
		if len(d.Cells) > MaxCells+MaxCells/4 {
			defer d.Bound(MaxCells)
		}
	}
	days := c.Days[s.Source]
	if days == nil {
		days = map[string]int64{}
		c.Days[s.Source] = days
	}
	days[d.dates.of(s.Time)]++
	c.First, c.Last = earlier(c.First, s.Time), later(c.Last, s.Time)
	if len(c.Samples) < MaxSamples {
		c.Samples = append(c.Samples, s)
		kept = &c.Samples[len(c.Samples)-1]
	}
	before := len(c.Kinds)
	c.add(&s, returned)
	if d.kinds += len(c.Kinds) - before; d.kinds > 2*MaxKinds {
		defer d.Bound(MaxCells)
	}
	if returned {
		c.carries(&s)
	}
	return kept
}

// add counts a letter for its kind.
func (c *Cell) add(s *Sample, returned bool) {
	k := Distinct{
		Client: s.Client, ClientName: s.ClientName, Login: s.Login, Sender: s.Sender, Port: s.Port, First: s.Time, Last: s.Time,
	}
	hash := k.hash()
	if known := c.find(&k, hash); known != nil {
		known.add(s, returned)
		return
	}
	k.add(s, returned)
	c.insert(k, hash)
}

func (d *Distinct) add(s *Sample, returned bool) {
	if d.Count == 0 || onLaterDay(s.Time, d.Last) {
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
