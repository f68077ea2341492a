package maincf_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/maincf"
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

func TestParse(t *testing.T) {
	main, err := maincf.Parse([]byte(someMain))
	require.NoError(t, err)
	assert.Equal(t, maincf.File{
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

	_, err = maincf.Parse([]byte("a = b\nno definition\n"))
	assert.ErrorContains(t, err, "line 2")
	_, err = maincf.Parse([]byte("a = b\n\x00"))
	assert.ErrorContains(t, err, "NUL")
}

// FuzzParse: definitions printed on one line each say the same.
func FuzzParse(f *testing.F) {
	f.Add([]byte(someMain))
	f.Add([]byte("a=\r\n =b"))
	f.Fuzz(func(t *testing.T, content []byte) {
		main, err := maincf.Parse(content)
		if err != nil {
			return
		}
		var printed strings.Builder
		for _, d := range main {
			fmt.Fprintf(&printed, "%s = %s\n", d.Name, d.Value)
		}
		again, err := maincf.Parse([]byte(printed.String()))
		require.NoError(t, err)
		require.Len(t, again, len(main))
		for n := range main {
			require.Equal(t, main[n].Name, again[n].Name)
			require.Equal(t, main[n].Value, again[n].Value)
		}
	})
}
