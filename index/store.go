package index

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"ucs-harden/evidence"
	"ucs-harden/internal/durable"
	"ucs-harden/internal/inroot"
	"ucs-harden/maillog"
)

// Store is the folder of the index, /var/lib/ucs-harden/evidence.
type Store struct{ Dir string }

const (
	indexFile       = "index.json"
	sentFile        = "message-ids"
	acceptancesFile = "acceptances.json"

	// maxBytes is the size of the largest index. Of a larger one, cells are put together until it fits.
	maxBytes = 32 << 20
)

// Load reads the index. An index that cannot be used is that of nothing; why says the reason, "" for none.
func (s Store) Load() (i *Index, why string) {
	content, err := s.read(indexFile, maxBytes)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return New(), ""
	case err != nil:
		return New(), err.Error()
	}
	i = New()
	if err := json.Unmarshal(content, i); err != nil {
		return New(), fmt.Sprintf("%s is damaged: %s", indexFile, err)
	}
	if i.Schema != Schema {
		return New(), fmt.Sprintf("%s has schema %d, this program knows %d", indexFile, i.Schema, Schema)
	}
	if err := i.Check(); err != nil {
		return New(), fmt.Sprintf("%s is damaged: %s", indexFile, err)
	}
	return i, ""
}

// Check returns an error if a part is missing, or if a cell does not have the name of its key.
func (i *Index) Check() error {
	if i.Digest == nil || i.Digest.Cells == nil || i.Digest.Uses == nil || i.Digest.Administrator == nil || i.Log.Days == nil {
		return errors.New("a part is missing")
	}
	for name, c := range i.Digest.Cells {
		if c == nil || c.Days == nil || c.String() != name {
			return fmt.Errorf("not the cell of its name: %q", name)
		}
	}
	if i.Tally != nil && i.Tally.Hits == nil {
		return errors.New("the tally has no counts")
	}
	for name, u := range i.Digest.Uses {
		if u == nil || u.Days == nil {
			return fmt.Errorf("not the use of an exception: %q", name)
		}
	}
	return nil
}

// Save writes the index. The caller holds the lock.
func (s Store) Save(i *Index) error {
	content, err := json.Marshal(i)
	for most := len(i.Digest.Cells) / 2; err == nil && len(content) > maxBytes && most > 0; most /= 2 {
		i.Digest.Bound(most)
		content, err = json.Marshal(i)
	}
	if err != nil {
		return fmt.Errorf("cannot write the evidence: %w", err)
	}
	return s.write(indexFile, content)
}

// Sent are the message IDs that earlier readings met; none if the file cannot be used.
func (s Store) Sent() *maillog.Sent {
	sent := maillog.NewSent()
	if content, err := s.read(sentFile, maxBytes); err == nil {
		_ = sent.UnmarshalBinary(content) // else it stays empty, and letters that come back are not recognized
	}
	return sent
}

// SaveSent writes them. The caller holds the lock.
func (s Store) SaveSent(sent *maillog.Sent) error {
	content, err := sent.MarshalBinary()
	if err != nil {
		return fmt.Errorf("cannot write the message IDs: %w", err)
	}
	return s.write(sentFile, content)
}

// Acceptances are what somebody has accepted, oldest first.
func (s Store) Acceptances() ([]evidence.Acceptance, error) {
	content, err := s.read(acceptancesFile, maxBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var all []evidence.Acceptance
	if err == nil {
		err = json.Unmarshal(content, &all)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read what was accepted: %w", err)
	}
	return all, nil
}

// SaveAcceptances writes what somebody has accepted. The caller holds the lock.
func (s Store) SaveAcceptances(all []evidence.Acceptance) error {
	if all == nil {
		all = []evidence.Acceptance{}
	}
	content, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return fmt.Errorf("cannot write what was accepted: %w", err)
	}
	return s.write(acceptancesFile, append(content, '\n'))
}

// ForgetSent removes the message IDs. The caller holds the lock.
func (s Store) ForgetSent() error { return s.remove(sentFile) }

func (s Store) remove(name string) error {
	if err := os.Remove(filepath.Join(s.Dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (s Store) read(name string, most int64) ([]byte, error) {
	path := filepath.Join(s.Dir, name)
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > most {
		return nil, fmt.Errorf("%s is larger than any that this program writes", path)
	}
	return inroot.ReadPlain(path)
}

func (s Store) write(name string, content []byte) error {
	return durable.Replace(filepath.Join(s.Dir, name), content, 0o600)
}

// ErrBusy says that another process holds the lock.
var ErrBusy = errors.New("another ucs-harden reads the mail log")

// Lock keeps others from writing, and makes the folder if there is none. Lock waits at most for patience; then the error is
// ErrBusy. The lock ends with the process.
func (s Store) Lock(ctx context.Context, patience time.Duration) (release func(), err error) {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("cannot make %s: %w", s.Dir, err)
	}
	f, err := os.OpenFile(filepath.Join(s.Dir, "lock"), os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot open the lock: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return func() { _ = f.Close() }, nil
		}
		if errors.Is(err, unix.EWOULDBLOCK) && ctx.Err() == nil {
			select {
			case <-ctx.Done():
			case <-time.After(20 * time.Millisecond):
			}
			continue
		}
		_ = f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			err = ErrBusy
		}
		return nil, fmt.Errorf("cannot lock %s: %w", s.Dir, err)
	}
}
