package main

import (
	"ucs-harden/transaction"
)

// The server tells the terminal what happens meanwhile, see harden.Observer.

// Progress shows what is under way.
func (g *global) Progress(what string) {
	if what == "" {
		g.idle()
		return
	}
	g.busy(what)
}

// Recovered says what was taken back before the command began.
func (g *global) Recovered(j *transaction.Journal) { g.complain("%s\n", recovered(j)) }

// Debug is shown with -v.
func (g *global) Debug(message string, fields map[string]any) {
	g.log.WithFields(fields).Debug(message)
}

// recovered says what was done with an interrupted change.
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
