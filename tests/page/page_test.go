package page

import (
	"image"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/evidence/evidencetest"
	"ucs-harden/report/page"
	"ucs-harden/report/page/pagetest"
)

func small() page.View {
	return page.View{Report: evidencetest.Small(), Grid: pagetest.Grid()}
}

func german() page.View {
	v := small()
	v.Language = "de"
	return v
}

func large() page.View {
	return page.View{Report: evidencetest.Large(10_000, 90), Grid: pagetest.Grid()}
}

// Everybody can read the page: on every screen and on paper.
func TestLooks(t *testing.T) {
	for sentence, c := range map[string]struct {
		view page.View
		as   look
	}{
		"in light colours":            {small(), look{width: 1200}},
		"in dark colours":             {small(), look{width: 1200, dark: true}},
		"on a narrow screen":          {small(), look{width: 400}},
		"narrow and dark in German":   {german(), look{width: 400, dark: true}},
		"on paper":                    {small(), look{width: 718, paper: true}},
		"on paper from a dark screen": {german(), look{width: 718, paper: true, dark: true}},
		"of many groups":              {large(), look{width: 1200}},
		"of many groups, narrow":      {large(), look{width: 400}},
		"in German":                   {german(), look{width: 1000}},
		"on a tablet in German":       {german(), look{width: 700}},
		"without scripts":             {small(), look{width: 1200, scriptless: true}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			b := open(t, c.view, c.as)
			width := eval[int64](b, "document.documentElement.scrollWidth")
			assert.LessOrEqual(t, width, c.as.width, "nothing stands beside the screen")
			assert.Empty(t, eval[[]string](b, beside), "nothing stands beside the screen")
			if !c.as.scriptless {
				assert.Empty(t, eval[[]string](b, faint), "text that is hard to read")
			}
			shown := b.picture(sentence)
			isDark := c.as.dark && !c.as.paper
			p := survey(shown)
			assert.Equal(t, isDark, p.dark > 0.5, "%+v", p)
			assert.Equal(t, !isDark, p.light > 0.5, "%+v", p)
			assert.Greater(t, p.ink, 0.005, "the page is blank: %+v", p)
			assert.Greater(t, p.bars, 1000, "the bars of sender-spoofing are there: %+v", p)
			assert.Empty(t, b.console(), "the console")
			assert.Empty(t, b.network(), "the network")
		})
	}
}

// beside are the elements that reach beyond the right edge, except those that can be scrolled into view.
const beside = `[...document.querySelectorAll("body *")]
	.filter((e) => !e.closest(".scroll") && !e.closest("svg") && e.getBoundingClientRect().right > innerWidth + 1)
	.map((e) => e.tagName + "." + e.className + " " + e.textContent.slice(0, 40))`

// faint are the texts with a contrast below 4.5 to 1, or 3 to 1 if they are large (WCAG 2.2, 1.4.3).
const faint = `(() => {
	const parse = (color) => { const n = color.match(/[\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n; };
	const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
		.map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
		.reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
	const behind = (e) => {
		for (; e; e = e.parentElement) {
			const color = parse(getComputedStyle(e).backgroundColor);
			if (color[3] === 1) return color;
		}
		return [255, 255, 255, 1];
	};
	const found = new Set();
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walk.nextNode()) {
		const e = walk.currentNode.parentElement;
		if (!walk.currentNode.data.trim() || !e.checkVisibility() || e.closest("script, title, desc")) continue;
		const style = getComputedStyle(e);
		const [a, b] = [light(parse(e.closest("svg") ? style.fill : style.color)), light(behind(e))].sort((x, y) => y - x);
		const size = parseFloat(style.fontSize), large = size >= 24 || size >= 18.66 && style.fontWeight >= 700;
		const contrast = (a + 0.05) / (b + 0.05);
		if (contrast < (large ? 3 : 4.5)) found.add(contrast.toFixed(2) + " " + e.tagName + "." + e.getAttribute("class") + " " + e.textContent.slice(0, 30));
	}
	return [...found];
})()`

// pixels are parts of a picture, and a number of pixels.
type pixels struct {
	dark, light, ink float64
	bars             int
}

func survey(shown image.Image) (p pixels) {
	bounds := shown.Bounds()
	all := float64(bounds.Dx() * bounds.Dy())
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			r, g, b, _ := shown.At(x, y).RGBA()
			r, g, b = r>>8, g>>8, b>>8
			switch {
			case r == 0xD5 && g == 0x5E && b == 0:
				p.bars++
			case r < 0x40 && g < 0x40 && b < 0x40:
				p.dark++
			case r > 0xE0 && g > 0xE0 && b > 0xE0:
				p.light++
			}
		}
	}
	p.dark, p.light = p.dark/all, p.light/all
	p.ink = min(p.dark, p.light)
	return p
}

// Paper shows what matters without a click: the numbers of the chart, all groups, the readiness, the files. The days of each
// group are too much for it.
func TestPaper(t *testing.T) {
	for sentence, c := range map[string]struct {
		as   look
		want []bool
	}{
		"on paper":    {look{width: 718, paper: true}, []bool{true, true, true, true, false}},
		"on a screen": {look{width: 718}, []bool{false, true, true, false, false}},
	} {
		t.Run(sentence, func(t *testing.T) {
			b := open(t, german(), c.as)
			assert.Equal(t, c.want, eval[[]bool](b, `["[aria-labelledby=per-day] table.numbers", "#groups", "table.cards",
				"[aria-labelledby=log] ul.plain", ".extent table"].map((what) => {
					const e = document.querySelector(what);
					return e.checkVisibility() && e.getBoundingClientRect().height > 0;
				})`))
		})
	}
}

// A click on the head of a column sorts the table, another one the other way round.
func TestSort(t *testing.T) {
	b := open(t, small(), look{width: 1200})
	column := func(n int) []string {
		return eval[[]string](b, `[...document.querySelectorAll("#groups tbody tr")].map((r) => r.cells[`+string(rune('0'+n))+`].textContent)`)
	}
	head := func(n int) string {
		return eval[string](b, `document.querySelectorAll("#groups th")[`+string(rune('0'+n))+`].getAttribute("aria-sort") ?? ""`)
	}
	before := column(3)
	require.Equal(t, []string{"812", "86", "43", "22", "12", "7", "4", "20", "431", "96", "41", "12", "7", "3", "1"}, before)
	letters := `#groups th:nth-child(4) button`
	b.do(chromedp.Click(letters))
	assert.Equal(t, []string{"812", "431", "96", "86", "43", "41", "22", "20", "12", "12", "7", "7", "4", "3", "1"}, column(3))
	assert.Equal(t, "descending", head(3))
	b.do(chromedp.Click(letters))
	assert.Equal(t, []string{"1", "3", "4", "7", "7", "12", "12", "20", "22", "41", "43", "86", "96", "431", "812"}, column(3))
	assert.Equal(t, "ascending", head(3))
	b.do(chromedp.Click(`#groups th:nth-child(3) button`))
	assert.True(t, slices.IsSorted(column(2)), "%v", column(2))
	assert.Equal(t, "ascending", head(2))
	assert.Empty(t, head(3))
	assert.Empty(t, b.console())
}

// Texts from outside run nowhere: neither as a script nor as an image.
func TestHostilePage(t *testing.T) {
	b := open(t, page.View{Report: evidencetest.Hostile(), NoGrid: evidencetest.Evil}, look{width: 1200})
	assert.Empty(t, b.console())
	assert.Empty(t, b.network())
	assert.Equal(t, 1, eval[int](b, "document.scripts.length"))
	assert.Equal(t, 0, eval[int](b, "document.images.length"))
}

// The policy keeps out what a mistake of ours would let in.
func TestPolicy(t *testing.T) {
	b := open(t, small(), look{width: 1200})
	eval[any](b, `(() => {
		const script = document.createElement("script"); script.textContent = "window.evil = 1"; document.body.append(script);
		const image = new Image(); image.src = "http://192.0.2.1/x"; document.body.append(image);
		const text = document.querySelector("h1"); text.setAttribute("style", "color: rgb(1, 2, 3)");
	})()`)
	assert.False(t, eval[bool](b, `"evil" in window`))
	assert.NotEqual(t, "rgb(1, 2, 3)", eval[string](b, `getComputedStyle(document.querySelector("h1")).color`))
	assert.NotEmpty(t, b.console(), "the browser says what the policy keeps out")
}
