package ucr

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const postfixInfo = `Type: multifile
Multifile: etc/postfix/main.cf
Variables: mail/postfix/.*

Type: subfile
Multifile: etc/postfix/main.cf
Subfile: etc/postfix/main.cf.d/10_general

Type: file
File: /etc/postfix/ldap.groups
Mode: 0440
User: root

Type: script
Script: postfix-restart.sh
Variables: x
Variables: y`

func TestRegistered(t *testing.T) {
	p := Program{Root: tree(t, map[string]string{
		"templates/info/postfix.info":     postfixInfo,
		"templates/info/broken.info":      "File: etc/no-type\n\nType: file\n\nnonsense\n\x00\xff\nType: subfile",
		"templates/info/postfix.info.old": "Type: file\nFile: etc/old\n",
	})}
	for target, want := range map[string]bool{
		"etc/postfix/main.cf":                 true,
		"/etc/postfix/main.cf":                true,
		"etc/postfix/main.cf.d/10_general":    true,
		"etc/postfix/ldap.groups":             true,
		"etc/postfix/main.cf.d/60_other":      false,
		"etc/postfix/ldap":                    false,
		"etc/no-type":                         false,
		"etc/old":                             false,
		"postfix-restart.sh":                  false,
		"":                                    false,
		"etc/postfix/main.cf.d":               false,
		"etc/postfix/ldap.groups/etc/postfix": false,
	} {
		assert.Equal(t, want, p.Registered(target), target)
	}
	assert.False(t, Program{Root: t.TempDir()}.Registered("etc/postfix/main.cf"), "no server")
}

func FuzzInfo(f *testing.F) {
	f.Add(postfixInfo)
	f.Add("Type:x\n\n\nType: file\r\nFile: //a\nFile: b")
	f.Fuzz(func(t *testing.T, text string) {
		first := parseInfo(text)
		var printed strings.Builder
		for _, d := range first {
			require.NotEmpty(t, d.kind)
			printed.WriteString("Type: " + d.kind + "\nFile: /" + d.file + "\nMultifile: /" + d.multifile + "\nSubfile: /" + d.subfile + "\n\n")
		}
		require.Equal(t, first, parseInfo(printed.String()))
	})
}
