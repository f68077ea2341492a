// Package similar finds the names that somebody may have meant who has mistyped one.
package similar

import (
	"cmp"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// most is how many names are offered.
const most = 3

// To returns the few names that differ from a word in a letter or two, whatever their capitals: the nearest first. Two
// neighbouring letters in the wrong order are one mistake.
func To(word string, names []string) []string {
	type near struct {
		name     string
		distance int
	}
	var found []near
	for _, name := range names {
		// Each letter is one edit, so names that differ more in length cannot be near.
		allowed := mistakes(word)
		if d := len([]rune(name)) - len([]rune(word)); d > allowed || -d > allowed {
			continue
		}
		d := distance(strings.ToLower(word), strings.ToLower(name))
		if d <= allowed {
			found = append(found, near{name, d})
		}
	}
	slices.SortFunc(found, func(a, b near) int { return cmp.Or(a.distance-b.distance, strings.Compare(a.name, b.name)) })
	var out []string
	for _, n := range found {
		if !slices.Contains(out, n.name) && len(out) < most {
			out = append(out, n.name)
		}
	}
	return out
}

// distance is the number of letters that are wrong, missing or too many, or 1 for two letters in the wrong order.
func distance(word, name string) int {
	best := levenshtein.ComputeDistance(word, name)
	if letters := []rune(word); len(letters) == len([]rune(name)) {
		for i := range len(letters) - 1 {
			swapped := slices.Clone(letters)
			swapped[i], swapped[i+1] = letters[i+1], letters[i]
			if string(swapped) == name {
				best = min(best, 1)
			}
		}
	}
	return best
}

// mistakes is how many letters of a word may be wrong, missing or too many: one in four, at least one and at most three.
func mistakes(word string) int { return min(max(len([]rune(word))/4, 1), 3) }
