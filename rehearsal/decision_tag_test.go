package rehearsal

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/privatepostfix"
)

// listed has the checks of the controls with lists, where they stand.
var listed = Service{Places: []Place{
	place("check_sasl_access hash:/s-logins", submission, recipients+"05-ucs-harden-1-suspended"),
	place("check_sender_access hash:/s-senders", submission, recipients+"05-ucs-harden-1-suspended"),
	place("check_sasl_access hash:/l-logins", submission, recipients+"05-ucs-harden-2-local-only"),
	place("check_sender_access hash:/l-senders", submission, recipients+"05-ucs-harden-2-local-only"),
	place("check_client_access cidr:/f", submission, recipients+"05-ucs-harden-3-foreign-sender"),
	place("check_recipient_access hash:/p", submission, recipients+"20-ucs-harden-4-protected-senders"),
	place("reject_unauth_destination", submission, recipients+"50"),
	place("check_recipient_access hash:/c", submission, recipients+"50-ucs-harden-4-protected"),
	place("check_recipient_access regexp:/in-a-class", "ucs_harden_local_only", ""),
	place("check_sender_access regexp:/in-a-class", "ucs_harden_senders_1", ""),
}}

func TestTheTagOfARefusalTellsTheControl(t *testing.T) {
	for sentence, c := range map[string]struct {
		reply  string
		kind   Kind
		places []string
		advice string
	}{
		"suspended, by login":        {"554 5.7.1 <full>: SASL login name rejected: No: why #ucs-harden:suspended", "suspended", []string{"check_sasl_access hash:/s-logins"}, "take its mark off in UMC"},
		"suspended, by sender":       {"554 5.7.1 <a@b>: Sender address rejected: No #ucs-harden:suspended", "suspended", []string{"check_sender_access hash:/s-senders"}, "ucs-harden suspend list"},
		"bound, from within a class": {"554 5.7.1 <x@y>: Recipient address rejected: No #ucs-harden:local-only", "local-only", []string{"check_sasl_access hash:/l-logins", "check_sender_access hash:/l-senders"}, "add you@foreign.example or its domain"},
		"a system":                   {"554 5.7.1 <x@y>: Sender address rejected: No #ucs-harden:foreign-sender", "foreign-sender", []string{"check_client_access cidr:/f"}, "if 10.99.1.10 may send mail of others"},
		"a protected address":        {"554 5.7.1 <x@y>: Recipient address rejected: No #ucs-harden:protected", "protected", []string{"check_recipient_access hash:/c"}, "ucs-harden protect list"},
		"who would have to log in":   {"554 5.7.1 <x@y>: Recipient address rejected: No: log in to write as one of ours #ucs-harden:protected", "protected", []string{"check_recipient_access hash:/p"}, "ucs-harden protect list"},
		"not in the list of senders": {"554 5.7.1 <x@y>: Sender address rejected: No #ucs-harden:protected", "protected", []string{"check_recipient_access hash:/p"}, "ucs-harden protect list"},
	} {
		t.Run(sentence, func(t *testing.T) {
			d := listed.Decided(replied(t, c.reply), anybody)
			if assert.NotNil(t, d) {
				assert.Equal(t, c.kind, d.Kind)
				var restrictions []string
				for _, p := range d.Places {
					restrictions = append(restrictions, p.Restriction)
				}
				assert.Equal(t, c.places, restrictions)
				a := adviser{Dialogue: privatepostfix.Dialogue{Client: netip.MustParseAddr("10.99.1.10"), Recipient: "you@foreign.example"}}
				assert.Contains(t, a.refused(*d)[0], c.advice)
				assert.Contains(t, a.refused(*d)[0], "then ucs-harden sync")
			}
		})
	}
}
