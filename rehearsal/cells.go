package rehearsal

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"ucs-harden/identity"
	"ucs-harden/inside"
	"ucs-harden/mynetworks"
	"ucs-harden/owners"
	"ucs-harden/plan"
	"ucs-harden/privatepostfix"
	"ucs-harden/rules"
	"ucs-harden/samples"
)

// MaxCells bounds a rehearsal: about as many dialogues take a few seconds.
const MaxCells = 500

// How many of each the matrix asks about; of what there is more, the first.
const (
	maxDomains     = 30
	maxControllers = 30
	maxNetworks    = 3
	maxExempt      = 4
	maxUsers       = 5
)

// DefaultForeign is the domain that stands for all others: one that exists for
// good and takes mail, since restrictions ask DNS for it (example.org says by a
// null MX, RFC 7505, that it takes none). Nothing is ever sent there.
const DefaultForeign = "iana.org"

// What the rehearsal calls addresses that it makes up.
const (
	madeUp  = "ucs-harden"
	nowhere = madeUp + ".invalid" // RFC 2606: never exists
)

// Facts are what the matrix is made from: the facts of this server.
type Facts struct {
	Hostname    string             // with its domain
	Domains     []string           // hosted, in lower case
	Inside      inside.Facts       // this host and its neighbours
	Controllers []identity.Host    // domain controllers, with the addresses that control relay lets relay
	Users       []identity.Account // a few; the first is who logs in
	People      []identity.Account // those whose names the lists hold
	Foreign     string             // a domain that is not hosted and takes mail; "" is DefaultForeign
	NoForeign   bool               // messages to Foreign are left out: DNS does not know it, and there is no relay host
	IPv6        bool               // Postfix speaks it
	Delimiter   string             // recipient_delimiter
	// Entries are what the administrator's own tables treat in their own way; People has the accounts that they name.
	Entries     []samples.Entry
	Today, Plan Side
}

// Side is what the two configurations may differ in, as far as a matrix must
// know.
type Side struct {
	Modes    map[string]plan.Mode // of the controls, by name
	Networks string               // mynetworks
	Ports    map[int]bool         // the services of 25, 465, 587 that there are; true: with AUTH
	At       map[int]string       // where those of them listen that do not at their own port, see doors.Door.Name
	Further  []Door               // the further smtpd that strangers reach and whose list is known
	// Services are what the ports ask.
	Services map[int]Service
	// Listings are the lists of the controls, as the configuration has them.
	Listings rules.Listings
	// Postscreen: postscreen(8) stands in front of port 25.
	Postscreen bool
}

// Words say what a cell is about.
type Words struct {
	Client    string `json:"client"`
	Access    string `json:"access"` // port and login
	Sender    string `json:"sender"`
	Recipient string `json:"recipient"`
}

// Short is the words as one short phrase. Who logs in may come from anywhere.
func (w Words) Short() string {
	text := fmt.Sprintf("%s to %s, %s", w.Sender, w.Recipient, w.Access)
	if !strings.Contains(w.Access, "logged in") {
		client, _, _ := strings.Cut(w.Client, " (")
		text += ", " + client
	}
	return text
}

// Cell is one dialogue with what is expected of it, and, when it was played,
// what came of it. Its JSON form is a CellView.
type Cell struct {
	Words    Words
	Dialogue privatepostfix.Dialogue
	// Letter is what the plan's configuration knows of the dialogue, Today what
	// today's does: a client may not be listed yet, a port not have AUTH.
	Letter rules.Letter
	Today  rules.Letter
	// Ruling is what the controls say in the modes of the plan, Ruled what they
	// say today.
	Ruling rules.Ruling
	Ruled  rules.Ruling

	// OfTable: an entry of one of the administrator's tables is about it.
	OfTable bool

	Before privatepostfix.Reply // of today's configuration
	After  privatepostfix.Reply // of the plan's
	Outcome
}

// String is the cell as a sentence.
func (c Cell) String() string {
	return fmt.Sprintf("%s on %s: from %s to %s", c.Words.Client, c.Words.Access, c.Words.Sender, c.Words.Recipient)
}

// Cells makes the cells of a server, at most MaxCells, the same for the same
// facts. The notes say what cannot be asked on it, and what there is too much of.
func Cells(f Facts) (cells []Cell, notes []string, err error) {
	if f.Foreign == "" {
		f.Foreign = DefaultForeign
	}
	f.Foreign = strings.ToLower(f.Foreign)
	switch {
	case len(f.Domains) == 0:
		return nil, nil, errors.New("cannot rehearse a mail server that hosts no domain")
	case rules.SenderOf("x@"+f.Foreign, f.Domains) != rules.Foreign:
		return nil, nil, fmt.Errorf("cannot rehearse with %s as a foreign domain: it is hosted here", f.Foreign)
	}
	b := &cellBuilder{Facts: f, seen: map[privatepostfix.Dialogue]bool{}, taken: map[netip.Addr]bool{}}
	b.own = f.own()
	b.users = f.Users[:min(len(f.Users), maxUsers)]
	b.book = owners.New(slices.Concat(f.Users, f.People)...)
	b.remark()
	b.clients()
	b.addresses()
	b.whole()
	b.each()
	b.further()
	b.listings()
	b.exceptions()
	b.tables()
	b.rest()
	if len(b.cells) > MaxCells {
		b.note("%d further dialogues are left out", len(b.cells)-MaxCells)
		b.cells = b.cells[:MaxCells]
	}
	return b.cells, b.notes, nil
}

// cellBuilder collects cells.
type cellBuilder struct {
	Facts
	users []identity.Account
	book  *owners.Book // of all accounts that are known

	today, planned mynetworks.Coverage // of mynetworks
	taken          map[netip.Addr]bool // is it somebody's who is named?

	strangers, unlisted, controllers, listed []caller
	exempt                                   []caller // see rules.MailServer and rules.ThisHost

	own        []string // see rules.SenderOf
	senders    []sender
	recipients []recipient

	cells []Cell
	seen  map[privatepostfix.Dialogue]bool
	notes []string
}

func (b *cellBuilder) note(format string, args ...any) {
	b.notes = append(b.notes, fmt.Sprintf(format, args...))
}

// remark notes what an administrator might take for a mistake.
func (b *cellBuilder) remark() {
	if b.Plan.Postscreen {
		b.note("postscreen stands in front of port %s; rehearsed is the smtpd behind it, where the restriction lists are",
			b.at(25))
	}
	if b.Plan.Ports[25] {
		b.note("port %s offers AUTH; whether a login owns its sender address is asked on 465 and 587 only", b.at(25))
	}
}

// access is a way in: a port, and a login there.
type access struct {
	port  int
	login string
	user  *identity.Account
	// service is the name of a further smtpd; "" is that of the port.
	service string
}

func (a access) words(port string) string {
	if a.user == nil {
		return "port " + port
	}
	return fmt.Sprintf("port %s, logged in as %s", port, a.login)
}

// ways are the ways in on a port, by no login, and by uid and address of a user.
// What AUTH offers in one of the configurations is tried in both.
func (b *cellBuilder) ways(port int, u *identity.Account) []access {
	_, now := b.Today.Ports[port]
	_, next := b.Plan.Ports[port]
	if !now || !next {
		return nil
	}
	ways := []access{{port: port}}
	if u != nil && (b.Today.Ports[port] || b.Plan.Ports[port]) {
		ways = append(ways, access{port, u.Primary, u, ""}, access{port, u.UID, u, ""})
	}
	return ways
}

// first is the user who logs in, nil when there is none.
func (b *cellBuilder) first() *identity.Account {
	if len(b.users) == 0 {
		return nil
	}
	return &b.users[0]
}

func (b *cellBuilder) add(c caller, a access, s sender, r recipient) {
	d := privatepostfix.Dialogue{
		Client: c.address, ClientName: c.name, Helo: c.helo, Port: a.port, Login: a.login,
		Sender: s.address, Recipient: r.address, Service: cmp.Or(a.service, b.service(a.port)),
	}
	if b.seen[d] {
		return
	}
	b.seen[d] = true
	holders := b.book.Of(s.address)
	if s.owner != nil {
		holders = append(holders, *s.owner)
	}
	letter := func(side Side, client rules.Client) rules.Letter {
		return side.letter(d, client, rules.SenderOf(s.address, b.own), holders, a.user, r.is)
	}
	cell := Cell{
		Words:    Words{Client: c.words, Access: a.words(d.At()), Sender: s.words, Recipient: r.words},
		Dialogue: d, Letter: letter(b.Plan, c.planned), Today: letter(b.Today, c.today),
	}
	cell.Ruling = rules.Judge(b.Plan.modes(d), cell.Letter)
	cell.Ruled = rules.Judge(b.Today.modes(d), cell.Today)
	b.cells = append(b.cells, cell)
}

// whole asks everything of those for whom the controls are made: strangers
// everywhere, the others on port 25.
func (b *cellBuilder) whole() {
	u := b.first()
	for i, c := range slices.Concat(b.strangers[:1], firstOf(b.unlisted), firstOf(b.controllers)) {
		for _, port := range []int{25, 587, 465} {
			for _, a := range b.ways(port, u) {
				if i > 0 && port != 25 || port == 465 && a.user != nil {
					continue // in rest
				}
				for _, s := range b.senders {
					for _, r := range b.recipients {
						b.add(c, a, s, r)
					}
				}
			}
		}
	}
}

// each asks the one question that matters of each domain, each domain
// controller and each of the users.
func (b *cellBuilder) each() {
	to := b.recipients[0]
	if b.onPort(25) {
		for _, d := range b.Domains[:min(len(b.Domains), maxDomains)] {
			b.add(b.strangers[0], access{port: 25}, made(d), to)
			b.add(b.strangers[0], access{port: 25}, b.below(d), to)
		}
		for _, c := range b.controllers {
			b.add(c, access{port: 25}, b.foreignSender(), b.elsewhere())
		}
		for _, s := range b.ofThisHost() {
			b.add(b.strangers[0], access{port: 25}, s, to)
		}
		for _, c := range b.exempt {
			for _, s := range []sender{b.senders[0], b.colleague(), b.foreignSender()} {
				b.add(c, access{port: 25}, s, to)
				b.add(c, access{port: 25}, s, b.elsewhere())
			}
		}
	}
	if len(b.Domains) > maxDomains {
		b.note("of %d hosted domains, %d are asked about", len(b.Domains), maxDomains)
	}
	for i := range b.users {
		u := &b.users[i]
		for _, port := range []int{465, 587} {
			for _, a := range b.ways(port, u) {
				if a.user != nil {
					b.add(b.strangers[0], a, own(u), b.elsewhere())
				}
			}
		}
	}
}

// rest asks a few questions of everybody else everywhere.
func (b *cellBuilder) rest() {
	for _, c := range slices.Concat(b.strangers, firstOf(b.unlisted), firstOf(b.controllers), b.listed) {
		for _, port := range []int{25, 465, 587} {
			for _, a := range b.ways(port, b.first()) {
				b.add(c, a, b.senders[0], b.recipients[0])
				b.add(c, a, b.senders[0], b.elsewhere())
				b.add(c, a, b.colleague(), b.recipients[0])
				b.add(c, a, b.foreignSender(), b.elsewhere())
				b.add(c, a, sender{words: "the empty sender"}, b.recipients[0])
			}
		}
	}
}

func (b *cellBuilder) onPort(port int) bool { return len(b.ways(port, nil)) > 0 }

func firstOf(all []caller) []caller { return all[:min(1, len(all))] }
