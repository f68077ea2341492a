package page_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"ucs-harden/evidence"
	"ucs-harden/evidence/evidencetest"
	"ucs-harden/report/page"
	"ucs-harden/report/page/pagetest"
)

// views are pages of every kind.
func views() map[string]page.View {
	return map[string]page.View{
		"a small company":            {Report: evidencetest.Small(), Grid: pagetest.Grid()},
		"the same in German":         {Report: evidencetest.Small(), Grid: pagetest.Grid(), Language: "de"},
		"nothing was found":          {Report: evidencetest.Nothing(), Grid: pagetest.Grid()},
		"a replay":                   {Report: evidencetest.Replay(), NoGrid: "the directory does not answer"},
		"many groups, over 90 days":  {Report: evidencetest.Large(10_000, 90), Grid: pagetest.Grid()},
		"many groups, over 400 days": {Report: evidencetest.Large(2_000, 400), Grid: pagetest.Grid(), Language: "de"},
		"nothing was read":           {Report: &evidence.Report{}},
		"hostile texts":              {Report: evidencetest.Hostile(), NoGrid: evidencetest.Evil, Language: evidencetest.Evil},
	}
}

func written(t *testing.T, v page.View) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, page.Write(&out, v))
	return out.String()
}

// elements are all elements of a page, in its order.
func elements(t *testing.T, text string) (all []*html.Node) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	require.NoError(t, err)
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			all = append(all, n)
		}
	}
	return all
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// content is the text of an element.
func content(n *html.Node) string {
	var out strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			out.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(out.String())
}

func named(all []*html.Node, name string) []*html.Node {
	return slices.DeleteFunc(slices.Clone(all), func(n *html.Node) bool { return n.Data != name })
}

func TestPages(t *testing.T) {
	for sentence, v := range views() {
		t.Run(sentence, func(t *testing.T) {
			text := written(t, v)
			all := elements(t, text)
			assert.Less(t, len(text), 1<<20, "bytes")
			wellFormed(t, text)
			allowsOnlyItself(t, all)
			chartsHaveTables(t, all)
			linksLeadSomewhere(t, all)
			for _, r := range text {
				require.True(t, r == '\n' || unicode.IsPrint(r), "%q", r)
			}
			assert.True(t, utf8.ValidString(text))
		})
	}
}

// wellFormed compares the start and end tags.
func wellFormed(t *testing.T, text string) {
	t.Helper()
	empty := []string{"meta", "br"}
	var open []string
	for z := html.NewTokenizer(strings.NewReader(text)); z.Next() != html.ErrorToken; {
		switch tag := z.Token(); tag.Type {
		case html.StartTagToken:
			if !slices.Contains(empty, tag.Data) {
				open = append(open, tag.Data)
			}
		case html.EndTagToken:
			require.NotEmpty(t, open, "</%s>", tag.Data)
			require.Equal(t, open[len(open)-1], tag.Data)
			open = open[:len(open)-1]
		case html.ErrorToken, html.TextToken, html.SelfClosingTagToken, html.CommentToken, html.DoctypeToken:
		}
	}
	assert.Empty(t, open)
}

// allowsOnlyItself: the policy forbids everything but the style sheet and the script that stand in the page, and nothing in
// the page is there that the policy would forbid.
func allowsOnlyItself(t *testing.T, all []*html.Node) {
	t.Helper()
	hash := func(name string) string {
		nodes := named(all, name)
		require.Len(t, nodes, 1, name)
		sum := sha256.Sum256([]byte(nodes[0].FirstChild.Data))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	want := "default-src 'none'; style-src " + hash("style") + "; script-src " + hash("script") + "; base-uri 'none'; form-action 'none'"
	meta := named(all, "meta")
	at := slices.IndexFunc(meta, func(n *html.Node) bool { return attribute(n, "http-equiv") == "Content-Security-Policy" })
	require.GreaterOrEqual(t, at, 0)
	assert.Equal(t, want, attribute(meta[at], "content"))
	for _, n := range all {
		assert.NotContains(t, []string{"img", "iframe", "object", "embed", "link", "base", "form", "foreignobject"}, n.Data)
		for _, a := range n.Attr {
			assert.NotEqual(t, "style", a.Key)
			assert.False(t, strings.HasPrefix(a.Key, "on"), "%s=%s", a.Key, a.Val)
			assert.NotContains(t, []string{"src", "srcset", "action", "data"}, a.Key)
			if a.Key == "href" {
				assert.True(t, strings.HasPrefix(a.Val, "#"), a.Val)
			}
			if a.Key == "fill" && strings.Contains(a.Val, "url") {
				assert.Regexp(t, `^url\(#p[0-7]\)$`, a.Val)
			}
		}
	}
}

// chartsHaveTables: each chart is an image with a title, and a table stands beside it.
func chartsHaveTables(t *testing.T, all []*html.Node) {
	t.Helper()
	for _, svg := range named(all, "svg") {
		if attribute(svg, "role") != "img" {
			assert.Equal(t, "true", attribute(svg, "aria-hidden"), "an image is named, or it is decoration")
			continue
		}
		title := svg.FirstChild
		for title != nil && title.Data != "title" {
			title = title.NextSibling
		}
		if assert.NotNil(t, title) {
			assert.NotEmpty(t, content(title))
		}
		beside := false
		for parent := svg.Parent; parent != nil && !beside && parent.Data != "main"; parent = parent.Parent {
			beside = parent.Data == "td" // it stands in its table
			for n := range parent.Descendants() {
				beside = beside || n.Type == html.ElementNode && n.Data == "table"
			}
			if parent.Data == "article" || parent.Data == "section" {
				break
			}
		}
		assert.True(t, beside, "a chart without a table: %s", attribute(svg, "class"))
	}
}

func linksLeadSomewhere(t *testing.T, all []*html.Node) {
	t.Helper()
	ids := map[string]bool{}
	for _, n := range all {
		if id := attribute(n, "id"); id != "" {
			assert.False(t, ids[id], "two elements with the id %s", id)
			ids[id] = true
		}
	}
	for _, n := range all {
		for _, a := range n.Attr {
			switch a.Key {
			case "href":
				assert.True(t, ids[strings.TrimPrefix(a.Val, "#")], a.Val)
			case "aria-labelledby":
				for id := range strings.FieldsSeq(a.Val) {
					assert.True(t, ids[id], id)
				}
			}
		}
	}
}

// What somebody outside has written is text, and nothing else.
func TestHostileTextsAreText(t *testing.T) {
	kind := func(v page.View) (kinds []string) {
		for _, n := range elements(t, written(t, v)) {
			kinds = append(kinds, n.Data)
		}
		return kinds
	}
	hostile := page.View{Report: evidencetest.Hostile()}
	assert.Equal(t, len(named(elements(t, written(t, hostile)), "script")), 1)
	assert.NotContains(t, kind(hostile), "img")
	assert.Contains(t, written(t, hostile), "&lt;script&gt;alert(1)")
}

// The table beside the chart has the numbers of the report.
func TestNumbersOfTheChart(t *testing.T) {
	r := evidencetest.Small()
	all := elements(t, written(t, page.View{Report: r}))
	tables := named(all, "table")
	at := slices.IndexFunc(tables, func(n *html.Node) bool {
		return strings.HasPrefix(content(n), "Daysender-spoofingsubmissionprotectedAll")
	})
	require.GreaterOrEqual(t, at, 0)
	text := content(tables[at])
	for _, row := range []string{
		"2026-11-1613130134", "2026-11-180000", "2026-11-2946075472",
	} {
		assert.Contains(t, strings.ReplaceAll(text, "\n", ""), row)
	}
}

// A masked page says that it is.
func TestMaskedPage(t *testing.T) {
	assert.Contains(t, written(t, page.View{Report: evidencetest.Small(), Masked: true}), "are masked")
	assert.NotContains(t, written(t, page.View{Report: evidencetest.Small()}), "are masked")
}

// Whatever stands in a log, the page is well-formed, and the text is text.
func FuzzWrite(f *testing.F) {
	f.Add(evidencetest.Evil)
	f.Add("]]>\n-->\r\n\t<!--<svg onload=alert(1)>")
	f.Add("url(#p0)\" style=\"x")
	f.Fuzz(func(t *testing.T, text string) {
		r := evidencetest.Small()
		g := &r.Groups[0]
		g.ID, g.Control, g.Domain, g.From = text, text, text, text
		say := func() evidence.Phrase {
			return evidence.Phrasef("%s is %s, and writes as %s%s", text, evidence.Verbatim(text), text, text)
		}
		g.Reason, g.Reopened = say(), say()
		g.Verdict = evidence.Verdict(text)
		g.Samples[0].Sender, g.Samples[0].Recipient, g.Samples[0].ClientName, g.Samples[0].Login = text, text, text, text
		g.Fixes[1].Text, g.Fixes[1].Risk, g.Fixes[1].Admits, g.Fixes[1].Commands = say(), say(), say(), [][]string{{text, text}}
		r.Host, r.Notes, r.CannotTell = text, []evidence.Phrase{say()}, map[string]int64{text: 1}
		r.Controls[0].Control, r.Controls[0].Domain, r.Controls[0].Open, r.Controls[0].Missing = text, text, []string{text}, []evidence.Phrase{say()}
		r.Exceptions[0].Name, r.Exceptions[0].Expires, r.Exceptions[0].Reason = text, text, text
		r.PerDay[text] = map[string]int64{text: 3}
		page := written(t, page.View{Report: r, NoGrid: text, Language: "de"})
		wellFormed(t, page)
		all := elements(t, page)
		allowsOnlyItself(t, all)
		assert.Len(t, named(all, "script"), 1)
	})
}
