//go:build man

package main

import (
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"ucs-harden/manual"
	"ucs-harden/manual/roff"
)

// The manual pages are made by a separate build. Otherwise what writes them would be part of the installed program and
// cost time at every start.
func init() { extras = append(extras, newManCommand) }

// newManCommand writes the manual pages, for the package build, or the documents that are made from the same texts. It is
// run at the top of the project.
func newManCommand(root *cobra.Command) *cobra.Command {
	var documents bool
	cmd := &cobra.Command{
		Use:    "man DIR",
		Short:  "Write the manual pages into a folder",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			cfg, err := os.ReadFile(manual.Descriptions)
			if err != nil {
				return err
			}
			variables, err := manual.Variables(cfg)
			if err != nil {
				return err
			}
			if !documents {
				return roff.Write(args[0], version, pages(root, variables))
			}
			for name, text := range manual.Documents(variables) {
				if err := os.WriteFile(filepath.Join(args[0], name), []byte(text), 0o644); err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&documents, "documents", false, "write findings.md and variables.md instead")
	return cmd
}
