//go:build man

package main

import (
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// The man pages are made from the commands, by a separate build. Otherwise the library that writes them would be part
// of the installed program and cost time at every start.
func init() { extras = append(extras, newManCommand) }

// newManCommand writes the man pages; the package build calls it.
func newManCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:    "man DIR",
		Short:  "Write the man pages into a folder",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			root.DisableAutoGenTag = true
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return err
			}
			return doc.GenManTree(root, &doc.GenManHeader{
				Section: "8", Source: "ucs-harden " + version, Manual: "Univention Corporate Server",
			}, args[0])
		},
	}
}
