package documents

import (
	"encoding/xml"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLayers(t *testing.T) {
	svg := Layers([][]string{{"cmd"}, {"middle"}, {"low", "apart"}, {"internal/help"}}, map[string][]string{
		"cmd": {"low", "middle", "internal/help"}, "middle": {"low"}, "low": {"internal/help"},
	})
	require.NoError(t, xml.Unmarshal([]byte(svg), new(struct{})))
	assert.Equal(t, 2, strings.Count(svg, "<path "), "cmd → middle → low; neither cmd → low, which follows, nor lines to helpers:\n%s", svg)
	for _, name := range []string{"cmd", "middle", "low", "apart", "help"} {
		assert.Contains(t, svg, ">"+name+"</text>")
	}
}
