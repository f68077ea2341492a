package main

import (
	"context"
	"io"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ucs-harden/evidence"
	"ucs-harden/harden"
	"ucs-harden/report"
	"ucs-harden/report/page"
)

type reportOptions struct {
	since    string
	spf      bool
	dmarc    string
	mask     bool
	html     string
	language string
	all      bool
	logs     []string
}

func newReportCommand(g *global) *cobra.Command {
	var o reportOptions
	cmd := &cobra.Command{
		Use: "report [LOG…]", SuggestFor: []string{"evidence", "log", "warnings", "analyse", "analyze", "stats"},
		Short: "Show what the mail log says about enforcing, and what to do first",
		Long: `Answers from the mail log: may I enforce, and what must I do first? Puts what the
controls have logged or refused into groups: which control, which of your domains,
from whose network or login. Says of each group what it most likely is, and why.
Groups with a sign of legitimacy are open: they come first, each with the commands
that end its refusals. Every command was tried out against the messages of its
group by the rules of the plan. Forged mail is only counted. Changes nothing.

Reads /var/log/mail.log and its rotated files, and what was kept of older ones; or
only the files LOG; "-" is standard input. On a system with the journal only:

    journalctl -o export SYSLOG_FACILITY=2 | ucs-harden report -

--html writes a page for a browser, which needs no network and no other file. Only
its owner may read it. --mask hides who it is about: of an address the first
letter and the domain stay, of a client its network. It holds for the page, for
the text and for --json; a masked command cannot be run.

Exits with 2 if a group is open.`,
		Example: `  ucs-harden report
  ucs-harden report --since 14d --html report.html --language de
  ucs-harden report --spf --dmarc /srv/dmarc --json
  ucs-harden report /var/log/mail.log.1`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.logs = args
			if cmd.Flags().Changed("html") && o.html == "" {
				return usage("cannot use --html: it names no file")
			}
			return g.runReport(cmd.Context(), o)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveDefault // files
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.since, "since", "", "leave out what is older than this `TIME`: a date, or an age such as 30d")
	flags.BoolVar(&o.spf, "spf", false, "ask the DNS which clients may send for your domains (SPF)")
	flags.StringVar(&o.dmarc, "dmarc", "", "read the DMARC aggregate reports in `PATH`, a file or a folder")
	flags.BoolVar(&o.mask, "mask", false, "hide addresses, logins and clients")
	flags.StringVar(&o.html, "html", "", "also write a page for a browser to `FILE`")
	flags.StringVar(&o.language, "language", "", "the `LANGUAGE` of the page: en or de (default: mail/harden/language)")
	flags.BoolVar(&o.all, "all", false, "show all groups")
	completeFlag(cmd, "language", cobra.FixedCompletions([]string{"en\tEnglish", "de\tGerman"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (g *global) runReport(ctx context.Context, o reportOptions) error {
	since, err := parseSince(o.since, g.server.Clock())
	if err != nil {
		return err
	}
	logs, stdin, err := splitLogs(o.logs)
	if err != nil {
		return err
	}
	if err := checkPage(o.html, o.language); err != nil {
		return err
	}
	if err := g.needServer("report"); err != nil {
		return err
	}
	debug.SetGCPercent(40) // few objects: it takes no longer, and some MiB less
	options := harden.ReportOptions{Logs: logs, Since: since, SPF: o.spf, DMARC: o.dmarc}
	if stdin {
		options.Stream = g.in
	}
	r, err := g.server.Report(ctx, options)
	if err != nil {
		return named(err, logs)
	}
	if o.mask {
		if r, err = report.Masked(r); err != nil {
			return err
		}
	}
	if o.html != "" {
		if err := g.writePage(ctx, r, o); err != nil {
			return err
		}
	}
	if g.json {
		err = report.JSON(g.out, r)
	} else {
		err = report.Evidence(g.out, r, g.style(o.all))
	}
	switch {
	case err != nil:
		return err
	case report.Open(r) > 0:
		return quiet(exitPending)
	}
	return nil
}

// checkPage returns an error if the options of the page do not fit together.
func checkPage(file, language string) error {
	switch {
	case language != "" && file == "":
		return misused("--language is for the page: add --html FILE", "--language needs --html")
	case language != "" && !slices.Contains(page.Languages, language):
		return misused("the page is in "+strings.Join(page.Languages, " or "), "unknown language %q", language)
	}
	return writablePage(file)
}

// writePage writes the page of a report.
func (g *global) writePage(ctx context.Context, r *evidence.Report, o reportOptions) error {
	v := page.View{Report: r, Language: o.language, Masked: o.mask}
	if v.Language == "" {
		v.Language = g.server.Language()
	}
	grid, err := g.server.WhoMayWrite(ctx)
	if err != nil {
		v.NoGrid = err.Error()
	}
	v.Grid = grid
	if err := writePrivately(o.html, func(w io.Writer) error { return page.Write(w, v) }); err != nil {
		return err
	}
	if !g.json {
		g.print("The page is in %s.\n", report.PlainLines(o.html))
	}
	return nil
}
