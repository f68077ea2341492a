package main

import (
	"context"

	"github.com/spf13/cobra"

	"ucs-harden/harden"
	"ucs-harden/report"
)

func newStatusCommand(g *global) *cobra.Command {
	var check bool
	cmd := &cobra.Command{
		Use: "status", SuggestFor: []string{"state", "info", "verify"},
		Short: "Show the modes, what is covered, and drift",
		Long: `Shows the mode that the registry wants of every control, and the mode in Postfix
where that is another one; how many mail domains are covered, who is stopped in
every mode, the last change, and drift. Drift is what the next sync would change,
for example because domains, controllers or settings have changed. If the
directory does not answer, shows what is known without it. Exits with 1 if there
is a finding of severity "error", if the directory does not answer, or if Postfix
is not running; else with 2 if there is drift, if a crash left a change
unfinished, or if the last sync failed.`,
		Example: "  ucs-harden status\n  ucs-harden status --check",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return g.runStatus(cmd.Context(), check) },
	}
	cmd.Flags().BoolVar(&check, "check", false, "one line only, for monitoring")
	return cmd
}

func (g *global) runStatus(ctx context.Context, check bool) error {
	if err := g.needServer("status"); err != nil {
		return err
	}
	st, err := g.server.Status(ctx)
	if err != nil {
		return err
	}
	if g.json {
		err = report.JSON(g.out, st)
	} else {
		err = report.StatusText(g.out, st, check, g.style(false))
	}
	switch {
	case err != nil:
		return err
	case st.Blocked(), st.Verdict() == harden.Undecided, st.Verdict() == harden.Down:
		return quiet(exitError)
	case len(st.Drift) > 0 || st.Interrupted != "" || st.Sync.Failed():
		return quiet(exitPending)
	}
	return nil
}
