package rehearsal

import (
	"slices"
	"strings"

	"ucs-harden/identity"
	"ucs-harden/rules"
)

// maxSamples is how many entries of each list the matrix asks about. All entries of a list stand in the same tables.
const maxSamples = 3

// listings asks about the lists of the controls. It asks about accounts by sender and by login, from everywhere, to
// inside and outside; and about protected recipients, from everybody. It also asks about entries that the plan drops.
func (b *cellBuilder) listings() {
	today, planned := b.Today.Listings.Samples(maxSamples), b.Plan.Listings.Samples(maxSamples)
	both := func(of func(rules.Samples) []string) []string {
		all := slices.Concat(of(planned), of(today))
		slices.Sort(all)
		return slices.Compact(all)
	}
	for _, name := range both(func(s rules.Samples) []string { return slices.Concat(s.Suspended, s.Bound) }) {
		b.writer(name, both(func(s rules.Samples) []string { return s.Destinations }))
	}
	for _, address := range both(func(s rules.Samples) []string { return s.Insiders }) {
		b.guarded(address, "")
	}
	for i, address := range planned.BySenders {
		b.guarded(address, planned.Admitted[i])
	}
	for _, right := range slices.Concat(planned.Rights, today.Rights) {
		b.right(right)
	}
}

// right asks whether the holder of a right may write as the address, and whether somebody else and a client without
// login may.
func (b *cellBuilder) right(r rules.Right) {
	address := r.As
	if !strings.Contains(address, "@") {
		address = madeUp + "@" + address
	}
	from := sender{address + " (for " + r.Login + ")", address, nil}
	holder := loginOf(r.Login, b.book)
	if holder == nil {
		holder = &identity.Account{UID: r.Login}
	}
	for _, port := range []int{465, 587} {
		ways := b.ways(port, b.first())
		if len(ways) > 0 && b.Plan.Ports[port] {
			ways = append(ways, access{port, r.Login, holder, ""})
		}
		for _, a := range ways {
			b.add(b.strangers[0], a, from, b.recipients[0])
		}
	}
}

// writer asks what an account may do. It uses the address as the sender, from this server itself, where no client logs
// in, and from outside; or it logs in.
func (b *cellBuilder) writer(name string, destinations []string) {
	recipients := []recipient{b.recipients[0], b.elsewhere()}
	for _, d := range destinations {
		if strings.Contains(d, "@") {
			recipients = append(recipients, recipient{d + " (a destination)", d, rules.Elsewhere})
		}
	}
	for _, r := range recipients {
		if strings.Contains(name, "@") {
			from := sender{name, name, nil}
			for _, c := range slices.Concat(firstOf(b.listed), b.strangers[:1]) {
				if b.onPort(25) {
					b.add(c, access{port: 25}, from, r)
				}
			}
		}
		for _, port := range []int{465, 587} {
			u := loginOf(name, b.book) // nobody logs in by an alternative address
			if u == nil {
				continue
			}
			if b.Plan.Ports[port] && b.onPort(port) {
				b.add(b.strangers[0], access{port, name, u, ""}, own(u), r)
			}
		}
	}
}

// guarded asks who may write to a protected recipient.
func (b *cellBuilder) guarded(address, admitted string) {
	to := recipient{address + " (protected)", address, rules.Known}
	senders := []sender{b.foreignSender(), b.senders[0]}
	if admitted != "" {
		if !strings.Contains(admitted, "@") {
			admitted = madeUp + "@" + admitted
		}
		senders = append(senders, sender{admitted + " (in its list)", admitted, nil})
	}
	for _, from := range senders {
		for _, c := range slices.Concat(b.strangers[:1], firstOf(b.unlisted), firstOf(b.listed)) {
			if b.onPort(25) {
				b.add(c, access{port: 25}, from, to)
			}
		}
		for _, a := range b.ways(587, b.first()) {
			b.add(b.strangers[0], a, from, to)
		}
	}
}
