package rehearsal

import (
	"context"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/plan"
	"ucs-harden/privatepostfix"
)

// What a private Postfix answers about a past message, and whether it disagrees with the rules.
func TestAskingAboutPastMessages(t *testing.T) {
	ok := privatepostfix.Reply{Code: 250, Enhanced: "2.1.5", Text: "Ok", At: privatepostfix.AtRcpt}
	spoofed := privatepostfix.Reply{
		Code: 554, Enhanced: "5.7.1", At: privatepostfix.AtRcpt,
		Text: "<boss@company.my>: Sender address rejected: Delivery not authorized, message refused #ucs-harden:sender-spoofing",
	}
	notOwned := privatepostfix.Reply{
		Code: 553, Enhanced: "5.7.1", At: privatepostfix.AtRcpt,
		Text: "<employee@company.my>: Sender address rejected: not owned by user boss",
	}
	gone := privatepostfix.Reply{
		Code: 550, Enhanced: "5.1.1", At: privatepostfix.AtRcpt, Text: "<gone@company.my>: Recipient address rejected: User unknown",
	}
	noDomain := privatepostfix.Reply{
		Code: 450, Enhanced: "4.1.2", At: privatepostfix.AtRcpt,
		Text: "<you@vanished.example>: Recipient address rejected: Domain not found",
	}
	full := privatepostfix.Reply{Code: 552, Enhanced: "5.2.2", At: privatepostfix.AtRcpt, Text: "<employee@company.my>: Mailbox is full"}
	outside := netip.MustParseAddr("203.0.113.66")
	forged := privatepostfix.Dialogue{Client: outside, Helo: "x", Port: 25, Sender: "boss@company.my", Recipient: "employee@company.my"}
	forgedToGone := forged
	forgedToGone.Recipient = "gone@company.my"
	own := privatepostfix.Dialogue{Client: outside, Helo: "x", Port: 587, Login: "boss", Sender: "boss@company.my", Recipient: "employee@company.my"}
	toGone, toVanished, notHis := own, own, own
	toGone.Recipient, toVanished.Recipient, notHis.Sender = "gone@company.my", "you@vanished.example", "employee@company.my"
	for sentence, c := range map[string]struct {
		Case
		today, planned privatepostfix.Reply
		wrong          bool
	}{
		"it refuses what the rules refuse":                            {Case{Dialogue: forged}, ok, spoofed, false},
		"it accepts what the rules refuse":                            {Case{Dialogue: forged}, ok, ok, true},
		"it accepts it, and a table of the administrator is about it": {Case{Dialogue: forged, OfTable: true}, ok, ok, false},
		"it accepts what the rules accept":                            {Case{Dialogue: own}, ok, ok, false},
		"it refuses what the rules accept":                            {Case{Dialogue: own}, ok, notOwned, true},
		"it refuses with the check of another control":                {Case{Dialogue: notHis}, ok, notOwned, false},
		"a recipient is gone since":                                   {Case{Dialogue: toGone}, gone, gone, false},
		"the recipient of a forged letter is gone since":              {Case{Dialogue: forgedToGone}, gone, spoofed, false},
		"the domain of the recipient is gone since":                   {Case{Dialogue: toVanished}, ok, noDomain, false},
		"the mailbox is full today":                                   {Case{Dialogue: own}, full, full, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			f := company(plan.Off, plan.Enforce)
			says := func(r privatepostfix.Reply) Play {
				return func(context.Context, []privatepostfix.Dialogue) ([]privatepostfix.Reply, error) {
					return []privatepostfix.Reply{r}, nil
				}
			}
			cells, err := f.Court(f.Users).Ask(t.Context(), []Case{c.Case}, says(c.today), says(c.planned))
			require.NoError(t, err)
			require.Len(t, cells, 1)
			assert.Equal(t, c.wrong, cells[0].Wrong, cells[0].Why)
		})
	}
}

func TestAskingNeedsAReplyToEachCase(t *testing.T) {
	f := company(plan.Off, plan.Enforce)
	silent := func(context.Context, []privatepostfix.Dialogue) ([]privatepostfix.Reply, error) { return nil, nil }
	_, err := f.Court(nil).Ask(t.Context(), []Case{{}}, silent, silent)
	assert.ErrorContains(t, err, "0 and 0 replies to 1 dialogues")
}
