package index

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"ucs-harden/spf"
)

const (
	spfFile = "spf.json"

	// spfDays is how long an answer of the DNS counts. It may change, and nobody asks again without being told to.
	spfDays = 30
	// mostSPF bounds the answers that are kept.
	mostSPF = 5000
)

// asked is an answer of the DNS and when it was given.
type asked struct {
	spf.Question
	spf.Answer
	At time.Time `json:"at"`
}

// SPF are the answers of the DNS that are not too old; none if they cannot be read. The gate asks nobody, and counts what
// a report was told.
func (s Store) SPF(now time.Time) map[spf.Question]spf.Answer {
	out := map[spf.Question]spf.Answer{}
	for _, a := range s.answers(now) {
		out[a.Question] = a.Answer
	}
	return out
}

func (s Store) answers(now time.Time) []asked {
	content, err := s.read(spfFile, maxBytes)
	if err != nil {
		return nil
	}
	var all []asked
	if json.Unmarshal(content, &all) != nil {
		return nil
	}
	return slices.DeleteFunc(all, func(a asked) bool { return !a.Client.IsValid() || now.Sub(a.At) > spfDays*24*time.Hour })
}

// AgeSPF forgets the answers that are older than some days. The caller holds the lock.
func (s Store) AgeSPF(now time.Time, days int) error {
	if _, err := os.Lstat(filepath.Join(s.Dir, spfFile)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	kept := slices.DeleteFunc(s.answers(now), func(a asked) bool { return now.Sub(a.At) > time.Duration(days)*24*time.Hour })
	if len(kept) == 0 {
		return s.remove(spfFile)
	}
	return s.saveSPF(kept)
}

// SaveSPF adds answers to those that are kept. The caller holds the lock.
func (s Store) SaveSPF(answers map[spf.Question]spf.Answer, now time.Time) error {
	all := slices.DeleteFunc(s.answers(now), func(a asked) bool { _, anew := answers[a.Question]; return anew })
	for q, a := range answers {
		all = append(all, asked{q, a, now})
	}
	slices.SortFunc(all, func(a, b asked) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Domain, b.Domain), a.Client.Compare(b.Client))
	})
	return s.saveSPF(all[:min(len(all), mostSPF)])
}

func (s Store) saveSPF(all []asked) error {
	content, err := json.Marshal(all)
	if err != nil {
		return fmt.Errorf("cannot keep the answers about SPF: %w", err)
	}
	return s.write(spfFile, content)
}
