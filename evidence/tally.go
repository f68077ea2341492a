package evidence

import (
	"time"

	"ucs-harden/maillog"
)

// Tally counts what the log says since the modes of the controls were last changed.
type Tally struct {
	// Changed is when they were. Since is from when on lines are counted: as a rule the same time; later if the log had
	// been read beyond it before anybody knew of the change, or if the log does not go back so far.
	Changed time.Time `json:"changed"`
	Since   time.Time `json:"since"`
	// Hits are letters by control and source, counted as in a digest.
	Hits map[string]map[Source]int64 `json:"hits"`
	// Milters and Tables are the warnings of maillog.Coverage.
	Milters int64 `json:"milters"`
	Tables  int64 `json:"tables"`
}

// NewTally is the tally of nothing.
func NewTally(changed, since time.Time) *Tally {
	return &Tally{Changed: changed, Since: later(changed, since), Hits: map[string]map[Source]int64{}}
}

// From is Since in the whole seconds of a log.
func (t *Tally) From() time.Time { return t.Since.Truncate(time.Second) }

// Count counts a letter that a digest has counted.
func (t *Tally) Count(control string, from Source, at time.Time) {
	if t == nil || control == "" || at.Before(t.From()) {
		return
	}
	t.add(control, from, 1)
}

// Cover adds the troubles of a reading, of which Options.Troubles was From.
func (t *Tally) Cover(c maillog.Coverage) {
	if t != nil {
		t.Milters, t.Tables = t.Milters+c.Milters, t.Tables+c.Tables
	}
}

// Merge adds the tally of a later reading.
func (t *Tally) Merge(o *Tally) {
	for control, sources := range o.Hits {
		for from, n := range sources {
			t.add(control, from, n)
		}
	}
	t.Milters, t.Tables = t.Milters+o.Milters, t.Tables+o.Tables
}

// Clone is a copy that shares nothing; nil of nil.
func (t *Tally) Clone() *Tally {
	if t == nil {
		return nil
	}
	out := NewTally(t.Changed, t.Since)
	out.Merge(t)
	return out
}

func (t *Tally) add(control string, from Source, n int64) {
	if t.Hits[control] == nil {
		t.Hits[control] = map[Source]int64{}
	}
	t.Hits[control][from] += n
}
