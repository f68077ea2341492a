package plan_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/plan"
)

// Version 0.1.0 wrote a list of files; scripts and "apply --plan" read that list.
func TestRenderedFilesAreAListInJSON(t *testing.T) {
	main, master := plan.RenderedFile{Path: "/etc/postfix/main.cf", Diff: "+a = <b>\n"}, plan.RenderedFile{Path: "/etc/postfix/master.cf"}
	for _, c := range []struct {
		sentence string
		rendered plan.Rendered
		want     string
	}{
		{"both, main.cf first", plan.Rendered{Main: main, Master: master}, `[{"path":"/etc/postfix/main.cf","diff":"+a = <b>\n"},{"path":"/etc/postfix/master.cf"}]`},
		{"one", plan.Rendered{Master: master}, `[{"path":"/etc/postfix/master.cf"}]`},
		{"none", plan.Rendered{}, `[]`},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			var got bytes.Buffer
			enc := json.NewEncoder(&got)
			enc.SetEscapeHTML(false)
			require.NoError(t, enc.Encode(&plan.Plan{Rendered: &c.rendered}))
			assert.Contains(t, got.String(), `"rendered":`+c.want)
			var back plan.Plan
			require.NoError(t, json.Unmarshal(got.Bytes(), &back))
			assert.Equal(t, c.rendered, *back.Rendered)
		})
	}
	escaped, err := json.Marshal(plan.Rendered{Main: main})
	require.NoError(t, err)
	assert.Contains(t, string(escaped), `\u003cb\u003e`, "as the encoder of the whole escapes")

	var turned plan.Rendered
	require.NoError(t, json.Unmarshal([]byte(`[{"path":"/etc/postfix/master.cf"},{"path":"/etc/postfix/main.cf"}]`), &turned))
	assert.Equal(t, []*plan.RenderedFile{{Path: "/etc/postfix/main.cf"}, {Path: "/etc/postfix/master.cf"}}, turned.Files())
	assert.EqualError(t, json.Unmarshal([]byte(`[{"path":"/etc/passwd"}]`), &turned), `"/etc/passwd" is neither main.cf nor master.cf`)
	assert.Error(t, json.Unmarshal([]byte(`{}`), &turned))
}

func TestAPlanOnAnArchiveHasNoRenderedFiles(t *testing.T) {
	assert.Empty(t, (&plan.Plan{}).Rendered.Files())
	assert.Empty(t, (&plan.Rendered{}).Files())
}
