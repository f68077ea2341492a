package schema

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

const version = `{"schema": 1, "version": "1.0", "go": "go1.26"}`

func TestCheck(t *testing.T) {
	for sentence, c := range map[string]struct {
		command, stdout string
		code            int
		err             string
	}{
		"an output that fits":                  {"/usr/sbin/ucs-harden version --json", version, 0, ""},
		"without --json nothing is looked at":  {"ucs-harden version", "x", 0, ""},
		"another program is not looked at":     {"postqueue --json", "x", 0, ""},
		"help is text":                         {"ucs-harden plan --json --help", "Shows what", 0, ""},
		"a group of commands shows its help":   {"ucs-harden suspend --json", "Usage:", 0, ""},
		"a property too many":                  {"ucs-harden version --json", strings.Replace(version, "}", `, "x": 1}`, 1), 0, "additional properties 'x' not allowed"},
		"a property too few":                   {"ucs-harden version --json", `{"schema": 1, "version": "1.0"}`, 0, "missing property 'go'"},
		"another number":                       {"ucs-harden version --json", strings.Replace(version, "1,", "2,", 1), 0, "value must be 1"},
		"two objects":                          {"ucs-harden version --json", version + version, 0, "more or less than one object"},
		"text in front":                        {"ucs-harden version --json", "Hello " + version, 0, "prints no object"},
		"a program that was killed":            {"ucs-harden apply --json", "", 137, ""},
		"nothing":                              {"ucs-harden sync --json", "", 0, "prints no object"},
		"an object of a command without a row": {"ucs-harden wash --json", version, 0, "has no schema for the output of wash"},
		"an object of a command without JSON":  {"ucs-harden completion --json", version, 0, "has no schema for the output of completion"},
		"an error of a command without a row":  {"ucs-harden plam --json", `{"schema": 1, "error": "e", "hint": "h", "unchanged": false, "exit_status": 64}`, 64, ""},
		"an error with another exit status":    {"ucs-harden plan --json", `{"schema": 1, "error": "e", "hint": "h", "unchanged": false, "exit_status": 1}`, 64, "says exit status 1 and ends with 64"},
		"a time that is none": {"ucs-harden apply --json",
			`{"schema": 1, "id": "20261120T223112Z-ec40a44c", "mode": "warn", "changed": true, "deadline": "today"}`, 0, "'today' is not valid date-time"},
	} {
		t.Run(sentence, func(t *testing.T) {
			err := Check(strings.Fields(c.command), c.stdout, c.code)
			if c.err == "" {
				assert.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, c.err)
		})
	}
}

func TestOf(t *testing.T) {
	for command, want := range map[string]string{
		"plan --json": "plan.json", "--root server --json suspend list": "list.json", "suspend add list --now": "list-change.json",
		"rollback --to x": "rollback.json", "rollback --yes --dry-run": "history.json", "help plan": "none", "": "", "bogus": "",
	} {
		assert.Equal(t, want, Of(strings.Fields(command)).Kind, command)
	}
}

// Each type differs from version.json in one way.
func TestCompare(t *testing.T) {
	type base struct {
		Schema  int    `json:"schema"`
		Version string `json:"version"`
	}
	for sentence, c := range map[string]struct {
		printed any
		err     string
	}{
		"the same": {struct {
			base
			Go string `json:"go"`
		}{}, ""},
		"a property that no output can have": {base{}, "no output can have the property go"},
		"a property that the schema does not have": {struct {
			base
			Go  string `json:"go"`
			New string `json:"new,omitempty"`
		}{}, "version.json.new: the schema does not have"},
		"a property that may be absent": {struct {
			base
			Go string `json:"go,omitempty"`
		}{}, "required is [schema version go]"},
		"another type": {struct {
			base
			Go int `json:"go"`
		}{}, "int is of type integer, not string"},
		"a value that may be null": {struct {
			base
			Go *string `json:"go"`
		}{}, "null is allowed here: false, but printed: true"},
		"a field without a name": {struct {
			base
			Go    string `json:"go"`
			Other string
		}{}, "the field Other has no name in JSON"},
	} {
		t.Run(sentence, func(t *testing.T) {
			err := Compare("version.json", reflect.TypeOf(c.printed), nil, map[string]bool{})
			if c.err == "" {
				assert.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, c.err)
		})
	}
}
