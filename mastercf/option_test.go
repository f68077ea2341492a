package mastercf_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/mastercf"
)

func TestVariable(t *testing.T) {
	assert.Equal(t, "mail/postfix/mastercf/options/smtps/syslog_name", mastercf.Variable("smtps", "syslog_name"))
}

func TestValidate(t *testing.T) {
	for name, tc := range map[string]struct {
		option mastercf.Option
		says   string
	}{
		"a blank cuts the value": {
			mastercf.Option{Name: "smtpd_helo_restrictions", Value: "permit_mynetworks, reject"}, "blank",
		},
		"an open brace takes the rest": {mastercf.Option{Name: "smtpd_helo_restrictions", Value: "{a,b"}, "not closed"},
		"so does one behind a closed":  {mastercf.Option{Name: "a", Value: "}{b}{c"}, "not closed"},
		"so is a line break":           {mastercf.Option{Name: "a", Value: "b\nc"}, "blank"},
		"a control character":          {mastercf.Option{Name: "a", Value: "b\x01"}, "control"},
		"no text at all":               {mastercf.Option{Name: "a", Value: "\xff"}, "UTF-8"},
		"a name that is no parameter":  {mastercf.Option{Name: "a=b", Value: "c"}, "not the name"},
		"no name":                      {mastercf.Option{Value: "c"}, "not the name"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.ErrorContains(t, tc.option.Validate(), tc.says)
		})
	}
	for _, value := range []string{"$a,check_x:y#z", "unionmap:{ldap:/a,pipemap:{regexp:/b,hash:/c}}", "{a,b}", "a}b{c}"} {
		assert.NoError(t, mastercf.Option{Name: "smtpd_recipient_restrictions", Value: value}.Validate(), value)
	}
}

// FuzzValidate: what is valid comes out of a rendered line as it went in.
func FuzzValidate(f *testing.F) {
	f.Add("a", "b")
	f.Add("smtpd_x", "$y,{z")
	f.Add("a", "=b-o")
	f.Fuzz(func(t *testing.T, name, value string) {
		o := mastercf.Option{Name: name, Value: value}
		if o.Validate() != nil {
			return
		}
		file, err := mastercf.Parse(
			[]byte(strings.Join([]string{"smtp inet n - n - - smtpd -o ", name, "=", value, " -o last=one\n"}, "")),
		)
		require.NoError(t, err)
		require.Equal(t, []mastercf.Option{o, {Name: "last", Value: "one"}}, file.Services[0].Options())
	})
}
