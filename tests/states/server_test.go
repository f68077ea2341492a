package states_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
)

// server is a lab whose mail server has ucs-harden, and an entry in each list.
type server struct {
	*lab.Lab
	before map[string]string // what the server was like before the first apply
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{Lab: lab.New(t)}
	s.InstallProgram(t)
	s.UCR(t, "set", "mail/harden/suspended/account/full/account=full", "mail/harden/local-only/account/clerk/account=clerk",
		"mail/harden/protected/list/staff/address=staff@company.my")
	return s
}

// outcome is a command, what it has said, and what the files were before.
type outcome struct {
	lab.Result
	command string
	files   map[string]string
}

func (o outcome) says(words string) bool { return strings.Contains(o.Stdout+o.Stderr, words) }

// any allows every exit status that is documented.
const any = -1

// harden runs ucs-harden. Without status it must succeed.
func (s *server) harden(t *testing.T, command string, status ...int) outcome {
	t.Helper()
	files := s.meaning(t)
	result := s.Harden(t, command)
	allowed := []int{0}
	if slices.Contains(status, any) {
		allowed = []int{0, 1, 2, 3, 64} // 4 would be a server between old and new
	}
	require.Contains(t, allowed, result.Code, "ucs-harden %s: %s%s", command, result.Stdout, result.Stderr)
	return outcome{result, command, files}
}

// kept are the folders that make a state.
const kept = "etc/univention etc/postfix var/lib/ucs-harden"

// save keeps the files of a state, restore brings them back.
func (s *server) save(t *testing.T, name string) string {
	t.Helper()
	file := "/root/" + name + ".tar"
	s.Must(t, "sh", "-c", "mkdir -p /var/lib/ucs-harden; tar -C / -cf "+file+" "+kept)
	return file
}

func (s *server) restore(t *testing.T, file string) {
	t.Helper()
	s.Must(t, "sh", "-c", "cd / && find "+kept+" -mindepth 1 -delete && tar -xf "+file)
	if s.Running(lab.Postfix) {
		require.NoError(t, s.BackdatePostfix())
		s.ReloadPostfix(t)
	}
}

// stopped are the services that a state has stopped.
func (s *server) stopped() (out []lab.Service) {
	for _, service := range []lab.Service{lab.Slapd, lab.Postfix} {
		if !s.Running(service) {
			out = append(out, service)
		}
	}
	return out
}

// meaning is what the files mean: lines in any order, and of compiled tables that they are there.
func (s *server) meaning(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, path := range []string{"/etc/univention/base.conf", "/etc/postfix/main.cf", "/etc/postfix/master.cf"} {
		content, err := s.Mail().ReadFile(path)
		require.NoError(t, err)
		lines := strings.FieldsFunc(strings.ReplaceAll(string(content), " -o ", "\n"), func(r rune) bool { return r == '\n' })
		slices.Sort(lines)
		out[path] = strings.Join(lines, "\n")
	}
	for _, folder := range []string{"/etc/postfix", "/etc/postfix/ucs-harden"} {
		entries, err := os.ReadDir(s.Path(folder))
		require.NoError(t, err)
		for _, e := range entries {
			path := filepath.Join(folder, e.Name())
			if _, known := out[path]; known || e.IsDir() {
				continue
			}
			if out[path] = "there"; !strings.HasSuffix(path, ".db") {
				content, err := s.Mail().ReadFile(path)
				require.NoError(t, err)
				out[path] = string(content)
			}
		}
	}
	return out
}

// truth is what the server does.
type truth struct {
	// spoofed is the reply to a stranger who writes as one of ours, employee that to employee with a login; "" while Postfix
	// is down. list is the recipient list that postconf prints.
	spoofed, employee, list string
}

func (s *server) truth(t *testing.T) (is truth) {
	t.Helper()
	require.NoError(t, s.BackdatePostfix())
	is.list = s.Must(t, "postconf", "-h", "smtpd_recipient_restrictions")
	if !s.Running(lab.Postfix) {
		return is
	}
	is.spoofed = s.Swaks(t, "outside", "--from", "intern@company.my", "--to", "clerk@company.local")
	is.employee = s.Swaks(t, "outside", append(lab.SwaksLogin("employee"), "--from", "employee@company.my", "--to", "clerk@company.local")...)
	return is
}

const senderTable = "/etc/postfix/check_custom_sender_access"

// runs is the mode of sender-spoofing that the server has.
func (is truth) runs() string {
	asked := strings.Contains(is.list, senderTable) || strings.Contains(is.list, "sender-spoofing-clients")
	switch {
	case strings.Contains(is.spoofed, "#ucs-harden:sender-spoofing"):
		return "enforce"
	case asked && strings.HasPrefix(is.spoofed, "250"):
		return "warn"
	case asked: // it does not run, or does not work
		return "asked"
	}
	return "off"
}

func (is truth) mustRun(t *testing.T, mode string) {
	t.Helper()
	if runs := is.runs(); runs == "asked" {
		require.NotEqual(t, "off", mode, "%+v", is)
	} else {
		require.Equal(t, mode, runs, "%+v", is)
	}
}

// status is a part of the JSON output of status.
type status struct {
	Mode     string
	Postfix  string
	Silent   string
	Running  map[string]string
	Stopped  []string
	Drift    []string
	Findings []struct{ Severity string }
	Waiting  *struct{ ID string }
}

func (o outcome) status(t *testing.T) (st status) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(o.Stdout), &st), o.Stdout)
	return st
}

func sortedKeys[V interface{}](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// same reports whether two meanings are the same, but for the mode variables and lists that nobody took back.
func same(t *testing.T, want, got map[string]string, why string) {
	t.Helper()
	for path := range want {
		assert.Equal(t, want[path], got[path], why)
	}
	assert.Equal(t, sortedKeys(want), sortedKeys(got), why)
}
