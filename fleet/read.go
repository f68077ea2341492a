package fleet

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"ucs-harden/evidence"
	"ucs-harden/harden"
	"ucs-harden/plan"
)

// The bounds of what is read. A status of a server with a thousand findings takes 300 KiB.
const (
	// MostBytes is how long a source may be.
	MostBytes = 32 << 20
	// mostDocuments is how many objects a source may hold, mostErrors how many of them may be none of ours,
	// mostControls how many controls a status may name.
	mostDocuments = 10_000
	mostErrors    = 20
	mostControls  = 50
	// mostListed is how many differences or reasons are kept, mostText how many characters of a text.
	mostListed = 100
	mostText   = 500
)

// Schemas of a status that are read. The one before said neither its server nor its time.
const (
	oldestSchema  = 2
	unnamedSchema = 2
)

// Standard is what standard input is called.
const Standard = "standard input"

// document is what is read of a status, or of the error that stands in its place.
type document struct {
	source string
	// differences is how many there are in the drift.
	differences int
	status
}

// status has the properties of harden.Status that a fleet shows. A test compares the two.
type status struct {
	Schema      int                  `json:"schema"`
	Server      string               `json:"server"`
	Version     string               `json:"version"`
	Time        *time.Time           `json:"time"`
	Postfix     string               `json:"postfix"`
	Controls    []plan.Control       `json:"controls"`
	Running     map[string]plan.Mode `json:"running"`
	Silent      string               `json:"silent"`
	Drift       []string             `json:"drift"`
	Findings    []finding            `json:"findings"`
	Readiness   []evidence.Readiness `json:"readiness"`
	Accepted    []finding            `json:"accepted"`
	Interrupted string               `json:"interrupted"`
	Waiting     *harden.Waiting      `json:"waiting"`
	Sync        harden.SyncState     `json:"sync"`
	Troubles    *harden.Troubles     `json:"troubles"`
	Expires     *harden.Expiry       `json:"expires"`
	// Of a command that has ended with an error.
	Error      string `json:"error"`
	Hint       string `json:"hint"`
	ExitStatus int    `json:"exit_status"`
}

type finding struct {
	ID       string        `json:"id"`
	Severity plan.Severity `json:"severity"`
}

// Source is the content of a file, or of standard input.
type Source struct {
	Name string
	Open func() (io.ReadCloser, error)
}

// read reads the objects of a source. An object that is none of ours is left out.
func read(from Source) (all []document, errs []error) {
	content, err := from.Open()
	if err != nil {
		return nil, []error{withoutPath(err)}
	}
	defer func() { _ = content.Close() }() // it was only read
	limited := &io.LimitedReader{R: content, N: MostBytes + 1}
	decoder := json.NewDecoder(limited)
	for number := 1; ; number++ {
		var raw json.RawMessage
		err := decoder.Decode(&raw)
		switch {
		case err == nil:
		case limited.N <= 0:
			return all, append(errs, fmt.Errorf("it is longer than %d MiB", MostBytes>>20))
		case errors.Is(err, io.EOF) && number > 1:
			return all, errs
		case errors.Is(err, io.EOF):
			return nil, []error{errors.New("it is empty")}
		case errors.As(err, new(*json.SyntaxError)), errors.Is(err, io.ErrUnexpectedEOF):
			return all, append(errs, fmt.Errorf("it is no JSON: %w", err))
		default:
			return all, append(errs, withoutPath(err))
		}
		if number > mostDocuments || len(errs) == mostErrors {
			return all, append(errs, fmt.Errorf("nothing behind object %d was read", number-1))
		}
		d, err := parse(raw)
		if err != nil {
			errs = append(errs, fmt.Errorf("object %d: %w", number, err))
			continue
		}
		d.source = from.Name
		if d.Server == "" {
			d.Server = called(from.Name, number)
		}
		all = append(all, d)
	}
}

// withoutPath is an error of a file without the name of the file, which stands beside it.
func withoutPath(err error) error {
	if of := (*fs.PathError)(nil); errors.As(err, &of) {
		return of.Err
	}
	return err
}

// called is what a server is called that does not say its name.
func called(source string, number int) string {
	name := strings.TrimSuffix(filepath.Base(source), ".json")
	if number > 1 || source == Standard {
		name += " (" + strconv.Itoa(number) + ")"
	}
	return clip(name)
}
