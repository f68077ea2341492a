package mastercf_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/mastercf"
)

// rendered is what the UCS template prints, comments and a continued entry
// of an administrator's master.cf.local included.
const rendered = `# Warning: This file is auto-generated
smtp      inet  n       -       n       -       -       smtpd
smtps     inet  n       -       n       -       -       smtpd -o smtpd_tls_wrappermode=yes -o smtpd_sasl_auth_enable=yes

	# a comment that belongs to nobody
submission inet n       -       n       -       -       smtpd
  -o smtpd_enforce_tls=yes
# the next line goes on
  -o { smtpd_helo_restrictions = permit_mynetworks, reject }
cyrus     unix  -       n       n       -       -       pipe
  user=cyrus argv=/usr/sbin/deliver -o x=y ${extension}
# the end`

func parse(t *testing.T, content string) *mastercf.File {
	t.Helper()
	f, err := mastercf.Parse([]byte(content))
	require.NoError(t, err)
	require.Equal(t, content, string(f.Bytes()))
	return f
}

func TestParse(t *testing.T) {
	f := parse(t, rendered)
	require.Len(t, f.Services, 4)
	s := f.Service("submission", "inet")
	require.NotNil(t, s)
	assert.Equal(t, 6, s.Line)
	assert.Contains(t, string(s.Raw), "# the next line goes on")
	assert.Equal(
		t, []string{"-o", "smtpd_enforce_tls=yes", "-o", "smtpd_helo_restrictions = permit_mynetworks, reject"}, s.Args,
	)
	assert.Equal(
		t,
		[]mastercf.Option{
			{Name: "smtpd_enforce_tls", Value: "yes"},
			{Name: "smtpd_helo_restrictions", Value: "permit_mynetworks, reject"},
		},
		s.Options(),
	)

	cyrus := f.Service("cyrus", "unix")
	assert.Equal(t, "pipe", cyrus.Command)
	assert.Empty(t, cyrus.Options(), "options end at the first argument that is none")
	assert.Nil(t, f.Service("cyrus", "inet"))
}

// The forms of master(5), and what the daemons' getopt makes of them.
func TestOptions(t *testing.T) {
	for name, tc := range map[string]struct {
		args string
		want []mastercf.Option
	}{
		"none":                              {"", nil},
		"the short form":                    {"-o a=b", []mastercf.Option{{Name: "a", Value: "b"}}},
		"without a blank":                   {"-oa=b", []mastercf.Option{{Name: "a", Value: "b"}}},
		"together with a flag":              {"-v -vo a=b", []mastercf.Option{{Name: "a", Value: "b"}}},
		"the long form keeps inner blanks":  {"-o { a = b  c }", []mastercf.Option{{Name: "a", Value: "b  c"}}},
		"braces inside the long form stay":  {"-o { a = {b} {c} }", []mastercf.Option{{Name: "a", Value: "{b} {c}"}}},
		"an empty value":                    {"-o a=", []mastercf.Option{{Name: "a", Value: ""}}},
		"an equals sign in the value":       {"-o a=b=c", []mastercf.Option{{Name: "a", Value: "b=c"}}},
		"after an option with an argument":  {"-s 3 -o a=b", []mastercf.Option{{Name: "a", Value: "b"}}},
		"a blank in a value ends them":      {"-o a=b, c -o d=e", []mastercf.Option{{Name: "a", Value: "b,"}}},
		"an argument is missing at the end": {"-o a=b -o", []mastercf.Option{{Name: "a", Value: "b"}}},
		"two of one name, both are told": {
			"-o a=b -o a=c", []mastercf.Option{{Name: "a", Value: "b"}, {Name: "a", Value: "c"}},
		},
		"nothing after two dashes":        {"-o a=b -- -o c=d", []mastercf.Option{{Name: "a", Value: "b"}}},
		"an argument without equals sign": {"-o a -o b=c", []mastercf.Option{{Name: "b", Value: "c"}}},
	} {
		t.Run(name, func(t *testing.T) {
			f := parse(t, "smtp inet n - n - - smtpd "+tc.args+"\n")
			assert.Equal(t, tc.want, f.Services[0].Options())
		})
	}
}

func TestTheLastOneCounts(t *testing.T) {
	f := parse(t, "smtp inet n - n - - smtpd -o a=1\nsmtp inet n - n - - smtpd -o a=2 -o a=3\n")
	value, ok := f.Service("smtp", "inet").Option("a")
	assert.True(t, ok)
	assert.Equal(t, "3", value)
	_, ok = f.Service("smtp", "inet").Option("b")
	assert.False(t, ok)
}

func TestAnOverrideCountsBeforeMainCF(t *testing.T) {
	s := parse(t, "smtp inet n - n - - smtpd -o a=1 -o b=\n").Services[0]
	main := func(name string) string { return "main " + name }
	assert.Equal(t, "1", s.Value("a", main))
	assert.Empty(t, s.Value("b", main), "an empty override is one")
	assert.Equal(t, "main c", s.Value("c", main))
}

func TestServiceByPort(t *testing.T) {
	for name, tc := range map[string]struct{ entry, ask string }{
		"a number for a name":         {"25", "smtp"},
		"a name for a number":         {"submission", "587"},
		"an address and a number":     {"0.0.0.0:25", "smtp"},
		"an IPv6 address and a name":  {"[::1]:smtps", "465"},
		"the new name of port 465":    {"submissions", "smtps"},
		"a port that is none of ours": {"127.0.0.1:20025", "20025"},
	} {
		t.Run(name, func(t *testing.T) {
			f := parse(t, tc.entry+" inet n - n - - smtpd\nother inet n - n - - smtpd\n")
			require.NotNil(t, f.Service(tc.ask, "inet"))
			assert.Equal(t, tc.entry, f.Service(tc.ask, "inet").Name)
			assert.Nil(t, f.Service(tc.ask, "unix"))
		})
	}
	f := parse(t, "smtp inet n - n - - smtpd\n127.0.0.1:25 inet n - n - - smtpd\n")
	assert.Equal(t, "smtp", f.Service("smtp", "inet").Name, "the same spelling is preferred")
}

// master(8) and postconf(1) refuse each of these or read it otherwise than it looks.
func TestParseRefuses(t *testing.T) {
	for name, tc := range map[string]struct{ content, says string }{
		"too few fields":                   {"# c\nsmtp inet n - n - -\n", "line 2: 7 fields"},
		"an unknown type":                  {"smtp tcp n - n - - smtpd\n", "service type"},
		"a first line that begins blank":   {"  smtp inet n - n - - smtpd\n", "must not begin with a blank"},
		"an open brace":                    {"smtp inet n - n - - smtpd -o { a = b\n", "missing }"},
		"text directly after a brace":      {"smtp inet n - n - - smtpd -o {a=b}c\n", "text after }"},
		"a NUL byte, at which C would end": {"smtp inet n - n - - smtpd\n\x00", "NUL byte in line 2"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := mastercf.Parse([]byte(tc.content))
			assert.ErrorContains(t, err, tc.says)
		})
	}
}

// FuzzParse: what can be parsed prints to the same bytes, every entry stands
// in it, and its fields written out again say the same.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{rendered, "", "\n", "#", "a unix - - - - - b {c d} -oe=f\n", "a pass - - - - - b\n\n \n# x\n\tc", "a inet - - - - - b -o { {} }\r\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := mastercf.Parse(content)
		if err != nil {
			return
		}
		require.Equal(t, string(content), string(file.Bytes()))
		for _, s := range file.Services {
			alone, err := mastercf.Parse(s.Raw)
			require.NoError(t, err)
			require.Len(t, alone.Services, 1)
			require.Equal(t, s.Args, alone.Services[0].Args)
			require.Equal(t, s.Options(), alone.Services[0].Options())
			require.NotNil(t, file.Service(s.Name, s.Type))
		}
	})
}
