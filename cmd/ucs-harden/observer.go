package main

import (
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
func (g *global) Recovered(j *transaction.Journal) { g.complain("%s\n", recovered(j)) }

// Debug logs details, which -v shows.
func (g *global) Debug(message string, fields map[string]any) {
	g.log.WithFields(fields).Debug(message)
}

// recovered is the text about an interrupted or unconfirmed change that was taken back or completed.
func recovered(j *transaction.Journal) string {
	switch j.Kind {
	case transaction.RollingBack:
		return "Recovered: the interrupted rollback of " + j.ID + " is complete."
	case transaction.Confirming, transaction.Expired:
		return "Recovered: " + j.ID + " was not confirmed in time; the server is as it was before it."
	case transaction.Applying:
	}
	return "Recovered: the interrupted apply " + j.ID + " was taken back; the server is as it was before it."
}
