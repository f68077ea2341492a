package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ucs-harden/privatepostfix"
	"ucs-harden/rehearsal"
	"ucs-harden/report"
)

type checkOptions struct {
	letter letterOptions
	mode   string
}

func newCheckCommand(g *global) *cobra.Command {
	var o checkOptions
	cmd := &cobra.Command{
		Use:   "check --client IP --from ADDRESS --to ADDRESS",
		Short: "Ask what becomes of one letter, today and with the plan",
		Long: `Asks a private Postfix with today's configuration, and one with that of the
plan, whether they take one letter: from which client, on which port, logged in
as whom, from which envelope sender to which recipient. Shows both replies side
by side, the restriction that decided and where it is set, what the controls say
of such a letter, and what would change the verdict. Nothing is sent, nothing is
changed.

--from '<>' is the empty sender of bounces. Without --client-name the name of
the client is looked up in DNS, as Postfix does. A login is not tried: it counts
as done. Senders and recipients must be plain ASCII.

Exits with 0 when the plan takes the letter, and with 2 when it refuses it or
puts it off (reply codes 5xx and 4xx); where the plan changes nothing, today's
configuration counts.
` + exitHelp,
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
	flags.IntVar(&o.letter.port, "port", 25, "the `PORT` it connects to: 25, 465 or 587")
	flags.StringVar(&o.letter.login, "login", "", "the `LOGIN` it has logged in with")
	flags.StringVar(&o.letter.from, "from", "", "the envelope sender, an `ADDRESS`")
	flags.StringVar(&o.letter.to, "to", "", "the recipient, an `ADDRESS`")
	flags.StringVar(&o.mode, "mode", "", "ask the plan for this `MODE`: off, warn or enforce")
	completeModes(cmd)
	completePorts(cmd)
	return cmd
}

func completePorts(cmd *cobra.Command) {
	err := cmd.RegisterFlagCompletionFunc("port", cobra.FixedCompletions([]string{
		"25\tmail from other servers", "465\tmail programs, TLS at once", "587\tmail programs, STARTTLS",
	}, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveKeepOrder))
	if err != nil {
		panic(err) // the flag is defined above every call
	}
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
	if err := g.needRoot("check"); err != nil {
		return err
	}
	if err := g.needPrograms("check", planPrograms...); err != nil {
		return err
	}
	p, err := g.makePlan(ctx, mode)
	if err != nil {
		return err
	}
	if o.letter.name == "" {
		dialogue.ClientName = nameOf(ctx, dialogue.Client.String())
	}
	if dialogue.ClientName != "" {
		dialogue.Helo = dialogue.ClientName
	}
	c, err := g.compare(ctx, p, dialogue)
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

// compare asks both configurations, or, when the plan changes nothing, the one
// there is.
func (g *global) compare(ctx context.Context, p *planned, d privatepostfix.Dialogue) (_ *rehearsal.Comparison, err error) {
	facts, err := g.rehearsalFacts(ctx, p)
	if err != nil {
		return nil, err
	}
	people, err := g.lookup(ctx, p.registry, d.Login, d.Sender, d.Recipient)
	if err != nil {
		return nil, err
	}
	today, next, err := services(p, d.Port)
	if err != nil {
		return nil, err
	}
	g.busy("asking a private Postfix")
	defer g.idle()
	s, err := g.raiseNeeded(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("cannot check: %w", err)
	}
	defer func() { err = errors.Join(err, s.close()) }()
	var asked *rehearsal.Asked
	if s.planned != nil {
		asked = &rehearsal.Asked{Play: s.planned.Play, Service: next}
	}
	c, err := rehearsal.Compare(ctx, facts, d, people, rehearsal.Asked{Play: s.today.Play, Service: today}, asked)
	if err != nil {
		return nil, err
	}
	if n := len(p.Blocking(nil)); n > 0 && c.Changes {
		c.Notes = append(c.Notes, "the plan cannot be applied as it is: ucs-harden plan says why")
	}
	return c, nil
}

// raiseNeeded starts what raise does, but for the plan that changes nothing.
func (g *global) raiseNeeded(ctx context.Context, p *planned) (*stage, error) {
	if p.Changes() {
		return g.raise(ctx, p)
	}
	today, _, err := g.configurations(ctx, p)
	if err != nil {
		return nil, err
	}
	i, err := privatepostfix.Start(ctx, rehearsing{g.runner}, today)
	if err != nil {
		return nil, fmt.Errorf("today's configuration: %w", err)
	}
	return &stage{today: i}, nil
}

// services are what both configurations ask on a port.
func services(p *planned, port int) (today, next rehearsal.Service, err error) {
	now, then := p.files()
	if today, err = now.service(p.registry, port); err != nil {
		return today, next, err
	}
	next, err = then.service(after(p.registry, p.Plan), port)
	return today, next, err
}

// dnsTimeout is how long a name may take to be found.
const dnsTimeout = 5 * time.Second

// nameOf looks the name of an address up, and that the name has this address
// (postconf(5), smtpd_peername_lookup); "" is a client without one.
func nameOf(ctx context.Context, address string) string {
	ctx, cancel := context.WithTimeout(ctx, dnsTimeout)
	defer cancel()
	names, err := net.DefaultResolver.LookupAddr(ctx, address)
	if err != nil || len(names) == 0 {
		return ""
	}
	name := strings.TrimSuffix(names[0], ".")
	addresses, err := net.DefaultResolver.LookupHost(ctx, name)
	if err != nil || hostName(name) != nil {
		return ""
	}
	for _, a := range addresses {
		if a == address {
			return name
		}
	}
	return ""
}
