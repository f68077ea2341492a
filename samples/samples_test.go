package samples_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/maincf"
	"ucs-harden/samples"
)

// The tables that smtpd(8) asks, by SMTPD_ACCESS_README and postconf(5).
func TestTables(t *testing.T) {
	main, err := maincf.Parse([]byte(`config = /etc/postfix
smtpd_client_restrictions = check_client_access cidr:$config/clients, reject_rbl_client a.example
smtpd_sender_restrictions = warn_if_reject Check_Sender_Access proxy:hash:/s, mine
smtpd_recipient_restrictions = permit_mynetworks, check_recipient_access hash:/r, hash:/r, texthash:/short
smtpd_data_restrictions = check_sasl_access inline:{ {a = b} }
smtpd_restriction_classes = mine, other
mine = check_sender_access hash:/class
unused = check_sender_access hash:/unused
smtpd_sender_login_maps = unionmap:{ldap:/l, hash:/own}, pipemap:{hash:/first,hash:/second}, static:all
`))
	require.NoError(t, err)
	assert.Equal(t, []samples.Table{
		{samples.Client, "cidr", "/etc/postfix/clients"},
		{samples.Sender, "hash", "/s"},
		{samples.Recipient, "hash", "/r"}, {samples.Recipient, "texthash", "/short"},
		{samples.Login, "inline", "{ {a = b} }"},
		{samples.Sender, "hash", "/class"},
		{samples.Owned, "ldap", "/l"}, {samples.Owned, "hash", "/own"}, {samples.Owned, "hash", "/first"}, {samples.Owned, "static", "all"},
	}, samples.Tables(main))
}

func TestEntries(t *testing.T) {
	hash := samples.Table{Kind: samples.Sender, Type: "hash", Name: "/x"}
	content := []byte("# comment\nA@b.example OK\nc@d.example OK\ne.example REJECT go\n away\n")
	assert.Equal(t, []samples.Entry{
		{hash, "a@b.example", "OK"}, {hash, "e.example", "REJECT go away"},
	}, hash.Entries(content, 2), "first what has another value")
	assert.Len(t, hash.Entries(content, 9), 3)
	inline := samples.Table{Kind: samples.Owned, Type: "inline", Name: "{ a@b=x, {C@d = y, z} }"}
	assert.Equal(t, []samples.Entry{{inline, "a@b", "x"}, {inline, "c@d", "y, z"}}, inline.Entries(nil, 9))
	assert.Equal(t, []string{"y", "z"}, inline.Entries(nil, 9)[1].Owners())
	ldap := samples.Table{Kind: samples.Owned, Type: "ldap", Name: "/x"}
	assert.Empty(t, ldap.Path())
	assert.Empty(t, ldap.Entries([]byte("server_host = x\n"), 9))
}
