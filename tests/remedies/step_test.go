package remedies

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ucs-harden/controls"
	"ucs-harden/exceptions"
	"ucs-harden/harden"
	"ucs-harden/lists"
	"ucs-harden/plan"
)

// step is one thing that an administrator does.
//
//	ucr set KEY=VALUE          these change the registry
//	ucr unset [--force] KEY
//	ucs-harden VERB remove NAME
//	ucs-harden disallow NAME
//	ucs-harden allow NAME --client NETWORK
//	in UMC: OLD => NEW         an attribute in the directory
//	in UMC: OLD                removes a line
//	in FILE: OLD => NEW        a line of main.cf or master.cf, by way of its .local file and ucr commit
//	rm FILE
//	ldif                       give an export of the directory
//	in UMC: policy without KEY
//	ucr register ucs-harden    as the package does
//	apply [warn]               ucs-harden apply, in the mode of the case or in this one
//	off --all                  apply --mode off --all is planned
//	ucs-harden rollback
//
// "\n" in OLD and NEW is the end of a line.
type step string

// command is the part of a step that a hint can quote; "" for none.
func (s step) command() string {
	if strings.HasPrefix(string(s), "uc") || strings.HasPrefix(string(s), "rm ") {
		return string(s)
	}
	return ""
}

func (s step) do(t *testing.T, c *remedy, on *server) {
	t.Helper()
	text := strings.ReplaceAll(string(s), `\n`, "\n")
	rest := func(prefix string) (string, bool) { return strings.CutPrefix(text, prefix) }
	if pair, ok := rest("ucr set "); ok {
		key, value, found := strings.Cut(strings.Trim(pair, "'"), "=")
		require.True(t, found, s)
		on.registry[key] = value
	} else if key, ok := rest("ucr unset --force "); ok {
		require.Contains(t, on.layers["forced"], key, s)
		delete(on.layers["forced"], key)
	} else if key, ok := rest("ucr unset "); ok {
		require.Contains(t, on.registry, key, s)
		delete(on.registry, key)
	} else if words := strings.Fields(text); len(words) > 2 && words[0] == "ucs-harden" && words[2] == "remove" {
		on.unlist(t, listOf(t, words[1]), words[len(words)-1])
	} else if name, ok := rest("ucs-harden disallow "); ok {
		on.unlist(t, exceptions.List, name)
	} else if words := strings.Fields(text); len(words) == 5 && words[1] == "allow" && words[3] == "--client" {
		on.registry[exceptions.List.Prefix+words[2]+"/client"] = words[4]
	} else if key, ok := rest("in UMC: policy without "); ok {
		require.Contains(t, on.layers["ldap"], key, s)
		delete(on.layers["ldap"], key)
	} else if change, ok := rest("in UMC: "); ok {
		on.ldif = replaced(t, on.ldif, change)
	} else if change, ok := rest("in "); ok {
		path, change, _ := strings.Cut(change, ": ")
		on.files[path] = replaced(t, on.files[path], change)
	} else if path, ok := rest("rm "); ok {
		require.Contains(t, on.files, path, s)
		delete(on.files, path)
	} else if text == "ldif" {
		on.ldif = company
	} else if text == "ucr register ucs-harden" {
		on.files["/etc/univention/templates/info/ucs-harden.info"] = registeredMaps
	} else if mode, ok := rest("apply"); ok {
		q := c.request()
		if mode = strings.TrimSpace(mode); mode != "" {
			q = harden.Request{Mode: plan.Mode(mode)}
		}
		on.applied(t, q)
	} else if text == "off --all" {
		c.mode, c.allOff = plan.Off, true
	} else if text == "ucs-harden rollback" {
		require.NotNil(t, on.before, "nothing was applied")
		*on = *on.before
	} else {
		require.Fail(t, "unknown step", "%s", s)
	}
}

// registeredMaps is what the package registers: the templates of the LDAP maps.
const registeredMaps = "Type: file\nFile: etc/postfix/ldap.ucs-harden-logins\n\n" +
	"Type: file\nFile: etc/postfix/ldap.ucs-harden-suspended\n\n" +
	"Type: file\nFile: etc/postfix/ldap.ucs-harden-suspended-logins\n\n" +
	"Type: file\nFile: etc/postfix/ldap.ucs-harden-suspended-others\n\n" +
	"Type: file\nFile: etc/postfix/ldap.ucs-harden-suspended-free\n"

func replaced(t *testing.T, text, change string) string {
	t.Helper()
	before, after, found := strings.Cut(change, " => ")
	if !found {
		before += "\n"
	}
	require.Contains(t, text, before)
	return strings.Replace(text, before, after, 1)
}

func listOf(t *testing.T, verb string) *lists.List {
	t.Helper()
	for _, c := range controls.All() {
		if c.List != nil && c.List.Verb == verb {
			return c.List
		}
	}
	require.Fail(t, "no such list", verb)
	return nil
}
