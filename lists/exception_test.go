package lists_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/exceptions"
	"ucs-harden/lists"
)

func TestFaultsOfExceptions(t *testing.T) {
	for sentence, c := range map[string]struct {
		entry entry
		fault string
	}{
		"an address":                              {entry{Name: "a", Client: "192.0.2.1"}, ""},
		"a network":                               {entry{Name: "a", Client: "192.0.2.0/28"}, ""},
		"an address of IPv6 in brackets":          {entry{Name: "a", Client: "[2001:db8::1]"}, ""},
		"a sender":                                {entry{Name: "a", Sender: "scan@company.my"}, ""},
		"a domain, with or without its sign":      {entry{Name: "a", Sender: "@company.my"}, ""},
		"a domain of one label needs the sign":    {entry{Name: "a", Sender: "local"}, `"local" is neither a mail address nor a domain`},
		"a U-label is written as an A-label":      {entry{Name: "a", Sender: "münchen.example"}, `"münchen.example" is neither a mail address nor a domain`},
		"nothing":                                 {entry{Name: "a", Reason: "x"}, "it names neither a client nor a sender"},
		"bits behind the mask":                    {entry{Name: "a", Client: "192.0.2.1/28"}, `"192.0.2.1/28" has bits behind its mask: the network is 192.0.2.0/28, the one address is 192.0.2.1`},
		"the whole Internet":                      {entry{Name: "a", Client: "::/0"}, `"::/0" is the whole Internet: for any client, name none`},
		"a name":                                  {entry{Name: "a", Client: "mail.partner.example"}, `"mail.partner.example" is neither an address nor a network`},
		"several":                                 {entry{Name: "a", Client: "192.0.2.1 192.0.2.2"}, `"192.0.2.1 192.0.2.2" is neither an address nor a network`},
		"a network of IPv4 in the form of IPv6":   {entry{Name: "a", Client: "::ffff:192.0.2.0/120"}, `"::ffff:192.0.2.0/120" is a network of IPv4 in the form of IPv6: write it as one of IPv4`},
		"a name that a line of the log would end": {entry{Name: "a; from=<x>", Client: "192.0.2.1"}, `its name "a; from=<x>" goes to the mail log, so it may have letters, digits and @ . _ - only`},
		"an address in quotes":                    {entry{Name: "a", Sender: `"scan"@company.my`}, ""},
		"an address that needs its quotes":        {entry{Name: "a", Sender: `"room 1"@company.my`}, `"\"room 1\"@company.my" needs its quotes: Postfix does not look up such a sender as a whole; name the domain`},
		"a table":                                 {entry{Name: "a", Sender: "hash:/etc/passwd"}, `"hash:/etc/passwd" is neither a mail address nor a domain`},
		"a day that is none":                      {entry{Name: "a", Client: "192.0.2.1", Expires: "soon"}, `it expires on "soon", which is no date like 2026-12-31`},
	} {
		assert.Equal(t, c.fault, exceptions.List.Fault(c.entry), sentence)
	}
	assert.Empty(t, exceptions.List.FaultGiven(entry{Name: "a", Expires: "2026-12-31"}), "a change of an existing one")
}

func TestAnEntryIsInForceUntilItsLastDayIsOver(t *testing.T) {
	assert.True(t, entry{}.InForce("2026-12-31"))
	assert.True(t, entry{Expires: "2026-12-31"}.InForce("2026-12-31"))
	assert.False(t, entry{Expires: "2026-12-31"}.InForce("2027-01-01"))
}

// An exception is named by its name alone, so what it is about can change.
func TestTheNameOfAnExceptionSaysWhichIsMeant(t *testing.T) {
	l := lists.Contents{List: exceptions.List, Entries: []entry{
		{Name: "a", Client: "192.0.2.1", Sender: "scan@company.my"}, {Name: "b", Client: "192.0.2.1"},
	}}
	before, exists, err := l.Place(entry{Name: "a", Client: "192.0.2.9"})
	require.NoError(t, err)
	assert.True(t, exists)
	assert.Equal(t, "192.0.2.1", before.Client)
	assert.Equal(t, map[string]string{"client": "192.0.2.9", "reason": "x"}, l.Details(map[string]string{"client": "192.0.2.9", "reason": "x"}))
	var wrong *lists.EntryError
	_, _, err = l.Place(entry{Name: "c", Client: "192.0.2.1", Sender: "SCAN@company.my"})
	require.ErrorAs(t, err, &wrong)
	assert.Equal(t, lists.ListedAs, wrong.Fault)
	_, exists, err = l.Place(entry{Name: "c", Client: "192.0.2.2"})
	require.NoError(t, err)
	assert.False(t, exists)
	_, err = l.Find(lists.Which{Name: "192.0.2.1"})
	require.ErrorAs(t, err, &wrong)
	assert.Equal(t, lists.Unlisted, wrong.Fault)
}

func TestTheCommandsOfLists(t *testing.T) {
	assert.Equal(t, []string{"allow", "disallow", "exceptions"}, []string{exceptions.List.Adding(), exceptions.List.Removing(), exceptions.List.Listing()})
	l := list("suspended")
	assert.Equal(t, []string{"suspend add", "suspend remove", "suspend list"}, []string{l.Adding(), l.Removing(), l.Listing()})
}

func TestWhatAnExceptionIsAbout(t *testing.T) {
	assert.Equal(t, "client 192.0.2.1 as a@company.my", entry{Client: "192.0.2.1", Sender: "a@company.my"}.About())
	assert.Equal(t, "client 192.0.2.1", entry{Client: "192.0.2.1"}.About())
	assert.Equal(t, "anybody as a@company.my", entry{Sender: "a@company.my"}.About())
}
