package rehearsal

import (
	"net/netip"
	"slices"
	"strings"

	"ucs-harden/controls"
	"ucs-harden/identity"
	"ucs-harden/mailbox"
	"ucs-harden/mynetworks"
	"ucs-harden/owners"
	"ucs-harden/privatepostfix"
	"ucs-harden/rights"
	"ucs-harden/rules"
)

// Court says what the rules say of many messages in the two configurations, with the facts of a rehearsal. It remembers
// what clients and domains are, so it is not for several goroutines at a time.
type Court struct {
	Facts
	people                  []identity.Account
	book                    *owners.Book
	ours                    []string
	networksToday, networks mynetworks.Coverage
	// clients and senders are what clients, and the domains of senders, were found to be. See remembered.
	clients map[netip.Addr]clientKinds
	senders map[string]rules.Sender
	classes *classes // nil until the first is asked for
}

type clientKinds struct{ today, planned rules.Client }

// remembered bounds what a court remembers of each kind: beyond it, it forgets all and begins anew.
const remembered = 1 << 16

// Court is a court for messages with the names of people, see Letters.
func (f Facts) Court(people []identity.Account) *Court {
	return &Court{
		Facts: f, people: people, book: owners.New(people...), ours: f.own(),
		networksToday: mynetworks.Parse(f.Today.Networks).Coverage(), networks: mynetworks.Parse(f.Plan.Networks).Coverage(),
		clients: map[netip.Addr]clientKinds{}, senders: map[string]rules.Sender{},
	}
}

// Introduce adds people to those whom the court knows.
func (c *Court) Introduce(people ...identity.Account) {
	if len(people) > 0 {
		c.people = append(c.people, people...)
		c.book = owners.New(c.people...)
	}
}

// Addition is what is judged in addition to the plan. The zero Addition is nothing.
type Addition struct {
	// Rights are further rights of logins.
	Rights rights.Rights
	// Exceptions come in addition to those in force.
	Exceptions []rules.Exception
	// Relaying are networks that come to those that may relay.
	Relaying []netip.Prefix
}

// Letters are what the two configurations know of a message.
func (c *Court) Letters(d privatepostfix.Dialogue) (today, planned rules.Letter) {
	return c.letter(c.Today, d, c.client(d.Client).today), c.letter(c.Plan, d, c.client(d.Client).planned)
}

// ClientIs is what a client is to the configuration of the plan.
func (c *Court) ClientIs(a netip.Addr) rules.Client { return c.client(a).planned }

// RuledToday is what the rules say of a message in today's configuration.
func (c *Court) RuledToday(d privatepostfix.Dialogue, known ...Certainty) rules.Ruling {
	return rules.Judge(c.Today.modes(d), certain(c.letter(c.Today, d, c.client(d.Client).today), known))
}

// Ruling is what the rules say of a message in the configuration of the plan, with an addition.
func (c *Court) Ruling(d privatepostfix.Dialogue, add Addition, known ...Certainty) rules.Ruling {
	side, client := c.Plan, c.client(d.Client).planned
	if slices.ContainsFunc(add.Relaying, func(p netip.Prefix) bool { return p.Contains(d.Client.Unmap()) }) {
		const trusted = rules.Controller | rules.Named | rules.Listed
		switch {
		case client&trusted != 0:
		case controls.LetsRelay(side.Modes):
			client = rules.Named
		default:
			client = rules.Listed
		}
	}
	if len(add.Exceptions) > 0 {
		side.Listings.Exceptions = append(slices.Clip(side.Listings.Exceptions), add.Exceptions...)
	}
	l := c.letter(side, d, client)
	l.Owner = c.ownerWith(add.Rights, l)
	return rules.Judge(side.modes(d), certain(l, known))
}

// Certainty is what is known of the recipient of a message, whatever the directory says.
type Certainty rules.Recipient

func certain(l rules.Letter, known []Certainty) rules.Letter {
	for _, k := range known {
		l.RecipientIs = rules.Recipient(k)
	}
	return l
}

// letter is what a configuration knows of a message. What it does not know of an address with an extension, it knows of
// the address without (recipient_delimiter in postconf(5)).
func (c *Court) letter(s Side, d privatepostfix.Dialogue, client rules.Client) rules.Letter {
	l := c.exactly(s, d, client)
	bare := d
	if bare.Sender, bare.Recipient = c.Bare(d.Sender), c.Bare(d.Recipient); bare == d {
		return l
	}
	of := c.exactly(s, bare, client)
	l.Stopped, l.Suspended = l.Stopped || of.Stopped, l.Suspended || of.Suspended
	if l.Owner == rules.Nobody {
		l.Owner = of.Owner
	}
	if l.Guard == 0 {
		l.Guard = of.Guard
	}
	if l.Bound == 0 || of.Bound == rules.Within {
		l.Bound = of.Bound
	}
	if l.RecipientIs == rules.Unknown {
		l.RecipientIs = of.RecipientIs
	}
	return l
}

func (c *Court) exactly(s Side, d privatepostfix.Dialogue, client rules.Client) rules.Letter {
	login := loginOf(d.Login, c.book)
	return s.letter(d, client, c.sender(d.Sender), c.book.Of(d.Sender), login, c.recipientIs(d.Recipient, c.book))
}

// Bare is an address without its extension.
func (c *Court) Bare(address string) string {
	at := strings.LastIndexByte(address, '@')
	if c.Delimiter == "" || at < 0 {
		return address
	}
	if n := strings.IndexAny(address[:at], c.Delimiter); n > 0 {
		return address[:n] + address[at:]
	}
	return address
}

// ownerWith is whose the sender is with further rights.
func (c *Court) ownerWith(r rights.Rights, l rules.Letter) rules.Owner {
	if l.Sender == "" || l.Owner == rules.TheLogin {
		return l.Owner
	}
	holders := r.Holders(l.Sender)
	if len(holders) == 0 {
		return l.Owner
	}
	who := c.book.LogsIn(l.Login)
	theLogin := func(holder string) bool {
		if mailbox.Fold(holder) == mailbox.Fold(l.Login) {
			return true
		}
		return slices.ContainsFunc(c.book.LogsIn(holder), func(a identity.Account) bool { return among(a, who) })
	}
	if l.Login != "" && slices.ContainsFunc(holders, theLogin) {
		return rules.TheLogin
	}
	return rules.Somebody
}

// client is what a client is to the two configurations.
func (c *Court) client(a netip.Addr) clientKinds {
	kinds, known := c.clients[a]
	if !known {
		if len(c.clients) >= remembered {
			clear(c.clients)
		}
		kinds.today, kinds.planned = c.clientIs(a)
		c.clients[a] = kinds
	}
	return kinds
}

// sender is the kind of an envelope sender.
func (c *Court) sender(address string) rules.Sender {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return rules.SenderOf(address, c.ours)
	}
	domain := address[at+1:]
	kind, known := c.senders[domain]
	if !known {
		if len(c.senders) >= remembered {
			clear(c.senders)
		}
		kind = rules.SenderOf(address, c.ours)
		c.senders[strings.Clone(domain)] = kind
	}
	return kind
}
