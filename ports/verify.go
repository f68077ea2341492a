package ports

import (
	"context"
	"fmt"
	"slices"

	"ucs-harden/plan"
	"ucs-harden/transaction"
)

// Verify compares what the ports offer now with what they did before, as far as
// the change leaves that alone, and with what is expected of them. It ends with
// the first port that fails: an error is one line, and the others have the same
// cause more often than not.
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
	// before is what it offered; the zero Port if it was silent.
	before transaction.Port
	// want are the expected -o overrides of its service entry.
	want map[string]string
}

// expectations are about the ports that greeted before, and about those of
// which the plan expects something.
func expectations(all []Port, before []transaction.Port, want plan.Expectation) ([]expectation, error) {
	var out []expectation
	for _, b := range before {
		i := slices.IndexFunc(all, func(p Port) bool { return p.Addr == b.Addr })
		if i < 0 {
			return nil, fmt.Errorf("port %s greeted before, and master.cf does not name it any more", nameOf(b.Service, b.Addr))
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

// verify looks at the port, and holds it against the past and the plan.
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
		return known && !slices.ContainsFunc(options, func(o string) bool { return before.Options[o] != now.Options[o] })
	}
	level := e.want["smtpd_tls_security_level"]
	wantTLS, wantAUTH := level == "encrypt" || level == "may", e.want["smtpd_sasl_auth_enable"] == "yes"
	lacksTLS := !now.STARTTLS && !e.ImplicitTLS
	switch {
	case lacksTLS && before.STARTTLS && (wantTLS || same(tlsOptions)):
		return fmt.Errorf("port %s offered STARTTLS before and does not now%s", name, because(now.tlsFailure))
	case lacksTLS && wantTLS:
		return fmt.Errorf("port %s does not offer STARTTLS, which it shall%s", name, because(now.tlsFailure))
	case !now.AUTH && before.AUTH && (wantAUTH || same(authOptions)):
		return fmt.Errorf("port %s offered AUTH before and does not now", name)
	case !now.AUTH && wantAUTH:
		return fmt.Errorf("port %s does not offer AUTH, which it shall", name)
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
