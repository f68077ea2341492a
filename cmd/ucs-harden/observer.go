package main

import (
	"github.com/sirupsen/logrus"

	"ucs-harden/harden"
	"ucs-harden/transaction"
)

// global implements harden.Observer.

// Progress shows what is under way, on a terminal.
func (g *global) Progress(what string) {
	if what == "" {
		g.idle()
		return
	}
	g.busy(what)
}

// Recovered prints what was taken back before the command began.
func (g *global) Recovered(j *transaction.Recovered) {
	g.tell(recovered(j), logrus.Fields{"id": j.ID})
	g.audit.recovered(j)
}

// Upheld leaves a line in syslog.
func (g *global) Upheld(done *harden.Applied) { g.audit.upheld(done) }

// Warning prints what went wrong beside the command.
func (g *global) Warning(text, hint string) { g.warn(text, hint) }

// Debug logs details, which -v shows.
func (m *messages) Debug(message string, fields map[string]any) {
	m.log.WithFields(fields).Debug(message)
}

// recovered is the text about an interrupted or unconfirmed change that was taken back or completed.
func recovered(j *transaction.Recovered) string {
	as := afterwards(j.Kept, "the server is as it was before it") + "."
	switch j.Kind {
	case transaction.RollingBack:
		return "Recovered: the interrupted rollback of " + j.ID + " is complete; " + as
	case transaction.Confirming, transaction.Expired:
		return "Recovered: " + j.ID + " was not confirmed in time; " + as
	case transaction.Applying:
	}
	return "Recovered: the interrupted apply " + j.ID + " was taken back; " + as
}

// afterwards says what the server is like after a change was taken back.
func afterwards(kept transaction.Kept, asBefore string) string {
	if kept.None() {
		return asBefore
	}
	if len(kept.Others)+len(kept.Files) == 0 {
		return asBefore + ", but for this: " + kept.String()
	}
	return "someone else has changed this since, and it was kept: " + kept.String()
}
