package directory

import (
	"encoding/base64"
	"errors"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func readLDIF(r io.Reader) ([]ldifEntry, error) {
	var entries []ldifEntry
	for entry, err := range ldifEntries(r) {
		if err != nil {
			return entries, err
		}
		entries = append(entries, entry)
	}
	return entries, nil
}

func entry(dn string, fields ...string) ldifEntry {
	e := ldifEntry{dn, map[string][]string{}}
	for i := 0; i < len(fields); i += 2 {
		e.attributes[fields[i]] = append(e.attributes[fields[i]], fields[i+1])
	}
	return e
}

func TestLDIF(t *testing.T) {
	for sentence, c := range map[string]struct {
		content string
		want    []ldifEntry
	}{
		"nothing":                                                {"", nil},
		"only a version":                                         {"version: 1\n\n", nil},
		"a version, then entries":                                {"version: 1\ndn: cn=a\ncn: a\n", []ldifEntry{entry("cn=a", "cn", "a")}},
		"a version in a record of its own":                       {"version: 1\n\ndn: cn=a\ncn: a\n", []ldifEntry{entry("cn=a", "cn", "a")}},
		"several values in their order":                          {"dn: cn=a\ncn: b\ncn: a\n", []ldifEntry{entry("cn=a", "cn", "b", "cn", "a")}},
		"the case of names does not matter":                      {"DN: cn=a\nARecord: 1\naRECORD: 2\n", []ldifEntry{entry("cn=a", "arecord", "1", "arecord", "2")}},
		"entries separated by several empty lines":               {"\n\ndn: cn=a\n\n\n\ndn: cn=b\n\n", []ldifEntry{entry("cn=a"), entry("cn=b")}},
		"an entry that is only a dn":                             {"dn: cn=a\n", []ldifEntry{entry("cn=a")}},
		"carriage returns":                                       {"dn: cn=a\r\ncn: a\r\n b\r\n\r\ndn: cn=b\r\n", []ldifEntry{entry("cn=a", "cn", "ab"), entry("cn=b")}},
		"folded lines: only one blank is removed":                {"dn: cn=a,\n dc=com\n pany\ncn: a\n  b\n", []ldifEntry{entry("cn=a,dc=company", "cn", "a b")}},
		"a fold inside the name":                                 {"dn: cn=a\naRec\n ord: 10.99.1.1\n", []ldifEntry{entry("cn=a", "arecord", "10.99.1.1")}},
		"an empty fold":                                          {"dn: cn=a\ncn: a\n \n b\n", []ldifEntry{entry("cn=a", "cn", "ab")}},
		"base64":                                                 {"dn:: Y249w6Q=\naRecord:: MTAuOTkuMS4x\n", []ldifEntry{entry("cn=ä", "arecord", "10.99.1.1")}},
		"base64 without a blank, and folded":                     {"dn: cn=a\naRecord::MTAuO\n TkuMS4x\n", []ldifEntry{entry("cn=a", "arecord", "10.99.1.1")}},
		"a value without a blank":                                {"dn:cn=a\ncn:a\n", []ldifEntry{entry("cn=a", "cn", "a")}},
		"blanks before a value are removed, those after it stay": {"dn: cn=a\ncn:   a  \n", []ldifEntry{entry("cn=a", "cn", "a  ")}},
		"an empty value":                                         {"dn: cn=a\ncn:\nsn: \nuid::\n", []ldifEntry{entry("cn=a", "cn", "", "sn", "", "uid", "")}},
		"colons in a value":                                      {"dn: cn=a\naAAARecord: fd99:1::10\n", []ldifEntry{entry("cn=a", "aaaarecord", "fd99:1::10")}},
		"comments, folded ones too":                              {"# x\n y\ndn: cn=a\n# z\n : w\n#\ncn: a\n", []ldifEntry{entry("cn=a", "cn", "a")}},
		"a comment inside a folded value":                        {"dn: cn=a\ncn: a\n# c\n b\nsn: s\n", []ldifEntry{entry("cn=a", "cn", "a", "sn", "s")}},
		"a comment between entries":                              {"dn: cn=a\n\n# c\n\n# d\ndn: cn=b\n", []ldifEntry{entry("cn=a"), entry("cn=b")}},
		"options and OIDs":                                       {"dn: cn=a\ncn;lang-de: a\n2.5.4.3: b\n", []ldifEntry{entry("cn=a", "cn;lang-de", "a", "2.5.4.3", "b")}},
		"the end of a search that succeeded":                     {"dn: cn=a\n\n# search result\nsearch: 3\nresult: 0 Success\n\n# numEntries: 1\n", []ldifEntry{entry("cn=a")}},
		"the end of each page of a paged search": {
			"dn: cn=a\n\nsearch: 3\nresult: 0 Success\ncontrol: 1.2.840.113556.1.4.319 false MAUCAQAEAA==\npagedresults: cookie=AA\n\ndn: cn=b\n\nsearch: 4\nresult: 0 Success\n",
			[]ldifEntry{entry("cn=a"), entry("cn=b")},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			got, err := readLDIF(strings.NewReader(c.content))
			require.NoError(t, err)
			assert.Equal(t, c.want, got)

			got, err = readLDIF(iotest.OneByteReader(strings.NewReader(c.content)))
			require.NoError(t, err)
			assert.Equal(t, c.want, got, "in small pieces")
		})
	}
}

func TestLDIFRefuses(t *testing.T) {
	for sentence, c := range map[string]struct{ content, want string }{
		"a file cut off in a value":        {"dn: cn=a\naRecord: 10.99.1.1", "line 2: the last line has no end"},
		"a record without dn":              {"dn: cn=a\n\ncn: a\n", "line 3: a record begins with something other than a dn"},
		"two dn in one record":             {"dn: cn=a\ndn: cn=b\n", "line 2: a second dn:"},
		"a line without a colon":           {"dn: cn=a\n\tcn\n", "line 2: there is no colon"},
		"text that is no LDIF":             {"Hello, world: this is me\n", "line 1: what stands before the colon"},
		"a fold at the beginning":          {" dn: cn=a\n", "line 1: there is nothing to continue"},
		"a fold after an empty line":       {"dn: cn=a\n\n cn: a\n", "line 3: there is nothing to continue"},
		"invalid base64":                   {"dn: cn=a\naRecord:: MTAu!\n", "line 2: the value is not base64"},
		"base64 without its padding":       {"dn: cn=a\naRecord:: MTAuMQ\n", "line 2: the value is not base64"},
		"a value in another file":          {"dn: cn=a\naRecord:< file:///etc/machine.secret\n", "line 2: values that stand in other files are not read"},
		"another version":                  {"version: 2\ndn: cn=a\n", "line 1: only version 1"},
		"a version later on":               {"dn: cn=a\n\nversion: 1\n", "line 3: a record begins with something other than a dn"},
		"changes":                          {"dn: cn=a\nchangetype: add\ncn: a\n", "line 2: this is a change"},
		"an error counts folded lines":     {"dn: cn\n =a\n# c\n d\ncn\n", "line 5: there is no colon"},
		"an empty attribute name":          {"dn: cn=a\n: x\n", "line 2: what stands before the colon"},
		"a search that ended early":        {"dn: cn=a\n\nsearch: 2\nresult: 4 Size limit exceeded\n", `line 4: the LDAP answer is not complete: "4 Size limit exceeded"`},
		"a code that only begins with 0":   {"search: 2\nresult: 01\n", "line 2: the LDAP answer is not complete"},
		"an invalid end of a search":       {"search: 2\nresult\n", "line 2: there is no colon"},
		"a search that was referred":       {"dn: cn=a\n\n# search reference\nref: ldap://b/dc=b??sub\n\ndn: cn=c\n", "line 4: the LDAP answer is not complete: it was referred"},
		"a byte order mark before the dn:": {"\ufeffdn: cn=a\n", "line 1: what stands before the colon"},
	} {
		t.Run(sentence, func(t *testing.T) {
			_, err := readLDIF(strings.NewReader(c.content))
			var ldifError *LDIFError
			require.ErrorAs(t, err, &ldifError)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestLDIFErrorsKeepSecrets(t *testing.T) {
	for _, content := range []string{
		"dn: cn=a\nuserPassword:: e1NTSEF9!\n", "dn: cn=a\n{SSHA}e1NTSEF9\n", "dn: cn=a\nuserPassword: {SSHA}e1NTSEF9",
	} {
		_, err := readLDIF(strings.NewReader(content))
		require.Error(t, err)
		assert.NotContains(t, err.Error(), "e1NTSEF9")
	}
}

func TestLDIFReadError(t *testing.T) {
	broken := errors.New("disk error")
	_, err := readLDIF(io.MultiReader(strings.NewReader("dn: cn=a\n"), iotest.ErrReader(broken)))
	require.ErrorIs(t, err, broken)
}

func TestControllersFromLDIF(t *testing.T) {
	hosts, err := ControllersFromLDIF(strings.NewReader(company))
	require.NoError(t, err)
	assert.Equal(t, companyHosts, hosts)

	hosts, err = ControllersFromLDIF(strings.NewReader(strings.ReplaceAll(company, "univentionDomainController", "UNIVENTIONDOMAINCONTROLLER")))
	require.NoError(t, err)
	assert.Equal(t, companyHosts, hosts)
}

func TestControllersFromLDIFRefuses(t *testing.T) {
	_, err := ControllersFromLDIF(strings.NewReader(""))
	require.ErrorIs(t, err, ErrNoControllers)

	_, err = ControllersFromLDIF(strings.NewReader("dn: cn=a\nobjectClass: top\n"))
	require.ErrorIs(t, err, ErrNoControllers)

	_, err = ControllersFromLDIF(strings.NewReader(company + "\ndn: cn=x\naRecord: 10.99.1.3\n"))
	require.ErrorContains(t, err, `"cn=x" has no objectClass`)

	hosts, err := ControllersFromLDIF(strings.NewReader(company + "\nsearch: 2\nresult: 3 Time limit exceeded\n"))
	require.ErrorIs(t, err, ErrIncomplete)
	assert.Nil(t, hosts)

	hosts, err = ControllersFromLDIF(strings.NewReader(strings.TrimSuffix(company, "\n")))
	require.ErrorContains(t, err, "cut off")
	assert.Nil(t, hosts)
}

// printLDIF writes entries. It folds lines at random and chooses between both forms of a value.
func printLDIF(entries []ldifEntry, random *rand.Rand) string {
	var out strings.Builder
	line := func(name, value string) {
		text := name + ": " + value
		if random.IntN(2) == 0 || strings.ContainsAny(value, "\r\n") || strings.HasPrefix(value, " ") ||
			strings.HasPrefix(value, ":") || strings.HasPrefix(value, "<") {
			text = name + ":: " + base64.StdEncoding.EncodeToString([]byte(value))
		}
		for len(text) > 2 && random.IntN(2) == 0 {
			n := 1 + random.IntN(len(text)-1)
			out.WriteString(text[:n] + "\n ")
			text = text[n:]
		}
		out.WriteString(text + "\n")
	}
	for _, e := range entries {
		out.WriteString("# comment\n")
		line("dn", e.dn)
		for _, name := range slices.Sorted(maps.Keys(e.attributes)) {
			for _, value := range e.attributes[name] {
				line(name, value)
			}
		}
		out.WriteString("\n")
	}
	return out.String()
}

func FuzzLDIF(f *testing.F) {
	f.Add(company, uint64(1))
	f.Add("version: 1\r\ndn:: Y249w6Q=\r\naRecord:: MTAuOTkuMS4x\r\ncn: a\r\n b\r\n", uint64(2))
	f.Add("dn: cn=a\n\n# search result\nsearch: 3\nresult: 4 Size limit exceeded\n", uint64(3))
	f.Add("dn: cn=a\ncn:< file:///etc/passwd\n", uint64(4))
	f.Add("dn: cn=a\n# x\n y\n\n\nref: ldap://x\n", uint64(5))
	f.Fuzz(func(t *testing.T, content string, seed uint64) {
		entries, err := readLDIF(strings.NewReader(content))
		if err != nil {
			var ldifError *LDIFError
			require.ErrorAs(t, err, &ldifError)
			require.Positive(t, ldifError.Line)
			return
		}
		printed := printLDIF(entries, rand.New(rand.NewPCG(seed, seed)))
		again, err := readLDIF(strings.NewReader(printed))
		require.NoError(t, err, "%q", printed)
		assert.Equal(t, entries, again, "%q", printed)

		hosts, err := ControllersFromLDIF(strings.NewReader(content))
		if err == nil {
			require.NotEmpty(t, hosts)
		}
		for _, host := range hosts {
			for _, addr := range host.Addresses {
				assert.True(t, addr.IsGlobalUnicast() && addr.Zone() == "" && !addr.Is4In6(), "%s", addr)
			}
		}
	})
}
