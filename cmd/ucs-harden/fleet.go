package main

import (
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"ucs-harden/fleet"
	"ucs-harden/outcome"
	"ucs-harden/report"
	"ucs-harden/report/page"
)

type fleetOptions struct {
	maxAge   string
	html     string
	language string
	all      bool
	files    []string
}

func newFleetCommand(g *global) *cobra.Command {
	var o fleetOptions
	cmd := &cobra.Command{
		Use: "fleet FILE…", SuggestFor: []string{"servers", "overview", "merge", "cluster"},
		Short: "Show the states of several servers as one table",
		Long: `Puts the states of several servers side by side: the mode that runs of every
control, and behind an arrow the one that the registry wants if that is another
one; how long ago the last sync was; and below each server what is wrong there and
what to do. The servers with errors come first.

FILE is what "ucs-harden status --json" has printed on a server, or on several of
them, one after the other; "-" is standard input:

    for host in mail1 mail2; do ssh root@$host ucs-harden status --json; done |
        ucs-harden fleet -

Of several states of the same server the newest counts. A file that cannot be
read is named; the other servers are shown all the same. Needs neither root nor
UCS.

"warn, ready" means that the log shows that enforcing is safe; "idle", that the
control is on and its list is empty.

--html writes a page for a browser, which needs no network and no other file. Only
its owner may read it.`,
		Example: `  ucs-harden fleet mail1.json mail2.json
  ucs-harden fleet --all all.json
  ucs-harden fleet --max-age 12h --html fleet.html --language de status/*.json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.files = args
			if cmd.Flags().Changed("html") && o.html == "" {
				return usage("cannot use --html: it names no file")
			}
			return g.runFleet(o)
		},
		ValidArgsFunction: cobra.FixedCompletions([]cobra.Completion{"json"}, cobra.ShellCompDirectiveFilterFileExt),
	}
	flags := cmd.Flags()
	flags.StringVar(&o.maxAge, "max-age", "2d", "the `AGE` from which on a state is too old; 0 allows any")
	flags.StringVar(&o.html, "html", "", "also write a page for a browser to `FILE`")
	flags.StringVar(&o.language, "language", "", "the `LANGUAGE` of the page: en or de (default: en)")
	flags.BoolVar(&o.all, "all", false, "show notes, reasons and differences, too")
	languages := []string{"en\tEnglish", "de\tGerman"}
	completeFlag(cmd, "language", cobra.FixedCompletions(languages, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (g *global) runFleet(o fleetOptions) error {
	maxAge, ok := parseAge(o.maxAge)
	streams := slices.DeleteFunc(slices.Clone(o.files), func(file string) bool { return file != "-" })
	switch {
	case len(o.files) == 0:
		return misused("name the files that "+fleet.StatusCommand+" has written, or - for standard input",
			"fleet needs a file")
	case !ok && o.maxAge != "0":
		return misused("for example: --max-age 12h, --max-age 2d, or --max-age 0 for any",
			"cannot use --max-age %q: it is no age", o.maxAge)
	case len(streams) > 1:
		return misused("name - once", "cannot read standard input twice")
	}
	if err := checkPage(o.html, o.language); err != nil {
		return err
	}
	f := fleet.Read(g.sources(o.files), fleet.Options{Now: g.server.Clock(), MaxAge: maxAge})
	if len(f.Servers) == 0 {
		u := f.Unreadable[0]
		err := fmt.Errorf("cannot read %s: %s", report.PlainLines(u.Source), report.PlainLines(u.Error))
		return outcome.Advise(outcome.Unchanged(err), u.Hint)
	}
	if o.html != "" {
		v := page.FleetView{Fleet: f, Language: o.language}
		if err := writePrivately(o.html, func(w io.Writer) error { return page.WriteFleet(w, v) }); err != nil {
			return err
		}
	}
	if err := g.showFleet(f, o); err != nil {
		return err
	}
	switch {
	case len(f.Unreadable) > 0:
		return quiet(exitError)
	case !f.AsPlanned():
		return quiet(exitPending)
	}
	return nil
}

// sources are the files, which are opened one after the other.
func (g *global) sources(files []string) (out []fleet.Source) {
	for _, file := range files {
		source := fleet.Source{Name: file, Open: func() (io.ReadCloser, error) { return os.Open(file) }}
		if file == "-" {
			open := func() (io.ReadCloser, error) { return io.NopCloser(g.in), nil }
			source = fleet.Source{Name: fleet.Standard, Open: open}
		}
		out = append(out, source)
	}
	return out
}

func (g *global) showFleet(f *fleet.Fleet, o fleetOptions) error {
	if g.json {
		return report.JSON(g.out, f)
	}
	if err := report.Fleet(g.out, f, g.style(o.all)); err != nil {
		return err
	}
	if o.html != "" {
		g.print("The page is in %s.\n", report.PlainLines(o.html))
	}
	return nil
}
