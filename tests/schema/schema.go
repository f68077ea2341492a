// Package schema checks what ucs-harden prints with --json against the schemas in the folder schemas. Every test that
// runs the program calls Check, so an output that no schema describes makes a test fail wherever it turns up.
package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"ucs-harden/schemas"
)

const (
	program = "ucs-harden"
	failure = "error.json"
	// None stands in the README for a command that prints no JSON.
	None = "none"
)

// killed is what is added to the number of a signal that has ended a program.
const killed = 128

// Check checks the output of a program. It looks only at runs of ucs-harden with --json. code is the exit status.
func Check(argv []string, stdout string, code int) error {
	at := slices.IndexFunc(argv, func(word string) bool { return path.Base(word) == program })
	if code == killed+int(syscall.SIGKILL) || at < 0 || !slices.Contains(argv[at:], "--json") || slices.Contains(argv[at:], "--help") {
		return nil
	}
	words := argv[at+1:]
	kind := Of(words).Kind
	if !strings.HasPrefix(stdout, "{") {
		if kind == "" || kind == None {
			return nil
		}
		return fmt.Errorf("%s prints no object with --json: %q", strings.Join(words, " "), stdout)
	}
	var printed struct {
		Error  *string
		Status int `json:"exit_status"`
	}
	if err := json.Unmarshal([]byte(stdout), &printed); err != nil {
		return fmt.Errorf("%s prints more or less than one object: %w", strings.Join(words, " "), err)
	}
	if printed.Error != nil {
		if kind = failure; printed.Status != code {
			return fmt.Errorf("%s says exit status %d and ends with %d", strings.Join(words, " "), printed.Status, code)
		}
	}
	if kind == "" || kind == None {
		return fmt.Errorf("schemas/README.md has no schema for the output of %s", strings.Join(words, " "))
	}
	if err := Fits(kind, stdout); err != nil {
		return fmt.Errorf("%s: %w", strings.Join(words, " "), err)
	}
	return nil
}

// Fits checks a JSON text against a schema, by the name of its file.
func Fits(kind, text string) error {
	schema, err := compiled(kind)
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return err
	}
	if err := schema.Validate(value); err != nil {
		return fmt.Errorf("this does not fit %s: %w\n%s", kind, err, text)
	}
	return nil
}

// compiled compiles a schema once.
func compiled(kind string) (*jsonschema.Schema, error) {
	mutex.Lock()
	defer mutex.Unlock()
	if s := cache[kind]; s != nil {
		return s, nil
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	for _, name := range Kinds() {
		content, err := schemas.Files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(content))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if err := c.AddResource(base+name, value); err != nil {
			return nil, err
		}
	}
	s, err := c.Compile(base + kind)
	if err == nil {
		cache[kind] = s
	}
	return s, err
}

// base makes URLs of the file names. Nothing is read from there.
const base = "file:///schemas/"

var (
	mutex sync.Mutex
	cache = map[string]*jsonschema.Schema{}
)

// Kinds are the files of all schemas.
func Kinds() []string {
	entries, err := schemas.Files.ReadDir(".")
	if err != nil {
		panic(err) // the folder is embedded
	}
	var names []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".json") {
			names = append(names, e.Name())
		}
	}
	return names
}
