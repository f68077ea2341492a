package companies_test

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ucs-harden/tests/lab"
)

// site is a company in the lab.
type site struct {
	*lab.Lab
	company
	applied []string // the modes that were applied, in their order
}

// found brings the lab up and makes the company of it. Postfix is started again, since a new inet_protocols needs that.
func (c company) found(t *testing.T) *site {
	t.Helper()
	s := &site{lab.New(t, lab.Options{Face: c.face}), c, nil}
	s.InstallProgram(t)
	s.ChangeDirectory(t, c.ldif())
	for path, content := range c.tables() {
		require.NoError(t, s.Mail().WriteFile(path, []byte(content), 0o644))
		if !strings.HasSuffix(path, "own_clients") {
			s.run(t, "postmap", "hash:"+path)
		}
	}
	s.UCR(t, append([]string{"set"}, c.variables()...)...)
	s.AddMainCF(t, c.mainCF()...)
	s.addMasterCF(t)
	s.fillLists(t)
	require.NoError(t, s.BackdatePostfix())
	require.NoError(t, s.Restart(t.Context(), lab.Postfix))
	return s
}

// run runs a program on the mail server, which must succeed.
func (s *site) run(t *testing.T, argv ...string) string {
	t.Helper()
	result, err := s.Mail().Run(t.Context(), argv...)
	require.NoError(t, err)
	require.Zero(t, result.Code, "%s\n%s%s", strings.Join(argv, " "), result.Stdout, result.Stderr)
	return result.Stdout
}

// ldif makes the directory that of the company: it replaces the addresses of the accounts of the lab, and adds what the
// lab has not.
func (c company) ldif() string {
	var b strings.Builder
	value := func(attribute, text string) {
		fmt.Fprintf(&b, "%s:: %s\n", attribute, base64.StdEncoding.EncodeToString([]byte(text)))
	}
	for _, u := range c.users {
		value("dn", "uid="+u.uid+",cn=users,dc=company,dc=my")
		if _, there := lab.Users[u.uid]; there {
			b.WriteString("changetype: modify\nreplace: mailAlternativeAddress\n")
		} else {
			b.WriteString("changetype: add\nobjectClass: inetOrgPerson\nobjectClass: univentionMail\n" +
				"univentionMailHomeServer: mail.company.my\n")
			for attribute, text := range map[string]string{
				"uid": u.uid, "cn": u.uid, "sn": u.uid, "mailPrimaryAddress": u.primary, "userPassword": "lab-" + u.uid,
			} {
				value(attribute, text)
			}
		}
		for _, address := range u.alternatives {
			value("mailAlternativeAddress", address)
		}
		b.WriteString("\n")
	}
	for _, g := range c.groups[2:] {
		fmt.Fprintf(&b, "dn: cn=%s,cn=groups,dc=company,dc=my\nchangetype: add\nobjectClass: groupOfUniqueNames\n"+
			"objectClass: univentionGroup\ncn: %s\nmailPrimaryAddress: %s\n", g.name, g.name, g.address)
		for _, uid := range g.members {
			fmt.Fprintf(&b, "uniqueMember: uid=%s,cn=users,dc=company,dc=my\n", uid)
		}
		b.WriteString("\n")
	}
	for _, s := range c.servers {
		class, role, service := "univentionMemberServer", "member", "univentionService: IMAP\n"
		if s.controller {
			class, role = "univentionDomainController", "slave"
		}
		if s.smtp {
			service = "univentionService: SMTP\n"
		}
		fmt.Fprintf(&b, "dn: cn=%s,cn=computers,dc=company,dc=my\nchangetype: add\nobjectClass: person\nobjectClass: univentionHost\n"+
			"objectClass: %s\ncn: %s\nsn: %s\nassociatedDomain: company.my\nuniventionServerRole: %s\n%saRecord: %s\n\n",
			s.name, class, s.name, s.name, role, service, s.address)
	}
	return b.String()
}

// tables are the administrator's lookup tables by path.
func (c company) tables() map[string]string {
	var logins strings.Builder
	for _, address := range slices.Sorted(maps.Keys(c.own.entries)) {
		fmt.Fprintf(&logins, "%s %s\n", address, strings.Join(c.own.entries[address], ","))
	}
	return map[string]string{
		"/etc/postfix/own_clients":    "203.0.113.25 REJECT 5.7.1 not welcome\n10.99.1.50 DUNNO\n203.0.113.66 OK\n",
		"/etc/postfix/own_senders":    "spam@foreign.example REJECT 5.7.1 no advertising\nnews@foreign.example DUNNO\nchief@company.my REJECT 5.7.1 not used\n",
		"/etc/postfix/own_recipients": "clerk@company.local REJECT 5.7.1 closed counter\n",
		"/etc/postfix/own_logins":     logins.String(),
	}
}

const recipientKeys = "mail/postfix/smtpd/restrictions/recipient/"

// variables are the arguments of `ucr set`.
func (c company) variables() (out []string) {
	set := func(key, value string) { out = append(out, key+"="+value) }
	set("server/role", "domaincontroller_master")
	if c.port != 25 {
		set("mail/smtpport", fmt.Sprint(c.port))
	}
	if c.ipv6 {
		set("mail/postfix/inet/protocols", "all")
	}
	if len(c.systems) > 0 {
		set("mail/harden/relay/systems", strings.Join(c.systems, " "))
	}
	if c.groupSenders {
		set("mail/harden/submission/group-senders", "yes")
	}
	if c.own.place == "option" {
		set("mail/postfix/mastercf/options/submission/smtpd_sender_login_maps", "hash:/etc/postfix/own_logins")
	}
	for _, l := range c.lines {
		if l.list == "recipient" {
			set(recipientKeys+l.key, l.text)
		}
	}
	return out
}

// mainCF are the lines of main.cf.local.
func (c company) mainCF() (out []string) {
	lists := map[string][]string{}
	if c.own.place == "main.cf.local" {
		out = append(out, "smtpd_sender_login_maps = hash:/etc/postfix/own_logins")
	}
	if c.own.list != "" {
		lists[c.own.list] = append(lists[c.own.list], c.own.check)
	}
	for _, l := range c.lines {
		if l.list != "recipient" {
			lists[l.list] = append(lists[l.list], l.text)
		}
	}
	for _, list := range slices.Sorted(maps.Keys(lists)) {
		out = append(out, "smtpd_"+list+"_restrictions = "+strings.Join(lists[list], ", "))
	}
	return append(out, "# the end of the administrator's lines")
}

// policyService refuses two senders, and knows no other answer.
const (
	policyService = "inet:127.0.0.1:10666"
	policySays    = "the policy service says no"
	policyScript  = `#!/bin/sh
action=DUNNO
while read -r line; do
	case $line in
	sender=news@foreign.example | sender=nobody@company.my) action='REJECT 5.7.1 ` + policySays + `' ;;
	'') printf 'action=%s\n\n' "$action"; action=DUNNO ;;
	esac
done
`
)

func (s *site) addMasterCF(t *testing.T) {
	t.Helper()
	var b strings.Builder
	if s.policy != "" {
		require.NoError(t, s.Mail().WriteFile("/usr/local/bin/policy", []byte(policyScript), 0o755))
		fmt.Fprintf(&b, "%s inet n n n - 0 spawn\n  user=nobody argv=/usr/local/bin/policy\n", strings.TrimPrefix(policyService, "inet:"))
	}
	for _, port := range slices.Sorted(maps.Keys(s.further)) {
		fmt.Fprintf(&b, "%d inet n - n - - smtpd%s\n", port, s.further[port])
	}
	require.NoError(t, s.Mail().WriteFile("/etc/postfix/master.cf.local", []byte(b.String()), 0o644))
	s.UCR(t, "commit", "/etc/postfix/master.cf")
}

// fillLists enters accounts and addresses into the lists of the controls.
func (s *site) fillLists(t *testing.T) {
	t.Helper()
	for _, uid := range s.suspended {
		if uid != "leaver" {
			s.run(t, "ucs-harden", "suspend", "add", uid)
		}
	}
	for _, uid := range s.restricted {
		s.run(t, "ucs-harden", "restrict", "add", uid)
	}
	for _, address := range s.protected {
		s.run(t, "ucs-harden", "protect", "add", address)
	}
	for _, r := range s.rights {
		s.run(t, "ucs-harden", "send-as", "add", r.uid, "--as", strings.Join(r.as, " "))
	}
}

// mailPort is the port of a letter whose port is 0.
func (c company) mailPort(port int) int { return cmp.Or(port, c.port) }
