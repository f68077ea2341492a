package maillog

import (
	"context"
	"io"
	"time"
)

// Options are how a log is read.
type Options struct {
	// Now is the clock, for the year of traditional stamps and for stamps of the future.
	Now time.Time
	// Since leaves out what is older; zero reads all.
	Since time.Time
	// Troubles leaves older lines out of Coverage.Milters and Coverage.Tables; zero counts all.
	Troubles time.Time
	// Known are files of an earlier reading. What stands before their offset is not read again. A file that was
	// truncated or replaced since is read from its beginning.
	Known []File
	// Sent are the message IDs that earlier readings met, and is changed by this one. It may be nil: then only those of this
	// reading are known.
	Sent *Sent
	// Plain reports of a program whether Hits leaves out its refusals without a tag, but for those that have some
	// words. Most refusals of a log are those of unknown recipients and of block lists, and to read them all takes
	// longer than to read the rest. It may be nil: then all are read. Several goroutines call it at once.
	Plain func(program string) (butFor string, plain bool)
	// Inside reports for Letters whether a message is from inside: its ID is then one of ours. What is known is how it was
	// taken, and not yet its sender and recipients. It may be nil: then messages of this machine, of a login and of a
	// client with a private address are.
	Inside func(*Letter) bool
	// Progress is called now and then with the bytes read and those that there are (0: not known). It may be nil.
	Progress func(read, all int64)

	piece int // of a log that is read at once; 0 is the usual one
}

// Source is one log file, or an open stream such as standard input.
type Source struct {
	Path   string
	Stream io.Reader
}

// Reader is the interface that package harden has of this package, so that tests can put something else in its place.
type Reader interface {
	// Hits calls each with the hits of the logs, in the order of their time within each file.
	Hits(ctx context.Context, logs []Source, o Options, each func(Hit)) (Coverage, error)
	// Letters calls each with the letters of the logs, as they are complete. Each is used again when each returns.
	Letters(ctx context.Context, logs []Source, o Options, each func(*Letter)) (Coverage, error)
}
