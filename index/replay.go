package index

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"ucs-harden/evidence"
)

const (
	replayFile = "replay.json"

	// replayLasts is how long the answer of a replay counts. A sync on the next day asks anew.
	replayLasts = 20 * time.Hour
	// mostReplays bounds the answers that are kept: those of a few plans.
	mostReplays = 4
)

// replayed is what a replay has said of a plan. Of names the plan and all that it was made from.
type replayed struct {
	Of     string           `json:"of"`
	At     time.Time        `json:"at"`
	Report *evidence.Report `json:"report"`
}

// Replay is what a replay has said of a plan lately, as evidence.Report.Short; nil if none has.
func (s Store) Replay(of string, now time.Time) *evidence.Report {
	for _, r := range s.replays(now) {
		if r.Of == of {
			return r.Report
		}
	}
	return nil
}

func (s Store) replays(now time.Time) []replayed {
	content, err := s.read(replayFile, maxBytes)
	if err != nil {
		return nil
	}
	var all []replayed
	if json.Unmarshal(content, &all) != nil {
		return nil
	}
	return slices.DeleteFunc(all, func(r replayed) bool {
		age := now.Sub(r.At)
		return r.Report == nil || r.Report.Schema != evidence.ReportSchema || age < 0 || age > replayLasts
	})
}

// SaveReplay keeps what a replay has said of a plan. The caller holds the lock.
func (s Store) SaveReplay(of string, r *evidence.Report, now time.Time) error {
	all := slices.DeleteFunc(s.replays(now), func(r replayed) bool { return r.Of == of })
	all = append([]replayed{{of, now, r.Short()}}, all...)
	content, err := json.Marshal(all[:min(len(all), mostReplays)])
	if err == nil && len(content) > maxBytes {
		content, err = json.Marshal(all[:1])
	}
	switch {
	case err != nil:
		return fmt.Errorf("cannot keep what a replay has said: %w", err)
	case len(content) > maxBytes:
		return s.remove(replayFile) // it is asked again each time
	}
	return s.write(replayFile, content)
}

// AgeReplays forgets the answers that do not count any more. The caller holds the lock.
func (s Store) AgeReplays(now time.Time) error {
	if len(s.replays(now)) > 0 {
		return nil // the others go with the next answer
	}
	return s.remove(replayFile)
}
