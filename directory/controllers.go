package directory

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"time"

	"ucs-harden/identity"
)

// DomainControllers returns the domain controllers of the domain, sorted by name.
//
//  1. Password and CA are read; without them no server is asked.
//  2. The servers are asked in the order of the configuration, each from the beginning: connect, StartTLS with the
//     certificate verified, bind, search in pages.
//  3. The first complete answer is returned. After any failure the next server is asked; also after a refused password,
//     because replicas lag behind. Each server gets an equal share of the time that is left, so that a silent one does
//     not use it up.
//  4. When all servers have failed, the error names each with its reason. When ctx is done, the error also matches
//     (errors.Is) the cause of ctx.
//
// No error contains the password.
func DomainControllers(ctx context.Context, c Config) ([]identity.Host, error) {
	hosts, err := firstAnswer(ctx, c, controllers)
	if err != nil {
		return nil, fmt.Errorf("cannot read the domain controllers from LDAP: %w", err)
	}
	return hosts, nil
}

// MailServers returns the hosts of the domain that have the service SMTP, sorted by name; there may be none. It goes the
// same way as DomainControllers.
func MailServers(ctx context.Context, c Config) ([]identity.Host, error) {
	hosts, err := firstAnswer(ctx, c, mailServers)
	if err != nil {
		return nil, fmt.Errorf("cannot read the mail servers from LDAP: %w", err)
	}
	return hosts, nil
}

// firstAnswer follows the steps 1 to 4 of DomainControllers for any question.
func firstAnswer[T any](ctx context.Context, c Config, q question[T]) ([]T, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	password, err := c.password()
	if err != nil {
		return nil, err
	}
	roots, err := c.trusted()
	if err != nil {
		return nil, err
	}
	timeout := c.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	end := time.Now().Add(timeout)

	var failures failures
	for i, server := range c.Servers {
		if ctx.Err() != nil {
			break
		}
		host, _, err := net.SplitHostPort(server)
		if err != nil {
			failures = append(failures, fmt.Errorf("not host:port: %w", err))
			continue
		}
		s := session{
			server:   server,
			tls:      &tls.Config{RootCAs: roots, ServerName: host, MinVersion: tls.VersionTLS12},
			bindDN:   c.BindDN,
			password: password,
		}
		share := time.Until(end) / time.Duration(len(c.Servers)-i)
		answer, err := inTime(ctx, s, c.BaseDN, share, q)
		if err == nil {
			return answer, nil
		}
		failures = append(failures, fmt.Errorf("%s: %w", server, err))
	}
	if err := context.Cause(ctx); err != nil {
		failures = append(failures, err)
	}
	return nil, failures
}

// failures are the errors of several servers, joined in one line.
type failures []error

func (f failures) Error() string {
	said := make([]string, len(f))
	for i, err := range f {
		said[i] = err.Error()
	}
	return strings.Join(said, "; ")
}

func (f failures) Unwrap() []error { return f }
