package evidence

import (
	"strings"

	"ucs-harden/maillog"
)

// Ours tells the lines of our checks from those of the administrator, and says to which group a hit belongs.
type Ours struct {
	// Domains are the hosted domains.
	Domains []string
	// Ports are the ports 465 and 587 by the name of their program in the log, such as "postfix/submission/smtpd".
	Ports map[string]int
}

// Attribution is what a hit is about.
type Attribution struct {
	Key
	// Exception is the name of the exception that the hit shows in use. Then there is no key.
	Exception string
	// Ours: a check of ours made the line.
	Ours bool
}

// Of attributes a hit.
func (o Ours) Of(h maillog.Hit) Attribution {
	if name, ok := strings.CutPrefix(h.Tag, "exception:"); ok {
		return Attribution{Exception: name, Ours: true}
	}
	return Attribution{Key: Key{Control: h.Tag}, Ours: h.Tag != ""}
}
