package remedies

import (
	"cmp"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/findings"
	"ucs-harden/harden"
	"ucs-harden/plan"
)

// remedy is a case: a server that has a finding, and what takes it away.
type remedy struct {
	kind  *findings.Kind
	about string // what stands behind the name of the kind in the ID
	// mode is that of the plan, warn if it is empty. allOff is --all.
	mode   plan.Mode
	allOff bool
	weight findings.Weight
	// set and files are what the server has besides a stock server; a value "-" is nothing.
	set, files map[string]string
	// in is what was done on the server before, ready something that steps cannot say.
	in    []step
	ready func(*testing.T, *server)
	do    []step
	// accept are findings that the remedy leads to, and that the hint says to accept.
	accept []string
	// then is the mode in which the plan is made anew, if the remedy is another mode.
	then plan.Mode
}

func (c *remedy) request() harden.Request {
	return harden.Request{Mode: cmp.Or(c.mode, plan.Warn), AllOff: c.allOff}
}

// cases are those of all topics, by a sentence.
func cases() map[string]remedy {
	all := map[string]remedy{}
	for _, topic := range []map[string]remedy{
		ofServer, ofModes, ofPlaces, ofSpoofing, ofRelay, ofSubmission, ofDoors, ofLists, ofRights,
	} {
		for sentence, c := range topic {
			if _, twice := all[sentence]; twice {
				panic("two cases have the sentence " + sentence)
			}
			all[sentence] = c
		}
	}
	return all
}

// TestRemedies: the server has the finding; the administrator does what it says; the finding is gone, and no error has
// come instead.
func TestRemedies(t *testing.T) {
	t.Parallel()
	for sentence, c := range cases() {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			s := c.server(t)
			id := c.kind.Name
			if c.about != "" {
				id += ":" + c.about
			}
			before := s.plan(t, c.request())
			f := found(t, before, id)
			assert.Equal(t, c.weight, findings.WeightOf(f), "weight: %s", f.Text)
			inCatalogue(t, before)
			if c.weight == findings.Doubt {
				assert.NotContains(t, before.Blocking([]string{id}), f, "it can be accepted")
			}
			quoted(t, f, c.do)
			for _, id := range c.accept {
				assert.Contains(t, f.Hint, "--accept "+id)
			}
			for _, step := range c.do {
				step.do(t, &c, s)
			}
			q := c.request()
			q.Mode = cmp.Or(c.then, q.Mode)
			after := s.plan(t, q)
			inCatalogue(t, after)
			assert.NotContains(t, ids(after.Findings), id, "%s\nhint: %s", f.Text, f.Hint)
			for _, now := range after.Blocking(c.accept) {
				assert.Contains(t, ids(before.Findings), now.ID, "the remedy leads to an error: %s", now.Text)
			}
		})
	}
}

// TestEachKindHasARemedy: each kind of the catalogue has a case, and in each weight that it can have.
func TestEachKindHasARemedy(t *testing.T) {
	t.Parallel()
	tried := map[string]bool{}
	for _, c := range cases() {
		assert.True(t, len(c.do) > 0 || c.then != "", "%s: something is done", c.kind.Name)
		assert.True(t, tried[c.kind.Name] || live[c.kind] == "", "%s is no finding of archives", c.kind.Name)
		tried[c.kind.Name+" "+string(c.weight)] = true
	}
	script, err := os.ReadFile(liveScript)
	require.NoError(t, err)
	for _, k := range findings.All() {
		if live[k] != "" {
			assert.Contains(t, string(script), "\nstdout '\"id\": \""+k.Name, "%s has the finding", liveScript)
			assert.Regexp(t, "(?m)^! stdout '"+k.Name+":?'$", string(script), "%s shows that the finding is gone", liveScript)
			continue
		}
		for _, w := range k.Weights {
			assert.True(t, tried[k.Name+" "+string(w)], "no case for %s as %s", k.Name, w)
		}
	}
}

// liveScript has the cases of the kinds in live.
const liveScript = "../cli/testdata/commands/remedies.txtar"

// live are the kinds of which only a running server has findings, and why.
var live = map[*findings.Kind]string{
	findings.EditedByHand:          "main.cf is compared with what UCR renders",
	findings.Overridden:            "main.cf is rendered",
	findings.StillNamed:            "main.cf is rendered",
	findings.NoFolder:              "an archive may be older than the package",
	findings.TemplateNotRegistered: "UCR is asked",
	findings.NoEvidence:            "the mail log is asked",
	findings.Silent:                "only suspend --now and sync go on without the directory",
	findings.NoAnswer:              "only sync goes on without the directory",
	findings.Stays:                 "only sync leaves a control as it runs",
	findings.Unusable:              "only sync goes on with such a setting",
}

func (c *remedy) server(t *testing.T) *server {
	t.Helper()
	s := stock()
	for _, change := range []struct{ from, to map[string]string }{{c.set, s.registry}, {c.files, s.files}} {
		for key, value := range change.from {
			if value == "-" {
				delete(change.to, key)
			} else {
				change.to[key] = value
			}
		}
	}
	for _, step := range c.in {
		step.do(t, c, s)
	}
	if c.ready != nil {
		c.ready(t, s)
	}
	return s
}

func found(t *testing.T, p *plan.Plan, id string) plan.Finding {
	t.Helper()
	i := slices.IndexFunc(p.Findings, func(f plan.Finding) bool { return f.ID == id })
	require.GreaterOrEqual(t, i, 0, "the plan has no %s but %s", id, strings.Join(ids(p.Findings), "\n"))
	return p.Findings[i]
}

func ids(all []plan.Finding) (out []string) {
	for _, f := range all {
		out = append(out, f.ID)
	}
	return out
}

// inCatalogue checks that the catalogue knows all findings of a plan, in their weights.
func inCatalogue(t *testing.T, p *plan.Plan) {
	t.Helper()
	for _, f := range p.Findings {
		name, _, _ := strings.Cut(f.ID, ":")
		if k := findings.ByName(name); assert.NotNil(t, k, f.ID) {
			assert.Contains(t, k.Weights, findings.WeightOf(f), f.ID)
		}
	}
}

// aCommand finds the commands in a hint that can be run as they are written.
var aCommand = regexp.MustCompile(`ucr (?:set|unset)(?: --force)? \S+|ucs-harden [a-z-]+ remove \S+`)

// quoted checks that the case runs each command that the hint names with all its values.
func quoted(t *testing.T, f plan.Finding, done []step) {
	t.Helper()
	for _, command := range aCommand.FindAllString(f.Hint, -1) {
		command = strings.TrimRight(command, ",;")
		if strings.Contains(command, "…") || strings.Contains(command, "VARIABLE") || optional(f.Hint, command) {
			continue
		}
		assert.True(t, slices.ContainsFunc(done, func(s step) bool { return s.command() == command }),
			"the hint says %q, and it is not done", command)
	}
}

// optional reports whether a hint gives a command as the second of two ways.
func optional(hint, command string) bool {
	before, _, _ := strings.Cut(hint, command)
	return strings.Contains(before, "; or ") || strings.Contains(before, ", or ")
}
