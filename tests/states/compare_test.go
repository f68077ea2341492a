package states_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/tests/lab"
)

// compare compares the words of a command with what is.
func (s *server) compare(t *testing.T, st state, was truth, o outcome, writes bool) {
	t.Helper()
	files := s.meaning(t)
	if !writes || o.says("nothing was changed") || o.says("Nothing to change") {
		same(t, o.files, files, "nothing was changed")
	}
	if o.Code == 1 || o.Code == 64 {
		assert.True(t, o.says("error:") && o.says("hint:") || !writes, "an error says what to do: %s%s", o.Stdout, o.Stderr)
	}
	for _, text := range []string{o.Stdout, o.Stderr} {
		assert.NotContains(t, text, "\x1b", "nothing is coloured without a terminal")
	}
	if strings.Contains(o.command, "--json") && o.Code != 64 {
		assert.True(t, json.Valid([]byte(o.Stdout)), o.Stdout)
	}
	switch {
	case strings.HasPrefix(o.command, "status"):
		s.compareStatus(t, st, was, o)
	case o.command == "plan" && o.Code == 0:
		again := s.harden(t, "status --check", any)
		assert.True(t, again.says("as planned") || again.says("waits to be confirmed") || again.says("Postfix is not running") ||
			again.says("error"), again.Stdout)
	case strings.HasPrefix(o.command, "check"):
		s.compareCheck(t, st, was, o)
	}
	if writes {
		s.compareChange(t, st, was, o, files)
	}
}

// compareStatus: the modes that run, Postfix, the directory, and who is stopped.
func (s *server) compareStatus(t *testing.T, st state, was truth, o outcome) {
	t.Helper()
	switch {
	case st.down:
		assert.Equal(t, 1, o.Code)
	case st.silent:
		assert.Equal(t, 1, o.Code)
	}
	if !strings.Contains(o.command, "--json") {
		assert.Equal(t, st.down, o.says("Postfix is not running"), o.Stdout)
		assert.Equal(t, st.silent, o.says("the directory does not answer"), o.Stdout)
		if o.says("as planned") {
			again := s.harden(t, "plan", any)
			assert.Zero(t, again.Code, "as planned, but: %s", again.Stdout)
		}
		return
	}
	said := o.status(t)
	was.mustRun(t, said.Running["sender-spoofing"])
	assert.Equal(t, map[bool]string{true: "stopped", false: "running"}[st.down], said.Postfix)
	assert.Equal(t, st.silent, said.Silent != "")
	for _, name := range said.Stopped {
		assert.Contains(t, s.Swaks(t, "outside", "--from", name+"@company.my", "--to", "clerk@company.local"), "#ucs-harden:suspended")
	}
}

// compareCheck: what the private Postfix answers is what the live one answers.
func (s *server) compareCheck(t *testing.T, st state, was truth, o outcome) {
	t.Helper()
	if st.down || o.Code == 1 {
		return
	}
	said := s.harden(t, o.command+" --json", any)
	var check struct {
		Today struct {
			Reply struct{ Code int }
		}
	}
	assert.NoError(t, json.Unmarshal([]byte(said.Stdout), &check), said.Stdout)
	if strings.HasPrefix(was.spoofed, "4") && check.Today.Reply.Code >= 400 {
		return // what is broken may answer with another number
	}
	assert.Equal(t, was.spoofed[:3], said.Stdout[strings.Index(said.Stdout, `"code": `)+8:][:3], said.Stdout)
}

// compareChange: what was applied runs, what was taken back is as before, and who is stopped is.
func (s *server) compareChange(t *testing.T, st state, was truth, o outcome, files map[string]string) {
	t.Helper()
	if o.Code == 3 {
		assert.True(t, o.says("rolled back"), o.Stderr)
		same(t, o.files, files, "rolled back")
	}
	is := s.truth(t)
	for _, mode := range []string{"off", "warn", "enforce"} {
		if strings.Contains(o.command, "--mode "+mode) && o.says("Applied in mode "+mode) && s.Running(lab.Postfix) {
			want := mode
			if own, set := ownMode(files); set {
				want = own
			}
			assert.Equal(t, want, is.runs(), "%+v", is)
		}
	}
	if o.says("the server is as it was before") && !o.says("but for this") && strings.HasPrefix(o.command, "rollback") {
		for path, content := range files {
			if strings.HasPrefix(path, "/etc/postfix/ucs-harden/") || path == senderTable {
				assert.NotEmpty(t, content)
			}
		}
		again := s.harden(t, "history --json", any)
		assert.Contains(t, again.Stdout, `"rolled-back"`)
	}
	if o.says(" is stopped now.") && s.Running(lab.Postfix) {
		assert.Contains(t, is.employee, "#ucs-harden:suspended", "%+v", is)
	} else if !strings.HasPrefix(o.command, "suspend add employee") && s.Running(lab.Postfix) {
		assert.NotContains(t, is.employee, "#ucs-harden:suspended")
	}
	if strings.HasPrefix(o.command, "suspend add employee --now") {
		assert.Zero(t, o.Code, "an account can be stopped in every state: %s", o.Stderr)
	}
	if o.command == "confirm" && o.Code == 0 {
		assert.NotNil(t, o.files)
		assert.False(t, s.harden(t, "status --check", any).says("waits"))
	}
	if o.command == "sync" && o.Code == 0 {
		assert.True(t, s.harden(t, "status --check", any).says("as planned") || st.down)
	}
}

// ownMode is the mode of sender-spoofing that does not follow that of all controls.
func ownMode(files map[string]string) (string, bool) {
	_, rest, set := strings.Cut(files["/etc/univention/base.conf"], "mail/harden/sender-spoofing/mode: ")
	mode, _, _ := strings.Cut(rest, "\n")
	return mode, set
}
