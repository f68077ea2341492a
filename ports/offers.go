package ports

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"ucs-harden/transaction"
)

const (
	// greetTimeout is how long a port may take to greet: a new smtpd(8) has to start, and master(8) starts one that
	// fails again.
	greetTimeout = 20 * time.Second
	// probeTimeout is how long a port may take to show that it is in use.
	probeTimeout = 5 * time.Second
)

// offer is what a port offers.
type offer struct {
	transaction.Port
	// tlsFailure and refusal tell why STARTTLS and mail for postmaster failed.
	tlsFailure, refusal error
}

// Offers are the ports that greet, with what they offer.
func Offers(ctx context.Context, all []Port) []transaction.Port {
	offers := make([]offer, len(all))
	failed := make([]error, len(all))
	var looking sync.WaitGroup
	for i, p := range all {
		looking.Go(func() { offers[i], failed[i] = p.look(ctx, probeTimeout) })
	}
	looking.Wait()
	var out []transaction.Port
	for i, o := range offers {
		if failed[i] == nil {
			out = append(out, o.Port)
		}
	}
	return out
}

// look asks what the port offers. An error means that the port does not greet; everything else is in the offer.
func (p Port) look(ctx context.Context, limit time.Duration) (offer, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("no answer within %s", limit))
	defer cancel()
	o := offer{Port: transaction.Port{Service: p.Service, Addr: p.Addr, Options: p.Options}}
	hello, err := greet(ctx, p.Addr, p.ImplicitTLS)
	if err != nil {
		return o, err
	}
	o.AUTH = hello.Offers("AUTH")
	o.tlsFailure = errors.New("EHLO does not name it")
	if hello.Offers("STARTTLS") {
		hello, o.tlsFailure = secure(ctx, p.Addr)
		o.STARTTLS = o.tlsFailure == nil
		o.AUTH = o.AUTH || hello.Offers("AUTH")
	}
	if p.MX {
		o.refusal = takes(ctx, p.Addr, p.ImplicitTLS, "postmaster")
		o.Postmaster = o.refusal == nil
	}
	return o, nil
}
