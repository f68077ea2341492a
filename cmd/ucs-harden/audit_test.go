package main

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/sirupsen/logrus"
	"github.com/stretchr/testify/assert"

	"ucs-harden/harden"
	"ucs-harden/lists"
	"ucs-harden/outcome"
	"ucs-harden/plan"
	"ucs-harden/transaction"
)

// memory keeps the lines that syslog would get.
type memory struct{ lines []string }

func (*memory) Levels() []logrus.Level { return logrus.AllLevels }

func (m *memory) Fire(e *logrus.Entry) error {
	line, err := e.String()
	m.lines = append(m.lines, line)
	return err
}

func inMemory() (*audit, *memory) {
	m := &memory{}
	return &audit{
		who: func() string { return "alice" }, open: func() (logrus.Hook, error) { return m, nil }, patience: time.Minute,
		debug: func(string, map[string]any) {},
	}, m
}

// errRolledBack is what an apply returns whose step failed.
var errRolledBack = fmt.Errorf("cannot apply: %w", &harden.ChangeError{
	ID: "ID", Err: fmt.Errorf("%w: secret output", transaction.ErrRolledBack),
})

func TestTheLineAboutAChange(t *testing.T) {
	deadline := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	boss := lists.Entry{Account: "boss", Mode: "enforce"}
	for sentence, c := range map[string]struct {
		do     func(*audit)
		err    error
		status int
		want   []string
	}{
		"a command that only looks": {func(*audit) {}, nil, 0, nil},
		"an apply": {func(a *audit) {
			a.begin("apply").applied(&harden.Applied{ID: "ID", Mode: plan.Warn, Changed: true, Deadline: &deadline})
		}, nil, 0, []string{"level=info what=apply who=alice id=ID mode=warn deadline=\"2026-11-20T12:00:00Z\" result=done exit_status=0\n"}},
		"an apply with nothing to do": {func(a *audit) {
			a.begin("apply").applied(&harden.Applied{Mode: plan.Warn})
		}, nil, 0, nil},
		"a question that was answered with no": {func(a *audit) {
			a.begin("apply")
			a.drop()
		}, errors.New("not applied"), 1, nil},
		"a rollback that only shows": {func(a *audit) { a.begin("rollback") }, quiet(0), 0, nil},
		"wrong usage":                {func(a *audit) { a.begin("apply") }, usage("no"), 64, nil},
		"a lock": {func(a *audit) { a.begin("sync") }, outcome.Unchanged(fmt.Errorf("cannot sync: %w", transaction.ErrLocked)), 11,
			[]string{"level=warning what=sync who=alice result=refused reason=\"another ucs-harden is running\" exit_status=11\n"}},
		"findings": {func(a *audit) { a.begin("apply").mode = "enforce" },
			outcome.Unchanged(&harden.BlockedError{Findings: []plan.Finding{{ID: "held:x"}, {ID: "dormant:y"}}}), 1,
			[]string{"level=warning what=apply who=alice mode=enforce result=refused reason=\"findings: held:x dormant:y\" exit_status=1\n"}},
		"a stale plan": {func(a *audit) { a.begin("apply") }, outcome.Unchanged(fmt.Errorf("%w: secret", transaction.ErrStale)), 1,
			[]string{"level=warning what=apply who=alice result=refused reason=\"the plan is stale\" exit_status=1\n"}},
		"a step that failed; what a program printed is not repeated": {func(a *audit) { a.begin("apply") }, errRolledBack, 3,
			[]string{"level=warning what=apply who=alice id=ID result=rolled-back exit_status=3\n"}},
		"a way back that failed": {func(a *audit) { a.begin("recover") }, fmt.Errorf("cannot recover: %w", transaction.ErrIncomplete), 4,
			[]string{"level=error what=recover who=alice result=incomplete exit_status=4\n"}},
		"a rollback of two changes": {func(a *audit) {
			r := a.begin("rollback")
			r.made("B")
			r.made("A")
		}, nil, 0, []string{
			"level=info what=rollback who=alice id=B result=done exit_status=0\n", "level=info what=rollback who=alice id=A result=done exit_status=0\n",
		}},
		"a rollback of two changes of which one failed": {func(a *audit) { a.begin("rollback").made("B") },
			&harden.PartlyBackError{Last: "B", Err: outcome.Unchanged(transaction.ErrConflict)}, 1, []string{
				"level=info what=rollback who=alice id=B result=done exit_status=1\n",
				"level=error what=rollback who=alice result=failed reason=\"changed since by someone else\" exit_status=1\n",
			}},
		"a rollback with nothing to do": {func(a *audit) { a.begin("rollback") }, outcome.Unchanged(transaction.ErrNothing), 1, nil},
		"an account that is stopped": {func(a *audit) {
			a.begin("suspend add --now").listed(&harden.ListChange{
				Action: "added", Mode: plan.Off, Entry: boss, Stopped: &harden.Stopped{}, Stop: &harden.Applied{ID: "ID", Changed: true},
			}, nil)
		}, nil, 0, []string{"level=info what=\"suspend add --now\" who=alice about=boss id=ID mode=enforce result=done exit_status=0\n"}},
		"an account that can still send has one line": {func(a *audit) {
			a.begin("suspend add --now").listed(&harden.ListChange{
				Action: "added", Entry: boss, Stopped: &harden.Stopped{}, Stop: &harden.Applied{ID: "ID", Changed: true},
			}, errors.New("x"))
		}, &harden.NotStoppedError{Entry: boss, Err: errors.New("port 2525")}, 1,
			[]string{"level=error what=\"suspend add --now\" who=alice about=boss id=ID mode=enforce result=failed exit_status=1\n"}},
		"a list whose sync was taken back: the list stays changed": {func(a *audit) {
			a.begin("restrict add --now").listed(&harden.ListChange{Action: "added", Mode: plan.Warn, Entry: boss}, errRolledBack)
		}, outcome.As(outcome.RolledBack, &harden.NotInEffectError{Err: errRolledBack}), 3,
			[]string{"level=error what=\"restrict add --now\" who=alice about=boss id=ID mode=warn result=failed exit_status=3\n"}},
		"a list that is changed for the next sync": {func(a *audit) {
			a.begin("restrict remove").listed(&harden.ListChange{Action: "removed", Mode: plan.Warn, Entry: lists.Entry{Group: "new\nline"}}, nil)
		}, nil, 0, []string{"level=info what=\"restrict remove\" who=alice about=\"group new\\nline\" mode=warn result=done exit_status=0\n"}},
		"a list that has the entry already": {func(a *audit) { a.begin("restrict add").listed(&harden.ListChange{Entry: boss}, nil) }, nil, 0, nil},
		"an apply that was not confirmed": {func(a *audit) {
			a.recovered(&transaction.Recovered{Journal: transaction.Journal{ID: "ID", Kind: transaction.Expired}})
		}, nil, 0, []string{"level=warning what=automatic-rollback who=alice id=ID result=rolled-back reason=\"not confirmed in time\"\n"}},
		"a command that first takes back what a crash interrupted": {func(a *audit) {
			a.begin("sync")
			a.recovered(&transaction.Recovered{Journal: transaction.Journal{ID: "ID", Kind: transaction.Applying}})
		}, nil, 0, []string{"level=warning what=recover who=alice id=ID result=rolled-back reason=interrupted\n"}},
		"a sync that has left a control as it runs has one line": {func(a *audit) {
			a.begin("sync").applied(&harden.Applied{ID: "ID", Mode: plan.Enforce, Changed: true})
		}, &harden.KeptError{Findings: []plan.Finding{{ID: "stays:relay", Text: "secret"}}}, 1,
			[]string{"level=warning what=sync who=alice id=ID mode=enforce result=partly reason=\"findings: stays:relay\" exit_status=1\n"}},
		"one that has changed nothing otherwise": {func(a *audit) { a.begin("sync").applied(&harden.Applied{}) },
			outcome.Unchanged(&harden.KeptError{Findings: []plan.Finding{{ID: "stays:relay"}}}), 1,
			[]string{"level=warning what=sync who=alice result=refused reason=\"findings: stays:relay\" exit_status=1\n"}},
		"an interrupt": {func(a *audit) { a.begin("apply") }, outcome.Unchanged(context.Canceled), 130,
			[]string{"level=warning what=apply who=alice result=refused reason=\"context canceled\" exit_status=130\n"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			a, m := inMemory()
			c.do(a)
			a.end(c.err, c.status)
			assert.Equal(t, c.want, m.lines)
		})
	}
}

// Without syslog, or with one that hangs, the command goes on.
func TestALineThatCannotBeWritten(t *testing.T) {
	hangs := make(chan struct{})
	t.Cleanup(func() { close(hangs) })
	for why, open := range map[string]func() (logrus.Hook, error){
		"there is no socket": func() (logrus.Hook, error) { return nil, errors.New("there is no socket") },
		"it takes too long": func() (logrus.Hook, error) {
			<-hangs
			return nil, errors.New("the test is over")
		},
	} {
		t.Run(why, func(t *testing.T) {
			var said []any
			a, _ := inMemory()
			a.open = open
			if why == "it takes too long" {
				a.patience = 10 * time.Millisecond
			}
			a.debug = func(_ string, fields map[string]any) { said = append(said, fields["error"]) }
			a.begin("confirm").made("ID")
			a.end(nil, 0)
			assert.Equal(t, []any{why}, said)
		})
	}
}
