package main

import (
	"github.com/spf13/cobra"

	"ucs-harden/internal/similar"
)

func newCompletionCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:       "completion bash|zsh|fish",
		Short:     "Print the completion script of a shell",
		Long:      "Prints the completion script of a shell. The Debian package installs all three.",
		Example:   "  ucs-harden completion bash >/etc/bash_completion.d/ucs-harden",
		ValidArgs: []string{"bash", "zsh", "fish"},
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("completion needs the name of one shell: bash, zsh or fish")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(cmd.OutOrStdout(), true)
			case "zsh":
				return root.GenZshCompletion(cmd.OutOrStdout())
			case "fish":
				return root.GenFishCompletion(cmd.OutOrStdout(), true)
			}
			if meant := similar.To(args[0], []string{"bash", "zsh", "fish"}); len(meant) > 0 {
				return misused("did you mean: ucs-harden completion "+meant[0], "unknown shell %q: bash, zsh or fish", args[0])
			}
			return usage("unknown shell %q: bash, zsh or fish", args[0])
		},
	}
}
