package main

import (
	"context"

	"github.com/spf13/cobra"

	"ucs-harden/report"
)

func newMetricsCommand(g *global) *cobra.Command {
	return &cobra.Command{
		Use: "metrics", SuggestFor: []string{"monitor", "monitoring", "prometheus"},
		Short: "Print the status as metrics for Prometheus",
		Long: `Prints what status knows in the text format of Prometheus: the modes, drift,
syncs, readiness, what the controls have logged since their modes were last
changed, what expires next, and what fails. No address, account or domain is in
it. On a server with the monitoring of UCS this runs by itself, see
/usr/share/doc/ucs-harden/docs/monitoring.md.`,
		Example: "  ucs-harden metrics",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return g.runMetrics(cmd.Context()) },
	}
}

func (g *global) runMetrics(ctx context.Context) error {
	if g.json {
		return misused("ucs-harden status --json", "metrics are no JSON")
	}
	if err := g.needServer("metrics"); err != nil {
		return err
	}
	st, err := g.server.Status(ctx)
	if err != nil {
		return err
	}
	return report.Metrics(g.out, st, g.server.Clock())
}
