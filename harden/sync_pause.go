package harden

import (
	"fmt"
	"time"

	"ucs-harden/outcome"
	"ucs-harden/transaction"
)

// PausedError says that a sync was wanted while syncs wait.
type PausedError struct{ Pause Pause }

func (e *PausedError) Error() string {
	return fmt.Sprintf("syncs wait since the rollback of %s (%s)", e.Pause.ID, e.Pause.Time.Local().Format(time.DateTime))
}

// Paused is the rollback by a person after which syncs wait; nil if they do not wait.
//
// The history tells it: the newest change that somebody took back, if no other change took effect later. A stop of an
// account does not count. Only that somebody has ended the pause without a change stands in the record of the syncs.
func (s *Server) Paused() (*Pause, error) {
	records, err := s.records()
	if err != nil {
		return nil, err
	}
	return s.pauseIn(records), nil
}

func (s *Server) pauseIn(records []transaction.Record) *Pause {
	back := lastRollback(records)
	if back == nil || s.syncRecord().Resumed == back.ID {
		return nil
	}
	return &Pause{ID: back.ID, Time: back.Ended, By: back.EndedBy}
}

// lastRollback is the change whose rollback makes syncs wait, if nobody ends that.
func lastRollback(records []transaction.Record) (back *transaction.Record) {
	urgent := func(r transaction.Record) bool { return r.Manifest != nil && r.Urgent }
	for i, r := range records {
		if r.State == transaction.RolledBack && !urgent(r) && (back == nil || r.Ended.After(back.Ended)) {
			back = &records[i]
		}
	}
	if back == nil {
		return nil
	}
	for _, r := range records {
		if r.State == transaction.Waiting || r.State == transaction.Applied && !urgent(r) && r.Ended.After(back.Ended) {
			return nil
		}
	}
	return back
}

// endPause lets syncs go on. A failure is a warning: an apply was made all the same.
func (s *Server) endPause() {
	err := s.resume()
	if err != nil {
		s.Observer.Warning("syncs may still wait after the last rollback: "+err.Error(), "ucs-harden sync --resume")
	}
}

// resume remembers that syncs go on after the last rollback.
func (s *Server) resume() error {
	pause, err := s.Paused()
	if err != nil || pause == nil {
		return err
	}
	r := s.syncRecord()
	r.Resumed = pause.ID
	return s.saveSyncRecord(r)
}

// notPaused is the error for a sync that somebody wants as a part of another command while syncs wait.
func (s *Server) notPaused() error {
	pause, err := s.Paused()
	if pause != nil {
		err = &PausedError{*pause}
	}
	if err == nil {
		return nil
	}
	return outcome.Unchanged(err)
}
