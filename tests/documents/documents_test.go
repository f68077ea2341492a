package documents

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	p := Parse("docs/x.md", []byte("# Who is `inside`?\n\nSee [there](a.md#b), `ucs-harden plan\n--diff` and ![it](c.svg).\n\n"+
		"| [x](d.md) |\n|---|\n| `ucr get y` |\n\n"+
		"## Again\n\n```sh not run: why\nmake\n```\n\n    indented\n\n## Again\n\n1. one\n\n   ```text\n   a\n   ```\n"))
	assert.Equal(t, []string{"who-is-inside", "again", "again-1"}, p.Anchors)
	assert.Equal(t, []string{"a.md#b", "c.svg", "d.md"}, p.Links)
	assert.Equal(t, []string{"inside", "ucs-harden plan --diff", "ucr get y"}, p.Codes)
	assert.Equal(t, []Block{{"sh not run: why", "make\n"}, {"indented", "indented\n"}, {"text", "a\n"}}, p.Blocks)
}

func TestConsoleBlocks(t *testing.T) {
	p := Parse("docs/x.md", []byte("text\n```console\nmail# ls\na 20261120T223112Z-ec40a44c b\n…\nend…\nstranger$ id\n```\n"+
		"mail# no\n```text\nmail# no\n```\n"))
	steps, err := p.Steps()
	require.NoError(t, err)
	require.Len(t, steps, 2)
	assert.Equal(t, Step{Host: "outside", Command: "id"}, steps[1])
	for said, want := range map[string]bool{
		"a 20200101T000000Z-00000000 b\nend\n":              true,
		"a 20200101T000000Z-00000000 b\nx\ny\nend of all\n": true,
		"a 20200101T000000Z-00000000 b\n":                   false,
		"a 20200101T000000Z-00000000 c\nend\n":              false,
		"a 20200101T000000Z-00000000 b\nend\nmore\n":        false,
	} {
		assert.Equal(t, want, steps[0].Pattern().MatchString(said), "%q", said)
	}
	_, err = Parse("docs/x.md", []byte("```console\nls\n```\n")).Steps()
	assert.ErrorContains(t, err, "begins without a prompt")
}
