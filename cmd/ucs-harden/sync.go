package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"ucs-harden/harden"
	"ucs-harden/outcome"
	"ucs-harden/report"
)

func newSyncCommand(g *global) *cobra.Command {
	var o harden.SyncOptions
	cmd := &cobra.Command{
		Use:   "sync",
		Short: "Apply the current modes again, without questions",
		Long: `Brings the server to what the registry and the directory say now: modes, mail
domains, domain controllers, accounts and lists. This runs by itself some seconds
after one of them has changed, and every night; see
/usr/share/doc/ucs-harden/docs/keeping-current.md. It asks nothing, and prints
nothing if all is as planned. While every control is off, nothing happens at all.

A control that the registry has brought to enforce stays in warn while the mail
log does not show that this is safe. Then everything else is applied, the error
says what is missing, and the exit status is 5. At the end, what the mail log
says is kept, because logs are rotated away.

What cannot be done does not keep the rest from being done. An entry that cannot
be used is left out, with a warning. A control that cannot be brought up to date,
because a policy holds one of its variables or the directory does not answer,
stays as it runs; the error says why, and the exit status is 1.

After a rollback, syncs wait until the next apply, or until sync --resume. While an
apply waits to be confirmed, sync fails, and sync --settle is put off until the
apply is confirmed or taken back.`,
		Example: "  ucs-harden sync\n  ucs-harden sync --resume",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return g.runSync(cmd.Context(), o) },
	}
	cmd.Flags().BoolVar(&o.NoEvidence, "no-evidence", false, noEvidenceHelp)
	cmd.Flags().BoolVar(&o.Resume, "resume", false, "go on after a rollback, for which syncs wait")
	cmd.Flags().BoolVar(&o.Settle, "settle", false,
		"wait until a burst of changes is over, and for another ucs-harden; for ucs-harden-sync.service")
	return cmd
}

const noEvidenceHelp = "enforce without asking what the mail log shows"

func (g *global) runSync(ctx context.Context, o harden.SyncOptions) error {
	if err := g.needServer("sync"); err != nil {
		return err
	}
	attempt := g.audit.begin("sync")
	attempt.noEvidence = o.NoEvidence
	o.Rehearsed = g.showRehearsal
	o.Judge = func(err error) (int, string) { return statuses[outcome.ClassOf(err)], hintFor(err) }
	done, err := g.server.Sync(ctx, o)
	if err != nil {
		return err
	}
	attempt.applied(done)
	for _, f := range done.Skipped {
		g.warn("left out: "+f.Text, f.Hint)
	}
	if err := g.showApplied(done); err != nil {
		return err
	}
	err = done.Shortfall()
	if err != nil && !done.Changed && done.Held == nil {
		err = outcome.Unchanged(err)
	}
	return err
}

// pausedText says that syncs wait.
func pausedText(p harden.Pause) string {
	return "Syncs wait since the rollback of " + p.ID + " (" + p.Time.Local().Format(time.DateTime) + ").\n" + resumeHint
}

// nextSync says when a change takes effect that somebody has written to the registry.
func (g *global) nextSync() string {
	if pause, err := g.server.Paused(); err == nil && pause != nil {
		return report.PlainLines(pausedText(*pause))
	}
	return "It takes effect by itself in some seconds; at once with: ucs-harden sync"
}

const resumeHint = "They go on with the next apply, or with: ucs-harden sync --resume"

// keptHint is the hint of the first control that stays as it runs.
func keptHint(e *harden.KeptError) string { return e.Findings[0].Hint }

// shortfall adds to a result what a sync has not done.
func (r *result) shortfall(done *harden.Applied) {
	if lack := lackOf(done.Held); lack != nil {
		r.Held = lack.Controls
	}
	r.Stays, r.Skipped, r.Paused, r.Waiting = done.Kept, done.Skipped, done.Paused, done.Waiting
}
