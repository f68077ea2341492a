// Package plural counts things in words.
package plural

import "fmt"

// Count is a number with the word for one thing or for many: "1 error", "0 errors".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
