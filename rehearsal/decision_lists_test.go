package rehearsal

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/maincf"
	"ucs-harden/privatepostfix"
	"ucs-harden/rules"
	"ucs-harden/smtpdaccess"
)

const (
	clientList = "smtpd_client_restrictions"
	heloList   = "smtpd_helo_restrictions"
	senderList = "smtpd_sender_restrictions"
	relayList  = smtpdaccess.Relay
	dataList   = "smtpd_data_restrictions"
	endList    = "smtpd_end_of_data_restrictions"
)

// asks makes a service of pairs: a list, and a restriction in it.
func asks(pairs ...string) Service {
	var s Service
	for i := 0; i < len(pairs); i += 2 {
		p := place(pairs[i+1], pairs[i], "")
		switch pairs[i] {
		case dataList:
			p.Step = smtpdaccess.Data
		case endList:
			p.Step = smtpdaccess.EndOfMessage
		}
		s.Places = append(s.Places, p)
	}
	return s
}

var (
	on52 = asks(
		relayList, "permit_mynetworks", relayList, "permit_sasl_authenticated", relayList, "defer_unauth_destination",
		main25, "permit_mynetworks", main25, "permit_sasl_authenticated", main25, "reject_unauth_destination",
		main25, "reject_unlisted_recipient", dataList, "reject_unauth_pipelining",
	)
	on50 = asks(main25, "permit_mynetworks", main25, "permit_sasl_authenticated", main25, "reject_unauth_destination")
	// both: the relay restrictions of the administrator refuse with the same words as the recipient restrictions.
	both = asks(relayList, "permit_mynetworks", relayList, "reject_unauth_destination", main25, "reject_unauth_destination")
)

// Which list refused: each list and each step, on UCS 5.2 and 5.0. The replies are those of smtpd_check.c.
func TestWhichListRefused(t *testing.T) {
	stranger := rules.Letter{Client: rules.Stranger, RecipientIs: rules.Elsewhere}
	trusted := rules.Letter{Client: rules.Listed, RecipientIs: rules.Elsewhere}
	for sentence, c := range map[string]struct {
		Service
		letter    rules.Letter
		reply, at string
		kind      Kind
		lists     []string // that may have refused
	}{
		"5.2: a stranger relays": {on52, stranger, "454 4.7.1 <you@foreign.example>: Relay access denied", "RCPT", Relaying, []string{relayList}},
		"5.0: a stranger relays": {on50, stranger, "554 5.7.1 <you@foreign.example>: Relay access denied", "RCPT", Relaying, []string{main25}},
		"5.2: the relay restrictions let it pass, so the recipient list refuses": {
			on52, stranger, "554 5.7.1 <you@foreign.example>: Relay access denied", "RCPT", Relaying, []string{main25},
		},
		"both lists say the same: the first says it":                {both, stranger, "554 5.7.1 <you@foreign.example>: Relay access denied", "RCPT", Relaying, []string{relayList}},
		"both lists say the same, and the first permits the client": {both, trusted, "554 5.7.1 <you@foreign.example>: Relay access denied", "RCPT", Relaying, []string{main25}},
		"both lists say the same, and a table may have permitted it in the first": {
			asks(relayList, "check_client_access hash:/x", relayList, "reject_unauth_destination", main25, "reject_unauth_destination"), stranger,
			"554 5.7.1 <you@foreign.example>: Relay access denied", "RCPT", Relaying, []string{relayList, main25},
		},
		"with soft_bounce every code begins with 4": {on50, stranger, "454 4.7.1 <you@foreign.example>: Relay access denied", "RCPT", Relaying, []string{main25}},
		"a reject in the client list is about the client": {
			asks(clientList, "reject", heloList, "reject", senderList, "reject", relayList, "reject", main25, "reject"), stranger,
			"554 5.7.1 <out66.foreign.example[203.0.113.66]>: Client host rejected: Access denied", "RCPT", Everybody, []string{clientList},
		},
		"a reject in the helo list is about the name": {
			asks(heloList, "reject", senderList, "reject", main25, "reject"), stranger,
			"554 5.7.1 <out66>: Helo command rejected: Access denied", "RCPT", Everybody, []string{heloList},
		},
		"a reject in the sender list is about the sender": {
			asks(heloList, "permit", senderList, "reject", main25, "reject"), stranger,
			"554 5.7.1 <me@foreign.example>: Sender address rejected: Access denied", "RCPT", Everybody, []string{senderList},
		},
		"a reject in the relay list is about the recipient": {
			asks(relayList, "permit_sasl_authenticated", relayList, "reject", main25, "reject_unlisted_recipient"), stranger,
			"554 5.7.1 <you@foreign.example>: Recipient address rejected: Access denied", "RCPT", Everybody, []string{relayList},
		},
		"without smtpd_delay_reject the client is refused at once": {
			Service{Places: []Place{{Restriction: "reject", List: clientList, Asked: clientList, Step: "CONNECT"}, place("reject", main25, "")}}, stranger,
			"554 5.7.1 <out66[203.0.113.66]>: Client host rejected: Access denied", "XCLIENT", Everybody, []string{clientList},
		},
		"at DATA": {
			asks(main25, "check_sender_access hash:/a", dataList, "check_sender_access hash:/b"), stranger,
			"554 5.7.1 <me@foreign.example>: Sender address rejected: no", "DATA", ByTable, []string{dataList},
		},
		"a reject at DATA": {
			asks(main25, "reject", dataList, "reject", endList, "reject"), stranger,
			"554 5.7.1 <DATA>: Data command rejected: Access denied", "DATA", Everybody, []string{dataList},
		},
		"behind the final dot": {
			asks(main25, "check_policy_service unix:private/a", dataList, "check_policy_service unix:private/a", endList, "check_policy_service unix:private/a"), stranger,
			"554 5.7.1 <END-OF-MESSAGE>: End-of-data rejected: too large", "END-OF-MESSAGE", ByTable, []string{endList},
		},
		"a restriction behind a permit for this client is not met": {
			asks(main25, "permit_mynetworks", main25, "check_recipient_access hash:/a", relayList, "check_recipient_access hash:/b"), trusted,
			"554 5.7.1 <you@foreign.example>: Recipient address rejected: no", "RCPT", ByTable, []string{relayList},
		},
		"a restriction class stands where a list names it": {
			asks(main25, "permit_mynetworks", "mine", "reject", main25, "check_recipient_access hash:/b"), stranger,
			"554 5.7.1 <you@foreign.example>: Recipient address rejected: Access denied", "RCPT", Everybody, []string{"mine", main25},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			r := replied(t, c.reply)
			r.At = c.at
			d := c.Decided(r, c.letter)
			require.NotNil(t, d)
			assert.Equal(t, c.kind, d.Kind)
			lists := []string{}
			for _, p := range d.Places {
				lists = append(lists, p.List)
			}
			assert.Equal(t, c.lists, lists)
			assert.Equal(t, step(c.at), d.Step)
		})
	}
}

func TestTheLogNamesTheStep(t *testing.T) {
	s := asks(main25, "warn_if_reject check_sender_access hash:/a", dataList, "warn_if_reject check_sender_access hash:/b")
	warned := s.Warned(privatepostfix.Reply{Code: 250, At: "DATA", Log: []string{
		"4ABC: reject_warning: DATA from x[203.0.113.66]: 554 5.7.1 <me@foreign.example>: Sender address rejected: no; from=<me@foreign.example> to=<x> proto=ESMTP helo=<x>",
	}}, anybody)
	require.Len(t, warned, 1)
	assert.Equal(t, "DATA", warned[0].Step)
	assert.Equal(t, "warn_if_reject check_sender_access hash:/b", warned[0].Places[0].Restriction)
}

func TestRefusesRelaying(t *testing.T) {
	stranger := rules.Letter{Client: rules.Stranger, RecipientIs: rules.Elsewhere}
	with := func(change func(*rules.Letter)) rules.Letter {
		l := stranger
		change(&l)
		return l
	}
	listed := with(func(l *rules.Letter) { l.Client = rules.Listed })
	opaque := on52
	opaque.Parameters = maincf.File{{Name: "mynetworks", Value: "hash:/etc/postfix/networks"}}
	for sentence, c := range map[string]struct {
		Service
		letter rules.Letter
		want   bool
	}{
		"5.2: a stranger":                                     {on52, stranger, true},
		"5.2: to a domain that does not exist":                {on52, with(func(l *rules.Letter) { l.RecipientIs = rules.Nowhere }), true},
		"5.2: to an address of ours":                          {on52, with(func(l *rules.Letter) { l.RecipientIs = rules.Known }), false},
		"5.2: a client in mynetworks":                         {on52, listed, false},
		"5.2: who logs in":                                    {on52, with(func(l *rules.Letter) { l.Login = "boss" }), false},
		"5.2: mynetworks holds a table":                       {opaque, stranger, false},
		"5.0: only the recipient list refuses":                {on50, stranger, false},
		"the relay restrictions are asked last":               {asks(main25, "permit_mynetworks", relayList, "reject"), stranger, false},
		"a client in mynetworks, where only logins may relay": {asks(relayList, "permit_sasl_authenticated", relayList, "reject"), listed, true},
		"a table may permit it":                               {asks(relayList, "check_client_access cidr:/x", relayList, "reject_unauth_destination"), stranger, false},
		"a check that only refuses stands in front":           {asks(relayList, "reject_unknown_client_hostname", relayList, "reject_unauth_destination"), stranger, true},
		"it only warns":                                       {asks(relayList, "warn_if_reject reject_unauth_destination"), stranger, false},
		"everybody may relay":                                 {asks(relayList, "permit", relayList, "reject_unauth_destination"), stranger, false},
	} {
		t.Run(sentence, func(t *testing.T) { assert.Equal(t, c.want, c.refusesRelaying(c.letter)) })
	}
}
