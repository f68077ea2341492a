package transaction

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"ucs-harden/internal/inroot"
)

// Record is a change in the history.
type Record struct {
	ID    string
	State State
	// Manifest is nil if it cannot be read; Damaged says why.
	*Manifest
	Damaged error
	// Ended is when the change got its state: when it was taken back, or when its apply was complete. It is zero for a
	// change that has not ended.
	Ended time.Time
	// EndedBy is who took the change back, Why the reason; "" where it is not known.
	EndedBy, Why string
}

// List returns the changes, oldest first. A change whose manifest is damaged is in it, without the manifest. What is no
// change is left out: folders of someone else, and backups of changes that never began, which have no marker and are not
// in the journal.
func (s Store) List() ([]Record, error) {
	begun, err := s.begun()
	if err != nil && !errors.Is(err, ErrDamaged) {
		return nil, err
	}
	return s.records(about(begun))
}

// about reports whether one of the journals is about a change.
func about(all []*Journal) func(id string) bool {
	return func(id string) bool {
		return slices.ContainsFunc(all, func(j *Journal) bool { return j.ID == id })
	}
}

// records reads the history. Of the changes that have not ended it keeps some.
func (s Store) records(unfinished func(id string) bool) ([]Record, error) {
	entries, err := os.ReadDir(filepath.Join(s.Dir, "history"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the history: %w", err)
	}
	var out []Record
	for _, e := range entries {
		id := e.Name()
		if !validID(id) || !e.IsDir() {
			continue
		}
		r := Record{ID: id, State: s.State(id)}
		if r.State == Unfinished && !unfinished(id) {
			continue
		}
		r.Ended = s.ended(id, r.State)
		r.EndedBy, r.Why = s.marked(id, r.State)
		r.Manifest, r.Damaged = s.load(id)
		if r.Damaged == nil && r.Manifest.ID != id {
			r.Manifest, r.Damaged = nil, fmt.Errorf("cannot use the backup %s: its manifest is that of %s", id, r.Manifest.ID)
		}
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b Record) int {
		return cmp.Or(a.begun().Compare(b.begun()), strings.Compare(a.ID, b.ID))
	})
	return out, nil
}

// ended is when the marker of a state was put in its place. A rename changes the inode (stat(2), st_ctim).
func (s Store) ended(id string, state State) time.Time {
	var stat syscall.Stat_t
	if err := syscall.Lstat(filepath.Join(s.history(id), string(state)), &stat); err != nil {
		return time.Time{}
	}
	return time.Unix(stat.Ctim.Unix()).UTC()
}

// marked reads the marker of a state, which was the journal.
func (s Store) marked(id string, state State) (by, why string) {
	content, err := inroot.ReadPlain(filepath.Join(s.history(id), string(state)))
	if err != nil {
		return "", ""
	}
	var j Journal
	if err := json.Unmarshal(content, &j); err != nil {
		return "", ""
	}
	return j.By, j.Why
}

// begun is when the change began. Of a damaged one, about that is known.
func (r Record) begun() time.Time {
	if r.Manifest != nil {
		return r.Time
	}
	return r.Ended
}

// urgent reports whether the change stops accounts, or lifts that.
func (r Record) urgent() bool { return r.Manifest != nil && r.Urgent }

// InEffect reports whether the change is in effect.
func (r Record) InEffect() bool { return r.State == Applied || r.State == Waiting }
