// Package spf asks the DNS whether a client may send for a domain (RFC 7208), for many clients at once and within limits
// of time and number. The same client and domain is asked once, and so is the same name in the DNS.
//
// An answer also says how much it is worth. A record that passes every client proves nothing. A client that only another
// organisation's record lists, by include or redirect, may be shared by many customers of that organisation.
package spf

import (
	"context"
	"net/netip"
	"strings"
	"sync"
	"time"

	"blitiri.com.ar/go/spf"
)

// Question is whether a client may send for the domain of an envelope sender.
type Question struct {
	Client netip.Addr `json:"client"`
	Domain string     `json:"domain"`
}

// Result is one of the results of RFC 7208, 2.6, such as "pass", "fail", "softfail", "neutral", "none", "temperror",
// "permerror".
type Result string

// Pass means that the domain lists the client.
const Pass = Result(spf.Pass)

// Refuses reports whether the domain says that the client may not send for it.
func (r Result) Refuses() bool { return r == Result(spf.Fail) || r == Result(spf.SoftFail) }

// Answer is what the record of a domain says of a client.
type Answer struct {
	Result Result `json:"result"`
	// Everybody: the record passes clients that nobody can have. Its pass proves nothing.
	Everybody bool `json:"everybody,omitempty"`
	// Via is the domain outside the organisation of the asked one whose record lists the client. "" means that a record
	// of the asked organisation lists it.
	Via string `json:"via,omitempty"`
}

// Proves reports whether the owner of the domain lists the client.
func (a Answer) Proves() bool { return a.Result == Pass && !a.Everybody }

// Checker asks. The zero Checker asks the DNS of this machine with the default limits.
type Checker struct {
	// Resolver answers; nil is that of this machine.
	Resolver Resolver
	// Each is the time for one question, All for all of them. The defaults are 5 and 30 seconds.
	Each, All time.Duration
	// Most is how many questions are asked; the others stay without an answer. The default is 500.
	Most int
}

// Resolver is the part of net.Resolver that is needed.
type Resolver = spf.DNSResolver

const (
	defaultEach = 5 * time.Second
	defaultAll  = 30 * time.Second
	defaultMost = 500
	atOnce      = 8
)

// nobody are addresses that no client has: a future use of IPv4 (RFC 1112, 4), and the discard prefix (RFC 6666).
var nobody = map[bool]netip.Addr{true: netip.MustParseAddr("240.0.0.1"), false: netip.MustParseAddr("100::1")}

// Ask answers the questions, the first ones first. What got no answer in time, or is beyond the limit, is absent: it is
// not known. An answer with the result temperror is absent, too.
func (c Checker) Ask(ctx context.Context, questions []Question) map[Question]Answer {
	ctx, cancel := context.WithTimeout(ctx, orDefault(c.All, defaultAll))
	defer cancel()
	cache := newCache(c.Resolver)
	out := map[Question]Answer{}
	var mutex sync.Mutex
	var all sync.WaitGroup
	todo := make(chan Question)
	for range atOnce {
		all.Go(func() {
			for q := range todo {
				answer, ok := c.ask(ctx, cache, q)
				if !ok {
					continue
				}
				mutex.Lock()
				out[q] = answer
				mutex.Unlock()
			}
		})
	}
	for _, q := range c.unique(questions) {
		if ctx.Err() != nil {
			break
		}
		todo <- q
	}
	close(todo)
	all.Wait()
	return out
}

// unique are the questions to ask, each once.
func (c Checker) unique(questions []Question) []Question {
	most := c.Most
	if most == 0 {
		most = defaultMost
	}
	seen := map[Question]bool{}
	var out []Question
	for _, q := range questions {
		if !seen[q] && q.Client.IsValid() && strings.Contains(q.Domain, ".") && len(out) < most {
			seen[q] = true
			out = append(out, q)
		}
	}
	return out
}

// ask answers one question. Beside the client it asks about an address that nobody has, and, when the client passes,
// once more without the records of other organisations.
func (c Checker) ask(ctx context.Context, cache *cache, q Question) (Answer, bool) {
	ctx, cancel := context.WithTimeout(ctx, orDefault(c.Each, defaultEach))
	defer cancel()
	foreign := &own{Resolver: cache, of: q.Domain}
	result := check(ctx, foreign, q.Client, q.Domain)
	answer := Answer{Result: result}
	if result == Pass {
		answer.Everybody = check(ctx, cache, nobody[q.Client.Unmap().Is4()], q.Domain) == Pass
		if check(ctx, &own{Resolver: cache, of: q.Domain, blind: true}, q.Client, q.Domain) != Pass {
			answer.Via = foreign.last
		}
	}
	return answer, ctx.Err() == nil && result != Result(spf.TempError)
}

func check(ctx context.Context, r Resolver, client netip.Addr, domain string) Result {
	result, _ := spf.CheckHostWithSender(client.Unmap().AsSlice(), domain, "postmaster@"+domain,
		spf.WithContext(ctx), spf.WithResolver(r)) // the error only explains the result
	return Result(result)
}

func orDefault(given, preset time.Duration) time.Duration {
	if given == 0 {
		return preset
	}
	return given
}
