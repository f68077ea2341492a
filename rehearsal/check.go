package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"ucs-harden/identity"
	"ucs-harden/mynetworks"
	"ucs-harden/owners"
	"ucs-harden/privatepostfix"
	"ucs-harden/rules"
)

// ComparisonSchema is the version of the JSON form; a field is never renamed or
// given another meaning without a new one.
const ComparisonSchema = 2

// Verdict is what one configuration says to a dialogue, and why.
type Verdict struct {
	Accepted bool                 `json:"accepted"`
	Reply    privatepostfix.Reply `json:"reply"`
	// Letter is what the configuration knows of the dialogue, Ruling what the
	// controls say to that in its modes.
	Letter rules.Letter `json:"letter"`
	Ruling rules.Ruling `json:"ruling"`
	// DecidedBy is what refused it; nil when it was accepted.
	DecidedBy *Decision `json:"decided_by,omitempty"`
	// WarnedBy are what logged it without refusing it.
	WarnedBy []Decision `json:"warned_by"`
	// Advice is what would change the verdict; of a letter that is accepted and
	// warned of, what would end the warning.
	Advice []string `json:"advice"`
}

// Comparison is one dialogue with today's configuration and with that of a plan.
type Comparison struct {
	Schema   int                     `json:"schema"`
	Dialogue privatepostfix.Dialogue `json:"dialogue"`
	// Changes: the plan changes something. Else Plan is Today.
	Changes bool    `json:"changed"`
	Today   Verdict `json:"today"`
	Plan    Verdict `json:"plan"`
	Outcome Outcome `json:"outcome"`
	// Notes say what to know about the answer.
	Notes []string `json:"notes"`
}

// Asked is one configuration, as one dialogue meets it.
type Asked struct {
	Play    Play
	Service Service
}

// Compare plays one dialogue with both configurations. planned is nil when the
// plan changes nothing. people are those whose names the dialogue holds, see
// Facts.Letters.
func Compare(
	ctx context.Context, f Facts, d privatepostfix.Dialogue, people []identity.Account, today Asked, planned *Asked,
) (*Comparison, error) {
	c := &Comparison{Schema: ComparisonSchema, Dialogue: d, Changes: planned != nil}
	if planned == nil {
		f.Today, planned = f.Plan, &today
	}
	var before, after privatepostfix.Reply
	var failedBefore, failedAfter error
	var both sync.WaitGroup
	both.Go(func() { before, failedBefore = today.ask(ctx, d) })
	if c.Changes {
		both.Go(func() { after, failedAfter = planned.ask(ctx, d) })
	}
	both.Wait()
	switch {
	case failedBefore != nil:
		return nil, fmt.Errorf("cannot ask today's configuration: %w", failedBefore)
	case failedAfter != nil:
		return nil, fmt.Errorf("cannot ask the configuration of the plan: %w", failedAfter)
	case !c.Changes:
		after = before
	}
	cell := Cell{Dialogue: d, Before: before, After: after}
	cell.Today, cell.Letter = f.Letters(d, people)
	if noDomain(before, after) {
		cell.Today.RecipientIs, cell.Letter.RecipientIs = rules.Nowhere, rules.Nowhere
	}
	cell.Ruled, cell.Ruling = rules.Judge(f.Today.modes(d), cell.Today), rules.Judge(f.Plan.modes(d), cell.Letter)
	about := look([]Cell{cell})
	about.service = f.Plan.service
	if c.Outcome = cell.judge(about); before.Code == 0 && after.Code == 0 {
		c.Outcome = Outcome{Want: "no answer, as today", Why: after.Text}
	}
	c.Today = f.verdict(d, people, f.Today, today.Service, before, cell.Today, cell.Ruled)
	c.Plan = f.verdict(d, people, f.Plan, planned.Service, after, cell.Letter, cell.Ruling)
	c.Notes = append(f.notes(d, people), notAsked(before, after)...)
	return c, nil
}

func (a Asked) ask(ctx context.Context, d privatepostfix.Dialogue) (privatepostfix.Reply, error) {
	replies, err := a.Play(ctx, []privatepostfix.Dialogue{d})
	var none *privatepostfix.PortError
	switch {
	case errors.As(err, &none):
		return privatepostfix.Reply{Text: none.Why, At: privatepostfix.AtConnect, Transcript: []string{}}, nil
	case err != nil:
		return privatepostfix.Reply{}, err
	case len(replies) != 1:
		return privatepostfix.Reply{}, fmt.Errorf("%d replies to one dialogue", len(replies))
	}
	return replies[0], nil
}

func (f Facts) verdict(
	d privatepostfix.Dialogue, people []identity.Account, side Side, s Service, r privatepostfix.Reply,
	l rules.Letter, ruling rules.Ruling,
) Verdict {
	v := Verdict{
		Accepted: r.Accepted(), Reply: r, Letter: l, Ruling: ruling,
		DecidedBy: s.Decided(r, l), WarnedBy: s.Warned(r, l), Advice: []string{},
	}
	a := adviser{d, side, l, people}
	decided := v.WarnedBy
	if v.DecidedBy != nil {
		decided = []Decision{*v.DecidedBy}
	}
	add := func(all []string) {
		for _, one := range all {
			// "log in" says no more than "log in as boss".
			if !slices.ContainsFunc(v.Advice, func(said string) bool { return strings.HasPrefix(said, one) }) {
				v.Advice = append(v.Advice, one)
			}
		}
	}
	for _, d := range decided {
		add(a.refused(d))
	}
	add(a.modes(r, ruling))
	return v
}

// noDomain reports whether a reply or a warning says that the domain of the
// recipient does not exist.
func noDomain(replies ...privatepostfix.Reply) bool {
	says := func(text string) bool { return strings.Contains(text, theRecipient+" rejected: Domain not found") }
	return slices.ContainsFunc(replies, func(r privatepostfix.Reply) bool {
		return says(r.Text) || slices.ContainsFunc(r.Log, says)
	})
}

// notAsked says whose part in the verdict is not known. The live server asks them.
func notAsked(replies ...privatepostfix.Reply) (notes []string) {
	var all []string
	for _, r := range replies {
		all = append(all, r.NotAsked...)
	}
	slices.Sort(all)
	for _, name := range slices.Compact(all) {
		notes = append(notes, "the live server also asks "+name+", which may refuse the message; it was not asked here")
	}
	return notes
}

// notes say where the dialogue is not what it seems.
func (f Facts) notes(d privatepostfix.Dialogue, people []identity.Account) []string {
	notes := []string{}
	add := func(format string, args ...any) { notes = append(notes, fmt.Sprintf(format, args...)) }
	if d.Login != "" {
		if loginOf(d.Login, owners.New(people...)) == nil {
			add("the directory has no mail account with the login %s: it could not log in", d.Login)
		}
		if today, planned := f.Today.auth(d), f.Plan.auth(d); !today && !planned {
			add("port %s has no AUTH: the login does not count", d.At())
		} else if !today {
			add("port %s has no AUTH today: the login counts only in the plan", d.At())
		} else if !planned {
			add("port %s has no AUTH in the plan: the login counts only today", d.At())
		}
	}
	if mynetworks.Parse(f.Today.Networks + " " + f.Plan.Networks).Opaque() {
		add("mynetworks holds a table or a name: whether %s is in it is not known, so the reasons may not be right", d.Client)
	}
	return notes
}
