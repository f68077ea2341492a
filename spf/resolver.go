package spf

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"

	"golang.org/x/net/publicsuffix"
)

// cache asks a resolver each name once, for several goroutines at a time.
type cache struct {
	resolver Resolver
	mutex    sync.Mutex
	known    map[string]*entry
}

type entry struct {
	once   sync.Once
	answer any
	err    error
}

func newCache(r Resolver) *cache {
	if r == nil {
		r = net.DefaultResolver
	}
	return &cache{resolver: r, known: map[string]*entry{}}
}

// remember answers from the cache, else asks.
func remember[T any](c *cache, kind, name string, ask func() (T, error)) (T, error) {
	key := kind + " " + strings.ToLower(name)
	c.mutex.Lock()
	e := c.known[key]
	if e == nil {
		e = &entry{}
		c.known[key] = e
	}
	c.mutex.Unlock()
	e.once.Do(func() { e.answer, e.err = ask() })
	if errors.Is(e.err, context.Canceled) || errors.Is(e.err, context.DeadlineExceeded) { // the next one may have more time
		c.mutex.Lock()
		if c.known[key] == e {
			delete(c.known, key)
		}
		c.mutex.Unlock()
	}
	answer, _ := e.answer.(T)
	return answer, e.err
}

func (c *cache) LookupTXT(ctx context.Context, name string) ([]string, error) {
	return remember(c, "txt", name, func() ([]string, error) { return c.resolver.LookupTXT(ctx, name) })
}

func (c *cache) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	return remember(c, "mx", name, func() ([]*net.MX, error) { return c.resolver.LookupMX(ctx, name) })
}

func (c *cache) LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error) {
	return remember(c, "ip", host, func() ([]net.IPAddr, error) { return c.resolver.LookupIPAddr(ctx, host) })
}

func (c *cache) LookupAddr(ctx context.Context, addr string) ([]string, error) {
	return remember(c, "addr", addr, func() ([]string, error) { return c.resolver.LookupAddr(ctx, addr) })
}

// own is a resolver that knows the organisation of a domain from others. last is the last record of another one that was
// read. With blind, such a record lists nobody.
type own struct {
	Resolver
	of    string
	blind bool
	last  string
}

func (o *own) LookupTXT(ctx context.Context, name string) ([]string, error) {
	if organisation(name) == organisation(o.of) {
		return o.Resolver.LookupTXT(ctx, name)
	}
	o.last = strings.TrimSuffix(name, ".")
	if o.blind {
		return []string{"v=spf1 -all"}, nil
	}
	return o.Resolver.LookupTXT(ctx, name)
}

// organisation is the registrable domain of a name, or the name if there is none.
func organisation(name string) string {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if org, err := publicsuffix.EffectiveTLDPlusOne(name); err == nil {
		return org
	}
	return name
}
