package privatepostfix

import (
	"strconv"
	"strings"

	"ucs-harden/internal/lazyregexp"
)

// client is a client as smtpd(8) logs it: "name[address]:port". The port is the number of the dialogue.
var client = lazyregexp.New(`\[[0-9a-fA-F.:]+\]:(\d+)\b`)

// logOf returns the lines of the log by the number of their dialogue. A line without a client, such as the warning
// that a table cannot be read, belongs to the next line with a client of the same process.
func logOf(lines []line) map[int][]string {
	logs := map[int][]string{}
	pending := map[int][]string{}
	for _, l := range lines {
		if l.service == 0 || strings.HasPrefix(l.text, backwards) {
			continue
		}
		m := client.FindStringSubmatchIndex(l.text)
		if m == nil {
			pending[l.pid] = append(pending[l.pid], l.text)
			continue
		}
		number, _ := strconv.Atoi(l.text[m[2]:m[3]]) // digits; too large a number is no dialogue
		logs[number] = append(logs[number], pending[l.pid]...)
		delete(pending, l.pid)
		switch {
		case strings.HasPrefix(l.text, "connect from "), strings.HasPrefix(l.text, "disconnect from "):
		case strings.HasPrefix(l.text, "lost connection "):
		case strings.Contains(l.text[:m[0]], ": client="):
		default:
			// The live server logs no port.
			named := l.text[m[0]:m[1]]
			logs[number] = append(logs[number], strings.ReplaceAll(l.text, named, named[:m[2]-m[0]-1]))
		}
	}
	return logs
}
