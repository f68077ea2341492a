package rehearsal

import (
	"net/netip"
	"slices"
	"strings"

	"ucs-harden/mailbox"
	"ucs-harden/rules"
)

// Class is what the rules ask of a message whose recipient no list of a control names, and neither its sender unless
// somebody has logged in. All messages of a class have the same ruling at the same port, except for its words.
//
// A class of one court says nothing to another.
type Class struct {
	// login and as are the login and the sender, of a message with a login: they tell whose the sender is.
	login, as string
	// What is known of the client and of the sender has a number: a class is looked up for every message of a log.
	client, sender int
	recipient      rules.Recipient
}

// classes finds the classes of messages. What it remembers of names is bounded, see remembered.
type classes struct {
	from, to listing
	bound    map[string]bool // logins
	clients  map[netip.Addr]*clientFacts
	domains  map[string]*domainFacts
	names    map[string]bool // of the senders and recipients at listed domains: whether a list names them
	// The numbers of what clients and senders were found to be.
	clientNumbers map[clientIs]int
	senderNumbers map[senderIs]int
}

// clientIs is what the rules ask of a client.
type clientIs struct {
	clientKinds
	watchedNow, watched bool
}

// senderIs is what the rules ask of a sender.
type senderIs struct {
	kind          rules.Sender
	fitsNow, fits bool
	modeNow, mode string // the domain whose mode counts, "" for that of all
}

type clientFacts struct {
	number            int
	trusted, excepted bool
}

// domainFacts are what is known of a name with a domain: as that of a sender, and as that of a recipient.
type domainFacts struct {
	sender           int // its number
	recipient        rules.Recipient
	namedAsSender    bool
	namedAsRecipient bool
	askSender        bool
	askRecipient     bool
}

// listing are the names in lists that a sender, or a recipient, can have, and the domains of these names.
type listing struct{ names, domains map[string]bool }

func (l *listing) add(name string) {
	if l.names == nil {
		l.names, l.domains = map[string]bool{}, map[string]bool{}
	}
	name = mailbox.Key(name)
	l.names[name] = true
	l.domains[mailbox.Domain(name)] = true
}

// has reports whether a list names a domain or one above it.
func (l *listing) has(domain string, in map[string]bool) bool {
	for domain = mailbox.Fold(domain); domain != ""; _, domain, _ = strings.Cut(domain, ".") {
		if in[domain] {
			return true
		}
	}
	return false
}

func newClasses(sides ...Side) *classes {
	c := &classes{clients: map[netip.Addr]*clientFacts{}, domains: map[string]*domainFacts{}, names: map[string]bool{},
		bound: map[string]bool{}, clientNumbers: map[clientIs]int{}, senderNumbers: map[senderIs]int{}}
	for _, side := range sides {
		l := side.Listings
		for _, accounts := range []rules.Accounts{l.Stopped, l.Suspended, l.Bound} {
			for name := range accounts.Senders {
				c.from.add(name)
			}
		}
		for login := range l.Bound.Logins {
			c.bound[login] = true
		}
		for name := range l.Insiders {
			c.to.add(name)
		}
		for name := range l.BySenders {
			c.to.add(name)
		}
	}
	return c
}

// Class is the class of a message. It has none, ok is false, when a list of a control or an exception may be about it, or
// when an address has no domain. The court must know the people of a message with a login.
func (c *Court) Class(client netip.Addr, login, sender, recipient string) (class Class, ok bool) {
	k := c.known()
	from := c.clientFacts(client)
	if from.excepted || login != "" && k.isBound(login) {
		return class, false
	}
	class.client = from.number
	if sender == "" {
		class.sender = numberOf(k.senderNumbers, senderIs{kind: rules.NullSender, fitsNow: true, fits: true})
	} else {
		at := strings.LastIndexByte(sender, '@')
		if at < 0 || strings.IndexByte(sender, '@') != at {
			return class, false
		}
		d := c.domainFacts(sender[at+1:])
		if login == "" && (d.namedAsSender || d.askSender && c.isNamed(sender, k.from)) {
			return class, false
		}
		class.sender = d.sender
	}
	at := strings.LastIndexByte(recipient, '@')
	if at < 0 {
		return class, false
	}
	d := c.domainFacts(recipient[at+1:])
	if d.namedAsRecipient || d.askRecipient && c.isNamed(recipient, k.to) {
		return class, false
	}
	class.recipient = d.recipient
	if login != "" {
		class.login, class.as = login, sender
	}
	return class, true
}

// Trusts reports whether a client may relay without a login, in one of the configurations.
func (c *Court) Trusts(a netip.Addr) bool { return a.IsValid() && c.clientFacts(a).trusted }

// known is what the court has found out for classes.
func (c *Court) known() *classes {
	if c.classes == nil {
		c.classes = newClasses(c.Today, c.Plan)
	}
	return c.classes
}

// isBound reports whether a login may only write to some destinations: then the ruling depends on the recipient.
func (k *classes) isBound(login string) bool { return len(k.bound) > 0 && k.bound[mailbox.Key(login)] }

// isNamed reports whether a list names an address.
func (c *Court) isNamed(address string, in listing) bool {
	k := c.classes
	named, known := k.names[address]
	if !known {
		if len(k.names) >= remembered {
			clear(k.names)
		}
		named = in.names[mailbox.Key(address)] || in.names[mailbox.Key(c.Bare(address))]
		k.names[strings.Clone(address)] = named
	}
	return named
}

// numberOf is the number of a key, a new one if need be.
func numberOf[K comparable](numbers map[K]int, key K) int {
	n, known := numbers[key]
	if !known {
		n = len(numbers)
		numbers[key] = n
	}
	return n
}

func (c *Court) clientFacts(a netip.Addr) *clientFacts {
	k := c.known()
	f, known := k.clients[a]
	if known {
		return f
	}
	if len(k.clients) >= remembered {
		clear(k.clients)
	}
	f = &clientFacts{}
	kinds := c.client(a)
	const trusted = rules.Controller | rules.Named | rules.Listed
	f.trusted = (kinds.today|kinds.planned)&trusted != 0
	f.number = numberOf(k.clientNumbers, clientIs{kinds, c.Today.Listings.Watched(a), c.Plan.Listings.Watched(a)})
	f.excepted = slices.ContainsFunc(c.exceptions(),
		func(e rules.Exception) bool { return e.Client.IsValid() && e.Client.Contains(a.Unmap()) })
	k.clients[a] = f
	return f
}

func (c *Court) domainFacts(domain string) *domainFacts {
	k := c.classes
	d, known := k.domains[domain]
	if known {
		return d
	}
	if len(k.domains) >= remembered {
		clear(k.domains)
	}
	d = &domainFacts{}
	example := "x@" + domain
	key := mailbox.Key(example)
	d.sender = numberOf(k.senderNumbers, senderIs{
		kind:    rules.SenderOf(example, c.ours),
		fitsNow: c.Today.Listings.Fits(key), fits: c.Plan.Listings.Fits(key),
		modeNow: rules.ModeDomain(c.Today.Modes, domain), mode: rules.ModeDomain(c.Plan.Modes, domain),
	})
	d.recipient = c.AtDomain(domain)
	d.namedAsSender, d.askSender = k.from.has(domain, k.from.names), k.from.has(domain, k.from.domains)
	d.namedAsSender = d.namedAsSender || slices.ContainsFunc(c.exceptions(), func(e rules.Exception) bool {
		of := rules.SenderKey(e.Sender)
		e.Client, e.Sender = netip.Prefix{}, mailbox.Domain(of)
		return e.Admits(netip.Addr{}, example)
	})
	d.namedAsRecipient, d.askRecipient = k.to.has(domain, k.to.names), k.to.has(domain, k.to.domains)
	k.domains[strings.Clone(domain)] = d
	return d
}

// exceptions are those of both configurations.
func (c *Court) exceptions() []rules.Exception {
	return slices.Concat(c.Today.Listings.Exceptions, c.Plan.Listings.Exceptions)
}

// AtDomain is what a recipient at a domain is that the server accepted: one of ours, or one elsewhere.
func (c *Court) AtDomain(domain string) rules.Recipient {
	if slices.Contains(c.Domains, strings.ToLower(domain)) || c.Inside.TakesMail(domain) {
		return rules.Known
	}
	return rules.Elsewhere
}
