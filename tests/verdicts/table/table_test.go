package table

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
	"ucs-harden/tests/lab/smtpclient"
)

const definitions = "client a mail\nport 25 none\nlogin none -\nsender s s@x\nrecipient r r@x\nreply ok 250 Ok\nlog l warn: text\nset both s|s\n"

func TestATableThatCannotBeMeantIsRefused(t *testing.T) {
	_, err := Parse(definitions+"* 25 none both r|r ok ok ok l+l because # not this\n", lab.UCS52)
	require.NoError(t, err)
	for mistake, line := range map[string]string{
		`line 9: there is no client "b"`:                            "b 25 none s r ok ok ok - because",
		`line 9: there is no reply "no"`:                            "a 25 none s r ok ok no - because",
		`line 9: there is no log "m"`:                               "a 25 none s r ok ok ok m because",
		`line 9: "-/l" is not what is logged in one or in 3 phases`: "a 25 none s r ok ok ok -/l because",
		`line 9: cannot define a "colour"`:                          "colour red 1",
		`line 9: "sender x" is neither a definition nor a row`:      "sender x",
		`line 9: "text" is no kind of line and its text`:            "log x text",
	} {
		_, err := Parse(definitions+line+"\n", lab.UCS52)
		assert.EqualError(t, err, mistake)
	}
}

func TestClientsPortsPhasesAndTransactions(t *testing.T) {
	tab, err := Parse("phases before warn enforce beside\nclient a mail 587\nclient b mail\nport 25 none\nport 587 none c\nlogin none -\nlogin c clerk@company.local\n"+
		"sender s ß@x SMTPUTF8\nrecipient r \"r\"@x @y:z@x\nreply ok 250 Ok\nreply no 554 No\nlog l warn: text\nset odd s\nset s|odd odd\n"+
		"* 25 * * * ok ok ok ok - because\n* * * odd * ok ok,ok ok,no ok -/l/-/- because\n", lab.UCS52)
	require.NoError(t, err)
	assert.Equal(t, []Cell{{"a", "587", "none", "s", "r"}, {"a", "587", "c", "s", "r"}, {"b", "25", "none", "s", "r"}, {"b", "587", "none", "s", "r"}, {"b", "587", "c", "s", "r"}}, tab.Cells())
	d := tab.Dialogue("warn", Cell{"a", "587", "c", "s", "r"})
	assert.Equal(t, smtpclient.Dialogue{
		Server: "127.0.0.1", Port: 587, TLS: smtpclient.StartTLS, Login: "clerk@company.local", Password: "lab-clerk", Helo: "warn-a-587-c-s-r",
		MailFrom: "ß@x", Declare: "SMTPUTF8", RcptTo: []string{`"r"@x`, "@y:z@x"},
	}, d)
	r := tab.Row(Cell{"a", "587", "c", "s", "r"})
	assert.Equal(t, [][]string{nil, {"l"}, nil, nil}, r.logged)
	ok, no := smtpclient.Reply{Code: 250, Text: "2.1.5 Ok"}, smtpclient.Reply{Code: 554, Text: "No"}
	assert.True(t, tab.says(r.replies[2], []smtpclient.Reply{ok, no}))
	assert.False(t, tab.says(r.replies[2], []smtpclient.Reply{no, ok}), "each recipient has his own")
	assert.False(t, tab.says(r.replies[2], []smtpclient.Reply{ok}), "none is missing")
	assert.False(t, tab.says(r.replies[0], nil), "nobody was asked")
	assert.True(t, tab.says(r.replies[0], []smtpclient.Reply{ok, ok}))
	assert.False(t, tab.says(r.replies[0], []smtpclient.Reply{ok, no}))
}

func TestALineForOneUCS(t *testing.T) {
	text := "client a mail\nport 25 none\nlogin none -\nsender s s@x\nrecipient r r@x\n5.2: reply no 454 Later\n5.0: reply no 554 Never\nreply ok 250 Ok\n" +
		"5.0: * * * * * ok ok ok - because\n* * * * * no no no - because\n"
	for face, want := range map[lab.Face][2]string{lab.UCS52: {"no", "454"}, lab.UCS50: {"ok", "554"}} {
		tab, err := Parse(text, face)
		require.NoError(t, err)
		assert.Equal(t, want, [2]string{tab.Row(Cell{"a", "25", "none", "s", "r"}).replies[0][0], strconv.Itoa(tab.replies["no"].code)}, face)
	}
}
