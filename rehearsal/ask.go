package rehearsal

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"ucs-harden/privatepostfix"
	"ucs-harden/rules"
)

// Case is a message of the past, as it is put to both configurations.
type Case struct {
	Dialogue privatepostfix.Dialogue
	// OfTable: an entry of one of the administrator's tables may be about it.
	OfTable bool
}

// Ask puts cases to both configurations and compares the replies with the rules, as a rehearsal does. The court must know
// the people of the cases. A recipient that the server does not know any more is an unknown one.
func (c *Court) Ask(ctx context.Context, cases []Case, today, planned Play) ([]Cell, error) {
	dialogues := make([]privatepostfix.Dialogue, len(cases))
	for i := range cases {
		dialogues[i] = cases[i].Dialogue
	}
	before, after, err := playBoth(ctx, dialogues, today, planned)
	if err != nil {
		return nil, err
	}
	cells := make([]Cell, len(cases))
	for i, d := range dialogues {
		cell := Cell{Dialogue: d, OfTable: cases[i].OfTable, Before: before[i], After: after[i]}
		cell.Today, cell.Letter = c.Letters(d)
		is := cell.Letter.RecipientIs
		switch {
		case noDomain(before[i], after[i]):
			is = rules.Nowhere
		case nobody(before[i], after[i]):
			is = rules.Unknown
		}
		cell.Today.RecipientIs, cell.Letter.RecipientIs = is, is
		cell.Ruled, cell.Ruling = rules.Judge(c.Today.modes(d), cell.Today), rules.Judge(c.Plan.modes(d), cell.Letter)
		cells[i] = cell
	}
	about := look(cells)
	about.service = c.Plan.service
	for i := range cells {
		cells[i].Outcome = cells[i].judge(about)
	}
	return cells, nil
}

// nobody reports whether a reply says that the server has no such recipient (RFC 3463, 3.2: bad destination mailbox).
func nobody(replies ...privatepostfix.Reply) bool {
	for _, r := range replies {
		if !r.Accepted() && strings.HasSuffix(r.Enhanced, ".1.1") {
			return true
		}
	}
	return false
}

// playBoth plays dialogues with both configurations at the same time.
func playBoth(
	ctx context.Context, dialogues []privatepostfix.Dialogue, today, planned Play,
) (before, after []privatepostfix.Reply, err error) {
	var failedBefore, failedAfter error
	var both sync.WaitGroup
	both.Go(func() { before, failedBefore = today(ctx, dialogues) })
	both.Go(func() { after, failedAfter = planned(ctx, dialogues) })
	both.Wait()
	switch {
	case failedBefore != nil:
		return nil, nil, fmt.Errorf("cannot rehearse today's configuration: %w", failedBefore)
	case failedAfter != nil:
		return nil, nil, fmt.Errorf("cannot rehearse the configuration of the plan: %w", failedAfter)
	case len(before) != len(dialogues) || len(after) != len(dialogues):
		return nil, nil, fmt.Errorf("cannot rehearse: %d and %d replies to %d dialogues", len(before), len(after), len(dialogues))
	}
	return before, after, nil
}
