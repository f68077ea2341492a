package evidence_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/evidence"
	"ucs-harden/identity"
	"ucs-harden/lists"
	"ucs-harden/owners"
	"ucs-harden/rules"
	"ucs-harden/spf"
)

func TestFixes(t *testing.T) {
	listed := func(via string, clients ...string) func(*evidence.Facts) {
		return func(f *evidence.Facts) {
			f.SPF = map[spf.Question]spf.Answer{}
			for _, c := range clients {
				f.SPF[spf.Question{Client: addr(c), Domain: "company.my"}] = spf.Answer{Result: spf.Pass, Via: via}
			}
		}
	}
	for sentence, c := range map[string]struct {
		letters []letter
		facts   func(*evidence.Facts)
		want    []string // each fix: commands, what they clear, what else they admit, the risk
	}{
		"a device: a login first, an exception last": {
			letters: []letter{{control: spoofing, client: "10.99.1.60", sender: "scan@company.my", count: 812}},
			want: []string{
				"give the device a login of its own, with the address that it writes as, and let it send through port 587",
				"ucs-harden allow scan-10-99-1-60 --client 10.99.1.60 --sender scan@company.my" +
					" --reason 'device 10.99.1.60 writes as scan@company.my, seen 812 times until 2026-11-28' --now | clears 812 of 812",
			},
		},
		"a device with two senders": {
			letters: []letter{
				{control: spoofing, client: "10.99.1.60", sender: "scan@company.my", count: 2},
				{control: spoofing, client: "10.99.1.60", sender: "fax@company.my", count: 1},
			},
			want: []string{
				"give the device",
				"ucs-harden allow fax-10-99-1-60 --client 10.99.1.60 --sender fax@company.my --reason 'device 10.99.1.60 writes as fax@company.my'" +
					" ; ucs-harden allow scan-10-99-1-60 --client 10.99.1.60 --sender scan@company.my --reason 'device 10.99.1.60 writes as scan@company.my'" +
					" --now | clears 3 of 3",
			},
		},
		"a device with many senders gets their domain": {
			letters: func() (out []letter) {
				for i := range 9 {
					out = append(out, letter{control: spoofing, client: "10.99.1.60", sender: fmt.Sprintf("user%d@company.my", i)})
				}
				return out
			}(),
			want: []string{
				"give the device",
				"ucs-harden allow company-my-10-99-1-60 --client 10.99.1.60 --sender company.my" +
					" --reason 'device 10.99.1.60 writes as company.my, seen 9 times until 2026-11-28' --now | clears 9 of 9 | every sender in company.my from 10.99.1.60",
			},
		},
		"a name that is taken gets a number": {
			letters: []letter{{control: spoofing, client: "10.99.1.60", sender: "scan@company.my"}},
			facts: func(f *evidence.Facts) {
				f.Exceptions = []evidence.ExceptionUse{{Name: "scan-10-99-1-60"}, {Name: "scan-10-99-1-60-2"}}
			},
			want: []string{"give the device", "ucs-harden allow scan-10-99-1-60-3 --client 10.99.1.60 --sender scan@company.my" +
				" --reason 'device 10.99.1.60 writes as scan@company.my, seen once until 2026-11-28' --now | clears 1 of 1"},
		},
		"a server of the directory: name its service, an exception last": {
			letters: []letter{{control: spoofing, client: "10.99.1.25", name: "mail2.company.my", sender: "boss@company.my"}},
			want: []string{
				"udm computers/memberserver modify --dn cn=mail2,cn=computers,dc=company,dc=my --append service=SMTP ; ucs-harden sync" +
					" | clears 1 of 1 | every sender of yours from 10.99.1.25",
				"ucs-harden allow boss-10-99-1-25 --client 10.99.1.25 --sender boss@company.my" +
					" --reason 'server 10.99.1.25 writes as boss@company.my, seen once until 2026-11-28' --now | clears 1 of 1",
			},
		},
		"a provider with two clients in a network": {
			letters: []letter{
				{control: spoofing, client: "198.51.100.80", name: "a.newsletter.example", sender: "news@company.my", count: 8},
				{control: spoofing, client: "198.51.100.81", name: "b.newsletter.example", sender: "news@company.my", count: 4},
			},
			facts: listed("spf.newsletter.example", "198.51.100.80", "198.51.100.81"),
			want: []string{
				"let newsletter.example (2 addresses) use an envelope sender in a domain of its own",
				"ucs-harden allow news-198-51-100-80-31 --client 198.51.100.80/31 --sender news@company.my" +
					" --reason 'provider 198.51.100.80/31 writes as news@company.my, seen 12 times until 2026-11-28' --now" +
					" | clears 12 of 12 | 2 addresses for news@company.my" +
					" | the addresses of spf.newsletter.example may be shared: its other customers could write as yours",
			},
		},
		"not the clients of a provider that our SPF does not list": {
			letters: []letter{
				{control: spoofing, client: "198.51.100.80", name: "a.newsletter.example", sender: "news@company.my", count: 8},
				{control: spoofing, client: "198.51.101.81", name: "b.newsletter.example", sender: "boss@company.my", count: 4},
			},
			facts: listed("", "198.51.100.80"),
			want: []string{"let newsletter.example", "ucs-harden allow news-198-51-100-80 --client 198.51.100.80 --sender news@company.my" +
				" --reason 'provider 198.51.100.80 writes as news@company.my, seen 8 times until 2026-11-28' --now | clears 8 of 12"},
		},
		"a list that returns our mail": {
			letters: []letter{{control: spoofing, client: "198.51.100.90", name: "lists.example", sender: "boss@company.my", count: 9, returned: true}},
			want: []string{
				"a mailing list should write with a bounce address of its own, a forwarder with SRS: ask who runs lists.example (198.51.100.90)",
				"ucs-harden allow boss-198-51-100-90 --client 198.51.100.90 --sender boss@company.my" +
					" --reason 'list or forwarder 198.51.100.90 writes as boss@company.my, seen 9 times until 2026-11-28' --now" +
					" | clears 9 of 9 | a message ID is no proof: whoever got a mail of yours can copy it",
			},
		},
		"a habit that nothing explains: no blind exception": {
			letters: []letter{{control: spoofing, client: "198.51.100.80", name: "a.newsletter.example", sender: "news@company.my", count: 8, days: 8, every: 4}},
			want:    []string{"find out who newsletter.example (198.51.100.80) is: ask news@company.my, and look at the letters below; ask the DNS with --spf"},
		},
		"a missing alias": {
			letters: []letter{{control: "submission", client: "203.0.113.66", login: "clerk", sender: "info@company.my", count: 3}},
			want: []string{
				"udm users/user modify --dn uid=clerk,cn=users,dc=company,dc=my --append mailAlternativeAddress=info@company.my ; ucs-harden sync | clears 3 of 3",
				"ucs-harden send-as add clerk --as info@company.my --reason 'clerk writes as info@company.my' --now | clears 3 of 3",
			},
		},
		"a login by address gets the right by its uid": {
			letters: []letter{{control: "submission", client: "203.0.113.66", login: "boss@company.my", sender: "support@company.my"}},
			want: []string{
				"ucs-harden send-as add boss --as support@company.my --reason 'boss@company.my writes as support@company.my' --now | clears 1 of 1",
			},
		},
		"a shared address": {
			letters: []letter{{control: "submission", client: "203.0.113.66", login: "boss", sender: "team@company.my"}},
			want: []string{
				"udm users/user modify --dn uid=boss,cn=users,dc=company,dc=my --append mailAlternativeAddress=team@company.my ; ucs-harden sync | clears 1 of 1",
				"ucs-harden send-as add boss --as team@company.my --reason 'boss writes as team@company.my' --now | clears 1 of 1",
			},
		},
		"the group of a member": {
			letters: []letter{{control: "submission", client: "203.0.113.66", login: "boss", sender: "sales@company.my"}},
			want: []string{
				"ucs-harden send-as add --group sales --reason 'members write as sales@company.my' --now | clears 1 of 1 | 2 members as sales@company.my",
				"ucs-harden send-as add boss --as sales@company.my --reason 'boss is a member' --now | clears 1 of 1",
			},
		},
		"the group of others": {
			letters: []letter{{control: "submission", client: "203.0.113.66", login: "clerk", sender: "sales@company.my"}},
			want:    []string{"ucs-harden send-as add clerk --as sales@company.my --reason 'clerk writes for sales@company.my' --now | clears 1 of 1"},
		},
		"the list of a member": {
			letters: []letter{{control: "submission", client: "203.0.113.66", login: "clerk", sender: "staff@company.my"}},
			want: []string{
				"ucs-harden send-as add --list staff@company.my --reason 'members write as staff@company.my' --now | clears 1 of 1 | 1 member as staff@company.my",
				"ucs-harden send-as add clerk --as staff@company.my --reason 'clerk is a member' --now | clears 1 of 1",
			},
		},
		"an application that sends for others": {
			letters: []letter{
				{control: "submission", client: "10.99.1.40", login: "ticket", sender: "boss@company.my", count: 2},
				{control: "submission", client: "10.99.1.40", login: "ticket", sender: "clerk@company.my"},
				{control: "submission", client: "10.99.1.40", login: "ticket", sender: "noreply@company.my"},
			},
			want: []string{
				"ucs-harden send-as add ticket --as 'boss@company.my clerk@company.my noreply@company.my' --reason 'ticket sends for others' --now | clears 4 of 4",
			},
		},
		"nothing can be proven without the directory": {
			letters: []letter{{control: "submission", client: "203.0.113.66", login: "clerk", sender: "info@company.my"}},
			facts:   func(f *evidence.Facts) { f.Book, f.Judge, f.NoDirectory = nil, nil, "no answer" },
			want:    []string{"the directory did not answer"},
		},
		"somebody whom the directory does not have": {
			letters: []letter{{control: "submission", client: "203.0.113.66", login: "gone", sender: "info@company.my"}},
			want:    []string{"gone is not a login of the directory"},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			f := company()
			if c.facts != nil {
				c.facts(&f)
			}
			r := evidence.Build(log(c.letters...), f)
			require.Len(t, r.Groups, 1, "%v", r.Groups)
			var got []string
			for _, fix := range r.Groups[0].Fixes {
				got = append(got, printed(fix))
				assert.Equal(t, strings.Contains(printed(fix), " allow "), fix.Exception)
			}
			require.Len(t, got, len(c.want), "%q", got)
			for i, want := range c.want {
				if strings.Contains(want, " | ") {
					assert.Equal(t, want, got[i])
				} else {
					assert.Contains(t, got[i], want)
				}
			}
		})
	}
}

// printed is a fix on one line.
func printed(f evidence.Fix) string {
	if len(f.Commands) == 0 {
		return f.Text.String()
	}
	var commands []string
	for _, c := range f.Commands {
		var quoted []string
		for _, word := range c {
			if strings.Contains(word, " ") {
				word = "'" + word + "'"
			}
			quoted = append(quoted, word)
		}
		commands = append(commands, strings.Join(quoted, " "))
	}
	parts := []string{strings.Join(commands, " ; "), fmt.Sprintf("clears %d of %d", f.Clears, f.Of)}
	for _, more := range []string{f.Admits.String(), f.Risk.String()} {
		if more != "" {
			parts = append(parts, more)
		}
	}
	return strings.Join(parts, " | ")
}

// TestACommandThatClearsNothingIsNotPrinted: the directory has meanwhile bound the address to others in a way that no
// right changes.
func TestACommandThatClearsNothingIsNotPrinted(t *testing.T) {
	f := company()
	judge := f.Judge
	f.Judge = func(m evidence.Message, _ *evidence.Change) rules.Ruling { return judge(m, nil) }
	for _, l := range []letter{
		{control: spoofing, client: "10.99.1.60", sender: "scan@company.my"},
		{control: "submission", client: "203.0.113.66", login: "clerk", sender: "info@company.my"},
	} {
		for _, fix := range evidence.Build(log(l), f).Groups[0].Fixes {
			assert.Empty(t, fix.Commands)
		}
	}
}

func TestAnExceptionThatAlsoLetsForgersIn(t *testing.T) {
	f := company()
	f.SPF = map[spf.Question]spf.Answer{}
	for _, client := range []string{"198.51.100.80", "198.51.100.95"} {
		f.SPF[spf.Question{Client: addr(client), Domain: "company.my"}] = spf.Answer{Result: spf.Pass}
	}
	r := evidence.Build(log(
		letter{control: spoofing, client: "198.51.100.80", name: "a.newsletter.example", sender: "news@company.my", count: 8},
		letter{control: spoofing, client: "198.51.100.95", name: "b.newsletter.example", sender: "news@company.my", count: 8},
		letter{control: spoofing, client: "198.51.100.85", sender: "news@company.my", count: 3},
	), f)
	require.Len(t, r.Groups, 2)
	fix := r.Groups[0].Fixes[1]
	assert.Equal(t, "16 addresses for news@company.my, 3 letters that are most likely forged", fix.Admits.String())
	assert.Contains(t, fix.Risk.String(), "it would have let in letters that are most likely forged")
}

// TestProposedNamesCanBeUsed: what a group is about makes a name and a reason that the list of exceptions takes.
func TestProposedNamesCanBeUsed(t *testing.T) {
	for _, sender := range []string{"scan@company.my", "a+b@company.my", "BOSS@company.my", "o'brien@company.my", `"a b"@company.my`} {
		r := evidence.Build(log(letter{control: spoofing, client: "10.99.1.60", sender: sender}), company())
		command := r.Groups[0].Fixes[1].Commands[0]
		assert.Regexp(t, `^[a-z0-9-]+$`, command[2])
		assert.Equal(t, command[8], lists.Printable(command[8]), "%q", command)
	}
	more := company()
	more.Book = owners.New(append(more.Book.All(), identity.Account{UID: "-rf", Primary: "rf@company.my"})...)
	for _, fix := range evidence.Build(log(letter{control: "submission", client: "10.99.1.60", login: "-rf", sender: "boss@company.my"}), more).Groups[0].Fixes {
		assert.Empty(t, fix.Commands, "an option is no login")
	}
}
