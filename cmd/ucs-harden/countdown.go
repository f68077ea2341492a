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
	// takingBack is how long after its deadline an apply may need to be taken back, until nobody waits for it any more.
	takingBack = 2 * time.Minute
)

// countDown waits on a terminal for the confirmation of an apply: the Enter key keeps the change, and so does "ucs-harden
// confirm" elsewhere. It counts down to the deadline, and says what happened then. An interrupt ends only the waiting.
func (g *global) countDown(ctx context.Context, done *harden.Applied) error {
	defer g.idle()
	fmt.Fprintln(g.err, "Try your mail now. Press Enter to keep the change.")
	enter := g.answer()
	tick := time.NewTicker(countDownStep)
	defer tick.Stop()
	for {
		state, err := g.server.StateOf(done.ID)
		switch {
		case err != nil:
			return err
		case state == transaction.Applied:
			g.idle()
			g.print("Confirmed elsewhere: %s stays.\n", done.ID)
			return nil
		case state == transaction.Unconfirmed || state == transaction.Undone:
			g.idle()
			return outcome.Advise(outcome.As(outcome.RolledBack, fmt.Errorf("%s was not confirmed and was taken back", done.ID)),
				"ucs-harden apply again, and confirm it in time")
		}
		left := time.Until(*done.Deadline).Round(time.Second)
		if left < -takingBack {
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
			if state, err := g.server.StateOf(done.ID); err == nil && state != transaction.Waiting {
				continue // it was confirmed or taken back at this moment
			}
			g.idle()
			return g.runConfirm(ctx)
		case <-tick.C:
		}
	}
}

// remaining rewrites the line with the time that is left.
func (g *global) remaining(left time.Duration) {
	text := "The time is up: taking it back …"
	if left > 0 {
		text = fmt.Sprintf("Taken back by itself in %d:%02d", int(left.Minutes()), int(left.Seconds())%60)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	fmt.Fprintf(g.err, "\r\x1b[K%s ", text)
	g.shown = true
}
