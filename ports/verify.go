package ports

import (
	"context"
	"fmt"
	"slices"

	"ucs-harden/plan"
	"ucs-harden/transaction"
)

// Verify compares what the ports offer now with what they offered before and with what the plan requires. A port may
// lose STARTTLS or AUTH when the options that decide about it have changed. Verify ends with the first port that fails:
// an error is one line, and the other ports mostly fail for the same reason.
func Verify(ctx context.Context, all []Port, before []transaction.Port, want plan.Expectation) error {
	expected, err := expectations(all, before, want)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	failed := make(chan error)
	for _, e := range expected {
		go func() { failed <- e.verify(ctx) }()
	}
	var first error
	for range expected {
		if err := <-failed; err != nil && first == nil {
			first = err
			stop()
		}
	}
	return first
}

// expectation is what a port has to offer.
type expectation struct {
	Port
	// before is what the port offered; the zero Port when it did not greet.
	before transaction.Port
	// want are the -o overrides of the service entry that the plan requires.
	want map[string]string
}

// expectations are those of the ports that greeted before, and of the ports of which the plan requires something.
func expectations(all []Port, before []transaction.Port, want plan.Expectation) ([]expectation, error) {
	var out []expectation
	for _, b := range before {
		i := slices.IndexFunc(all, func(p Port) bool { return p.Addr == b.Addr })
		if i < 0 {
			return nil, fmt.Errorf("port %s greeted before and is no longer in master.cf", nameOf(b.Service, b.Addr))
		}
		out = append(out, expectation{all[i], b, want.Master[all[i].Service]})
	}
	for _, p := range all {
		known := func(e expectation) bool { return e.Addr == p.Addr }
		if len(want.Master[p.Service]) > 0 && !slices.ContainsFunc(out, known) {
			out = append(out, expectation{Port: p, want: want.Master[p.Service]})
		}
	}
	return out, nil
}

// verify looks at the port and compares it with what it offered before and with what the plan requires.
func (e expectation) verify(ctx context.Context) error {
	name, before := nameOf(e.Service, e.Addr), e.before
	known := before.Addr != ""
	now, err := e.look(ctx, greetTimeout)
	if err != nil {
		if known {
			return fmt.Errorf("port %s greeted before and does not now: %w", name, err)
		}
		return fmt.Errorf("port %s does not greet: %w", name, err)
	}
	same := func(options []string) bool {
		changed := func(o string) bool { return before.Options[o] != now.Options[o] }
		return known && !slices.ContainsFunc(options, changed)
	}
	level := e.want["smtpd_tls_security_level"]
	wantTLS, wantAUTH := level == "encrypt" || level == "may", e.want["smtpd_sasl_auth_enable"] == "yes"
	lacksTLS := !now.STARTTLS && !e.ImplicitTLS
	switch {
	case lacksTLS && before.STARTTLS && (wantTLS || same(tlsOptions)):
		return fmt.Errorf("port %s offered STARTTLS before and does not now%s", name, because(now.tlsFailure))
	case lacksTLS && wantTLS:
		return fmt.Errorf("port %s does not offer STARTTLS, which the plan requires%s", name, because(now.tlsFailure))
	case !now.AUTH && before.AUTH && (wantAUTH || same(authOptions)):
		return fmt.Errorf("port %s offered AUTH before and does not now", name)
	case !now.AUTH && wantAUTH:
		return fmt.Errorf("port %s does not offer AUTH, which the plan requires", name)
	case before.Postmaster && !now.Postmaster:
		return fmt.Errorf("port %s took mail for postmaster before and does not now%s", name, because(now.refusal))
	}
	return nil
}

func because(err error) string {
	if err == nil {
		return ""
	}
	return ": " + err.Error()
}
