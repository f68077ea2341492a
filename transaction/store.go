package transaction

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"ucs-harden/internal/durable"
	"ucs-harden/internal/inroot"
)

// Store is the folder of the journal and the history, /var/lib/ucs-harden.
type Store struct{ Dir string }

// Journal says which change is under way.
type Journal struct {
	ID   string `json:"id"`
	Kind Kind   `json:"kind"`
	// By is who began it, Why the reason why a change was taken back. At the end, the journal stays in the history.
	By  string `json:"by,omitempty"`
	Why string `json:"why,omitempty"`
	// Forced: the rollback overwrites what someone else has changed.
	Forced bool `json:"forced,omitempty"`
	// Deadline is when an apply that waits to be confirmed is taken back. Within is the time from the end of the apply to
	// the deadline. [Journal.Left] tells which of the clocks counts.
	Deadline time.Time     `json:"deadline,omitzero"`
	Within   time.Duration `json:"within_ns,omitempty"`
	// Others are values of someone else that the change has overwritten. The way back restores them.
	Others Others `json:"others,omitempty"`
	// Boot is the run of the kernel in which Due, an uptime, is the deadline.
	Boot string        `json:"boot,omitempty"`
	Due  time.Duration `json:"due_uptime_ns,omitempty"`
}

// Kind is what is under way.
type Kind string

const (
	// Applying: an apply is under way; Recover takes it back.
	Applying Kind = "apply"
	// RollingBack: a rollback is under way; Recover continues it.
	RollingBack Kind = "rollback"
	// Confirming: an apply is in effect and waits to be confirmed. After the deadline Recover takes it back.
	Confirming Kind = "confirm"
	// Expired: an apply was not confirmed and is being taken back. Recover continues, whatever the clocks say by then.
	Expired Kind = "expired"
)

func (s Store) journal() string          { return filepath.Join(s.Dir, "journal.json") }
func (s Store) history(id string) string { return filepath.Join(s.Dir, "history", id) }

// Journal reads the journal; nil when no change is under way.
func (s Store) Journal() (*Journal, error) {
	all, err := s.begun()
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0], nil
}

func readJournal(path string) (*Journal, error) {
	content, err := inroot.ReadPlain(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the journal: %w", err)
	}
	var j Journal
	if err := json.Unmarshal(content, &j); err != nil || !validID(j.ID) {
		return nil, fmt.Errorf("%w: %s", ErrDamaged, path)
	}
	return &j, nil
}

// because notes in the journal why a change is taken back. It matters to people only, so that a full disk does not stop
// anything.
func (s Store) because(why string) {
	why, _, _ = strings.Cut(why, "\n") // the rest is a diff
	if j, err := s.Journal(); err == nil && j != nil {
		j.Why = why
		_ = s.open(*j)
	}
}

// setAside takes a damaged journal out of the way, beside its place.
func (s Store) setAside() error {
	if err := os.Rename(s.journal(), s.journal()+".damaged"); err != nil {
		return fmt.Errorf("cannot take the damaged journal out of the way: %w", err)
	}
	return nil
}

// newID is the UTC time and four random bytes. IDs sort by time, and two of the same second differ.
func newID(now time.Time) string {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return now.UTC().Format("20060102T150405Z") + "-" + hex.EncodeToString(b[:])
}

// validID rejects names that are no ID, such as a path out of the history.
func validID(id string) bool {
	return id != "" && strings.Trim(id, "0123456789abcdefTZ-") == ""
}

// save writes a manifest into a new folder of the history.
func (s Store) save(m *Manifest, files map[string][]byte) error {
	dir := s.history(m.ID)
	if err := os.MkdirAll(filepath.Join(dir, "files"), 0o700); err != nil {
		return fmt.Errorf("cannot make the backup: %w", err)
	}
	content, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("cannot write the manifest: %w", err)
	}
	files["manifest.json"] = append(content, '\n')
	for name, content := range files {
		if err := put(filepath.Join(dir, name), private(content)); err != nil {
			return err
		}
	}
	return durable.SyncDir(filepath.Join(s.Dir, "history"))
}

func private(content []byte) snapshot {
	return snapshot{content: content, mode: 0o600, uid: os.Getuid(), gid: os.Getgid()}
}

// public is a file that every program may read: smtpd(8) must read its restriction classes.
func public(content []byte) snapshot {
	s := private(content)
	s.mode = 0o644
	return s
}

// open writes the journal: from here on the change is under way.
func (s Store) open(j Journal) error {
	content, err := json.Marshal(j)
	if err != nil {
		return fmt.Errorf("cannot write the journal: %w", err)
	}
	before, err := look(s.journal())
	if err != nil {
		return err
	}
	if err := put(s.journal(), private(append(content, '\n'))); err != nil {
		if !before.present() {
			// The journal may be there, but not be durable. The caller says that nothing was changed, so no journal may stay.
			_ = syscall.Unlink(s.journal())
		}
		return err
	}
	return nil
}

// note adds to the journal values of someone else that the change has overwritten.
func (s Store) note(others Others) error {
	j, err := s.Journal()
	if err != nil || j == nil {
		return err
	}
	if j.Others == nil {
		j.Others = Others{}
	}
	maps.Copy(j.Others, others)
	return s.open(*j)
}

// close removes the journal of a change that has changed nothing.
func (s Store) close() error {
	if err := remove(s.journal()); err != nil {
		return err
	}
	return s.uncover()
}

// forget removes the backup of a change that has not begun.
func (s Store) forget(id string) {
	if info, err := os.Lstat(s.journal()); err == nil && info.Mode().IsRegular() {
		return
	}
	_ = os.RemoveAll(s.history(id)) // a remainder is not listed
}

// end moves the journal into the history as a marker: the change is done. A rename needs no disk space, so it works on
// a full disk. A rename that is not durable is no error: after a power cut the journal is there again, and Recover
// takes the change back.
func (s Store) end(id string, as State) error {
	if err := os.Rename(s.journal(), filepath.Join(s.history(id), string(as))); err != nil {
		return fmt.Errorf("cannot close the journal: %w", err)
	}
	_ = errors.Join(durable.SyncDir(s.history(id)), durable.SyncDir(s.Dir))
	return s.uncover()
}

// load reads the manifest of a change.
func (s Store) load(id string) (*Manifest, error) {
	if !validID(id) {
		return nil, fmt.Errorf("%q is not the name of a change", id)
	}
	content, err := inroot.ReadPlain(filepath.Join(s.history(id), "manifest.json"))
	if err != nil {
		return nil, fmt.Errorf("cannot read the backup %s: %w", id, err)
	}
	var m Manifest
	if err := json.Unmarshal(content, &m); err != nil {
		return nil, fmt.Errorf("cannot read the backup %s: %w", id, err)
	}
	if m.Schema != manifestSchema {
		return nil, fmt.Errorf("cannot use the backup %s: it has schema %d, this program knows %d",
			id, m.Schema, manifestSchema)
	}
	return &m, nil
}

// State tells what has become of a change.
func (s Store) State(id string) State {
	for _, state := range []State{RolledBack, Unconfirmed, Undone, Applied} {
		if _, err := os.Stat(filepath.Join(s.history(id), string(state))); err == nil {
			return state
		}
	}
	all, _ := s.begun()
	if slices.ContainsFunc(all, func(j *Journal) bool { return j.ID == id && j.Kind == Confirming }) {
		return Waiting
	}
	return Unfinished
}

// image reads a before-image; nil is an absent file.
func (s Store) image(id string, i *Image) (snapshot, error) {
	if i == nil {
		return snapshot{}, nil
	}
	content, err := inroot.ReadPlain(filepath.Join(s.history(id), "files", filepath.Base(i.Stored)))
	if err != nil {
		return snapshot{}, fmt.Errorf("cannot read the backup: %w", err)
	}
	if hash(content) != i.SHA256 {
		return snapshot{}, fmt.Errorf("cannot use the backup %s of %s: its content is damaged", i.Stored, id)
	}
	if content == nil {
		content = []byte{}
	}
	return snapshot{content: content, mode: i.Mode, uid: i.UID, gid: i.GID}, nil
}
