package documents

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Layers is a picture of which folder imports which, as SVG. rows are the folders from the top down, imports are what
// each of them imports. A line that follows from others is left out: if a imports b, and b imports c, no line leads from
// a to c. Lines to the folders of the last row, which are helpers, are left out as well.
func Layers(rows [][]string, imports map[string][]string) string {
	const height, gap, charWidth, between, margin, width = 26, 44, 7, 12, 12, 1000
	type box struct{ x, y, w int }
	boxes := map[string]box{}
	for i, row := range rows {
		total := -between
		for _, folder := range row {
			total += len(short(folder))*charWidth + 16 + between
		}
		x := (width - total) / 2
		for _, folder := range row {
			w := len(short(folder))*charWidth + 16
			boxes[folder] = box{x, margin + i*(height+gap), w}
			x += w + between
		}
	}
	var out strings.Builder
	bottom := 2*margin + len(rows)*(height+gap) - gap
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+"\n", width, bottom)
	fmt.Fprintf(&out, `<title>Which folder imports which</title>`+"\n")
	fmt.Fprintf(&out, `<rect width="%d" height="%d" fill="#ffffff"/>`+"\n", width, bottom)
	helpers := rows[len(rows)-1]
	for _, from := range slices.Sorted(maps.Keys(boxes)) {
		for _, to := range direct(from, imports) {
			b, inPicture := boxes[to]
			if !inPicture || slices.Contains(helpers, to) {
				continue
			}
			a := boxes[from]
			x1, y1, x2, y2 := a.x+a.w/2, a.y+height, b.x+b.w/2, b.y
			fmt.Fprintf(&out, `<path d="M%d %d C%d %d %d %d %d %d" fill="none" stroke="#8a99ad"/>`+"\n",
				x1, y1, x1, y1+gap/2, x2, y2-gap/2, x2, y2)
		}
	}
	for _, folder := range slices.Concat(rows...) {
		b := boxes[folder]
		fill := "#e7eef8"
		if slices.Contains(helpers, folder) {
			fill = "#f2f2f2"
		}
		fmt.Fprintf(&out, `<rect x="%d" y="%d" width="%d" height="%d" rx="4" fill="%s" stroke="#5b7aa5"/>`, b.x, b.y, b.w, height, fill)
		fmt.Fprintf(&out, `<text x="%d" y="%d" text-anchor="middle">%s</text>`+"\n", b.x+b.w/2, b.y+17, short(folder))
	}
	out.WriteString("</svg>\n")
	return out.String()
}

// short is the name of a folder in the picture: ten helpers are in one row.
func short(folder string) string { return strings.TrimPrefix(folder, "internal/") }

// direct are the imports of a folder that do not follow from its other imports, sorted.
func direct(folder string, imports map[string][]string) []string {
	var out []string
	for _, to := range imports[folder] {
		follows := slices.ContainsFunc(imports[folder], func(other string) bool {
			return other != to && reaches(other, to, imports)
		})
		if !follows {
			out = append(out, to)
		}
	}
	slices.Sort(out)
	return out
}

// reaches reports whether a folder imports another one, perhaps through others. Go has no circles of imports.
func reaches(from, to string, imports map[string][]string) bool {
	return slices.ContainsFunc(imports[from], func(next string) bool { return next == to || reaches(next, to, imports) })
}
