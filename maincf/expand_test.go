package maincf_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/internal/run"
	"ucs-harden/maincf"
)

// TestExpandAgreesWithPostconf compares each form of a reference in postconf(5) with what postconf(1) makes of it.
func TestExpandAgreesWithPostconf(t *testing.T) {
	values := []string{
		"plain", "$set and ${set}, $(set)", "$unset|$empty|", "a$$b", "$two", "${two}",
		"${set?there}", "${empty?there}", "${set:missing}", "${empty:missing}", "${set?{there}:{missing}}",
		"${empty?{there}:{missing}}", "${empty ? {there} : {missing $set}}", "${set?$two}",
		"${{$set} == {value} ? {same} : {other}}", "${{$set} != {value} ? {other} : {same}}",
		"${{9} < {10} ? {number} : {text}}", "${{b} > {a} ? {yes}}", "${{x9} < {x10} ? {number} : {text}}",
		"${{$level} <level {3.6} ? {old} : {new}}", "${{$level} >=level {3.10} ? {new} : {old}}",
		"${{3.5} <=level {3.5.0} ? {yes} : {no}}", "${{$set} == {value} ? {${empty?{a}:{b}}} : {c}}",
	}
	const main = "set = value\nempty =\ntwo = x $set\nlevel = 3.6\ncompatibility_level = 3.6\n"
	dir := t.TempDir()
	for name, content := range map[string]string{"main.cf": main, "master.cf": ""} {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
		old := time.Now().Add(-time.Minute) // Postfix programs wait for a main.cf that was just written
		require.NoError(t, os.Chtimes(path, old, old))
	}
	file, err := maincf.Parse([]byte(main))
	require.NoError(t, err)
	for _, value := range values {
		t.Run(value, func(t *testing.T) {
			out, err := run.System{}.Run(context.Background(), run.Cmd{Argv: []string{"postconf", "-c", dir, "-xh", "-o", "smtpd_banner=" + value, "smtpd_banner"}})
			require.NoError(t, err)
			assert.Equal(t, strings.TrimSpace(string(out.Stdout)), strings.TrimSpace(maincf.Expand(value, file.Value)))
		})
	}
}

func TestExpandEnds(t *testing.T) {
	endless := func(string) string { return "$x $x" }
	assert.NotContains(t, maincf.Expand("$x", endless), "$")
	for _, broken := range []string{"${", "${x", "$(x}", "$", "${x?", "${{a} == ", "${{a}}", "${}"} {
		maincf.Expand(broken, func(string) string { return "" })
	}
}
