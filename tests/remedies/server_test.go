// Package remedies holds, for each kind of finding, a server that has it, and what an administrator does about it as the
// finding and the catalogue say. The plan after that does not have the finding any more.
package remedies

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ucs-harden/harden"
	"ucs-harden/lists"
	"ucs-harden/plan"
	"ucs-harden/transaction"
)

// server is a mail server as an archive: what planning reads of it.
type server struct {
	registry map[string]string            // the normal layer
	layers   map[string]map[string]string // the stronger layers: "ldap", "forced"
	files    map[string]string
	ldif     string  // the directory; "" for none
	before   *server // the last apply
}

// stock is a freshly installed UCS mail server.
func stock() *server {
	return &server{
		registry: map[string]string{
			"domainname": "company.my", "hostname": "mail", "ldap/base": "dc=company,dc=my",
			"mail/hosteddomains": "company.my company.local",
			"mail/postfix/mastercf/options/smtps/smtpd_sasl_auth_enable":      "yes",
			"mail/postfix/mastercf/options/smtps/smtpd_tls_wrappermode":       "yes",
			"mail/postfix/mastercf/options/submission/smtpd_enforce_tls":      "yes",
			"mail/postfix/mastercf/options/submission/smtpd_sasl_auth_enable": "yes",
			recipient + "10": "permit_mynetworks",
			recipient + "30": "permit_sasl_authenticated",
			recipient + "50": "reject_unauth_destination",
			recipient + "70": "reject_unlisted_recipient",
			recipient + "80": "check_policy_service inet:127.0.0.1:12340",
		},
		layers: map[string]map[string]string{},
		files: map[string]string{
			"/etc/univention/templates/info/ucs-harden.info": "Type: file\nFile: etc/postfix/ldap.ucs-harden-logins\n",
			mainCF: "myhostname = mail.company.my\nmynetworks = 127.0.0.0/8\n",
			masterCF: "smtp inet n - n - - smtpd\n" +
				"smtps inet n - n - - smtpd -o smtpd_tls_wrappermode=yes -o smtpd_sasl_auth_enable=yes\n" +
				"submission inet n - n - - smtpd -o smtpd_enforce_tls=yes -o smtpd_sasl_auth_enable=yes\n",
			"/etc/postfix/ucs-harden/.keep": "",
		},
		ldif: company,
	}
}

const (
	recipient = "mail/postfix/smtpd/restrictions/recipient/"
	ownList   = "mail/postfix/submission/restrictions/recipient/"
	options   = "mail/postfix/mastercf/options/"
	mode      = "mail/harden/mode"
	mainCF    = "/etc/postfix/main.cf"
	masterCF  = "/etc/postfix/master.cf"
	ledger    = harden.StateDir + "/ledger.json"
)

// company is the directory.
const company = `dn: cn=mail,cn=dc,cn=computers,dc=company,dc=my
objectClass: univentionDomainController
cn: mail
associatedDomain: company.my
aRecord: 10.99.1.1

dn: uid=boss,cn=users,dc=company,dc=my
objectClass: univentionMail
uid: boss
mailPrimaryAddress: boss@company.my
mailAlternativeAddress: info@company.my

dn: uid=employee,cn=users,dc=company,dc=my
objectClass: univentionMail
uid: employee
mailPrimaryAddress: employee@company.my
mailAlternativeAddress: info@company.my

dn: cn=staff,cn=groups,dc=company,dc=my
objectClass: univentionGroup
cn: staff
mailPrimaryAddress: staff@company.my
uniqueMember: uid=boss,cn=users,dc=company,dc=my

`

// plan is what ucs-harden plan shows of the server.
func (s *server) plan(t *testing.T, q harden.Request) *plan.Plan {
	t.Helper()
	h := &harden.Server{Root: s.write(t), Observer: silent{}}
	if s.ldif != "" {
		h.Directory = &harden.Export{Name: "directory.ldif", Content: []byte(s.ldif)}
	}
	p, err := h.PlanFor(t.Context(), q)
	require.NoError(t, err)
	return p.Plan
}

// write writes the archive into a folder of its own.
func (s *server) write(t *testing.T) string {
	t.Helper()
	root, files := t.TempDir(), maps.Clone(s.files)
	files["/etc/univention/base.conf"] = layer(s.registry)
	for name, values := range s.layers {
		files["/etc/univention/base-"+name+".conf"] = layer(values)
	}
	for path, content := range files {
		require.NoError(t, os.MkdirAll(filepath.Dir(root+path), 0o755))
		require.NoError(t, os.WriteFile(root+path, []byte(content), 0o600))
	}
	return root
}

func layer(values map[string]string) string {
	var b strings.Builder
	b.WriteString("# univention_ base.conf\n\n")
	for _, key := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(&b, "%s: %s\n", key, values[key])
	}
	return b.String()
}

// applied makes the server one on which a plan was applied: the registry, the generated files and the ledger are what
// the plan says.
func (s *server) applied(t *testing.T, q harden.Request) {
	t.Helper()
	before := *s
	before.registry, before.files = maps.Clone(s.registry), maps.Clone(s.files)
	s.before = &before
	p := s.plan(t, q)
	for _, v := range p.Variables {
		if v.After == nil {
			delete(s.registry, v.Key)
		} else {
			s.registry[v.Key] = *v.After
		}
	}
	for _, f := range p.Files {
		if f.After != nil {
			s.files[f.Path] = *f.After
		}
	}
	require.Empty(t, s.plan(t, q).Variables, "the plan changes nothing any more")
}

func (s *server) value(key string) (string, bool) { v, ok := s.registry[key]; return v, ok }

// Get and Keys make the server a registry for package lists.
func (s *server) Get(key string) (string, bool) { return s.value(key) }

func (s *server) Keys(prefix string) []string {
	keys := slices.Sorted(maps.Keys(s.registry))
	return slices.DeleteFunc(keys, func(key string) bool { return !strings.HasPrefix(key, prefix) })
}

// unlist removes an entry of a list, as the command remove does.
func (s *server) unlist(t *testing.T, l *lists.List, name string) {
	t.Helper()
	keys := l.EntryKeys(s, name)
	require.NotEmpty(t, keys, "the list has %s", name)
	for _, key := range keys {
		delete(s.registry, key)
	}
}

// silent is told what happens meanwhile and tells nobody.
type silent struct{}

func (silent) Progress(string)                  {}
func (silent) Recovered(*transaction.Recovered) {}
func (silent) Upheld(*harden.Applied)           {}
func (silent) Debug(string, map[string]any)     {}
func (silent) Warning(string, string)           {}
