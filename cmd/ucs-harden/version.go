package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"ucs-harden/plan"
	"ucs-harden/report"
)

func newVersionCommand(g *global) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArgs,
		RunE:  func(*cobra.Command, []string) error { return g.runVersion() },
	}
}

func (g *global) runVersion() error {
	if g.json {
		return report.JSON(g.out, map[string]any{"schema": plan.Schema, "version": version, "go": runtime.Version()})
	}
	g.print("%s", fmt.Sprintf("ucs-harden %s (%s)\n", version, runtime.Version()))
	return nil
}
