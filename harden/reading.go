package harden

import (
	"fmt"
	"time"
)

// reading tells the observer how far the reading of a log is: the bytes, the rate and the rest. The texts have the same
// beginning, up to the colon. done ends it.
func (s *Server) reading() (progress func(read, all int64), done func()) {
	const what = "reading the mail log"
	begin, last := s.Clock(), time.Time{}
	return func(read, all int64) {
		now := s.Clock()
		if now.Sub(last) < time.Second {
			return
		}
		last = now
		s.Observer.Progress(what + ": " + howFar(read, all, now.Sub(begin)))
	}, s.progress(what)
}

// howFar says how far a reading is: "120 MiB of 1024 MiB, 350 MiB/s, 3 s left". all is 0 when it is not known.
func howFar(read, all int64, took time.Duration) string {
	text := mebibytes(read)
	if all > 0 {
		text += " of " + mebibytes(all)
	}
	rate := float64(read) / max(took.Seconds(), 1e-9)
	if took < time.Second || rate < 1 {
		return text
	}
	text += ", " + mebibytes(int64(rate)) + "/s"
	if all > read {
		text += fmt.Sprintf(", %d s left", int64(float64(all-read)/rate)+1)
	}
	return text
}

func mebibytes(n int64) string {
	const mebibyte = 1 << 20
	if n < 10*mebibyte {
		return fmt.Sprintf("%.1f MiB", float64(n)/mebibyte)
	}
	return fmt.Sprintf("%d MiB", n/mebibyte)
}
