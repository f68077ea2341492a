package harden

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"ucs-harden/expectation"
	"ucs-harden/plan"
	"ucs-harden/ports"
	"ucs-harden/postfix"
	"ucs-harden/transaction"
)

// verification looks at the running mail server. It compares the parameters that postconf(1) prints with what the plan
// expects. It compares what the ports offer to a client with what the plan expects and with what they offered before.
type verification struct {
	server  *Server
	postfix postfix.Postfix
}

func (s *Server) verification() transaction.Verification {
	return verification{s, postfix.Postfix{Runner: s.Runner}}
}

// Configured compares the parameters that postconf prints with what the plan expects.
func (v verification) Configured(ctx context.Context, want plan.Expectation) error {
	names := slices.AppendSeq(slices.Collect(maps.Keys(want.Main)), maps.Keys(want.Holds))
	slices.Sort(names)
	got, err := v.postfix.Param(ctx, names...)
	if err != nil {
		return err
	}
	overrides, err := v.postfix.Overrides(ctx)
	if err != nil {
		return err
	}
	says := map[string]string{}
	for _, o := range overrides {
		says[o.Service+"/"+o.Type+"/"+o.Parameter] = o.Value
	}
	main := func(name string) string { return got[name] }
	master := func(entry, parameter string) string { return says[entry+"/"+parameter] }
	wrong := expectation.Of(want, main, master)
	if len(wrong) == 0 {
		return nil
	}
	m := wrong[0]
	if m.Holds {
		return fmt.Errorf("cannot verify: postconf says %s = %q, which does not contain %q", m.Name, m.Got, m.Want)
	}
	return fmt.Errorf("cannot verify: postconf says %s = %q, not %q", m.Name, m.Got, m.Want)
}

// ports returns the ports that master.cf opens now. It returns nil on an error: making the plan has read and parsed the
// same files, and the next step of the transaction notices a change since then.
func (v verification) ports() []ports.Port {
	main, errMain := v.server.read(transaction.MainCF)
	master, errMaster := v.server.read(transaction.MasterCF)
	c, err := parseConfiguration(main, master)
	if errMain != nil || errMaster != nil || err != nil {
		return nil
	}
	return ports.Of(c.maincf, c.mastercf)
}

// Greetings returns the ports that greet on this machine, with what they offer. It returns nil if Postfix does not run:
// then another program greets there.
func (v verification) Greetings(ctx context.Context) []transaction.Port {
	if running, err := v.postfix.Running(ctx); err != nil || !running {
		return nil
	}
	return ports.Offers(ctx, v.ports())
}

// Greet compares what the ports offer now with what the plan expects. Where the change does not alter an offer, Greet
// compares it with what the port offered before.
func (v verification) Greet(ctx context.Context, before []transaction.Port, want plan.Expectation) error {
	return ports.Verify(ctx, v.ports(), before, want)
}
