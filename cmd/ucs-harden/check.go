package main

import (
	"context"

	"github.com/spf13/cobra"

	"ucs-harden/report"
)

type checkOptions struct {
	letter letterOptions
	mode   string
}

func newCheckCommand(g *global) *cobra.Command {
	var o checkOptions
	cmd := &cobra.Command{
		Use: "check --client IP --from ADDRESS --to ADDRESS", SuggestFor: []string{"explain", "why"},
		Short: "Show how one message is answered, today and with the plan",
		Long: `Asks two private Postfix instances, one with today's configuration and one with
the planned one, whether they accept one message. The options describe the
message: client, port, login, envelope sender and recipient. Shows both replies
side by side, the restriction that decided and where it is set, what the
controls say about such a message, and what would change the verdict. No mail is
sent, and nothing is changed.

--from '<>' is the empty sender of bounces. Without --client-name, the name of
the client is looked up in DNS, as Postfix does. The login is not tried; it is
assumed to be successful. Senders and recipients must be plain ASCII.

Exits with 0 if the planned configuration accepts the message, and with 2 if it
refuses it or puts it off (reply codes 5xx and 4xx). If the plan changes
nothing, today's configuration decides.`,
		Example: `  ucs-harden check --client 203.0.113.66 --from boss@company.my --to clerk@company.my --mode enforce
  ucs-harden check --client 10.99.1.50 --port 587 --login boss --from boss@company.my --to you@example.net
  ucs-harden check --client 203.0.113.66 --from '<>' --to clerk@company.my --json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.letter.fromGiven = cmd.Flags().Changed("from")
			return g.runCheck(cmd.Context(), o)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.letter.client, "client", "", "the `IP` address that connects")
	flags.StringVar(&o.letter.name, "client-name", "", "the host `NAME` of that address; \"unknown\" for none")
	flags.IntVar(&o.letter.port, "port", 25, "the `PORT` it connects to: 25, 465, 587, or another one of master.cf")
	flags.StringVar(&o.letter.login, "login", "", "the `LOGIN` of the client")
	flags.StringVar(&o.letter.from, "from", "", "the envelope sender, an `ADDRESS`")
	flags.StringVar(&o.letter.to, "to", "", "the recipient, an `ADDRESS`")
	flags.StringVar(&o.mode, "mode", "", "plan for this `MODE`: off, warn or enforce")
	completeModes(cmd)
	completePorts(cmd)
	return cmd
}

func completePorts(cmd *cobra.Command) {
	completeFlag(cmd, "port", cobra.FixedCompletions([]string{
		"25\tmail from other servers", "465\tmail programs, TLS at once", "587\tmail programs, STARTTLS",
	}, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveKeepOrder))
}

func (g *global) runCheck(ctx context.Context, o checkOptions) error {
	dialogue, err := o.letter.dialogue()
	if err != nil {
		return err
	}
	mode, err := parseMode(o.mode)
	if err != nil {
		return err
	}
	if err := g.needServer("check"); err != nil {
		return err
	}
	c, err := g.server.Check(ctx, mode, dialogue, o.letter.name == "")
	if err != nil {
		return err
	}
	if g.json {
		err = report.JSON(g.out, c)
	} else {
		err = report.Comparison(g.out, c, g.style(false))
	}
	switch {
	case err != nil:
		return err
	case !c.Plan.Accepted:
		return quiet(exitPending)
	}
	return nil
}
