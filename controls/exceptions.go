package controls

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"ucs-harden/access"
	"ucs-harden/exceptions"
	"ucs-harden/findings"
	"ucs-harden/hosteddomains"
	"ucs-harden/lists"
	"ucs-harden/mailbox"
	"ucs-harden/plan"
	"ucs-harden/restrictions"
	"ucs-harden/rules"
)

const (
	// mostExceptions bounds the restriction classes and tables: smtpd(8) reads all of them when it starts.
	mostExceptions = 100

	// widest4 and widest6 are how long the prefix of an exception is at least, unless it is accepted. No provider has a
	// larger network.
	widest4, widest6 = 8, 16
)

// exceptions are those that count today and can have an effect. What is doubtful about them becomes findings.
func (c senderSpoofing) exceptions(domains []string) []rules.Exception {
	own := slices.Concat(domains, c.facts.Inside.Names(domains))
	var out []rules.Exception
	for _, entry := range c.listed() {
		e, variable := exceptions.Of(entry), c.list.Variable(entry)
		if e.Sender != "" && rules.SenderOf("x@"+mailbox.Domain(e.Sender), own) == rules.Foreign {
			c.warn(findings.ExceptionForeign.Of(variable),
				fmt.Sprintf("%s is none of your own senders: the exception %s has no effect", entry.Sender, entry.Name),
				c.disallow(entry))
			continue
		}
		if c.doubtful(entry, e, domains) {
			continue
		}
		out = append(out, e)
	}
	if len(out) > mostExceptions {
		c.fail(findings.ManyExceptions.Of(),
			fmt.Sprintf("there are %d exceptions, at most %d can be had", len(out), mostExceptions),
			"remove those that nobody uses: ucs-harden "+c.list.Listing())
		return nil
	}
	return out
}

// doubtful reports an exception that lets in more, or less, than one may think. It returns whether a sync leaves it out.
func (c senderSpoofing) doubtful(entry lists.Entry, e rules.Exception, domains []string) (left bool) {
	variable := c.list.Variable(entry)
	if !e.Client.IsValid() {
		if slices.Contains(domains, rules.SenderKey(e.Sender)) {
			return c.skips(findings.ExceptionForAll.Of(variable).Doubt(
				fmt.Sprintf("the exception %s lets everybody write as the whole domain %s", entry.Name, e.Sender),
				"name the client as well: ucs-harden "+c.list.Adding()+" "+plan.Quote(entry.Name)+" --client NETWORK"))
		}
		c.note(plan.Note, findings.ExceptionForAnybody.Of(variable),
			fmt.Sprintf("the exception %s lets everybody write as %s, also who forges it", entry.Name, e.Sender),
			"if the client is known: ucs-harden "+c.list.Adding()+" "+plan.Quote(entry.Name)+" --client NETWORK")
		return false
	}
	widest := widest4
	if e.Client.Addr().Is6() {
		widest = widest6
	}
	if e.Client.Bits() < widest {
		left = c.skips(findings.ExceptionWide.Of(variable).Doubt(
			fmt.Sprintf("the exception %s is for %s, more than the networks of one provider", entry.Name, e.Client),
			"name a smaller network: ucs-harden "+c.list.Adding()+" "+plan.Quote(entry.Name)+" --client NETWORK"))
	}
	inside := c.mayRelay()
	among := func(p netip.Prefix) bool { return p.Overlaps(e.Client) && p.Bits() <= e.Client.Bits() }
	exempt := slices.ContainsFunc(c.exemptNetworks(), among)
	switch {
	case exempt || inside.CoversAll(e.Client):
		c.note(plan.Note, findings.ExceptionInside.Of(variable),
			fmt.Sprintf("%s may write as yours without the exception %s, which has no effect", e.Client, entry.Name),
			c.disallow(entry))
	case inside.Overlaps(e.Client):
		c.note(plan.Note, findings.ExceptionInside.Of(variable),
			fmt.Sprintf("a part of %s is in mynetworks, and needs no exception %s", e.Client, entry.Name),
			"if only that part is meant: ucs-harden "+c.list.Removing()+" "+plan.Quote(entry.Name))
	}
	return left
}

func (c senderSpoofing) exemptNetworks() (out []netip.Prefix) {
	for _, e := range c.facts.Inside.Exempt() {
		out = append(out, e.Prefix)
	}
	return out
}

func (c senderSpoofing) disallow(e lists.Entry) string {
	return "ucs-harden " + c.list.Removing() + " " + plan.Quote(e.Name)
}

const checkSender = "check_sender_access "

// The tables and classes of the exceptions. The names of all but two classes change with the contents.
const (
	exceptionPart = "exception-"
	clientsKind   = "clients-"
	sendersKind   = "senders-"
	someKind      = "for-"

	exceptionClass = restrictions.OurClass + "exception_"
	othersClass    = exceptionClass + "others"
	sendersOfOurs  = exceptionClass + "senders"
)

// except is the content of the class for clients that are not exempt: it asks for exceptions, and of all others the
// table of forms and the sender table (plain).
//
//	clients that may use every sender of ours → a class that logs INFO where these tables would warn or refuse
//	senders that everybody may use            → INFO
//	senders that some clients may use         → a class that asks for the client: INFO, or as all others
//	all others                                → both tables
//
// INFO logs and goes on like DUNNO (access(5)). So every later check applies, and the log shows which exception was
// used.
// The tables that name classes have names that change with their contents, and only the classes in main.cf name these
// tables: so at every moment a table that is asked names only classes that exist.
func (c senderSpoofing) except(q exceptions.Questions, forms, plain string) []string {
	tables := []string{checkSender + forms, plain}
	if q.Empty() {
		return tables
	}
	c.class(othersClass, tables...)
	next, texts := othersClass, tables
	if len(q.Senders) > 0 {
		texts = []string{c.exceptSenders(q.Senders)}
		next = sendersOfOurs
	}
	if len(q.Clients) == 0 {
		return texts
	}
	if len(q.Senders) > 0 {
		c.class(sendersOfOurs, texts...)
	}
	var lines []access.Network
	for _, client := range q.Clients {
		lines = append(lines, access.Network{Prefix: client.Prefix, Action: c.exceptClient(client.Name, forms, plain)})
	}
	const about = "Clients that may write with every sender of yours, and all others."
	clients, _ := c.clientsTable(clientsKind, about, lines, next)
	return []string{"check_client_access " + clients}
}

// clientsTable adds a table of clients, with what is said to all others, and returns it as Postfix names it. sum is the
// part of its name that changes with its contents.
func (c senderSpoofing) clientsTable(kind, about string, lines []access.Network, others string) (name, sum string) {
	for _, all := range []string{"0.0.0.0/0", "::/0"} {
		lines = append(lines, access.Network{Prefix: netip.MustParsePrefix(all), Action: others})
	}
	sum = fingerprint([]string{access.NetworkSource(about, lines)})
	return c.networks(exceptionPart+kind+sum, about, lines), sum
}

// exceptClient is the class for a client that may use every sender of ours. What the tables do with the senders of ours
// becomes INFO, except where they do nothing because the mode of the domain is off.
func (c senderSpoofing) exceptClient(name, forms, plain string) string {
	sum := fingerprint([]string{name})
	info := c.patterns(exceptionPart+sum, "The exception "+name+", in place of what the other tables say.",
		"/^DUNNO$/ DUNNO", "/./ "+informed(name))
	var texts []string
	for _, table := range []string{forms, strings.TrimPrefix(plain, checkSender)} {
		texts = append(texts, fmt.Sprintf("%spipemap:{%s,%s}", checkSender, table, info))
	}
	return c.exceptionClass(sum, texts...)
}

// exceptionClass adds a class, unless it is there already, and returns its name.
func (c senderSpoofing) exceptionClass(sum string, texts ...string) string {
	name := exceptionClass + sum
	if !slices.ContainsFunc(c.classes, func(other restrictions.Class) bool { return other.Name == name }) {
		c.class(name, texts...)
	}
	return name
}

// exceptSenders asks a table of senders.
func (c senderSpoofing) exceptSenders(senders []exceptions.Sender) string {
	const about = "Senders with an exception, and all others."
	var lines []string
	for _, s := range senders {
		domain := mailbox.Domain(s.Of)
		for _, form := range hosteddomains.Forms(domain) {
			pattern := access.DomainPattern(form)
			if len(domain) < len(s.Of) {
				pattern = access.Pattern(s.Of[:len(s.Of)-len(domain)] + form)
			}
			lines = append(lines, pattern+" "+access.AsResult(c.exceptSender(s)))
		}
	}
	lines = append(lines, "/./ "+othersClass)
	return checkSender + c.patterns(exceptionPart+sendersKind+fingerprint(lines), about, lines...)
}

// exceptSender is the right-hand side for a sender.
func (c senderSpoofing) exceptSender(s exceptions.Sender) string {
	others := othersClass
	if s.Anybody != "" {
		others = informed(s.Anybody)
	}
	if s.Off || len(s.Clients) == 0 {
		return others
	}
	var lines []access.Network
	for _, client := range s.Clients {
		lines = append(lines, access.Network{Prefix: client.Prefix, Action: informed(client.Name)})
	}
	clients, sum := c.clientsTable(someKind, "Clients with an exception for some senders, and all others.", lines, others)
	return c.exceptionClass(sum, "check_client_access "+clients)
}

// informed is the right-hand side that logs the use of an exception.
func informed(name string) string { return "INFO " + exceptionTag + name }

// exceptionTag is the tag of the uses of exceptions in the mail log.
const exceptionTag = Tag + "exception:"
