package controls_test

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/controls"
	"ucs-harden/identity"
	"ucs-harden/mastercf"
	"ucs-harden/plan"
)

// inEveryList is a server with an entry in every list.
func inEveryList() *server {
	s := stock()
	for key, value := range map[string]string{
		"suspended/account/a/account": "a", "suspended/account/z/account": "z", "suspended/account/z/mode": "enforce",
		"local-only/account/b/account": "b", "protected/list/c/address": "c@company.my",
		"protected/list/d/address": "d@company.my", "protected/list/d/variant": "senders", "protected/list/d/senders": "x.example",
		"exception/crm/client": "198.51.100.7", "exception/crm/sender": "crm@company.my", "exception/crm/reason": "sells",
	} {
		s.normal["mail/harden/"+key] = value
	}
	return s
}

// modesAre gives every control a mode.
func (s *server) modesAre(mode plan.Mode) {
	s.normal["mail/harden/mode"] = string(mode)
	s.normal[controls.ModeOf("foreign-sender")] = string(mode)
}

// rendered are the facts of a sync, with the main.cf and master.cf that UCR renders.
func (s *server) rendered() *controls.Facts {
	s.main = "smtpd_recipient_restrictions = " + strings.Join(s.mainList().Texts(), ", ") + "\n" +
		string(s.disk[filepath.Join(controls.Folder, "main.cf")])
	if list := s.variables("mail/postfix/submission/restrictions/recipient/"); len(list) > 0 {
		var texts []string
		for _, v := range list {
			texts = append(texts, v.Value)
		}
		s.main += "submission_recipient_restrictions = " + strings.Join(texts, ", ") + "\n"
	}
	if networks, set := s.Get("mail/postfix/mynetworks"); set {
		s.main += "mynetworks = " + networks + "\n"
	}
	f := s.facts()
	f.Sync = true
	for _, name := range s.services {
		prefix := mastercf.OptionsPrefix + name + "/"
		for _, key := range s.Keys(prefix) {
			f.Services[name][strings.TrimPrefix(key, prefix)], _ = s.Get(key)
		}
	}
	return f
}

func none([]plan.Finding) []string { return nil }

// synced does what a sync does, until it changes nothing more.
func (s *server) synced(t *testing.T, left map[string][]plan.Finding) *controls.Desired {
	t.Helper()
	f := s.rendered()
	if left != nil {
		f.Left = controls.Left{Entries: map[string]bool{}, Controls: left}
	}
	d := controls.DesireSync(f, none)
	s.apply(d)
	return d
}

// A control that cannot be planned stays as it runs, and every other one gets its mode. When it can be planned again, the
// server comes to the same as without the interruption.
func TestAControlThatIsLeftStaysAsItRuns(t *testing.T) {
	all := []plan.Mode{plan.Off, plan.Warn, plan.Enforce}
	for _, from := range all {
		for _, to := range all {
			before, straight := inEveryList(), inEveryList()
			before.modesAre(from)
			before.synced(t, nil)
			straight.modesAre(from)
			straight.synced(t, nil)
			straight.modesAre(to)
			straight.synced(t, nil)
			straight.synced(t, nil)
			for _, name := range controls.Names() {
				t.Run(name+" from "+string(from)+" to "+string(to), func(t *testing.T) {
					s := before.clone()
					ran := controls.RunningOf(s.rendered()).Modes()
					s.modesAre(to)
					cause := plan.Finding{ID: "held:x", Severity: plan.Error, Control: name, Text: "x is held", Hint: "let it go"}
					d := s.synced(t, map[string][]plan.Finding{name: {cause}})

					now := controls.RunningOf(s.rendered()).Modes()
					want := map[string]plan.Mode{}
					for other := range now {
						want[other] = to
						if len(d.Left()[other]) > 0 {
							want[other] = ran[other]
						}
					}
					if want["relay"] != plan.Off {
						want["relay"] = now["relay"] // warn and enforce are the same
					}
					assert.Equal(t, want, now)
					s.namesNothingMissing(t)
					var ids []string
					for _, f := range d.Findings {
						ids = append(ids, f.ID)
					}
					assert.Subset(t, ids, []string{"held:x", "stays:" + name})

					again := s.synced(t, map[string][]plan.Finding{name: {cause}})
					assert.Empty(t, again.Variables(), "a second sync has nothing to do")
					assert.Empty(t, again.Files(), "a second sync has nothing to do")

					s.synced(t, nil)
					s.synced(t, nil)
					assert.Equal(t, straight.normal, s.normal)
					assert.Equal(t, text(straight.disk), text(s.disk))
				})
			}
		}
	}
}

func text(files map[string][]byte) map[string]string {
	out := map[string]string{}
	for path, content := range files {
		lines := strings.Split(string(content), "\n")
		if strings.HasSuffix(path, "/main.cf") {
			slices.Sort(lines) // the order of classes does not matter
		}
		out[path] = strings.Join(lines, "\n")
	}
	return out
}

var ours = regexp.MustCompile(`/etc/postfix/ucs-harden/[\w.-]+|\bucs_harden_\w+`)

// namesNothingMissing checks that all tables and classes that main.cf names are there.
func (s *server) namesNothingMissing(t *testing.T) {
	t.Helper()
	s.rendered()
	for _, name := range ours.FindAllString(s.main, -1) {
		if strings.HasPrefix(name, "/") {
			assert.Contains(t, slices.Collect(maps.Keys(s.disk)), name)
			continue
		}
		assert.Regexp(t, `(?m)^`+name+` =`, s.main)
	}
}

// An entry that cannot be used is left out. Who was restricted by it stays so, as the tables have it; what it permits goes.
func TestAnEntryThatIsLeftOut(t *testing.T) {
	const group = "mail/harden/local-only/account/g/group"
	trainee := identity.Account{UID: "trainee", Primary: "trainee@company.my"}
	for sentence, c := range map[string]struct {
		set    map[string]string // after a first sync
		people func(*controls.People)
		found  string
		check  func(t *testing.T, s *server)
	}{
		"a group that is gone keeps its members of the last sync": {
			people: func(p *controls.People) { p.Groups, p.Members = nil, nil }, found: "no-group:" + group,
			check: func(t *testing.T, s *server) {
				assert.Contains(t, string(s.disk[controls.Folder+"/local-only-logins"]), "# from: group trainees\ntrainee\t")
			},
		},
		"a group that never was has nobody": {
			set: map[string]string{"mail/harden/local-only/account/n/group": "nosuch"}, found: "no-group:mail/harden/local-only/account/n/group",
			check: func(t *testing.T, s *server) {
				assert.NotContains(t, string(s.disk[controls.Folder+"/local-only-logins"]), "nosuch")
			},
		},
		"a system that is no network": {
			set: map[string]string{"mail/harden/relay/systems": "10.0.0.300 10.9.9.9"}, found: "variable:mail/harden/relay/systems:10.0.0.300",
			check: func(t *testing.T, s *server) {
				assert.Equal(t, "127.0.0.0/8 10.99.1.10/32 10.9.9.9/32", s.normal["mail/postfix/mynetworks"])
			},
		},
		"a system as large as the Internet": {
			set: map[string]string{"mail/harden/relay/systems": "128.0.0.0/2 10.9.9.9"}, found: "wide-system:128.0.0.0/2",
			check: func(t *testing.T, s *server) {
				assert.Equal(t, "127.0.0.0/8 10.99.1.10/32 10.9.9.9/32", s.normal["mail/postfix/mynetworks"])
			},
		},
		"an exception for everybody": {
			set: map[string]string{"mail/harden/exception/all/sender": "company.my", "mail/harden/exception/all/reason": "x"}, found: "exception-for-all:mail/harden/exception/all",
			check: func(t *testing.T, s *server) {
				assert.Contains(t, string(s.disk[controls.Folder+"/main.cf"]), "sender-spoofing-exception-senders-", "the other exception")
				for path, content := range s.disk {
					assert.NotContains(t, string(content), "exception:all", path)
				}
			},
		},
		"a mail domain with a blank in it": {
			set: map[string]string{"mail/hosteddomains": "company.my company.local com"}, found: "broad-domain:com",
			check: func(t *testing.T, s *server) {
				assert.NotContains(t, string(s.disk[controls.SenderTable]), "\ncom\t")
				assert.Contains(t, string(s.disk[controls.SenderTable]), "\ncompany.my\tREJECT ")
			},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			s := inEveryList()
			s.modesAre(plan.Enforce)
			s.normal[group] = "trainees"
			const dn = "cn=trainees,cn=groups,dc=company,dc=my"
			s.people.Groups, s.people.Members = map[string]string{"trainees": dn}, map[string][]identity.Account{dn: {trainee}}
			s.synced(t, nil)
			maps.Copy(s.normal, c.set)
			s.normal["mail/harden/suspended/account/new/account"] = "new"
			if c.people != nil {
				c.people(&s.people)
			}
			d := s.synced(t, nil)
			var ids []string
			for _, f := range d.Findings {
				ids = append(ids, f.ID)
			}
			assert.Contains(t, ids, c.found)
			assert.True(t, d.Spared()[c.found])
			assert.Empty(t, d.Left(), "no control is left as it runs")
			assert.Contains(t, string(s.disk[controls.Folder+"/suspended-logins"]), "new\tREJECT", "the rest takes effect")
			c.check(t, s)
		})
	}
}

// A typing error in an entry lets nobody go whom the entry restricts.
func TestAnEntryThatSomebodyHasMadeUnusable(t *testing.T) {
	for mistyped, value := range map[string]string{"expires": "2027-13-01", "mode": "enfroce", "variant": "sendres", "account": "a\tb"} {
		t.Run(mistyped, func(t *testing.T) {
			s := inEveryList()
			s.modesAre(plan.Enforce)
			s.synced(t, nil)
			logins := func(part string) string { return string(s.disk[controls.Folder+"/"+part+"-logins"]) }
			closed := func() (out string) {
				for path, content := range s.disk {
					if strings.HasPrefix(path, controls.Folder+"/protected-") {
						out += string(content)
					}
				}
				return out
			}
			var keys []string
			for _, entry := range []string{"suspended/account/a", "suspended/account/z", "local-only/account/b", "protected/list/c", "protected/list/d"} {
				keys = append(keys, "mail/harden/"+entry+"/"+mistyped)
			}
			before := maps.Clone(s.normal)
			for _, key := range keys {
				s.normal[key] = value
			}
			s.normal["mail/harden/suspended/account/new/account"] = "new"
			d := s.synced(t, nil)
			assert.Empty(t, d.Left())
			assert.Contains(t, logins("suspended"), "# from: entry a\na\tREJECT")
			assert.Contains(t, logins("suspended"), "new\tREJECT", "the rest takes effect")
			assert.Contains(t, logins("stopped"), "# from: entry z\nz\tREJECT")
			assert.Contains(t, logins("local-only"), "# from: entry b\nb\t")
			assert.Contains(t, closed(), "\nc@company.my\t")
			assert.Contains(t, closed(), "\nd@company.my\t")
			s.namesNothingMissing(t)
			again := s.synced(t, nil)
			assert.Empty(t, again.Files(), "a second sync has nothing to do")

			s.apply(controls.DesireStopped(s.facts(), ""))
			assert.Contains(t, logins("stopped"), "\nz\tREJECT", "nor does the stop of another account")

			s.normal = before
			for _, key := range keys { // the entry is removed
				for _, other := range s.Keys(key[:strings.LastIndex(key, "/")+1]) {
					delete(s.normal, other)
				}
			}
			s.synced(t, nil)
			assert.NotContains(t, logins("suspended"), "\na\tREJECT")
			assert.NotContains(t, logins("stopped"), "\nz\tREJECT")
			assert.NotContains(t, closed(), "\nc@company.my\t")
		})
	}
}

// The directory does not answer. The lists take effect as far as they can be known; what the directory said stays.
func TestASyncWithoutTheDirectory(t *testing.T) {
	s := inEveryList()
	s.modesAre(plan.Enforce)
	marked := identity.Account{UID: "marked", Primary: "m@company.my", Alternatives: []string{"m2@company.my"}, Reason: "left"}
	guard := identity.Account{UID: "guard", Primary: "c@company.my", Alternatives: []string{"c2@company.my"}}
	s.people.Suspended, s.people.Holders = []identity.Account{marked}, []identity.Account{guard}
	s.synced(t, nil)
	networks := s.normal["mail/postfix/mynetworks"]

	s.people, s.controllers, s.silent = controls.People{}, nil, true
	maps.Copy(s.normal, map[string]string{
		"mail/harden/suspended/account/new/account": "new", "mail/harden/local-only/account/e/account": "e",
		"mail/harden/protected/list/s/address": "s@company.my", "mail/hosteddomains": "company.my company.local third.example",
		"mail/harden/exception/crm/sender": "other@company.my",
	})
	delete(s.normal, "mail/harden/suspended/account/a/account")
	d := s.synced(t, nil)

	assert.Equal(t, networks, s.normal["mail/postfix/mynetworks"], "the controllers of the last sync")
	disk := text(s.disk)
	suspended, senders := disk[controls.Folder+"/suspended-logins"], disk[controls.Folder+"/suspended-senders"]
	assert.Contains(t, suspended, "\nnew\tREJECT")
	assert.Contains(t, suspended, "\nmarked\tREJECT 5.7.1 This account may not send mail: left")
	assert.NotContains(t, suspended, "\na\tREJECT", "an entry that is gone")
	assert.Contains(t, senders, "\nm2@company.my\tREJECT")
	assert.Contains(t, senders, "\nnew@third.example\tREJECT")
	assert.Contains(t, disk[controls.Folder+"/local-only-logins"], "\ne\tucs_harden_local_only")
	assert.Contains(t, disk[controls.Folder+"/protected-clients"], "\nc2@company.my\t", "the alias of the last sync")
	assert.Contains(t, disk[controls.Folder+"/protected-clients"], "\ns@company.my\t")
	assert.Contains(t, disk[controls.SenderTable], "\nthird.example\tREJECT")
	s.namesNothingMissing(t)
	var ids []string
	for _, f := range d.Findings {
		ids = append(ids, f.ID)
	}
	assert.Subset(t, ids, []string{"no-answer", "no-answer:relay", "no-answer:foreign-sender"})
	again := s.synced(t, nil)
	assert.Empty(t, again.Variables())
	assert.Empty(t, again.Files())
}

// A mode that is none keeps its control as it runs; that of all, every control without a mode of its own. The others go on.
func TestAModeThatIsNone(t *testing.T) {
	ofEach := func(want plan.Mode, others map[string]plan.Mode) map[string]plan.Mode {
		out := map[string]plan.Mode{}
		for _, name := range controls.Names() {
			out[name] = want
		}
		maps.Copy(out, others)
		return out
	}
	for variable, want := range map[string]map[string]plan.Mode{
		"local-only/mode":                        ofEach(plan.Enforce, map[string]plan.Mode{"local-only": plan.Warn}),
		"sender-spoofing/domain/company.my/mode": ofEach(plan.Enforce, map[string]plan.Mode{"sender-spoofing": plan.Warn}),
		"mode":                                   ofEach(plan.Warn, map[string]plan.Mode{"suspended": plan.Enforce, "foreign-sender": plan.Enforce}),
	} {
		t.Run(variable, func(t *testing.T) {
			s := inEveryList()
			s.modesAre(plan.Warn)
			s.synced(t, nil)
			s.modesAre(plan.Enforce)
			s.normal[controls.ModeOf("suspended")] = "enforce"
			s.normal["mail/harden/"+variable] = "enfroce"
			s.normal["mail/harden/suspended/account/new/account"] = "new"
			s.normal["mail/harden/suspended/account/now/account"] = "now"
			s.normal["mail/harden/suspended/account/now/mode"] = "enforce"
			d := s.synced(t, nil)
			for name, causes := range d.Left() {
				assert.Equal(t, "unusable:"+name, causes[0].ID)
			}
			now := controls.RunningOf(s.rendered()).Modes()
			want["relay"] = now["relay"] // warn and enforce are the same
			assert.Equal(t, want, now)
			assert.Contains(t, string(s.disk[controls.Folder+"/suspended-logins"]), "\nnew\tREJECT")
			assert.Contains(t, string(s.disk[controls.Folder+"/stopped-logins"]), "\nnow\tREJECT")
			s.namesNothingMissing(t)
			again := s.synced(t, nil)
			assert.Empty(t, again.Variables())
			assert.Empty(t, again.Files())
		})
	}
}
