package evidence_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/evidence"
)

// endsAtOnce: an exception whose last day is today is in force everywhere until midnight, and nowhere from then on. The
// tables follow with the next sync; all else is asked before and after it.
func (c company) endsAtOnce(t *testing.T) {
	const client, sender = "10.99.1.25", "web@company.my"
	name := c.exceptionOf(t, client)
	c.UCR(t, "set", "mail/harden/exception/"+name+"/expires="+day(days).Format(time.DateOnly))
	midnight := day(days + 1)
	// By the replay, while the exception is in force and then. The history takes the time of a change from the disk, so to
	// a replay the eight days lie before the change, and it cannot tell the port of all letters that only the plan refuses.
	refused := map[bool]int64{}
	for _, at := range []struct {
		what  string
		now   time.Time
		force bool
	}{
		{"the last second", midnight.Add(-time.Second), true},
		{"midnight", midnight, false},
	} {
		assert.Equal(t, map[bool]int{true: 0, false: 2}[at.force], c.at(t, at.now, "plan").Code, "%s: the tables have to change", at.what)
		for _, when := range []string{"before", "after"} {
			said, n := c.says(t, at.now, name, client, sender)
			assert.Equal(t, everywhere(at.force), said, "%s, %s the sync", at.what, when)
			refused[at.force] = n
			if when == "before" {
				synced := c.at(t, at.now, "sync")
				require.Zero(t, synced.Code, synced.Stdout+synced.Stderr)
			}
		}
		c.Settled(t)
		letter := scene{what: at.what, from: "mail2", senders: []string{sender}, to: to, perDay: 1}
		assert.Equal(t, map[bool]int{true: 250, false: 554}[at.force], c.play(t, []scene{letter}, "instant")[at.what].Code, at.what)
	}
	assert.Greater(t, refused[false], refused[true], "a replay refuses the letters of the exception from then on")
}

// exceptionOf is the name of the exception of a client.
func (c company) exceptionOf(t *testing.T, client string) string {
	t.Helper()
	for _, e := range c.report(t).Exceptions {
		if strings.TrimSuffix(e.Client, "/32") == client {
			return e.Name
		}
	}
	t.Fatal("no exception for " + client)
	return ""
}

// everywhere are the answers when all agree.
func everywhere(force bool) map[string]bool {
	return map[string]bool{"exceptions": force, "report": force, "the rules behind the report": force, "check": force}
}

// says asks every command at a time whether an exception is in force, and a replay how many letters are refused.
func (c company) says(t *testing.T, now time.Time, name, client, sender string) (said map[string]bool, refused int64) {
	t.Helper()
	ask := func(into any, arguments ...string) {
		result := c.at(t, now, arguments...)
		require.Contains(t, []int{0, 2}, result.Code, "%q: %s%s", arguments, result.Stdout, result.Stderr)
		require.NoError(t, json.Unmarshal([]byte(result.Stdout), into), result.Stdout)
	}
	var listed struct {
		Exceptions []evidence.ExceptionUse `json:"exceptions"`
	}
	ask(&listed, "exceptions", "--json")
	var watched, replayed evidence.Report
	ask(&watched, "report", "--json")
	ask(&replayed, "replay", "--json", "--no-postfix")
	var checked struct {
		Plan struct {
			Accepted bool `json:"accepted"`
		} `json:"plan"`
	}
	ask(&checked, "check", "--json", "--client", client, "--from", sender, "--to", to)
	group := "sender-spoofing:company.my:" + client
	return map[string]bool{
		"exceptions": inForce(t, listed.Exceptions, name), "report": inForce(t, watched.Exceptions, name),
		"the rules behind the report": groups(&watched)[group].Cleared, "check": checked.Plan.Accepted,
	}, replayed.Replayed.Refused + replayed.Replayed.RefusedToday
}

func inForce(t *testing.T, all []evidence.ExceptionUse, name string) bool {
	t.Helper()
	for _, e := range all {
		if e.Name == name {
			return e.InForce
		}
	}
	t.Fatal("no exception " + name)
	return false
}
