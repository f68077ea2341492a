package roff_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/manual"
	"ucs-harden/manual/roff"
)

var page = manual.Command{
	Path: "ucs-harden try", Short: "Try it", Long: "Tries <it> with a_b_c, *all* of `it` & [more] #1.\n.dot at the beginning",
	Arguments: "{ACCOUNT | --group GROUP}",
	Options: []manual.Option{
		{Name: "yes", Short: "y", Help: "do not ask", InSynopsis: true}, {Name: "json", Help: "as JSON", Common: true},
	},
	Statuses: []manual.Status{{Code: 0, Means: "done"}, {Code: 64, Means: "wrong\nusage"}},
	Examples: "  ucs-harden try --from '<>' a_b\n", SeeAlso: []string{"ucs-harden(8)"},
}.Page()

// The expected requests are those of man(7).
func TestAPageInRoff(t *testing.T) {
	got := string(roff.Render(page, "1.2-3"))
	for what, want := range map[string]string{
		"the title, with source and manual": `.TH "UCS-HARDEN-TRY" "8" "" "ucs-harden 1.2-3" "Univention Corporate Server"`,
		"the name, which whatis(1) reads":   ".SH NAME\nucs-harden-try \\- try it\n",
		"the synopsis":                      "\\fBucs-harden try\\fP [\\fB--yes\\fP] {ACCOUNT | --group GROUP}\n",
		"text as it is":                     "Tries <it> with a_b_c, *all* of `it` & [more] #1.\n\\&.dot at the beginning",
		"an option":                         ".TP\n\\fB-y\\fP, \\fB--yes\\fP\ndo not ask\n",
		"an exit status":                    ".TP\n\\fB64\\fP\nwrong usage\n",
		"an example, as it is typed":        ".EX\nucs-harden try --from '<>' a_b\n.EE\n",
		"other pages":                       ".SH SEE ALSO\n\\fBucs-harden\\fP(8)\n",
	} {
		assert.Contains(t, got, want, what)
	}
	assert.NotContains(t, got, "--json\\fP]", "what every command has is not in the synopsis")
}

func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "man")
	require.NoError(t, roff.Write(dir, "1", []manual.Page{page, manual.Concepts()}))
	for _, name := range []string{"ucs-harden-try.8", "ucs-harden.7"} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		assert.Contains(t, string(content), ".SH NAME")
	}
	assert.ErrorContains(t, roff.Write("/proc/nowhere", "1", nil), "cannot write the manual pages")
}
