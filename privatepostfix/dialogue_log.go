package privatepostfix

import (
	"strconv"
	"strings"

	"ucs-harden/internal/lazyregexp"
)

// A client as smtpd(8) logs it: "name[address]:port", the port being the number of the
// dialogue.
var client = lazyregexp.New(`\[[0-9a-fA-F.:]+\]:(\d+)\b`)

// logOf sorts lines of the log to the dialogues, by their numbers. A line names its
// client; what is not about a client, a warning of a table that cannot be read, comes
// before the line with the verdict that it led to, from the same process.
func logOf(lines []line) map[int][]string {
	logs := map[int][]string{}
	pending := map[int][]string{}
	for _, l := range lines {
		if l.port == 0 || strings.HasPrefix(l.text, backwards) {
			continue
		}
		m := client.FindStringSubmatchIndex(l.text)
		if m == nil {
			pending[l.pid] = append(pending[l.pid], l.text)
			continue
		}
		number, _ := strconv.Atoi(l.text[m[2]:m[3]]) // digits; too many of them are no dialogue
		logs[number] = append(logs[number], pending[l.pid]...)
		delete(pending, l.pid)
		switch {
		case strings.HasPrefix(l.text, "connect from "), strings.HasPrefix(l.text, "disconnect from "), strings.HasPrefix(l.text, "lost connection "):
		case strings.Contains(l.text[:m[0]], ": client="):
		default:
			// As the live server logs it, without the port.
			named := l.text[m[0]:m[1]]
			logs[number] = append(logs[number], strings.ReplaceAll(l.text, named, named[:m[2]-m[0]-1]))
		}
	}
	return logs
}
