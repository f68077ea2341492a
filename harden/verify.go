package harden

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"ucs-harden/plan"
	"ucs-harden/ports"
	"ucs-harden/postfix"
	"ucs-harden/transaction"
)

// verification looks at the running mail server: postconf(1) says what the configuration means, the ports what a client
// is offered. What they show is compared with what the plan expects, and with what they showed before.
type verification struct {
	server  *Server
	postfix postfix.Postfix
}

func (s *Server) verification() transaction.Verification {
	return verification{s, postfix.Postfix{Runner: s.Runner}}
}

// Configured asks postconf what the configuration means now.
func (v verification) Configured(ctx context.Context, want plan.Expectation) error {
	names := slices.AppendSeq(slices.Collect(maps.Keys(want.Main)), maps.Keys(want.Holds))
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
	wrong := mismatches(want, func(name string) string { return got[name] }, func(entry, parameter string) string { return says[entry+"/"+parameter] })
	if len(wrong) == 0 {
		return nil
	}
	m := wrong[0]
	if m.holds {
		return fmt.Errorf("cannot verify: postconf says %s = %q, wanted was %q in it", m.name, m.got, m.want)
	}
	return fmt.Errorf("cannot verify: postconf says %s = %q, wanted was %q", m.name, m.got, m.want)
}

// ports are those that master.cf opens now. The plan has read the files; what changed since shows in the next step.
func (v verification) ports() []ports.Port {
	main, errMain := v.server.read(transaction.MainCF)
	master, errMaster := v.server.read(transaction.MasterCF)
	c, err := parseConfiguration(main, master)
	if errMain != nil || errMaster != nil || err != nil {
		return nil
	}
	return ports.Of(c.maincf, c.mastercf)
}

// Greetings are the ports that greet on this machine, with what they offer. When Postfix does not run, who greets there
// is somebody else.
func (v verification) Greetings(ctx context.Context) []transaction.Port {
	if running, err := v.postfix.Running(ctx); err != nil || !running {
		return nil
	}
	return ports.Offers(ctx, v.ports())
}

// Greet compares what the ports offer now with what they did before, as far as the change leaves that alone, and with
// what is expected of them.
func (v verification) Greet(ctx context.Context, before []transaction.Port, want plan.Expectation) error {
	return ports.Verify(ctx, v.ports(), before, want)
}
