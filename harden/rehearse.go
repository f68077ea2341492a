package harden

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"ucs-harden/doors"
	"ucs-harden/mastercf"
	"ucs-harden/plan"
	"ucs-harden/privatepostfix"
	"ucs-harden/rehearsal"
)

// stage is two private Postfix instances: one with today's configuration, one with the planned one.
type stage struct {
	today, planned *privatepostfix.Instance
	// dead are the ports that work in neither configuration, with the reasons. Neither instance has these ports.
	dead map[int]string
	// mended are the ports that do not work today, with the reasons. The instance of today does not have them.
	mended map[int]string
	// failed is why today's configuration does not start at all.
	failed string
}

// playToday plays dialogues with today's configuration. Dialogues with a port that does not work have an empty reply.
func (s *stage) playToday(ctx context.Context, dialogues []privatepostfix.Dialogue) ([]privatepostfix.Reply, error) {
	if s.today != nil && len(s.mended) == 0 {
		return s.today.Play(ctx, dialogues)
	}
	replies := make([]privatepostfix.Reply, len(dialogues))
	var played []int
	var alive []privatepostfix.Dialogue
	for i, d := range dialogues {
		why, dead := s.mended[s.planned.ServiceOf(d)]
		if dead || s.today == nil {
			replies[i].Text = cmp.Or(why, s.failed)
			continue
		}
		played, alive = append(played, i), append(alive, d)
	}
	if s.today == nil {
		return replies, nil
	}
	answers, err := s.today.Play(ctx, alive)
	if err != nil {
		return nil, err
	}
	for n, i := range played {
		replies[i] = answers[n]
	}
	return replies, nil
}

func (s *stage) close() error {
	var errs []error
	for _, i := range []*privatepostfix.Instance{s.today, s.planned} {
		if i != nil {
			errs = append(errs, i.Close())
		}
	}
	return errors.Join(errs...)
}

// Rehearse sends the test messages of this server's matrix to today's configuration and to the planned one. The matrix
// says whether the answers are right. An error means that the rehearsal itself failed.
func (s *Server) Rehearse(ctx context.Context, p *Planned) (_ *rehearsal.Matrix, err error) {
	if err := installed(Programs()...); err != nil {
		return nil, fmt.Errorf("cannot rehearse: %w", err)
	}
	facts, err := s.rehearsalFacts(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("cannot rehearse: %w", err)
	}
	defer s.progress("rehearsing")()
	st, err := s.raise(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("cannot rehearse: %w", err)
	}
	defer func() { err = errors.Join(err, st.close()) }()
	for _, side := range []*rehearsal.Side{&facts.Today, &facts.Plan} {
		for port := range st.dead {
			delete(side.Ports, port)
		}
		side.Further = slices.DeleteFunc(side.Further, func(d rehearsal.Door) bool { return st.dead[doors.Door{Name: d.Name, Further: true}.ID()] != "" })
	}
	m, err := rehearsal.Rehearse(ctx, facts, st.playToday, st.planned.Play)
	if err != nil {
		return nil, err
	}
	for _, why := range slices.Compact(slices.Sorted(maps.Values(st.dead))) {
		m.Notes = append(m.Notes, why+"; this is already so today and not caused by the plan")
	}
	if st.failed != "" {
		m.Notes = append(m.Notes, st.failed+"; so no answer could be compared with today's")
	}
	for _, why := range slices.Compact(slices.Sorted(maps.Values(st.mended))) {
		m.Notes = append(m.Notes, why+"; this is so today, and the plan mends it")
	}
	unasked := st.planned.NotAsked()
	if st.today != nil {
		unasked = append(unasked, st.today.NotAsked()...)
	}
	slices.Sort(unasked)
	for _, name := range slices.Compact(unasked) {
		m.Notes = append(m.Notes, name+" was not asked: its part in the verdicts is not rehearsed")
	}
	if facts.NoForeign {
		domain := cmp.Or(facts.Foreign, rehearsal.DefaultForeign)
		m.Notes = append(m.Notes, fmt.Sprintf("this server's DNS does not know %s, so mail to foreign domains was not "+
			"rehearsed; another domain can be set in the registry variable %s", domain, ForeignVariable))
	}
	return m, nil
}

// raise starts both instances. What does not work today does not stop a plan that mends it: a port that is dead today has
// no answers today, and neither has a configuration that does not start at all. A port that is dead in both configurations is left out of both, unless the plan is about it: then the
// plan would leave it dead.
func (s *Server) raise(ctx context.Context, p *Planned) (*stage, error) {
	today, next, err := s.configurations(ctx, p)
	if err != nil {
		return nil, err
	}
	st, err := s.start(ctx, &today, next)
	var failed todayError
	if !errors.As(err, &failed) || ctx.Err() != nil {
		return st, err
	}
	dead := privatepostfix.DeadPorts(failed.error)
	today.Without = slices.AppendSeq(today.Without, maps.Keys(dead))
	var failedPlan error
	if len(dead) > 0 {
		if st, failedPlan = s.start(ctx, &today, next); failedPlan == nil {
			st.mended = dead
			return st, nil
		}
	}
	if nothing := (todayError{}); len(dead) == 0 || errors.As(failedPlan, &nothing) {
		if st, failedPlan = s.start(ctx, nil, next); failedPlan != nil {
			return nil, err
		}
		st.failed = failed.Error()
		return st, nil
	}
	still := privatepostfix.DeadPorts(failedPlan)
	about := func(port int) bool {
		return dead[port] == "" || port == 25 || len(p.Expect.Master[mastercf.NameOf(port)+"/inet"]) > 0
	}
	if len(still) == 0 || slices.ContainsFunc(slices.Collect(maps.Keys(still)), about) {
		return nil, err
	}
	next.Without = slices.AppendSeq(next.Without, maps.Keys(still))
	if st, err = s.start(ctx, &today, next); err != nil {
		return nil, err
	}
	st.dead, st.mended = still, dead
	maps.DeleteFunc(st.mended, func(port int, _ string) bool { return still[port] != "" })
	return st, nil
}

// todayError says that today's configuration does not start.
type todayError struct{ error }

func (e todayError) Error() string { return "today's configuration: " + e.error.Error() }
func (e todayError) Unwrap() error { return e.error }

// start starts a private Postfix for each configuration, both at the same time. Without today it starts the other one.
func (s *Server) start(ctx context.Context, today *privatepostfix.Config, next privatepostfix.Config) (*stage, error) {
	var st stage
	var err error
	var both sync.WaitGroup
	var failedToday, failedPlan error
	programs := PrivatePrograms(s.Runner)
	if today != nil {
		both.Go(func() { st.today, failedToday = privatepostfix.Start(ctx, programs, *today) })
	}
	both.Go(func() { st.planned, failedPlan = privatepostfix.Start(ctx, programs, next) })
	both.Wait()
	switch {
	case failedToday != nil:
		err = todayError{failedToday}
	case failedPlan != nil:
		err = fmt.Errorf("the configuration of the plan: %w", failedPlan)
	default:
		return &st, nil
	}
	if left := st.close(); left != nil {
		err = errors.Join(err, left)
	}
	return nil, err
}

// configurations returns the configurations of the two instances: the live files, and the files of the dry run with the
// planned tables and maps.
func (s *Server) configurations(ctx context.Context, p *Planned) (today, next privatepostfix.Config, err error) {
	now := p.facts.now
	today.Main, today.Master = now.maincf, now.mastercf
	next.Main, next.Master = p.next.maincf, p.next.mastercf
	if queue, ok := now.maincf.Get("queue_directory"); ok {
		today.QueueDirectory, next.QueueDirectory = queue, queue
	}
	for _, f := range p.Files {
		switch {
		case f.Action == plan.Remove || f.Kind == plan.Ledger:
		case f.Kind == plan.Table:
			next.Files = append(next.Files, privatepostfix.File{Path: f.Path, Type: f.Type, Content: []byte(*f.After)})
		case f.Kind == plan.Map:
			content, err := s.ucr().RenderFile(ctx, p.facts.registry, strings.TrimPrefix(f.Path, "/"))
			if err != nil {
				return today, next, err
			}
			next.Files = append(next.Files, privatepostfix.File{Path: f.Path, Content: content})
		}
	}
	return today, next, nil
}
