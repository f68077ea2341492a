package bench

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
)

// The lists of a large company for the controls that have lists.
const (
	restricted = 10000 // members of the group that may write to local addresses only
	listed     = 200   // accounts in the registry: half of them suspended, half of them restricted too
	lists      = 1000  // mailing lists, all protected
	bySenders  = 20    // mailing lists that have a list of senders
)

var withLists = []string{"suspended", "local-only", "protected", "relay/foreign-sender"}

// BenchmarkRecipient sends mail with smtp-source(1) to addresses inside. It compares the time for one recipient on two
// equal servers, in turn: on one the controls that have lists are in enforce, on the other they are off. Halfway the
// two servers change places. The servers look up aliases and mailboxes in the directory as on UCS. Only the delivered
// mail is thrown away, so that smtpd(8) has the largest share of the work.
//
// The names of the metrics say where the mail comes from: from outside, or from the server itself, as webmail on it
// sends. No list names an unlisted sender. A letter has one recipient and a connection of its own. A mailing has 100
// recipients. All recipients differ.
//
// The tables are not the reason why a mailing from the server itself costs more. For check_sender_access, smtpd(8) asks
// trivial-rewrite(8) about the sender once for each recipient, and trivial-rewrite asks the directory whether the
// domain is one of virtual_alias_domains. UCS's own list causes the same questions for mail from outside.
// BenchmarkSenderCheck measures this effect alone.
func BenchmarkRecipient(b *testing.B) {
	servers := []*lab.Lab{largeCompany(b), largeCompany(b)}
	const foreign, unlisted, restricted = "x@foreign.example", "boss@company.my", "9999u@company.my"
	letter, mailing := size{messages: 200, recipients: 1}, size{messages: 10, recipients: 100}
	runs := map[string]traffic{
		"outside-letter":     {"outside", foreign, letter},
		"outside-mailing":    {"outside", foreign, mailing},
		"unlisted-letter":    {"mail", unlisted, letter},
		"unlisted-mailing":   {"mail", unlisted, mailing},
		"restricted-letter":  {"mail", restricted, letter},
		"restricted-mailing": {"mail", restricted, mailing},
	}
	c := compared{}
	for b.Loop() {
		for half := range 2 {
			off, on := servers[half], servers[1-half]
			switchLists(b, off, "off")
			switchLists(b, on, "enforce")
			c.send(b, off, on, runs)
		}
	}
	c.report(b)
}

// BenchmarkSenderCheck compares a mailing from the server itself with and without an access check of the sender at the
// beginning of the restriction list. The check finds nothing and looks nothing up, so the difference is what Postfix
// needs for any such check.
func BenchmarkSenderCheck(b *testing.B) {
	without, with := largeCompany(b), largeCompany(b)
	for _, l := range []*lab.Lab{without, with} {
		switchLists(b, l, "off")
	}
	list, err := with.Mail().Run(b.Context(), "postconf", "-h", "smtpd_recipient_restrictions")
	require.NoError(b, err)
	with.AddMainCF(b, "smtpd_recipient_restrictions = check_sender_access static:DUNNO, "+strings.TrimSpace(list.Stdout))
	require.NoError(b, with.Restart(b.Context(), lab.Postfix))
	c := compared{}
	for b.Loop() {
		c.send(b, without, with, map[string]traffic{"mailing": {"mail", "boss@company.my", size{messages: 10, recipients: 100}}})
	}
	c.report(b)
}

// traffic is the mail that smtp-source(1) sends.
type traffic struct {
	host, sender string
	size
}

// size is the number of messages, and of the recipients of each message.
type size struct{ messages, recipients int }

// compared holds, by the name of the traffic, the seconds that a recipient takes without a feature and with it.
type compared map[string][]struct{ without, with float64 }

// rounds is how often each kind of traffic is sent to each server.
const rounds = 6

func (c compared) send(b *testing.B, without, with *lab.Lab, runs map[string]traffic) {
	b.Helper()
	for round := range 1 + rounds {
		for name, t := range runs {
			took := struct{ without, with float64 }{source(b, without, t), source(b, with, t)}
			if round > 0 { // the first round starts the smtpd processes
				c[name] = append(c[name], took)
			}
		}
	}
}

func (c compared) report(b *testing.B) {
	for name, all := range c {
		var ratios, cost []float64
		for _, took := range all {
			ratios, cost = append(ratios, took.with/took.without), append(cost, took.without)
		}
		b.ReportMetric(median(ratios), name+"×off")
		b.ReportMetric(median(cost)*1e6, name+"-off-µs")
	}
}

// source sends the traffic and returns the seconds for each recipient.
func source(b *testing.B, l *lab.Lab, t traffic) float64 {
	b.Helper()
	argv := []string{
		"smtp-source", "-N", "-l", "10", "-t", "u@company.my", "-f", t.sender,
		"-m", strconv.Itoa(t.messages), "-r", strconv.Itoa(t.recipients), "inet:" + lab.MailServer(t.host) + ":25",
	}
	begin := time.Now()
	result, err := l.Host(t.host).Run(b.Context(), argv...)
	took := time.Since(begin).Seconds()
	require.NoError(b, err)
	require.Zero(b, result.Code, result.Stderr)
	// Mail that is still being delivered would disturb the next measurement.
	l.WaitFor(b, "an empty queue", func() bool {
		said, err := l.Mail().Run(b.Context(), "postqueue", "-j")
		return err == nil && said.Stdout == ""
	})
	return took / float64(t.messages*t.recipients)
}

// BenchmarkLists plans and syncs the lists of BenchmarkRecipient, and compares with the same for ten accounts and ten
// mailing lists. The difference is due to the tables.
func BenchmarkLists(b *testing.B) {
	small := prepared(b, 10, 10, 10, 2)
	switchLists(b, small, "enforce")
	large := largeCompany(b)
	var plan, sync, build, peak, planRatio, syncRatio []float64
	for b.Loop() {
		switchLists(b, large, "off")
		switchLists(b, small, "off")
		modes(b, large, "enforce")
		modes(b, small, "enforce")
		p, ps := run(b, large, 2, "plan"), run(b, small, 2, "plan")
		s, ss := run(b, large, 0, "sync", "--no-evidence"), run(b, small, 0, "sync", "--no-evidence")
		plan, sync = append(plan, p.total), append(sync, s.total)
		build = append(build, s.seconds["postmap"])
		peak = append(peak, float64(max(p.peak, s.peak))/1024)
		planRatio, syncRatio = append(planRatio, p.total/ps.total), append(syncRatio, s.total/ss.total)
	}
	require.Equal(b, length(b, small), length(b, large), "smtpd_recipient_restrictions and the classes have grown")
	b.ReportMetric(median(plan)*1000, "plan-ms")
	b.ReportMetric(median(planRatio), "plan×ten")
	b.ReportMetric(median(sync)*1000, "sync-ms")
	b.ReportMetric(median(syncRatio), "sync×ten")
	b.ReportMetric(median(build)*1000, "postmap-ms")
	b.ReportMetric(median(peak), "MiB")
}

// length is the length of the recipient list and the classes, in bytes.
func length(b *testing.B, l *lab.Lab) int {
	b.Helper()
	require.NoError(b, l.BackdatePostfix())
	result, err := l.Mail().Run(b.Context(), "sh", "-c", `postconf -h smtpd_recipient_restrictions smtpd_restriction_classes; postconf -xh $(postconf -xh smtpd_restriction_classes)`)
	require.NoError(b, err)
	require.Zero(b, result.Code, result.Stderr)
	return len(result.Stdout)
}

func largeCompany(b *testing.B) *lab.Lab { return prepared(b, restricted, listed, lists, bySenders) }

// prepared is a lab with these lists in the directory and in the registry. Delivered mail is thrown away.
func prepared(b *testing.B, restricted, listed, lists, bySenders int) *lab.Lab {
	b.Helper()
	l := lab.New(b, lab.Options{Patient: true})
	l.InstallProgram(b)
	require.NoError(b, l.Stop(b.Context(), lab.Slapd))
	require.NoError(b, l.Mail().WriteFile("/root/lists.ldif", []byte(directory(restricted, lists)), 0o600))
	loaded, err := l.Mail().Run(b.Context(), "slapadd", "-q", "-f", "/etc/ldap/slapd-lab.conf", "-l", "/root/lists.ldif")
	require.NoError(b, err)
	require.Zero(b, loaded.Code, loaded.Stderr)
	require.NoError(b, l.Start(b.Context(), lab.Slapd))

	settings := []string{"set", "mail/harden/mode=enforce", "mail/harden/local-only/account/everybody/group=everybody", "mail/harden/protected/all=yes"}
	for i := range listed {
		control := []string{"suspended", "local-only"}[i%2]
		settings = append(settings, fmt.Sprintf("mail/harden/%s/account/u%05d/account=u%05d", control, i, i))
	}
	for i := range bySenders {
		entry := fmt.Sprintf("mail/harden/protected/list/list%04d/", i)
		settings = append(settings, fmt.Sprintf("%saddress=list%04d@company.my", entry, i), entry+"variant=senders",
			entry+"senders="+[]string{"boss@company.my partner.example", "employee@company.my"}[i%2])
	}
	l.UCR(b, settings...)
	l.UCR(b, "unset", "mail/postfix/smtpd/restrictions/recipient/80")
	l.AddMainCF(b, "virtual_transport = discard:")
	return l
}

// directory is LDIF with a group of all accounts, its members, and mailing lists.
func directory(restricted, lists int) string {
	var users, group strings.Builder
	group.WriteString("dn: cn=everybody,cn=groups,dc=company,dc=my\nobjectClass: groupOfUniqueNames\nobjectClass: univentionGroup\ncn: everybody\n")
	for i := range restricted {
		uid := fmt.Sprintf("u%05d", i)
		dn := "uid=" + uid + ",cn=users,dc=company,dc=my"
		fmt.Fprintf(&users, "dn: %s\nobjectClass: inetOrgPerson\nobjectClass: univentionMail\nuid: %s\ncn: %s\nsn: %s\nmailPrimaryAddress: %du@company.my\nmemberOf: cn=everybody,cn=groups,dc=company,dc=my\n\n", dn, uid, uid, uid, i)
		fmt.Fprintf(&group, "uniqueMember: %s\n", dn)
	}
	for i := range lists {
		name := fmt.Sprintf("list%04d", i)
		fmt.Fprintf(&users, "dn: cn=%s,cn=mailinglists,cn=mail,dc=company,dc=my\nobjectClass: univentionMailList\ncn: %s\nmailPrimaryAddress: %s@company.my\nuniventionMailMember: boss@company.my\n\n", name, name, name)
	}
	return users.String() + group.String()
}

func modes(b *testing.B, l *lab.Lab, mode string) {
	b.Helper()
	set := []string{"set"}
	for _, control := range withLists {
		set = append(set, "mail/harden/"+control+"/mode="+mode)
	}
	l.UCR(b, set...)
}

// switchLists sets the mode of the controls that have lists.
func switchLists(b *testing.B, l *lab.Lab, mode string) {
	b.Helper()
	modes(b, l, mode)
	run(b, l, 0, "apply", "--yes", "--no-evidence", "--no-rehearsal")
	require.NoError(b, l.BackdatePostfix())
	require.NoError(b, l.Restart(b.Context(), lab.Postfix))
}
