package harden

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"ucs-harden/evidence"
	"ucs-harden/internal/plural"
	"ucs-harden/outcome"
	"ucs-harden/privatepostfix"
	"ucs-harden/rehearsal"
	"ucs-harden/rules"
)

// DisagreementError says that a private Postfix does not answer as the rules say, so what the rules say of past letters
// counts for nothing.
type DisagreementError struct {
	// Asked is how many cases were put to Postfix, Wrong are those about which it disagrees.
	Asked int
	Wrong []rehearsal.Cell
}

func (e *DisagreementError) Error() string {
	first := e.Wrong[0]
	return fmt.Sprintf("cannot trust the replay: of %s a private Postfix answers %d otherwise than the rules say; "+
		"the first is %s: expected: %s (%s); today's configuration answers %q, that of the plan %q",
		plural.Count(e.Asked, "case", "cases"), len(e.Wrong), first.Dialogue, first.Want, first.Why, first.Before, first.After)
}

// sampler keeps a few distinct cases of every class: what the rules say today and under the plan, and at which port.
type sampler struct {
	most    int
	classes map[class][]sampled
	order   []class
}

type class struct {
	rule, warned          string
	port                  int
	refused, refusedToday bool
	client                rules.Client
	null, atHome          bool
}

type sampled struct {
	message evidence.Message
	helo    string
}

// perClass is how many cases of a class are kept.
const perClass = 8

func newSampler(most int) *sampler { return &sampler{most: most, classes: map[class][]sampled{}} }

// add keeps a case if there are few of its class.
func (s *sampler) add(m evidence.Message, helo string, client rules.Client, a prediction) {
	c := class{
		a.ruling.Name, a.ruling.WarnedBy, m.Port, a.refused, a.refusedToday, client, m.Sender == "", strings.Contains(m.Recipient, "@"),
	}
	have, known := s.classes[c]
	if s.most == 0 || len(have) == perClass || !askable(m) {
		return
	}
	if !known {
		s.order = append(s.order, c)
	}
	s.classes[c] = append(have, sampled{m, helo})
}

// askable reports whether a dialogue can have the names of a message. A private Postfix is asked in ASCII.
func askable(m evidence.Message) bool {
	return m.Client.IsValid() && !strings.ContainsAny(m.Sender+m.Recipient, "<>") &&
		!strings.ContainsFunc(m.Login+m.Sender+m.Recipient+m.ClientName, func(r rune) bool { return r < ' ' || r > '~' })
}

// take are at most as many cases as wanted, of every class one, then of every class a second one, and so on.
func (s *sampler) take() (out []sampled) {
	for n := range perClass {
		for _, c := range s.order {
			if n < len(s.classes[c]) && len(out) < s.most {
				out = append(out, s.classes[c][n])
			}
		}
	}
	return out
}

// askSample puts the sample to two private Postfix.
func (s *Server) askSample(ctx context.Context, p *Planned, r *replay) (err error) {
	chosen := r.sample.take()
	if len(chosen) == 0 {
		return nil
	}
	if err := installed(Programs()...); err != nil {
		return fmt.Errorf("cannot replay: %w", err)
	}
	var names []string
	for _, c := range chosen {
		names = append(names, c.message.Login, c.message.Sender, c.message.Recipient)
	}
	if err := s.introduce(ctx, r.court, p, names); err != nil {
		return fmt.Errorf("cannot replay: %w", err)
	}
	special := s.specially(ctx, p)
	cases := make([]rehearsal.Case, len(chosen))
	for i, c := range chosen {
		d := dialogueOf(c.message)
		d.Helo = cmp.Or(printable(c.helo), d.ClientName, "["+d.Client.String()+"]")
		cases[i] = rehearsal.Case{Dialogue: r.addressed(d), OfTable: special(d)}
	}
	defer s.progress("asking a private Postfix")()
	st, err := s.raiseNeeded(ctx, p)
	if err != nil {
		return fmt.Errorf("cannot replay: %w", err)
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	planned := st.Today
	if st.HasPlan() {
		planned = st.Planned
	}
	cells, err := r.court.Ask(ctx, cases, st.Today, planned)
	if err != nil {
		return err
	}
	r.counts.Asked = len(cells)
	var wrong []rehearsal.Cell
	for _, c := range cells {
		if c.Explained {
			r.counts.Explained++
		}
		if c.Wrong {
			wrong = append(wrong, c)
		}
	}
	if len(wrong) > 0 {
		return outcome.Unchanged(&DisagreementError{len(cells), wrong})
	}
	return nil
}

func printable(helo string) string {
	if strings.ContainsFunc(helo, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return ""
	}
	return helo
}

// addressed names the service of a dialogue where the role does not tell it.
func (r *replay) addressed(d privatepostfix.Dialogue) privatepostfix.Dialogue {
	if at := r.court.Plan.At[d.Port]; at == r.court.Today.At[d.Port] {
		d.Service = at
	}
	return d
}
