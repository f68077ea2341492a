package main

import (
	"context"
	"fmt"
	"time"

	"ucs-harden/harden"
	"ucs-harden/outcome"
	"ucs-harden/transaction"
)

const (
	countDownStep = time.Second
	// takingBack is how long the countdown waits after the deadline for the change to be taken back.
	takingBack = 2 * time.Minute
)

// countsDown reports whether an apply waits on the terminal for its confirmation: somebody was asked, and sees the time.
func (g *global) countsDown(done *harden.Applied, decided bool) bool {
	return done.Deadline != nil && !decided && !g.json && !g.machine && isTerminal(g.in) && isTerminal(g.err)
}

// countDown waits for the confirmation of an apply: the Enter key keeps the change, and so does "ucs-harden confirm"
// elsewhere. It counts down to the deadline, and says what happened then. An interrupt ends only the waiting.
func (g *global) countDown(ctx context.Context, done *harden.Applied) error {
	defer g.idle()
	g.dropTyped()
	fmt.Fprintln(g.err, "Try your mail now. Press Enter to keep the change.")
	enter := g.answer()
	tick := time.NewTicker(countDownStep)
	defer tick.Stop()
	var due time.Time // since when the change is being taken back
	for {
		left, state := g.server.Fate(done.ID)
		if state != transaction.Waiting && state != transaction.Unfinished {
			return g.decided(done.ID, state)
		}
		if left == 0 && due.IsZero() {
			due = time.Now()
		}
		if left == 0 && time.Since(due) > takingBack {
			return outcome.Advise(fmt.Errorf("%s was not confirmed in time, and is not taken back yet", done.ID), "ucs-harden status")
		}
		g.remaining(left)
		select {
		case <-ctx.Done():
			g.idle()
			g.print("It still is taken back at %s unless you run: ucs-harden confirm\n", done.Deadline.Local().Format(time.TimeOnly))
			return nil
		case said := <-enter:
			if !said.entered { // the terminal is lost, or its input has ended: this confirms nothing
				enter = nil
				continue
			}
			if _, state := g.server.Fate(done.ID); state != transaction.Waiting {
				continue // it was confirmed or taken back at this moment
			}
			g.idle()
			return g.runConfirm(ctx)
		case <-tick.C:
		}
	}
}

// decided says what has become of a change for whose confirmation the terminal has waited.
func (g *global) decided(id string, state transaction.State) error {
	g.idle()
	switch state {
	case transaction.Applied:
		g.print("Confirmed elsewhere: %s stays.\n", id)
		return nil
	case transaction.RolledBack:
		return outcome.As(outcome.RolledBack, outcome.Advise(fmt.Errorf("%s was rolled back elsewhere", id),
			"ucs-harden history shows by whom"))
	case transaction.Unconfirmed, transaction.Undone, transaction.Waiting, transaction.Unfinished:
	}
	return outcome.As(outcome.RolledBack, outcome.Advise(fmt.Errorf("%s was not confirmed and was taken back", id),
		"ucs-harden apply again, and confirm it in time"))
}

// remaining rewrites the line with the time that is left.
func (g *global) remaining(left time.Duration) {
	text := "The time is up: taking it back …"
	if left = left.Round(time.Second); left > 0 {
		text = fmt.Sprintf("Taken back by itself in %d:%02d", int(left.Minutes()), int(left.Seconds())%60)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	fmt.Fprintf(g.err, "\r\x1b[K%s ", text)
	g.shown = true
}
