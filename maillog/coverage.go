package maillog

import "time"

// Coverage says what a log covers, and what is missing in it.
type Coverage struct {
	// From and To are the first and the last stamp, zero if there is none.
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Files are what was read, in the order of time.
	Files []File `json:"files"`
	Bytes int64  `json:"bytes"`
	Lines int64  `json:"lines"`
	// Unparsed are lines without a stamp, and lines of Postfix about a letter that were not understood. Refusals that
	// Options.Plain leaves out are not among them, because they were not read. Foreign are lines of other programs.
	//
	// Ambiguous are lines of refusals that could be read in several ways, because a client has put the separators of the
	// log into an address or a name. The client chooses how many of them there are, so they say nothing of the log.
	Unparsed  int64 `json:"unparsed"`
	Foreign   int64 `json:"foreign"`
	Ambiguous int64 `json:"ambiguous"`
	// Days are the lines of each day, by YYYY-MM-DD. Mail are those of them in which smtpd(8) begins a message or speaks
	// of a letter: a log without them shows nothing of what a check does.
	Days map[string]int64 `json:"days"`
	Mail map[string]int64 `json:"mail"`
	Gaps []Gap            `json:"gaps"`
	// Broken are sessions that ended early: lost connections and timeouts. Milters are failures of milters,
	// Tables those of lookup tables, see Options.Troubles.
	Broken  int64 `json:"broken"`
	Milters int64 `json:"milters"`
	Tables  int64 `json:"tables,omitempty"`
	// Lost are notices of syslogd that it dropped lines.
	Lost []Loss `json:"lost"`
	// Future are lines with a stamp later than now.
	Future int64 `json:"future"`
	// Unreadable are files that could not be read.
	Unreadable []Unreadable `json:"unreadable"`
}

// File is a file that was read up to Offset bytes of its (uncompressed) content.
type File struct {
	Path   string `json:"path"`
	Inode  uint64 `json:"inode"`
	Offset int64  `json:"offset"`
	// Fingerprint is a digest of the first bytes, which tells a file from another one with the same inode.
	Fingerprint string `json:"fingerprint"`
}

// Gap is a time without lines that is unusually long for this log: an hour or more, where for every two weeks of the log
// there is less than one time that is at least half as long. So nights and weekends in which a small company has no mail
// are no gaps. A log of up to four weeks may have no other such time. LongSilence is a gap however often there is one.
type Gap struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// LongSilence is longer than the night of a company without mail at night. So outages that come again do not pass for it.
// A weekend does not count then, which only makes the log shorter.
const LongSilence = 16 * time.Hour

// Loss is a notice that lines were dropped. Count is 0 where the notice has no number.
type Loss struct {
	Time  time.Time `json:"time"`
	Count int64     `json:"count"`
}

// Unreadable is a file that could not be read, or only in part.
type Unreadable struct {
	Path string `json:"path"`
	Why  string `json:"why"`
	// Written is when it was last written to, so that nothing newer is missing; zero if that is not known.
	Written time.Time `json:"written"`
}
