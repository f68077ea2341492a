package main

import (
	"bytes"
	"io"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
)

// What comes from outside, such as the name of a file, never reaches a terminal raw.
func TestNoControlCharacterIsPrinted(t *testing.T) {
	for _, args := range [][]string{
		{"plan", "--ldif", "\x1b[31mred\a"}, {"p\x1b[31mlan"}, {"plan", "--root", "\x1b]0;title\a"}, {"plan", "--\x1b[2J"},
		{"plan", "\x1b[2J"}, {"plan", "--mode", "\x1b[2J"}, {"help", "\x1b[2J"}, {"apply", "--plan", "\x1b[2J"},
	} {
		var out, err bytes.Buffer
		assert.NotZero(t, execute(args, strings.NewReader(""), &out, &err))
		for _, said := range []string{out.String(), err.String()} {
			assert.NotContains(t, said, "\x1b", "%q", args)
			assert.NotContains(t, said, "\a", "%q", args)
		}
	}
}

// failing is a stream that fails.
type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestAStreamThatNobodyReads(t *testing.T) {
	for err, goesOn := range map[error]bool{syscall.EPIPE: true, syscall.EIO: true, syscall.ENOSPC: false} {
		_, said := (&stream{Writer: failing{err}}).Write([]byte("x"))
		assert.Equal(t, goesOn, said == nil, "%v", err)
		status := execute([]string{"version"}, strings.NewReader(""), failing{err}, io.Discard)
		assert.Zero(t, status, "%v", err)
	}
}
