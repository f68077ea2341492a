package main

import (
	"context"
	"runtime/debug"

	"github.com/spf13/cobra"

	"ucs-harden/harden"
	"ucs-harden/plan"
	"ucs-harden/report"
)

type replayOptions struct {
	mode      string
	since     string
	noPostfix bool
	all       bool
	logs      []string
}

func newReplayCommand(g *global) *cobra.Command {
	var o replayOptions
	cmd := &cobra.Command{
		Use: "replay [LOG…]", SuggestFor: []string{"playback", "past", "history-check"},
		Short: "Show what the plan would have done with past mail",
		Long: `Reads the mail log and asks of every past message, for each of its recipients,
whether the plan would refuse it. No warn phase is needed: ordinary lines of the
log are enough. Shows how many would be refused, in groups, each with what to do;
how many stay as they were; and of how many the log does not show enough. Changes
nothing, and sends no mail.

Reads /var/log/mail.log and its rotated files, or the files LOG; "-" is standard
input. On a system with the journal only:

    journalctl -o export SYSLOG_FACILITY=2 | ucs-harden replay -

Every control that is on is replayed in this mode, also one that has a mode of its
own. A control that is off stays off, and the answer is not about it.

A message counts as the server took it: for the recipients that the client gave,
before aliases and lists. Recipients that were accepted were known then. What was
refused then stays refused. Who has logged in came through 465 or 587. Without a
login, the name of the program shows the port only if 465 and 587 have names of
their own in the log, as mode warn gives them. Where the port is not known and
the ports would answer differently, the message is counted as "cannot tell".

A sample of distinct cases is put to two private Postfix instances, one with
today's configuration and one with the planned one. If they answer otherwise than
this program expects, the command fails and names the case.

Exits with 2 if a message would be refused that is not refused today.`,
		Example: `  ucs-harden replay
  ucs-harden replay --since 30d --json
  ucs-harden replay --mode enforce /var/log/mail.log.1`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.logs = args
			return g.runReplay(cmd.Context(), o)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveDefault // files
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.mode, "mode", string(plan.Enforce), "replay against this `MODE`: off, warn or enforce")
	flags.StringVar(&o.since, "since", "", "leave out what is older than this `TIME`: a date, or an age such as 30d")
	flags.BoolVar(&o.noPostfix, "no-postfix", false, "do not ask a private Postfix about a sample")
	flags.BoolVar(&o.all, "all", false, "show all groups")
	completeModes(cmd)
	return cmd
}

func (g *global) runReplay(ctx context.Context, o replayOptions) error {
	mode, err := parseMode(o.mode)
	if err != nil {
		return err
	}
	since, err := parseSince(o.since, g.server.Clock())
	if err != nil {
		return err
	}
	logs, stdin, err := splitLogs(o.logs)
	if err != nil {
		return err
	}
	if err := g.needServer("replay"); err != nil {
		return err
	}
	debug.SetGCPercent(200) // many small objects, of which few are kept: some MiB more, a thirtieth of the time less
	options := harden.ReplayOptions{Mode: mode, Logs: logs, Since: since}
	if stdin {
		options.Stream = g.in
	}
	ask := !o.noPostfix && g.server.Live()
	if ask {
		options.Sample = harden.ReplaySample
	}
	r, err := g.server.Replay(ctx, options)
	if err != nil {
		return named(err, logs)
	}
	if g.json {
		err = report.JSON(g.out, r)
	} else {
		err = report.Replay(g.out, r, ask, g.style(o.all))
	}
	switch {
	case err != nil:
		return err
	case r.Replayed.Refused > 0:
		return quiet(exitPending)
	}
	return nil
}
