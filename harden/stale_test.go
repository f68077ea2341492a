package harden

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/controls"
	"ucs-harden/outcome"
	"ucs-harden/plan"
	"ucs-harden/transaction"
)

// observer calls do once, at the first progress text that begins with at.
type observer struct {
	at string
	do func()
}

func (o *observer) Progress(what string) {
	if o.do != nil && strings.HasPrefix(what, o.at) && what != "" {
		do := o.do
		o.do = nil
		do()
	}
}
func (*observer) Recovered(*transaction.Recovered) {}
func (*observer) Upheld(*Applied)                  {}
func (*observer) Debug(string, map[string]any)     {}
func (*observer) Warning(string, string)           {}

const controllersLDIF = `dn: cn=dc2,cn=dc,dc=company,dc=my
objectClass: univentionDomainController
cn: dc2
associatedDomain: company.my
aRecord: 10.99.1.10
description: the second one

`

// archived returns a server below a temporary folder, with an export of its directory.
func archived(t *testing.T) (*Server, *observer) {
	t.Helper()
	root := t.TempDir()
	files, err := txtar.ParseFile("testdata/server.txtar")
	require.NoError(t, err)
	require.NoError(t, txtar.Write(files, root))
	o := &observer{}
	return &Server{Root: root, Observer: o, Directory: &Export{"directory.ldif", []byte(controllersLDIF)}}, o
}

func (s *Server) write(t *testing.T, path, content string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(s.path(path)), 0o755))
	require.NoError(t, os.WriteFile(s.path(path), []byte(content), 0o644))
}

// Something changes while the facts are read, or between the plan and the apply.
func TestFresh(t *testing.T) {
	exported := func(s *Server, old, by string) {
		s.Directory = &Export{"directory.ldif", []byte(strings.ReplaceAll(controllersLDIF, old, by))}
	}
	for sentence, c := range map[string]struct {
		amid   func(t *testing.T, s *Server) // runs while the directory is asked
		after  func(t *testing.T, s *Server) // runs after the plan was made
		change string                        // the error names this; "" if the plan is not stale
	}{
		"nothing changes": {},
		"the sender table is edited while the directory is asked": {
			amid:   func(t *testing.T, s *Server) { s.write(t, controls.SenderTable, "company.my REJECT by hand\n") },
			change: "file " + controls.SenderTable,
		},
		"the sender table is edited": {
			after:  func(t *testing.T, s *Server) { s.write(t, controls.SenderTable, "company.my REJECT by hand\n") },
			change: "file " + controls.SenderTable,
		},
		"main.cf is edited": {
			after: func(t *testing.T, s *Server) {
				s.write(t, transaction.MainCF, "mynetworks = 127.0.0.0/8\nsmtpd_sasl_auth_enable = yes\n")
			},
			change: "",
		},
		"a controller gets another address": {
			after:  func(_ *testing.T, s *Server) { exported(s, "10.99.1.10", "10.99.1.11") },
			change: "domain controller dc2.company.my",
		},
		"a controller comes": {
			after: func(_ *testing.T, s *Server) {
				another := strings.NewReplacer("dc2", "dc3", "1.10", "1.13").Replace(controllersLDIF)
				s.Directory.Content = append(s.Directory.Content, another...)
			},
			change: "domain controller dc3.company.my",
		},
		"a controller comes that has no address": {
			after: func(_ *testing.T, s *Server) {
				another := strings.NewReplacer("dc2", "dc3", "aRecord: 10.99.1.10\n", "").Replace(controllersLDIF)
				s.Directory.Content = append(s.Directory.Content, another...)
			},
		},
		"somebody describes a controller": {
			after: func(_ *testing.T, s *Server) { exported(s, "the second one", "the other one") },
		},
		"a variable that the plan sets is set by somebody else": {
			after: func(t *testing.T, s *Server) {
				content, err := s.read("/etc/univention/base.conf")
				require.NoError(t, err)
				s.write(t, "/etc/univention/base.conf", string(content)+"\nmail/postfix/mynetworks: 127.0.0.0/8 192.168.0.0/16")
			},
			change: "variable mail/postfix/mynetworks",
		},
		"a variable that does not matter is set": {
			after: func(t *testing.T, s *Server) {
				content, err := s.read("/etc/univention/base.conf")
				require.NoError(t, err)
				s.write(t, "/etc/univention/base.conf", string(content)+"\nmail/somebody/elses: 1")
			},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			s, o := archived(t)
			if c.amid != nil {
				o.at, o.do = "asking the directory", func() { c.amid(t, s) }
			}
			p, err := s.Plan(t.Context(), plan.Warn)
			require.NoError(t, err)
			assert.Nil(t, o.do, "amid has run")
			if c.after != nil {
				c.after(t, s)
			}
			now, err := s.fresh(t.Context(), p)
			if c.change == "" {
				require.NoError(t, err)
				assert.Equal(t, p.Variables, now.Variables)
				return
			}
			require.ErrorIs(t, err, transaction.ErrStale)
			assert.ErrorContains(t, err, "have changed: "+c.change)
			assert.True(t, outcome.IsUnchanged(err))
		})
	}
}

// The reader reads each fact once, so the controls see the content that the fingerprint was taken of.
func TestTheReaderHandsOutWhatItFingerprints(t *testing.T) {
	s, _ := archived(t)
	s.write(t, "/etc/postfix/x", "one")
	r := newReader(s)
	first, err := r.file("/etc/postfix/x")
	require.NoError(t, err)
	s.write(t, "/etc/postfix/x", "two")
	second, err := r.file("/etc/postfix/x")
	require.NoError(t, err)
	assert.Equal(t, "one", string(first))
	assert.Equal(t, first, second)
	want := plan.State{}
	want.Add("file /etc/postfix/x", []byte("one"))
	assert.Equal(t, want, r.state)
}

// A value that contains a blank breaks the service entry. The plan names the variable.
func TestAnOptionWithABlankIsNamed(t *testing.T) {
	const variable = "mail/postfix/mastercf/options/submission/smtpd_client_restrictions"
	s, _ := archived(t)
	content, err := s.read("/etc/univention/base.conf")
	require.NoError(t, err)
	s.write(t, "/etc/univention/base.conf", string(content)+"\n"+variable+": permit_sasl_authenticated, reject")
	for mode, severity := range map[plan.Mode]plan.Severity{plan.Enforce: plan.Error, plan.Off: plan.Warning} {
		p, err := s.Plan(context.Background(), mode)
		require.NoError(t, err)
		var found []plan.Finding
		for _, f := range p.Findings {
			if strings.HasPrefix(f.ID, "unfit-option:") {
				found = append(found, f)
			}
		}
		require.Len(t, found, 1)
		assert.Equal(t, "unfit-option:"+variable, found[0].ID)
		assert.Equal(t, severity, found[0].Severity, mode)
		assert.Contains(t, found[0].Text, "permit_sasl_authenticated, reject")
		assert.Contains(t, found[0].Hint, "ucr unset "+variable)
		assert.Equal(t, found[0], p.Findings[0], "it is shown first, because others may follow from it")
	}
}
