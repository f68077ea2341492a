package harden

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"ucs-harden/internal/durable"
	"ucs-harden/internal/inroot"
)

// syncFile keeps what the syncs came to. One that cannot be read counts as absent: nothing is decided by it but whether
// somebody has ended a pause, and whether it is too early to try again what was taken back.
const syncFile = StateDir + "/sync.json"

const syncSchema = 1

// syncRecord is the content of syncFile.
type syncRecord struct {
	Schema    int        `json:"schema"`
	Last      *SyncRun   `json:"last,omitempty"`
	Succeeded *time.Time `json:"succeeded,omitempty"`
	// Resumed is the change whose rollback does not make syncs wait any more.
	Resumed string `json:"resumed,omitempty"`
	// Undone is what the newest sync that was taken back has tried. It is nil once a sync has done everything.
	Undone *undone `json:"undone,omitempty"`
}

// The words of SyncRun.Result.
const (
	SyncDone      = "done"
	SyncUnchanged = "unchanged"
	SyncPartly    = "partly"
	SyncFailed    = "failed"
	SyncPaused    = "paused"
)

func (s *Server) syncRecord() syncRecord {
	var r syncRecord
	content, err := inroot.ReadFile(s.Root, syncFile)
	if err != nil || json.Unmarshal(content, &r) != nil || r.Schema != syncSchema {
		return syncRecord{Schema: syncSchema}
	}
	return r
}

func (s *Server) saveSyncRecord(r syncRecord) error {
	content, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", syncFile, err)
	}
	path := s.path(syncFile)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("cannot write %s: %w", syncFile, err)
	}
	return durable.Replace(path, append(content, '\n'), 0o600)
}

// note writes down how a sync ended. A failure to write is a warning: the sync itself was made.
func (s *Server) note(done *Applied, failed error, o SyncOptions) {
	now := s.Clock()
	run := SyncRun{Time: now, Result: SyncUnchanged}
	if done != nil {
		run.Change = done.ID
	}
	broken := failed != nil // then done is what would have been done
	if failed == nil && done != nil {
		failed = done.Shortfall()
	}
	r := s.syncRecord()
	switch {
	case broken:
		run.Result = SyncFailed
	case done.Paused != nil:
		run.Result = SyncPaused
	case failed != nil || len(done.Skipped) > 0:
		run.Result = SyncPartly
	case done.Changed:
		run.Result = SyncDone
	}
	if failed != nil {
		run.Exit, run.Error = 1, failed.Error()
		if o.Judge != nil {
			run.Exit, run.Hint = o.Judge(failed)
		}
	}
	if run.Result == SyncPartly && failed == nil {
		run.Error, run.Hint = "left out: "+textsOf(done.Skipped), done.Skipped[0].Hint
	}
	if run.Result == SyncDone || run.Result == SyncUnchanged {
		r.Succeeded, r.Undone = &now, nil
	}
	r.Last = &run
	if err := s.saveSyncRecord(r); err != nil {
		s.Observer.Warning("how the sync ended could not be written down: "+err.Error(), "")
	}
}

// syncState is what status says of the syncs.
func (s *Server) syncState() (SyncState, error) {
	pause, err := s.Paused()
	if err != nil {
		return SyncState{}, err
	}
	r := s.syncRecord()
	return SyncState{Paused: pause, Wanted: s.announced(), Last: r.Last, Succeeded: r.Succeeded}, nil
}
