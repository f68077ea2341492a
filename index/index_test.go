package index

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/evidence"
	"ucs-harden/maillog"
)

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

func store(t *testing.T) Store {
	t.Helper()
	s := Store{Dir: filepath.Join(t.TempDir(), "evidence")}
	release, err := s.Lock(t.Context(), 0)
	require.NoError(t, err)
	t.Cleanup(release)
	return s
}

func filled(n int) *Index {
	i := New()
	d := evidence.NewDigest()
	for k := range n {
		d.Add(evidence.Key{Control: "sender-spoofing", Domain: "company.my", From: fmt.Sprintf("n%d.example", k)}, evidence.Sample{
			Time: noon, Source: evidence.FromWarn, Client: netip.MustParseAddr("203.0.113.7"), Sender: "boss@company.my", Recipient: "x@company.my",
		}, false)
	}
	i.Add(d, maillog.Coverage{
		From: noon.Add(-time.Hour), To: noon, Days: map[string]int64{"2026-11-30": 10}, Files: []maillog.File{{Path: "mail.log", Offset: 7}},
	})
	return i
}

func TestWhatIsSavedIsLoaded(t *testing.T) {
	s := store(t)
	i, why := s.Load()
	assert.Empty(t, why)
	assert.Equal(t, New(), i, "there is none yet")
	require.NoError(t, s.Save(filled(3)))
	i, why = s.Load()
	assert.Empty(t, why)
	want, _ := json.Marshal(filled(3))
	got, _ := json.Marshal(i)
	assert.JSONEq(t, string(want), string(got))
	for path, mode := range map[string]os.FileMode{s.Dir: 0o700, filepath.Join(s.Dir, indexFile): 0o600} {
		info, err := os.Stat(path)
		require.NoError(t, err)
		assert.Equal(t, mode, info.Mode().Perm(), path)
	}
}

func TestAnIndexThatCannotBeUsedCountsAsAbsent(t *testing.T) {
	good, err := json.Marshal(filled(1))
	require.NoError(t, err)
	for sentence, content := range map[string]string{
		"nothing in it":             "",
		"half of it":                string(good[:len(good)/2]),
		"null":                      "null",
		"another schema":            strings.Replace(string(good), `"schema":1`, `"schema":2`, 1),
		"a cell under another name": strings.Replace(string(good), `{"sender-spoofing:company.my:n0.example"`, `{"x:y:z"`, 1),
		"a cell that is null":       `{"schema":1,"digest":{"cells":{"a:b:c":null},"uses":{},"administrator":{}},"log":{"days":{}}}`,
		"a part is null":            `{"schema":1,"digest":{"cells":{},"uses":null,"administrator":{}},"log":{"days":{}}}`,
	} {
		t.Run(sentence, func(t *testing.T) {
			s := store(t)
			require.NoError(t, os.WriteFile(filepath.Join(s.Dir, indexFile), []byte(content), 0o600))
			i, why := s.Load()
			assert.Equal(t, sentence == "null", why == "", "null is an empty index: %s", why)
			assert.Equal(t, New(), i)
		})
	}
	s := store(t)
	require.NoError(t, os.Symlink("/etc/passwd", filepath.Join(s.Dir, indexFile)))
	_, why := s.Load()
	assert.NotEmpty(t, why, "a link is not followed")
}

func TestALogThatDoesNotFollowTheIndex(t *testing.T) {
	i := filled(1)
	covers := func(from time.Time) maillog.Coverage {
		return maillog.Coverage{From: from, To: from.Add(time.Hour), Days: map[string]int64{from.Format(time.DateOnly): 5}}
	}
	assert.True(t, i.Fits(covers(noon.Add(time.Minute))))
	assert.True(t, i.Fits(covers(noon.Add(-time.Hour))), "the end of summer time")
	assert.True(t, i.Fits(maillog.Coverage{}), "there was nothing new")
	assert.False(t, i.Fits(covers(noon.AddDate(0, 0, -1))))

	i.Digest.Add(evidence.Key{Control: "protected"}, evidence.Sample{Time: noon.AddDate(0, 0, -9), Source: evidence.FromWarn}, false)
	i.Log.Days["2026-11-21"] = evidence.Day{Lines: 4}
	i.Anew(evidence.NewDigest(), covers(noon.AddDate(0, 0, -1)))
	assert.Equal(t, map[string]evidence.Day{"2026-11-21": {Lines: 4}, "2026-11-29": {Lines: 5}}, i.Log.Days, "what is older than the log stays")
	assert.Len(t, i.Digest.Cells, 1)
}

func TestAge(t *testing.T) {
	i := filled(1)
	i.Age(noon.AddDate(0, 0, 399), Keeping{Days: 400, Addresses: 30})
	assert.Len(t, i.Digest.Cells, 1)
	i.Age(noon.AddDate(0, 0, 401), Keeping{Days: 400, Addresses: 30})
	assert.Empty(t, i.Digest.Cells)
	assert.Empty(t, i.Log.Days)
	assert.True(t, i.Log.To.IsZero())
}

func TestAnIndexThatIsTooLargeBecomesSmaller(t *testing.T) {
	i := New()
	d := evidence.NewDigest()
	long := strings.Repeat("x", 4000)
	for k := range evidence.MaxCells {
		d.Add(evidence.Key{Control: "sender-spoofing", Domain: "company.my", From: fmt.Sprintf("n%d.example", k)}, evidence.Sample{
			Time: noon, Source: evidence.FromWarn, Sender: long, Helo: long,
		}, false)
	}
	i.Add(d, maillog.Coverage{})
	s := store(t)
	require.NoError(t, s.Save(i))
	info, err := os.Stat(filepath.Join(s.Dir, indexFile))
	require.NoError(t, err)
	assert.LessOrEqual(t, info.Size(), int64(maxBytes))
	_, why := s.Load()
	assert.Empty(t, why)
}

func TestTwoAtOnce(t *testing.T) {
	s := Store{Dir: filepath.Join(t.TempDir(), "evidence")}
	release, err := s.Lock(t.Context(), 0)
	require.NoError(t, err)
	_, err = s.Lock(t.Context(), 0)
	assert.ErrorIs(t, err, ErrBusy)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = s.Lock(ended, time.Hour)
	assert.Error(t, err, "an interrupted command does not wait")
	release()

	// Whoever adds something holds the lock from reading to writing, so nothing is lost.
	var all sync.WaitGroup
	errs := make(chan error, 8)
	for n := range 8 {
		all.Go(func() {
			release, err := s.Lock(context.Background(), time.Minute)
			if err != nil {
				errs <- err
				return
			}
			defer release()
			accepted, err := s.Acceptances()
			errs <- errors.Join(err, s.SaveAcceptances(append(accepted, evidence.Acceptance{ID: fmt.Sprint(n)})))
		})
	}
	all.Wait()
	for range 8 {
		assert.NoError(t, <-errs)
	}
	accepted, err := s.Acceptances()
	require.NoError(t, err)
	assert.Len(t, accepted, 8)
}

func TestMessageIDs(t *testing.T) {
	s := store(t)
	assert.NotNil(t, s.Sent())
	require.NoError(t, s.SaveSent(maillog.NewSent()))
	require.NoError(t, os.WriteFile(filepath.Join(s.Dir, sentFile), []byte("x"), 0o600))
	assert.NotNil(t, s.Sent(), "a damaged file is as none")
}

// A message ID is remembered for as long as the addresses of strangers, and for at most twice as long.
func TestMessageIDsAreForgotten(t *testing.T) {
	at, keeping := time.Date(2026, 1, 1, 8, 0, 0, 0, time.UTC), Keeping{Addresses: 30}
	empty, err := maillog.NewSent().MarshalBinary()
	require.NoError(t, err)
	for day, size := range map[int]int{30: len(empty) + 8, 31: len(empty) + 8, 61: len(empty) + 8, 62: len(empty)} {
		i, sent := New(), maillog.NewSent()
		i.AgeSent(sent, at, keeping)
		require.NoError(t, sent.UnmarshalBinary(withOneID(empty)))
		for n := range day {
			i.AgeSent(sent, at.AddDate(0, 0, n+1), keeping)
		}
		content, err := sent.MarshalBinary()
		require.NoError(t, err)
		assert.Len(t, content, size, "day %d", day)
	}
}

// withOneID is an empty memory with the digest of one message ID in its newer table.
func withOneID(empty []byte) []byte {
	out := append([]byte{}, empty...)
	out[16] = 1
	return append(out, 9, 8, 7, 6, 5, 4, 3, 2)
}
