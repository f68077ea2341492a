package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"ucs-harden/harden"
	"ucs-harden/internal/plural"
	"ucs-harden/lists"
)

// Stopped says what became of an account that was stopped at once, or may send again. It says nothing of an account that
// can still send: that is an error.
func Stopped(w io.Writer, about string, st *harden.Stopped) error {
	var b strings.Builder
	who := lists.Shown(about)
	switch {
	case st.Lifted && len(st.Still) > 0:
		fmt.Fprintf(&b, "%s still can NOT send: %s\n", who, PlainLines(strings.Join(st.Still, "; ")))
		b.WriteString("hint: the directory may mark it, or another entry may mean it: ucs-harden suspend list; then ucs-harden sync\n")
	case st.Lifted && st.Untested != "":
		fmt.Fprintf(&b, "%s is not stopped any more.\n", who)
	case st.Lifted:
		fmt.Fprintf(&b, "%s can send again.\n", who)
	case len(st.Still) == 0:
		fmt.Fprintf(&b, "%s is stopped now.\n", who)
	}
	if !st.Lifted {
		names := func(what string, all []string) {
			if len(all) > 0 {
				fmt.Fprintf(&b, "  %s %s\n", what, PlainLines(strings.Join(all, ", ")))
			}
		}
		names("by login: ", st.Logins)
		names("by sender:", st.Senders)
		leftovers(&b, who, st)
	}
	if st.NotRunning {
		b.WriteString("Postfix is not running: nobody can send until it starts.\n")
	}
	if st.Untested != "" {
		fmt.Fprintf(&b, "This was not tried out: %s\n", PlainLines(st.Untested))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// leftovers are the sessions and the messages that the account has begun before.
func leftovers(b *strings.Builder, who string, st *harden.Stopped) {
	var pids []string
	for _, s := range st.Sessions {
		pids = append(pids, strconv.Itoa(s.PID))
	}
	if n := len(pids); n > 0 {
		fmt.Fprintf(b, "%s of %s, begun before: it can still send there until the session ends. To end it: kill %s\n",
			plural.Count(n, "open session", "open sessions"), who, strings.Join(pids, " "))
	}
	if st.Unnamed > 0 {
		fmt.Fprintf(b, "%s; the mail log does not tell who has logged in there.\n",
			plural.Count(st.Unnamed, "more open session", "more open sessions"))
	}
	switch waiting := st.Queued - st.Held; {
	case waiting > 0:
		fmt.Fprintf(b, "%s of %s in the queue. To hold what is there: ucs-harden suspend add %s --now --hold-queue\n",
			plural.Count(waiting, "message", "messages"), who, who)
	case st.Held > 0:
		fmt.Fprintf(b, "%s of %s on hold. postsuper -H releases, postsuper -d deletes a message.\n",
			plural.Count(st.Held, "message", "messages"), who)
	}
	for _, why := range st.Notes {
		fmt.Fprintf(b, "Not known: %s\n", PlainLines(why))
	}
}
