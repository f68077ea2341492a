package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ucs-harden/access"
	"ucs-harden/controls"
	"ucs-harden/hosteddomains"
	"ucs-harden/plan"
	"ucs-harden/report"
	"ucs-harden/transaction"
)

func newStatusCommand(g *global) *cobra.Command {
	var check bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show the modes, what is covered, and drift",
		Long: `Shows the mode of every control, how many mail domains are covered, the last
change, and drift: what differs from what the modes want, since domains,
controllers or settings have changed. Exits with 2 when there is drift, with 1
when a finding of severity "error" stands.
` + exitHelp,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return g.runStatus(cmd.Context(), check) },
	}
	cmd.Flags().BoolVar(&check, "check", false, "one line only, for monitoring")
	return cmd
}

func (g *global) runStatus(ctx context.Context, check bool) error {
	if err := g.needRoot("status"); err != nil {
		return err
	}
	p, err := g.makePlan(ctx, "")
	if err != nil {
		return err
	}
	st, err := g.statusOf(p)
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
	case len(p.Blocking(nil)) > 0:
		return quiet(exitError)
	case len(st.Drift) > 0 || st.Interrupted != "":
		return quiet(exitPending)
	}
	return nil
}

func (g *global) statusOf(p *planned) (report.Status, error) {
	st := report.Status{Schema: plan.Schema, Mode: p.Mode, Controls: p.Controls, Findings: p.Findings, Drift: drift(p.Plan), Controllers: -1}
	value, _ := p.facts.Registry.Get(controls.DomainsVariable)
	if domains, err := hosteddomains.Parse(value); err == nil {
		st.Domains = len(domains)
		st.Covered = covered(domains, p.facts.Disk[controls.SenderTable])
	}
	if controls.LetsRelay(plan.Modes(p.Controls)) {
		st.Controllers = 0
		for _, h := range p.facts.Controllers {
			if len(h.Addresses) > 0 {
				st.Controllers++
			}
		}
	}
	journal, err := g.store().Journal()
	if err != nil {
		return st, err
	}
	now := transaction.Now()
	switch {
	case journal == nil:
	case journal.Kind == transaction.Confirming && journal.Left(now) > 0:
		st.Waiting = &report.Waiting{ID: journal.ID, Deadline: journal.Until(now)}
	default:
		st.Interrupted = journal.ID
	}
	changes, err := g.changes()
	if err != nil {
		return st, err
	}
	for _, c := range slices.Backward(changes) {
		if c.State == transaction.Applied {
			st.Last = &c
			break
		}
	}
	return st, nil
}

// drift names what the next sync would change.
func drift(p *plan.Plan) []string {
	out := []string{}
	for _, v := range p.Variables {
		out = append(out, string(v.Action())+" "+v.Key)
	}
	for _, f := range p.Files {
		if f.Kind != plan.Ledger {
			out = append(out, string(f.Action)+" "+f.Path)
		}
	}
	return out
}

// covered counts the domains that the sender table speaks of.
func covered(domains []string, table []byte) int {
	keys := map[string]bool{}
	for _, k := range access.Keys(table) {
		keys[strings.ToLower(k)] = true
	}
	n := 0
	for _, d := range domains {
		if keys[d] {
			n++
		}
	}
	return n
}
