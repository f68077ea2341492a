package controls_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/controls"
	"ucs-harden/plan"
)

// What Postfix is told is read back from main.cf, master.cf and the tables, in every mode.
func TestTheModesThatRun(t *testing.T) {
	for _, mode := range []plan.Mode{plan.Off, plan.Warn, plan.Enforce} {
		t.Run(string(mode), func(t *testing.T) {
			s := stock()
			for key, value := range map[string]string{
				"suspended/account/a/account": "a", "local-only/account/b/account": "b", "protected/list/c/address": "c@company.my",
				"protected/list/d/address": "d@company.my", "protected/list/d/variant": "senders", "protected/list/d/senders": "x.example",
			} {
				s.normal["mail/harden/"+key] = value
			}
			s.normal[controls.ModeOf("foreign-sender")] = string(mode)
			d, err := controls.Desire(s.facts(), mode)
			require.NoError(t, err)
			s.apply(d)
			s.main = "smtpd_recipient_restrictions = " + strings.Join(s.mainList().Texts(), ", ") + "\n" +
				"submission_recipient_restrictions = " + strings.Join(s.serviceList("smtps").Texts(), ", ") + "\n" +
				string(s.disk[filepath.Join(controls.Folder, "main.cf")])
			if networks, set := s.Get("mail/postfix/mynetworks"); set {
				s.main += "mynetworks = " + networks + "\n"
			}
			f := s.facts()
			if mode != plan.Off {
				f.Services["smtps"]["smtpd_recipient_restrictions"] = "$submission_recipient_restrictions"
			}
			want := map[string]plan.Mode{}
			for _, name := range controls.Names() {
				want[name] = mode
			}
			assert.Equal(t, want, controls.RunningOf(f).Modes())
			f.Main = nil
			for name, runs := range controls.RunningOf(f).Modes() {
				if name != "submission" || mode == plan.Off {
					assert.Equal(t, plan.Off, runs, "an empty main.cf: %s", name)
				}
			}
		})
	}
}
