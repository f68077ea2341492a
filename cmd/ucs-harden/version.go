package main

import (
	"runtime"

	"github.com/spf13/cobra"

	"ucs-harden/report"
)

// versionSchema is the version of the JSON form of a programVersion. It rises when a name or a meaning changes.
const versionSchema = 1

// programVersion is the JSON output of version.
type programVersion struct {
	Schema  int    `json:"schema"`
	Version string `json:"version"`
	// Go is the version of Go that the program was built with.
	Go string `json:"go"`
}

func newVersionCommand(g *global) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  ucs-harden version --json",
		Args:    noArgs,
		RunE:    func(*cobra.Command, []string) error { return g.runVersion() },
	}
}

func (g *global) runVersion() error {
	if g.json {
		return report.JSON(g.out, programVersion{versionSchema, version, runtime.Version()})
	}
	g.print("ucs-harden %s (%s)\n", version, runtime.Version())
	return nil
}
