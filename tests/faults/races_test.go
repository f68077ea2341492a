package faults_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
	"ucs-harden/transaction"
)

const (
	networks = "mail/postfix/mynetworks"
	theirs   = "127.0.0.0/8 198.51.100.7/32" // what someone else sets
	domains  = "mail/hosteddomains"
	imported = "company.local company.my imported.example"
)

// TestSomeoneElseWrites lets someone else run `ucr set` at each moment of an apply and of a rollback: between the steps,
// and while the program is about to run another. His value stays, whatever the outcome is, and the program names it
// unless it was written after the last look. A variable that does not concern the change never matters.
func TestSomeoneElseWrites(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	before := c.beforeRaces(t)
	applied, rolledBack := c.moments(t, applyEnforce), c.moments(t, "rollback")
	c.mustBe(t, before.state)
	for key, value := range map[string]string{networks: theirs, domains: imported} {
		for _, m := range sampleMoments(applied) {
			t.Run(fmt.Sprintf("apply, %s, %s", key, m), func(t *testing.T) {
				result := c.race(t, c.at(m), applyEnforce, key, value)
				require.True(t, key == networks || result.Code == 0, result.Stderr)
				require.True(t, result.Code != 0 || key == domains || m.last, "an apply that has overwritten it ends well")
				c.calm(t, before)
			})
		}
		for _, m := range sampleMoments(rolledBack) {
			t.Run(fmt.Sprintf("rollback, %s, %s", key, m), func(t *testing.T) {
				c.harden(t, applyEnforce, 0)
				result := c.race(t, c.at(m), "rollback", key, value)
				require.Zero(t, result.Code, result.Stderr)
				require.True(t, key == domains || m.last || strings.Contains(result.Stdout, key+` (set to "`+value+`")`), result.Stdout)
				c.calm(t, before)
			})
		}
	}
}

// A sync plans again with what someone else has written, and takes it in.
func TestASyncPlansAgain(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	before := c.beforeRaces(t)
	c.UCR(t, "set", "mail/harden/mode=warn")
	when := c.at(moment{words: "ucr set", n: 1})
	when(func() { c.UCR(t, "set", networks+"="+theirs) }, func() { c.harden(t, "sync", 0) })
	require.Regexp(t, "^"+theirs+" 10[.]99[.]1[.]1/32 ", c.UCR(t, "get", networks))
	require.Contains(t, c.harden(t, "status", 0).Stdout, "warn")
	c.calm(t, before)
}

// TestRaces lets someone else write at random moments. It takes 200 of them if the test is thorough.
func TestRaces(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	before := c.beforeRaces(t)
	races := 4
	if lab.Thorough() {
		races = 200
	}
	begin := time.Now()
	c.harden(t, applyEnforce, 0)
	whole := time.Since(begin)
	c.harden(t, "rollback", 0)
	random := rand.New(rand.NewPCG(1, 2))
	codes := map[string]int{}
	for n := range races {
		arguments := []string{applyEnforce, "rollback"}[n%2]
		command, _, _ := strings.Cut(arguments, " ")
		delay := time.Duration(random.Int64N(int64(whole)))
		t.Run(fmt.Sprintf("%s %d, after %s", command, n, delay), func(t *testing.T) {
			if command == "rollback" {
				c.harden(t, applyEnforce, 0)
			}
			result := c.race(t, after(delay), arguments, networks, theirs)
			codes[fmt.Sprintf("%s %d", command, result.Code)]++
			c.calm(t, before)
		})
	}
	t.Logf("%d races: %v", races, codes)
}

// TestImport changes the mail domains in a loop, as a bulk import does, while an apply and a rollback run. An apply may find
// that its plan is stale. It never has to take anything back, and neither fails for the import.
func TestImport(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	before := c.beforeRaces(t)
	importing := func(run func()) {
		stop := make(chan struct{})
		var importer sync.WaitGroup
		importer.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				said, err := c.Mail().Run(t.Context(), "ucr", "set", fmt.Sprintf("%s=company.local company.my import%d.example", domains, n))
				assert.NoError(t, err)
				assert.Zero(t, said.Code, said.Stderr)
			}
		})
		run()
		close(stop)
		importer.Wait()
	}
	for range 5 {
		var result lab.Result
		importing(func() { result = c.harden(t, applyEnforce, 0, 1) })
		if result.Code == 1 {
			require.Contains(t, result.Stderr, "nothing was changed")
			c.harden(t, applyEnforce, 0)
		}
		importing(func() { c.harden(t, "rollback", 0) })
		require.Contains(t, c.UCR(t, "get", domains), "import")
		c.calm(t, before)
	}
}

// race runs a command, lets someone else write, and holds the outcome against the promise: his value is there, and an
// error names the variable.
func (c *company) race(t *testing.T, when func(write, run func()), arguments, key, value string) lab.Result {
	t.Helper()
	var result lab.Result
	when(sync.OnceFunc(func() {
		said, err := c.Mail().Run(t.Context(), "ucr", "set", key+"="+value)
		assert.NoError(t, err)
		assert.Zero(t, said.Code, said.Stderr)
	}), func() { result = c.harden(t, arguments, 0, 1, 3) })
	require.Equal(t, value, strings.TrimSpace(c.UCR(t, "get", key)), "%s: %s%s", arguments, result.Stdout, result.Stderr)
	_, err := c.Mail().ReadFile("/var/lib/ucs-harden/journal.json")
	require.Error(t, err, "the journal is still there")
	if result.Code != 0 {
		require.Contains(t, result.Stderr, key)
	}
	return result
}

// after lets someone else write so long after the begin of a command.
func after(delay time.Duration) func(write, run func()) {
	return func(write, run func()) {
		var writer sync.WaitGroup
		writer.Go(func() {
			time.Sleep(delay) // the moment of the race
			write()
		})
		run()
		writer.Wait()
	}
}

// calmness is a state to return to, and the base.conf of it.
type calmness struct {
	state
	base []byte
}

const baseConf = "/etc/univention/base.conf"

func (c *company) beforeRaces(t *testing.T) calmness {
	t.Helper()
	content, err := c.Mail().ReadFile(baseConf)
	require.NoError(t, err)
	return calmness{c.state(t), content}
}

// calm takes back what is still applied and what someone else has set.
func (c *company) calm(t *testing.T, before calmness) {
	t.Helper()
	for strings.HasPrefix(c.harden(t, "rollback --force", 0, 1).Stdout, "Rolled back ") {
	}
	require.NoError(t, c.Mail().WriteFile(baseConf, before.base, 0o644))
	commit := []string{"commit", "/etc/postfix/main.cf", masterCF}
	for path := range before.Snapshot {
		if strings.HasPrefix(path, "/etc/postfix/ldap.ucs-harden-") { // the mail domains are in them
			commit = append(commit, path)
		}
	}
	c.UCR(t, commit...)
	c.mustMean(t, before.state)
}

// moment is after a step, or before a call of a program.
type moment struct {
	step  bool
	words string
	n     int
	// last: the program does not look at the registry any more.
	last bool
}

func (m moment) String() string {
	if m.step {
		return "after step " + m.words
	}
	return fmt.Sprintf("before %s %d", m.words, m.n)
}

// at lets someone else write at a moment.
func (c *company) at(m moment) func(write, run func()) {
	return func(write, run func()) {
		hook := &c.beforeProgram
		if m.step {
			hook = &c.afterStep
		}
		n := m.n
		during(hook, func(question string) string {
			if question == m.words {
				if n--; n == 0 {
					write()
				}
			}
			return "go"
		}, run)
	}
}

// moments are those of a command, from the journal on: before, a change of the facts makes the plan stale.
func (c *company) moments(t *testing.T, arguments string) (out []moment) {
	t.Helper()
	var mutex sync.Mutex
	steps, programs, begun, verified := map[string]int{}, map[string]int{}, false, false
	note := func(step bool, count map[string]int) func(string) string {
		return func(words string) string {
			mutex.Lock()
			defer mutex.Unlock()
			count[words]++
			begun = begun || step && words == transaction.StepJournal
			verified = verified || step && words == transaction.StepReload
			if begun {
				out = append(out, moment{step, words, count[words], verified})
			}
			return "go"
		}
	}
	during(&c.afterStep, note(true, steps), func() {
		during(&c.beforeProgram, note(false, programs), func() { c.harden(t, arguments, 0) })
	})
	return out
}

// sampleMoments leaves out most moments if the test is not thorough: the calls of ucr that write stay, and some others.
func sampleMoments(all []moment) (out []moment) {
	for i, m := range all {
		if lab.Thorough() || m.words == "ucr set" || m.words == "ucr unset" || i%9 == 2 {
			out = append(out, m)
		}
	}
	return out
}
