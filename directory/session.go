package directory

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
	"unicode"

	"github.com/go-ldap/ldap/v3"
)

// pageSize is the number of entries asked for at once (RFC 2696). Servers commonly refuse to return more than 500
// entries at once.
const pageSize = 500

// session asks one server.
type session struct {
	server           string // host:port
	tls              *tls.Config
	bindDN, password string
}

// question is a search for entries and the way its answer is made.
type question[T any] struct {
	class      string   // the object class; "" for any
	also       []string // filters, asked one after another; an entry must match at least one; none: all entries
	attributes []string // the attributes to read
	// read makes a T of an entry, or returns false when the entry is not a T. values gives an attribute's values and
	// ignores the case of the name.
	read func(dn string, values func(attribute string) []string) (T, bool)
	// whole sorts the answer, or refuses an answer that cannot be true.
	whole func([]T) ([]T, error)
	// further asks the server more about an entry that read has taken, and tells whether the answer keeps it; nil for
	// nothing more. A file has no answer to that.
	further func(conn *ldap.Conn, dn string, t *T) (keep bool, err error)
	one     bool // one entry is enough
}

// filters are the search filters for a server, asked one after another.
func (q question[T]) filters() []string {
	class := "(objectClass=" + q.class + ")"
	if len(q.also) == 0 {
		return []string{class}
	}
	if q.class == "" {
		return q.also
	}
	filters := make([]string, len(q.also))
	for i, also := range q.also {
		filters[i] = "(&" + class + also + ")"
	}
	return filters
}

// inTime asks one server within the limit.
//
// go-ldap takes no ctx, and its own time limit does not cover the TLS handshake. So the connection is made here and is
// closed when the time is over. Every go-ldap call that waits then fails with an error about the connection; inTime
// reports the real reason instead.
func inTime[T any](ctx context.Context, s session, base string, limit time.Duration, q question[T]) ([]T, error) {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	answer, err := ask(limited, s, base, q)
	switch {
	case err == nil:
		return answer, nil
	case ctx.Err() != nil:
		return nil, errors.New("interrupted")
	case limited.Err() != nil:
		return nil, fmt.Errorf("%w: no full answer within %s: %w",
			ErrUnreachable, limit.Round(time.Millisecond), limited.Err())
	}
	return nil, err
}

func ask[T any](ctx context.Context, s session, base string, q question[T]) ([]T, error) {
	var dialer net.Dialer
	raw, err := dialer.DialContext(ctx, "tcp", s.server)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() })
	defer stop()
	conn := ldap.NewConn(raw, false)
	conn.Start()
	defer func() { _ = conn.Close() }()

	if err := conn.StartTLS(s.tls); err != nil {
		return nil, tlsFailure(err)
	}
	if err := conn.Bind(s.bindDN, s.password); err != nil {
		return nil, s.bindFailure(err)
	}
	return search(conn, base, q)
}

// search returns the answer for the entries that match any of the filters; each entry counts once.
func search[T any](conn *ldap.Conn, base string, q question[T]) ([]T, error) {
	var found []T
	seen := map[string]bool{}
	for _, filter := range q.filters() {
		entries, err := matching(conn, base, filter, q.attributes, q.one)
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			if seen[entry.DN] {
				continue
			}
			seen[entry.DN] = true
			t, ok := q.read(entry.DN, entry.GetEqualFoldAttributeValues)
			if ok && q.further != nil {
				if ok, err = q.further(conn, entry.DN, &t); err != nil {
					return nil, err
				}
			}
			if ok {
				found = append(found, t)
			}
		}
	}
	return q.whole(found)
}

func matching(conn *ldap.Conn, base, filter string, attributes []string, one bool) ([]*ldap.Entry, error) {
	request := ldap.NewSearchRequest(base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false,
		filter, attributes, nil)
	if one {
		request.SizeLimit = 1
		result, err := conn.Search(request)
		if ldap.IsErrorWithCode(err, ldap.LDAPResultSizeLimitExceeded) && len(result.Entries) == 1 {
			return result.Entries, nil
		}
		return entriesOf(base, result, err)
	}
	result, err := conn.SearchWithPaging(request, pageSize)
	return entriesOf(base, result, err)
}

// entriesOf are the entries of a complete result.
func entriesOf(base string, result *ldap.SearchResult, err error) ([]*ldap.Entry, error) {
	switch {
	case err != nil && byServer(err):
		return nil, fmt.Errorf("%w: below %s: %s", ErrIncomplete, base, said(err))
	case err != nil:
		return nil, fmt.Errorf("%w: %s", ErrUnreachable, said(err))
	case len(result.Referrals) > 0:
		return nil, fmt.Errorf("%w: below %s: it refers to other servers", ErrIncomplete, base)
	}
	return result.Entries, nil
}

// tlsFailure distinguishes a server that cannot prove its identity from a server that closed the connection. go-ldap
// keeps only the text of the error of crypto/tls, which begins in the same way for every certificate that does not
// verify (tls.CertificateVerificationError).
func tlsFailure(err error) error {
	switch {
	case byServer(err):
		return fmt.Errorf("%w: it refuses StartTLS: %s", ErrUntrusted, said(err))
	case strings.Contains(err.Error(), "tls: failed to verify certificate"):
		return fmt.Errorf("%w: %s", ErrUntrusted, said(err))
	}
	return fmt.Errorf("%w: %s", ErrUnreachable, said(err))
}

func (s session) bindFailure(err error) error {
	switch {
	case ldap.IsErrorWithCode(err, ldap.LDAPResultInvalidCredentials):
		return fmt.Errorf("%w: for %s", ErrBadPassword, s.bindDN)
	case byServer(err):
		return fmt.Errorf("cannot bind as %s: %s", s.bindDN, said(err))
	}
	return fmt.Errorf("%w: %s", ErrUnreachable, said(err))
}

// byServer says whether an error is a result code that the server sent. Other errors are made by go-ldap about the
// connection.
func byServer(err error) bool {
	var result *ldap.Error
	return errors.As(err, &result) && result.ResultCode < ldap.ErrorNetwork
}

// said is the text of an error of go-ldap. The text may contain words of a server that is not trusted yet, so
// characters that would control a terminal are replaced.
func said(err error) string {
	var result *ldap.Error
	text := err.Error()
	if errors.As(err, &result) && result.ResultCode >= ldap.ErrorNetwork {
		text = result.Err.Error()
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, strings.TrimSpace(text))
}
