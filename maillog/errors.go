package maillog

import (
	"errors"
	"fmt"
	"io/fs"
)

// ErrNoLog says that there is no mail log, as on a system that has only the journal.
var ErrNoLog = errors.New("there is no mail log")

// NoMailLogError is about a file that holds something else than the lines of a log.
type NoMailLogError struct{ Path string }

func (e *NoMailLogError) Error() string {
	return fmt.Sprintf("cannot read %s: it is no mail log", e.Path)
}

func pathError(err error) *fs.PathError {
	var path *fs.PathError
	errors.As(err, &path)
	return path
}
