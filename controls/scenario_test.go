package controls_test

import (
	"fmt"
	"maps"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/controls"
	"ucs-harden/hostnet"
	"ucs-harden/identity"
	"ucs-harden/plan"
	"ucs-harden/restrictions"
)

// TestScenarios plays testdata/*.txtar. Each begins as a stock server (see stock) and is a story: what the
// administrator does, what a plan for a mode shows, what an apply leaves. The sections, in any order and number:
//
//	registry          "key: value" sets, "-key" unsets, in the normal layer
//	registry forced   the same in a stronger or weaker layer (forced, ldap, default)
//	controllers       one a line: name, addresses; "?x" is a value that is no address
//	interfaces        of this host, one a line: name, addresses with the length of their networks
//	mail servers      of the directory, as controllers
//	here              the words of mydestination
//	services          the inet services of master.cf
//	table             the sender table on disk becomes this
//	relay             smtpd_relay_restrictions, as all services have them
//	login map         "unregistered", "present" or "stale"
//	directory         what it says: "account UID ADDRESS…" (somebody with such a
//	                  name), "group NAME DN", "member DN UID ADDRESS…",
//	                  "suspended UID ADDRESS… | REASON", "list ADDRESS",
//	                  "kept UID ADDRESS… | WHY" (the mark cannot be read any more),
//	                  "shared WORD ADDRESS UID…" (a group or list, by what an
//	                  entry calls it, with the logins of its members),
//	                  "silent": it does not answer
//	today             the date
//	folder            "missing": there is no folder for tables
//	plan MODE         what the plan shows: variables, files, findings with
//	                  parts of their text; without MODE as the registry says
//	apply MODE        the same, and then it is done
//	stop NAME         the same of what stops accounts at once, after the entry NAME
//	                  was taken from the list; without NAME after one was added
//	error MODE        the error, or a part of it
//	left              the normal layer compared with that before the first apply
//	main, smtps, submission
//	                  the restriction list in force there
//	entries           the entries of the sender table
//	entries NAME      the same of a table in our folder
//	classes           the restriction classes, as main.cf gets them
//	ledger            the ledger
//
// Lines that begin with "# " are comments. Expectations come from what the controls promise and from what UCR's
// templates and Postfix do, thought through by hand.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			require.NoError(t, err)
			require.NotEmpty(t, strings.TrimSpace(string(archive.Comment)), "a scenario begins with what it is about")
			story := &story{server: stock()}
			for i, section := range archive.Files {
				story.play(t, fmt.Sprintf("section %d, %q", i+1, section.Name), section.Name, lines(section.Data))
			}
			assert.Positive(t, story.checked, "a scenario expects something")
		})
	}
}

func lines(data []byte) []string {
	var out []string
	for l := range strings.Lines(string(data)) {
		if l = strings.TrimRight(l, "\n"); l != "" && !strings.HasPrefix(l, "# ") {
			out = append(out, l)
		}
	}
	return out
}

type story struct {
	*server
	first   map[string]string // the normal layer before the first apply
	checked int
}

func (s *story) play(t *testing.T, where, name string, body []string) {
	t.Helper()
	verb, arg, _ := strings.Cut(name, " ")
	equal := func(got []string) {
		t.Helper()
		s.checked++
		assert.Equal(t, strings.Join(body, "\n"), strings.Join(got, "\n"), where)
	}
	switch {
	case verb == "registry":
		change(t, map[string]map[string]string{"": s.normal, "forced": s.forced, "ldap": s.ldap, "default": s.preset}[arg], body)
	case verb == "controllers":
		s.controllers = hosts(t, body)
	case verb == "services":
		s.services = body
	case verb == "table":
		s.disk[controls.SenderTable] = []byte(strings.Join(body, "\n") + "\n")
	case name == "interfaces":
		s.inside.Interfaces = interfaces(t, body)
	case name == "mail servers":
		s.inside.Servers = hosts(t, body)
	case name == "here":
		s.inside.Here = body
	case name == "relay":
		s.relay = restrictions.Parse(strings.Join(body, ", "))
	case name == "login map":
		s.noTemplate = slices.Contains(body, "unregistered")
		s.maps["/etc/postfix/ldap.ucs-harden-logins"] = slices.Contains(body, "present") || slices.Contains(body, "stale")
		s.stale["/etc/postfix/ldap.ucs-harden-logins"] = slices.Contains(body, "stale")
	case verb == "plan" || verb == "apply":
		s.checked++
		if s.first == nil && verb == "apply" {
			s.first = maps.Clone(s.normal)
		}
		before := s.clone()
		d, err := controls.Desire(s.facts(), plan.Mode(arg))
		require.NoError(t, err, where)
		assert.Equal(t, strings.Join(body, "\n"), strings.Join(describe(d, body), "\n"), where)
		assert.Equal(t, before.layers, s.layers, "%s: a plan touches nothing", where)
		if verb == "apply" {
			s.apply(d)
			again, err := controls.Desire(s.facts(), "")
			require.NoError(t, err, where)
			assert.Empty(t, append(describeVariables(again), describeFiles(again)...), "%s: what was applied is what is wanted", where)
		}
	case verb == "stop":
		s.checked++
		before := s.clone()
		d := controls.DesireStopped(s.facts(), arg)
		assert.Equal(t, strings.Join(body, "\n"), strings.Join(describe(d, body), "\n"), where)
		assert.Equal(t, before.layers, s.layers, "%s: a plan touches nothing", where)
		s.apply(d)
	case verb == "error":
		s.checked++
		_, err := controls.Desire(s.facts(), plan.Mode(arg))
		assert.ErrorContains(t, err, strings.Join(body, "\n"), where)
	case name == "left":
		equal(compare(s.first, s.normal))
	case name == "main":
		equal(s.mainList().Texts())
	case name == "smtps" || name == "submission":
		equal(s.serviceList(name).Texts())
	case name == "directory":
		s.silent = slices.Equal(body, []string{"silent"})
		if s.people = (controls.People{}); !s.silent {
			s.people = directory(t, body)
		}
	case name == "today":
		s.today = body[0]
	case name == "folder":
		s.noFolder = slices.Contains(body, "missing")
	case name == "classes":
		equal(lines(s.disk["/etc/postfix/ucs-harden/main.cf"]))
	case verb == "entries" && arg != "":
		entries := lines(s.disk[controls.Folder+"/"+arg])
		if !strings.Contains(arg, ".") { // of a compiled table the order means nothing
			slices.Sort(entries)
		}
		equal(entries)
	case name == "entries":
		equal(lines(s.disk[controls.SenderTable]))
	case name == "ledger":
		equal(lines(s.ledger.Bytes()))
	default:
		t.Fatalf("%s: no such section", where)
	}
}

func change(t *testing.T, layer map[string]string, body []string) {
	t.Helper()
	require.NotNil(t, layer)
	for _, l := range body {
		if key, ok := strings.CutPrefix(l, "-"); ok {
			require.Contains(t, layer, key)
			delete(layer, key)
			continue
		}
		key, value, ok := strings.Cut(l, ":")
		require.True(t, ok, l)
		layer[key] = strings.TrimSpace(value)
	}
}

func directory(t *testing.T, body []string) controls.People {
	t.Helper()
	p := controls.People{Groups: map[string]string{}, Members: map[string][]identity.Account{}}
	for _, l := range body {
		l, reason, _ := strings.Cut(l, " | ")
		words := strings.Fields(l)
		require.Greater(t, len(words), 1, l)
		switch words[0] {
		case "account":
			p.Accounts = append(p.Accounts, account(words[1], words[2:], ""))
		case "suspended":
			p.Suspended = append(p.Suspended, account(words[1], words[2:], reason))
		case "kept":
			p.Kept, p.Unread = append(p.Kept, account(words[1], words[2:], "")), reason
		case "group":
			p.Groups[words[1]] = words[2]
		case "member":
			p.Members[words[1]] = append(p.Members[words[1]], account(words[2], words[3:], ""))
		case "shared":
			g := identity.Group{Name: words[1], Address: words[2], List: strings.Contains(words[1], "@"), Asked: words[1:2]}
			for _, uid := range words[3:] {
				g.Members = append(g.Members, identity.Account{UID: uid})
			}
			p.Sharing = append(p.Sharing, g)
		case "list":
			p.Lists = append(p.Lists, words[1])
		default:
			t.Fatalf("the directory does not know what %q is", l)
		}
	}
	return p
}

func hosts(t *testing.T, body []string) []identity.Host {
	t.Helper()
	var out []identity.Host
	for _, l := range body {
		words := strings.Fields(l)
		h := identity.Host{Name: words[0]}
		for _, w := range words[1:] {
			if bad, ok := strings.CutPrefix(w, "?"); ok {
				h.Invalid = append(h.Invalid, bad)
				continue
			}
			a, err := netip.ParseAddr(w)
			require.NoError(t, err)
			h.Addresses = append(h.Addresses, a)
		}
		out = append(out, h)
	}
	return out
}

func interfaces(t *testing.T, body []string) (out []hostnet.Interface) {
	t.Helper()
	for _, l := range body {
		words := strings.Fields(l)
		i := hostnet.Interface{Name: words[0]}
		for _, w := range words[1:] {
			p, err := netip.ParsePrefix(w)
			require.NoError(t, err)
			i.Prefixes = append(i.Prefixes, p)
		}
		out = append(out, i)
	}
	return out
}

// describe says what a plan shows, one thing a line. The text and the hint of a finding are many words: of these it
// repeats what is expected, where it is indeed a part of them.
func describe(d *controls.Desired, expected []string) []string {
	out := append(describeVariables(d), describeFiles(d)...)
	for _, f := range d.Findings {
		l := string(f.Severity) + " " + f.ID
		if f.Severity == plan.Error && f.Acceptable {
			l += " (acceptable)"
		}
		out = append(out, l)
		at := nth(expected, l, count(out, l))
		for at >= 0 && at+1 < len(expected) && strings.HasPrefix(expected[at+1], "    ") {
			at++
			part := strings.TrimSpace(expected[at])
			if !strings.Contains(f.Text+"\n"+f.Hint, part) {
				out = append(out, "    "+f.Text, "    "+f.Hint)
				continue
			}
			out = append(out, expected[at])
		}
		if f.Text == "" || f.Hint == "" {
			out = append(out, "    a finding says what is wrong and what to do")
		}
	}
	return out
}

func count(lines []string, line string) (n int) {
	for _, l := range lines {
		if l == line {
			n++
		}
	}
	return n
}

// nth is the place of the nth line like this, or -1.
func nth(lines []string, line string, n int) int {
	for i, l := range lines {
		if l == line {
			if n--; n == 0 {
				return i
			}
		}
	}
	return -1
}

func describeVariables(d *controls.Desired) []string {
	before, after := map[string]string{}, map[string]string{}
	for _, v := range d.Variables() {
		if v.Before != nil {
			before[v.Key] = *v.Before
		}
		if v.After != nil {
			after[v.Key] = *v.After
		}
	}
	return compare(before, after)
}

func describeFiles(d *controls.Desired) []string {
	var out []string
	for _, f := range d.Files() {
		out = append(out, strings.TrimRight(fmt.Sprintf("%s %s %s", f.Action, f.Path, f.Type), " "))
	}
	return out
}

// compare prints the difference of two layers.
func compare(before, after map[string]string) []string {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(before)), maps.Keys(after))
	slices.Sort(keys)
	var out []string
	for _, k := range slices.Compact(keys) {
		b, was := before[k]
		a, is := after[k]
		switch {
		case !was:
			out = append(out, fmt.Sprintf("+ %s = %s", k, a))
		case !is:
			out = append(out, fmt.Sprintf("- %s = %s", k, b))
		case a != b:
			out = append(out, "~ "+k, "    - "+b, "    + "+a)
		}
	}
	return out
}

// account has the primary address first among its addresses.
func account(uid string, addresses []string, reason string) identity.Account {
	a := identity.Account{UID: uid, Reason: reason}
	if len(addresses) > 0 {
		a.Primary, a.Alternatives = addresses[0], addresses[1:]
	}
	return a
}
