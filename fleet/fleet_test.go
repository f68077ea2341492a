package fleet_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/evidence"
	"ucs-harden/fleet"
	"ucs-harden/fleet/fleettest"
	"ucs-harden/harden"
	"ucs-harden/plan"
	"ucs-harden/tests/schema"
)

var options = fleet.Options{Now: fleettest.Now, MaxAge: 48 * time.Hour}

func table(sources ...fleet.Source) *fleet.Fleet { return fleet.Read(sources, options) }

// kinds are the troubles of a server as "severity kind".
func kinds(s fleet.Server) (out []string) {
	for _, t := range s.Troubles {
		out = append(out, string(t.Severity)+" "+string(t.Kind))
	}
	return out
}

func TestTroubles(t *testing.T) {
	ago := func(d time.Duration) *time.Time { at := fleettest.Now.Add(-d); return &at }
	for sentence, c := range map[string]struct {
		change func(st *harden.Status)
		want   []string
	}{
		"all is well": {func(*harden.Status) {}, nil},
		"a crash": {func(st *harden.Status) {
			st.Interrupted = "20261130T115500Z-00000001"
		}, []string{"error interrupted"}},
		"Postfix is stopped": {func(st *harden.Status) {
			st.Postfix = "stopped"
		}, []string{"error postfix-down"}},
		"the directory is silent": {func(st *harden.Status) {
			st.Silent = "no answer"
		}, []string{"error directory-silent"}},
		"drift, whatever mode runs meanwhile": {func(st *harden.Status) {
			st.Drift, st.Running["relay"] = []string{"+ a"}, plan.Off
		}, []string{"warning drift"}},
		"another mode runs than is wanted": {func(st *harden.Status) {
			st.Running["relay"] = plan.Off
		}, []string{"warning differs"}},
		"a control without entries is not in Postfix": {func(st *harden.Status) {
			st.Running["suspended"] = plan.Off
			for i := range st.Controls {
				st.Controls[i].Idle = st.Controls[i].Name == "suspended"
			}
		}, nil},
		"one domain is to enforce, and the control runs so": {func(st *harden.Status) {
			st.Controls[0].Domains = map[string]plan.Mode{"company.my": plan.Enforce, "company.local": plan.Warn}
			st.Running[st.Controls[0].Name] = plan.Enforce
		}, nil},
		"a mode that is not known is no trouble": {func(st *harden.Status) { delete(st.Running, "relay") }, nil},
		"an apply waits": {func(st *harden.Status) {
			st.Waiting = &harden.Waiting{ID: "a", Deadline: *ago(-time.Minute)}
		}, []string{"warning to-confirm"}},
		"syncs wait": {func(st *harden.Status) {
			st.Sync.Paused = &harden.Pause{ID: "a", Time: *ago(time.Hour)}
		}, []string{"warning paused"}},
		"syncs wait, so other modes run than are wanted": {func(st *harden.Status) {
			st.Sync.Paused = &harden.Pause{ID: "a", Time: *ago(time.Hour)}
			st.Drift = []string{"+ a"}
		}, []string{"warning paused", "warning drift"}},
		"the sync failed": {func(st *harden.Status) {
			st.Sync.Last = &harden.SyncRun{Time: *ago(0), Result: "failed"}
		}, []string{"error sync-failed"}},
		"the sync left something out": {func(st *harden.Status) {
			st.Sync.Last = &harden.SyncRun{Time: *ago(0), Result: "partly"}
		}, []string{"warning partly"}},
		"a change waits for the sync for long": {func(st *harden.Status) {
			st.Sync.Wanted = ago(3 * time.Hour)
		}, []string{"warning overdue"}},
		"a change was announced just now": {func(st *harden.Status) {
			st.Sync.Wanted = ago(11 * time.Minute)
		}, nil},
		"a finding stops an apply": {func(st *harden.Status) {
			st.Findings = []plan.Finding{{ID: "a:b", Severity: plan.Error}}
		}, []string{"error findings"}},
		"a finding was accepted": {func(st *harden.Status) {
			st.Findings = []plan.Finding{{ID: "a:b", Severity: plan.Error}, {ID: "c", Severity: plan.Warning}}
			st.Accepted = []evidence.Acceptance{{ID: "a:b"}}
		}, nil},
		"the state is old": {func(st *harden.Status) {
			st.Time = *ago(49 * time.Hour)
		}, []string{"warning old"}},
		"the state is nearly old": {func(st *harden.Status) { st.Time = *ago(47 * time.Hour) }, nil},
		"the state has no time": {func(st *harden.Status) {
			st.Time = time.Time{}
		}, []string{"warning undated"}},
		"the state is of the future": {func(st *harden.Status) {
			st.Time = *ago(-time.Hour)
		}, []string{"warning ahead"}},
		"clocks differ by a minute": {func(st *harden.Status) { st.Time = *ago(-time.Minute) }, nil},
		"an exception ends soon": {func(st *harden.Status) {
			st.Expires = &harden.Expiry{Date: "2026-12-10", Days: 10}
		}, []string{"note expires"}},
		"an exception ends next year": {func(st *harden.Status) {
			st.Expires = &harden.Expiry{Date: "2027-12-10", Days: 375}
		}, nil},
		"milters and tables fail": {func(st *harden.Status) {
			st.Troubles = &harden.Troubles{Milters: 1, Tables: 2}
		}, []string{"note failing", "note failing"}},
		"a newer version wrote it": {func(st *harden.Status) { st.Schema++ }, []string{"note newer"}},
		"several: the gravest is first": {func(st *harden.Status) {
			st.Time, st.Postfix = *ago(49 * time.Hour), "stopped"
		}, []string{"error postfix-down", "warning old"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			f := table(fleettest.From("a.json", fleettest.Text(fleettest.With(fleettest.Well("mail.company.my"), c.change))))
			require.Empty(t, f.Unreadable)
			assert.Equal(t, c.want, kinds(f.Servers[0]))
			needed := len(c.want) > 0 && !strings.HasPrefix(c.want[0], "note")
			ofTheSync := []fleet.Kind{fleet.SyncFailed, fleet.Partly} // their hint is that of the sync
			assert.Equal(t, !needed, f.AsPlanned())
			for _, trouble := range f.Servers[0].Troubles {
				assert.NotEmpty(t, trouble.Text.String())
				hint := needed && !slices.Contains(ofTheSync, trouble.Kind)
				assert.Equal(t, hint, trouble.Hint.String() != "", "%s", trouble.Kind)
			}
			fits(t, f)
		})
	}
}

// What lacks evidence is held back, and the table says why.
func TestHeldBack(t *testing.T) {
	f := table(fleettest.From("a.json", fleettest.Text(fleettest.Held("mail.company.my"))))
	s := f.Servers[0]
	require.Equal(t, []string{"warning held"}, kinds(s), "it is no drift, and the sync was not the cause")
	assert.Equal(t, "sender-spoofing is wanted in enforce, and stays in warn: "+
		"2 groups of mail that look legitimate; the log shows 2.5 of 7 days", s.Troubles[0].Text.String())
	c := s.Control("sender-spoofing")
	assert.True(t, c.Held)
	assert.False(t, c.AsWanted())
	assert.False(t, *c.Ready)
	assert.Equal(t, plan.Enforce, c.Wanted)
	assert.Equal(t, plan.Warn, c.Running)
	assert.Nil(t, s.Control("relay").Ready, "nobody has asked")

	before := fleettest.With(fleettest.Held("mail.company.my"), func(st *harden.Status) {
		st.Running["sender-spoofing"] = plan.Off
		st.Drift = []string{"+ a"}
		st.Sync.Paused = &harden.Pause{ID: "a", Time: fleettest.Now.Add(-time.Hour)}
	})
	troubles := table(fleettest.From("a.json", fleettest.Text(before))).Servers[0].Troubles
	require.Len(t, troubles, 3)
	assert.Equal(t, fleet.Paused, troubles[0].Kind, "it explains the others")
	assert.Contains(t, troubles[1].Text.String(), "is wanted in enforce, and may only come to warn: ")
	assert.Equal(t, "ucs-harden plan", troubles[2].Hint.String(), "a sync would do nothing")
}

// The server that needs somebody most comes first; else the names decide.
func TestOrder(t *testing.T) {
	note := func(st *harden.Status) { st.Expires = &harden.Expiry{Days: 1} }
	down := func(st *harden.Status) { st.Postfix = "stopped" }
	drift := func(st *harden.Status) { st.Drift = []string{"+ a"} }
	f := table(
		fleettest.From("1", fleettest.Text(fleettest.Well("c")), fleettest.Text(fleettest.Well("a"))),
		fleettest.From("2", fleettest.Text(fleettest.With(fleettest.Well("y"), drift)), fleettest.Text(fleettest.With(fleettest.Well("b"), note))),
		fleettest.From("3", fleettest.Text(fleettest.With(fleettest.Well("z"), down))),
	)
	var names []string
	for _, s := range f.Servers {
		names = append(names, s.Name)
	}
	assert.Equal(t, []string{"z", "y", "b", "a", "c"}, names)
	assert.Equal(t, []int{1, 1, 1}, []int{f.Count(plan.Error), f.Count(plan.Warning), f.Count(plan.Note)})
}

// Of the same server the newest state counts, whatever the order of the files and the case of its name.
func TestSameServerTwice(t *testing.T) {
	old := fleettest.Text(fleettest.With(fleettest.Well("MAIL.company.my"), func(st *harden.Status) {
		st.Time, st.Postfix = st.Time.Add(-time.Hour), "stopped"
	}))
	undated := fleettest.Text(fleettest.With(fleettest.Well("mail.company.my"), func(st *harden.Status) { st.Time = time.Time{} }))
	well := fleettest.Text(fleettest.Well("mail.company.my"))
	for _, order := range [][]string{{old, undated, well}, {well, undated, old}} {
		f := table(fleettest.From("all.json", order...))
		require.Len(t, f.Servers, 1)
		assert.Equal(t, []string{"note twice"}, kinds(f.Servers[0]))
	}
}

func TestSources(t *testing.T) {
	well := fleettest.Text(fleettest.Well("mail.company.my"))
	many := make([]string, 51)
	for i := range many {
		many[i] = `{"name":"c` + strings.Repeat("x", i) + `","after":"off"}`
	}
	status := func(rest string) string {
		return `{"schema":3,"running":{},"readiness":[],"server":"a","time":"2026-11-30T12:00:00Z",` + rest + `}`
	}
	const foreign = `object 1: it is nothing that "ucs-harden status --json" prints`
	for sentence, c := range map[string]struct {
		content string
		servers int
		err     string
	}{
		"one":                      {well, 1, ""},
		"none":                     {"", 0, "it is empty"},
		"blanks":                   {" \n", 0, "it is empty"},
		"a failed status":          {fleettest.Failed, 1, ""},
		"two without a line break": {strings.TrimSpace(well) + fleettest.Failed, 2, ""},
		"an object that is none of ours": {
			fleettest.Failed + "{}" + well, 2,
			`object 2: it is nothing that "ucs-harden status --json" prints`,
		},
		"an error with the name of its server": {
			strings.Replace(fleettest.Failed, "{", `{"server":"mail.company.my",`, 1) + well, 1,
			"",
		},
		"what stands before rubbish stays": {
			well + "sudo: a password is required", 1,
			"it is no JSON: invalid character 's' looking for beginning of value",
		},
		"a text":           {`"text"`, 0, foreign},
		"a plan":           {`{"schema":2,"controls":[],"state":{}}`, 0, foreign},
		"a list of states": {"[" + well + "]", 0, foreign},
		"a state of an old version": {
			strings.Replace(well, `"schema":3`, `"schema":1`, 1), 0,
			"object 1: its schema is 1, and 2 is the oldest that can be read",
		},
		"another type in a newer version": {`{"schema":9,"controls":{"relay":{}},"running":{},"readiness":[]}`, 0,
			"object 1: its schema is 9, and this program knows 3: json: cannot unmarshal object into Go struct field status.controls of type []plan.Control"},
		"a control with a strange name": {
			status(`"controls":[{"name":"a b","after":"off"}]`), 0,
			foreign + `: a control is called "a b"`,
		},
		"a strange mode": {
			status(`"controls":[{"name":"a","after":"<b>"}]`), 0,
			foreign + `: a mode is called "<b>"`,
		},
		"a control twice": {status(`"controls":[{"name":"a","after":"off"},{"name":"a","after":"warn"}]`), 0,
			foreign + `: it names a twice`},
		"many controls": {
			status(`"controls":[` + strings.Join(many, ",") + `]`), 0,
			foreign + `: 51 controls`,
		},
		"a mode of a newer version": {status(`"controls":[{"name":"a","after":"quarantine"}]`), 1, ""},
		"more than fits":            {strings.Repeat(" ", fleet.MostBytes+1), 0, "it is longer than 32 MiB"},
		"one that does not end": {
			`{"schema":3,"server":"` + strings.Repeat("x", fleet.MostBytes), 0,
			"it is longer than 32 MiB",
		},
		"many objects": {
			strings.Repeat(fleettest.Failed, 10_001), 10_000,
			"nothing behind object 10000 was read",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			f := table(fleettest.From("some.json", c.content))
			assert.Len(t, f.Servers, c.servers)
			if c.err == "" {
				assert.Empty(t, f.Unreadable)
				return
			}
			require.Len(t, f.Unreadable, 1)
			hint := "write it again on its server: ucs-harden status --json"
			assert.Equal(t, fleet.Unreadable{Source: "some.json", Error: c.err, Hint: hint}, f.Unreadable[0])
		})
	}
}

// Texts and lists are cut, so that one server cannot fill the screen of all.
func TestBounds(t *testing.T) {
	long := strings.Repeat("ä", 2_000)
	f := table(fleettest.From("a.json", fleettest.Text(fleettest.With(fleettest.Held(long), func(st *harden.Status) {
		st.Version, st.Silent, st.Interrupted = long, long, long
		st.Sync.Last = &harden.SyncRun{Result: "failed", Error: long, Hint: long}
		st.Expires = &harden.Expiry{List: long, Name: long, Date: long}
		for range 1000 {
			st.Drift = append(st.Drift, long)
			st.Readiness[0].Missing = append(st.Readiness[0].Missing, evidence.Verbatim(long))
		}
	}))))
	require.Empty(t, f.Unreadable)
	text, err := json.Marshal(f)
	require.NoError(t, err)
	assert.Less(t, len(text), 300_000)
	assert.Contains(t, string(text), "the next sync would change 1000 things")
}

// Everything that a fleet reads is the name of something that a status has, and the error too.
func TestNamesAreThoseOfAStatus(t *testing.T) {
	known := map[string]bool{"error": true, "hint": true, "exit_status": true}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[harden.Status]()) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		known[name] = true
	}
	for _, name := range fleet.NamesRead() {
		assert.True(t, known[name], name)
	}
}

func fits(t *testing.T, f *fleet.Fleet) {
	t.Helper()
	text, err := json.Marshal(f)
	require.NoError(t, err)
	assert.NoError(t, schema.Fits("fleet.json", string(text)))
}

func TestSmallFleetFitsTheSchema(t *testing.T) { fits(t, fleettest.Small()) }

func FuzzRead(f *testing.F) {
	f.Add(fleettest.Text(fleettest.Held("mail.company.my")))
	f.Add(fleettest.Failed + `{"schema":3}`)
	f.Fuzz(func(t *testing.T, content string) {
		read := table(fleettest.From("a", content))
		assert.True(t, len(read.Servers)+len(read.Unreadable) > 0)
		_, err := json.Marshal(read)
		require.NoError(t, err)
	})
}
