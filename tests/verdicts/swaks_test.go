package verdicts_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab/smtpclient"
	"ucs-harden/tests/verdicts/table"
)

// sampleSize cells of each phase are repeated with swaks, an independent client.
const sampleSize = 24

// sample takes every 293rd cell, several times around the table. 293 is a prime that divides no number of cells, so the
// sample reaches every value of every dimension.
func sample(t *testing.T, tab *table.Table) []table.Cell {
	t.Helper()
	all := tab.Cells()
	taken, seen := []table.Cell{}, map[string]bool{}
	for i := range sampleSize {
		c := all[i*293%len(all)]
		taken = append(taken, c)
		for d, value := range c {
			seen[table.Dimensions[d]+" "+value] = true
		}
	}
	for dimension, values := range tab.Values {
		for _, value := range values {
			require.True(t, seen[dimension+" "+value], "the sample lacks %s %s", dimension, value)
		}
	}
	return taken
}

// swaks plays the sample and compares with the replies to our own client. Only the notation of the transcript may
// differ.
func (c company) swaks(t *testing.T, tab *table.Table, phase string, results table.Results) {
	t.Helper()
	queue := make(chan table.Cell)
	var workers sync.WaitGroup
	for range 2 {
		workers.Go(func() {
			for cell := range queue {
				d := tab.Dialogue("swaks-"+phase, cell)
				result, err := c.Host(tab.Host(cell)).Run(t.Context(), swaksArgv(d)...)
				if assert.NoError(t, err) {
					want := strings.ReplaceAll(results[cell].Replies[0].String(), "\n", " ")
					assert.Equal(t, want, verdictOf(result.Stdout), "%s: swaks, %s\n%s", phase, cell, result.Stdout)
				}
			}
		})
	}
	for _, cell := range sample(t, tab) {
		queue <- cell
	}
	close(queue)
	workers.Wait()
}

func swaksArgv(d smtpclient.Dialogue) []string {
	argv := []string{"swaks", "--server", d.Server, "--port", fmt.Sprint(d.Port), "--helo", d.Helo,
		"--from", "<" + d.MailFrom + ">", "--to", d.RcptTo[0], "--quit-after", "RCPT"}
	switch d.TLS {
	case smtpclient.StartTLS:
		argv = append(argv, "--tls")
	case smtpclient.Implicit:
		argv = append(argv, "--tls-on-connect")
	}
	if d.Login != "" {
		argv = append(argv, "--auth", "PLAIN", "--auth-user", d.Login, "--auth-password", d.Password)
	}
	return argv
}

// verdictOf is the server's last line before QUIT in the transcript of swaks. It begins with "<- 250 …", or with "<**
// 554 …" when the server refuses; under TLS "<~" replaces "<-".
func verdictOf(transcript string) string {
	said, _, _ := strings.Cut(transcript, " QUIT\n")
	verdict := ""
	for line := range strings.Lines(said) {
		if strings.HasPrefix(line, "<") {
			verdict = strings.TrimLeft(strings.TrimSpace(line), "<-~* ")
		}
	}
	return verdict
}
