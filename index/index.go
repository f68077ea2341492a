// Package index keeps what was read of the mail log, so that nothing is read twice and the evidence outlives the log:
//
//	/var/lib/ucs-harden/evidence/          0700
//	    index.json        0600             the files that were read and up to where, the digest, the days of the log
//	    message-ids       0600             digests of the last message IDs, see maillog.Sent
//	    spf.json          0600             what the DNS has answered about SPF
//	    replay.json       0600             what the last replays have said to the gate
//	    acceptances.json  0600             what somebody has accepted by name, and when
//	    lock              0600             held while one of them is written
//
// A file is replaced as a whole. One that cannot be read, or is of another schema, counts as absent: the index is then
// made anew from the logs at hand. The size of the index is bounded; see [Store.Save].
package index

import (
	"net/netip"
	"slices"
	"time"

	"ucs-harden/evidence"
	"ucs-harden/maillog"
)

// Schema is the version of the form on disk. An index with another number is made anew.
const Schema = 1

// Index is what was read of the log.
type Index struct {
	Schema int              `json:"schema"`
	Files  []maillog.File   `json:"files"`
	Log    evidence.Log     `json:"log"`
	Digest *evidence.Digest `json:"digest"`
	// Turned is the day (YYYY-MM-DD) of the last maillog.Sent.Turn, "" before the first.
	Turned string `json:"turned,omitempty"`
	// Tally counts since the modes were last changed, nil while nobody has asked or all controls are off.
	Tally *evidence.Tally `json:"tally,omitempty"`
}

// New is the index of nothing.
func New() *Index {
	return &Index{Schema: Schema, Files: []maillog.File{}, Log: evidence.NewLog(), Digest: evidence.NewDigest()}
}

// Clone is a copy that shares nothing with the index.
func (i *Index) Clone() *Index {
	return &Index{Schema, slices.Clone(i.Files), i.Log.Clone(), i.Digest.Clone(), i.Turned, i.Tally.Clone()}
}

// Add adds what a reading of the lines behind those of the index has found.
func (i *Index) Add(d *evidence.Digest, c maillog.Coverage) {
	i.Files = append([]maillog.File{}, c.Files...)
	i.Log.Add(c)
	i.Digest.Merge(d)
}

// Counting makes the tally one of what was logged since a change of the modes, and returns an empty one for the next reading.
// It is nil if there was no change.
func (i *Index) Counting(changed time.Time) *evidence.Tally {
	if changed.IsZero() {
		i.Tally = nil
		return nil
	}
	if i.Tally == nil || !i.Tally.Changed.Equal(changed) {
		i.Tally = evidence.NewTally(changed, i.Log.To)
	}
	return evidence.NewTally(changed, i.Tally.Since)
}

// tolerance is how far the stamps of a log may go back: at the end of summer time, and when a clock is set.
const tolerance = 2 * time.Hour

// Fits reports whether the lines that were just read follow those of the index. If they do not, as after a restored
// backup, the index counts lines twice or lacks some.
func (i *Index) Fits(c maillog.Coverage) bool {
	return i.Log.To.IsZero() || c.From.IsZero() || !c.From.Before(i.Log.To.Add(-tolerance))
}

// Anew makes the index of a log that does not follow the index. Days older than the log stay.
func (i *Index) Anew(d *evidence.Digest, c maillog.Coverage) {
	i.Files = []maillog.File{}
	if !c.From.IsZero() {
		first := c.From.Format(time.DateOnly)
		i.Digest.ForgetFrom(first)
		i.Log.Keep(func(day string) bool { return day < first })
	}
	i.Add(d, c)
}

// Keeping is how long what is kept.
type Keeping struct {
	// Days are how long the counts stay, Addresses how long the addresses of strangers.
	Days, Addresses int
	Strangers       evidence.Strangers
}

// AgeSent forgets the message IDs that were met longer ago than the addresses of strangers are kept. An ID stays for that
// long, and for at most twice as long.
func (i *Index) AgeSent(sent *maillog.Sent, now time.Time, k Keeping) {
	today := now.Format(time.DateOnly)
	if i.Turned == "" || i.Turned > today {
		i.Turned = today
	}
	if i.Turned < now.AddDate(0, 0, -k.Addresses).Format(time.DateOnly) {
		sent.Turn()
		i.Turned = today
	}
}

// Empty reports whether nothing is known of any day.
func (i *Index) Empty() bool {
	return len(i.Log.Days) == 0 && len(i.Digest.Cells) == 0 && len(i.Digest.Uses) == 0 && len(i.Digest.Administrator) == 0
}

// Age forgets and masks what is too old at a time.
func (i *Index) Age(now time.Time, k Keeping) {
	before := func(days int) string { return now.AddDate(0, 0, -days).Format(time.DateOnly) }
	if k.Days > 0 {
		oldest := before(k.Days)
		i.Digest.Forget(oldest)
		i.Log.Keep(func(day string) bool { return day >= oldest })
	}
	if k.Strangers.Address != nil {
		i.Digest.Mask(before(k.Addresses), k.Strangers)
	}
}

// Inside reports whether a client is no stranger: it has a private address, or is in one of the networks.
func Inside(a netip.Addr, networks []netip.Prefix) bool {
	a = a.Unmap()
	if a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return true
	}
	return slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(a) })
}
