package harden

import (
	"io"

	"ucs-harden/maillog"
)

// sources are the logs of a replay: the named files, a stream, or the series of mail.log.
func (s *Server) sources(files []string, stream io.Reader) ([]maillog.Source, error) {
	switch {
	case stream != nil:
		return []maillog.Source{{Path: "-", Stream: stream}}, nil
	case len(files) == 0:
		return s.series()
	}
	var out []maillog.Source
	for _, path := range files {
		out = append(out, maillog.Source{Path: path})
	}
	return out, nil
}
