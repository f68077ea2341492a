package postfix_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/postfix"
)

const someMain = `# comment
  first line blank = ignored
mynetworks = 127.0.0.0/8,
# between
	10.0.0.1/32

    [::1]/128
smtpd_banner=$myhostname   ESMTP
myorigin =
smtpd_banner = last
`

func TestParseMain(t *testing.T) {
	main, err := postfix.ParseMain([]byte(someMain))
	require.NoError(t, err)
	assert.Equal(t, postfix.MainCF{
		{Name: "mynetworks", Value: "127.0.0.0/8, 10.0.0.1/32 [::1]/128", Line: 3},
		{Name: "smtpd_banner", Value: "$myhostname ESMTP", Line: 8},
		{Name: "myorigin", Value: "", Line: 9},
		{Name: "smtpd_banner", Value: "last", Line: 10},
	}, main)
	value, ok := main.Get("smtpd_banner")
	assert.True(t, ok)
	assert.Equal(t, "last", value)
	_, ok = main.Get("first line blank")
	assert.False(t, ok)
	assert.Equal(t, []string{"smtpd_banner"}, main.Duplicates())

	_, err = postfix.ParseMain([]byte("a = b\nno definition\n"))
	assert.ErrorContains(t, err, "line 2")
	_, err = postfix.ParseMain([]byte("a = b\n\x00"))
	assert.ErrorContains(t, err, "NUL")
}

// What ParseMain reads is what postconf reads.
func TestParseMainAgreesWithPostconf(t *testing.T) {
	i := newInstance(t, "")
	i.write(t, "main.cf", someMain)
	values, err := i.Param(within(t, time.Minute), "mynetworks", "smtpd_banner", "myorigin")
	require.NoError(t, err)
	main, err := postfix.ParseMain([]byte(someMain))
	require.NoError(t, err)
	require.Len(t, values, 3)
	for name, value := range values {
		own, _ := main.Get(name)
		assert.Equal(t, value, own, name)
	}
}

// FuzzParseMain: definitions printed on one line each say the same.
func FuzzParseMain(f *testing.F) {
	f.Add([]byte(someMain))
	f.Add([]byte("a=\r\n =b"))
	f.Fuzz(func(t *testing.T, content []byte) {
		main, err := postfix.ParseMain(content)
		if err != nil {
			return
		}
		var printed strings.Builder
		for _, d := range main {
			fmt.Fprintf(&printed, "%s = %s\n", d.Name, d.Value)
		}
		again, err := postfix.ParseMain([]byte(printed.String()))
		require.NoError(t, err)
		require.Len(t, again, len(main))
		for n := range main {
			require.Equal(t, main[n].Name, again[n].Name)
			require.Equal(t, main[n].Value, again[n].Value)
		}
	})
}
