package doors_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/doors"
	"ucs-harden/maincf"
	"ucs-harden/mastercf"
)

func of(t *testing.T, main, master string) []doors.Door {
	t.Helper()
	m, err := maincf.Parse([]byte(main))
	require.NoError(t, err)
	f, err := mastercf.Parse([]byte(master))
	require.NoError(t, err)
	return doors.Of(m, f)
}

// The forms of a service entry are those of master(5), the parameters those of postconf(5).
func TestWhereClientsComeIn(t *testing.T) {
	const smtps = "smtps inet n - n - - smtpd -o smtpd_tls_wrappermode=yes -o smtpd_sasl_auth_enable=yes\n"
	const submission = "submission inet n - n - - smtpd -o smtpd_sasl_auth_enable=yes\n"
	const mail = smtps + submission
	for sentence, c := range map[string]struct{ main, master, want string }{
		"UCS 5.2": {"", "25 inet n - n - - smtpd\n" + mail, "25 is 25, 465 is 465 auth, 587 is 587 auth"},
		"UCS 5.0": {"", "smtp inet n - n - - smtpd\n" + mail, "25 is 25, 465 is 465 auth, 587 is 587 auth"},
		"mail/smtpport is a number": {
			"", "2525 inet n - n - - smtpd\n" + mail, "2525 is 25, 465 is 465 auth, 587 is 587 auth",
		},
		"mail/smtpport is a name of services(5)": {"", "qmqp inet n - n - - smtpd\n", "628 is 25"},
		"the MX offers AUTH": {
			"smtpd_sasl_auth_enable = yes\n", "2525 inet n - n - - smtpd\n", "2525 is 25 auth",
		},
		"behind postscreen, the default": {
			"", "2525 inet n - n - 1 postscreen\nsmtpd pass - - n - - smtpd\n", "2525 is 25 postscreen",
		},
		"behind postscreen, the one that main.cf names": {
			"smtpd_service_name = other\n", "25 inet n - n - 1 postscreen\nother pass - - n - - smtpd -o smtpd_sasl_auth_enable=yes\n", "25 is 25 auth postscreen",
		},
		"behind postscreen, the override counts more": {
			"smtpd_service_name = other\n", "25 inet n - n - 1 postscreen -o smtpd_service_name=third\nthird pass - - n - - smtpd\n", "25 is 25 postscreen",
		},
		"nothing behind postscreen":                      {"", "25 inet n - n - 1 postscreen\nsmtpd pass - - n - - postlogd\n", ""},
		"another program":                                {"", "25 inet n - n - - smtp-sink\n", ""},
		"an smtpd that no client of the network reaches": {"", "smtpd unix n - n - - smtpd\nx pass - - n - - smtpd\n", ""},
		"a further port like 587": {
			"", "25 inet n - n - - smtpd\n" + mail + "10587 inet n - n - - smtpd -o smtpd_sasl_auth_enable=yes\n",
			"25 is 25, 465 is 465 auth, 587 is 587 auth, 10587 further 587 auth",
		},
		"a further port like 465": {
			"", "25 inet n - n - - smtpd\n10465 inet n - n - - smtpd -o smtpd_tls_wrappermode=yes\n", "25 is 25, 10465 further 465",
		},
		"a further port like 25, with the port 25 as well": {
			"", "2525 inet n - n - - smtpd\n25 inet n - n - - smtpd\n", "2525 further 25, 25 is 25",
		},
		"another address, by name and number": {
			"", "smtp inet n - n - - smtpd\n203.0.113.1:smtp inet n - n - - smtpd\n[::]:25 inet n - n - - smtpd\n",
			"25 is 25, 203.0.113.1:25 further 25, [::]:25 further 25",
		},
		"only one address": {"", "203.0.113.1:25 inet n - n - - smtpd\n", "203.0.113.1:25 is 25"},
		"submission listens at one address, and everywhere": {
			"", "203.0.113.1:587 inet n - n - - smtpd\nsubmission inet n - n - - smtpd\n25 inet n - n - - smtpd\n",
			"203.0.113.1:587 further 25, 587 is 587, 25 is 25",
		},
		"where a content filter gives mail back": {
			"", "25 inet n - n - - smtpd\n127.0.0.1:10025 inet n - n - - smtpd\nlocalhost:10026 inet n - n - - smtpd\n[::1]:10027 inet n - n - - smtpd\n",
			"25 is 25, 127.0.0.1:10025 further 25 loopback, localhost:10026 further 25 loopback, [::1]:10027 further 25 loopback",
		},
		"loopback on port 25, and the MX elsewhere": {
			"", "2525 inet n - n - - smtpd\n127.0.0.1:25 inet n - n - - smtpd\n", "2525 is 25, 127.0.0.1:25 further 25 loopback",
		},
		"a server that takes mail from itself only": {
			"inet_interfaces = loopback-only\n", "25 inet n - n - - smtpd\n10025 inet n - n - - smtpd\n", "25 is 25 loopback, 10025 further 25 loopback",
		},
		"inet_interfaces with addresses": {
			"inet_interfaces = 127.0.0.1, [::1] 10.99.1.1\n", "25 inet n - n - - smtpd\n", "25 is 25",
		},
		"of two entries for one place the last counts": {
			"", "smtp inet n - n - - smtpd\n25 inet n - n - - smtpd -o smtpd_sasl_auth_enable=yes\n", "25 is 25 auth",
		},
		"a service that is disabled":       {"master_service_disable = 10587.inet\n", "25 inet n - n - - smtpd\n10587 inet n - n - - smtpd\n", "25 is 25"},
		"all but one service are disabled": {"master_service_disable = !25.inet, inet\n", "25 inet n - n - - smtpd\n10587 inet n - n - - smtpd\n", "25 is 25"},
		"no MX":                            {"", mail, "465 is 465 auth, 587 is 587 auth"},
		"no MX, and a further port like 587": {
			"", mail + "10587 inet n - n - - smtpd -o smtpd_sasl_auth_enable=yes\n", "465 is 465 auth, 587 is 587 auth, 10587 further 587 auth",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			var got []string
			for _, d := range of(t, c.main, c.master) {
				text := d.Name + " is"
				if d.Further {
					text = d.Name + " further"
				}
				text += fmt.Sprintf(" %d", d.Role)
				for word, is := range map[string]bool{" auth": d.Auth} {
					if is {
						text += word
					}
				}
				if d.Loopback {
					text += " loopback"
				}
				if d.Postscreen() {
					text += " postscreen"
				}
				got = append(got, text)
			}
			assert.Equal(t, c.want, strings.Join(got, ", "))
		})
	}
}

// The lists are those of the rendered master.cf; the hint can be followed.
func TestWhatIsNotCovered(t *testing.T) {
	const ours = "ldap:/etc/postfix/ldap.ucs-harden-logins"
	const mx = "25 inet n - n - - smtpd\n"
	for sentence, c := range map[string]struct {
		main, master, maps string
		variable           bool
		want               []string // ID, and a part of the hint
	}{
		"UCS as it is": {master: mx, maps: ours},
		"no MX":        {master: "587 inet n - n - - smtpd\n", want: []string{"no-mx", "mail/smtpport"}},
		"the MX has a list of its own, by a variable": {
			master: "2525 inet n - n - - smtpd -o smtpd_recipient_restrictions=permit_mynetworks,reject\n", variable: true,
			want: []string{"own-list:2525", "then ucr unset mail/postfix/mastercf/options/smtp/smtpd_recipient_restrictions"},
		},
		"the MX has a list of its own, behind postscreen": {
			master: "25 inet n - n - 1 postscreen\nsmtpd pass - - n - - smtpd -o smtpd_recipient_restrictions=\n",
			want:   []string{"own-list:25", "/etc/postfix/master.cf.local"},
		},
		"a further one with the main list": {master: mx + "2525 inet n - n - - smtpd\n", maps: ours},
		"a further one with a list of its own": {
			master: mx + "10587 inet n - n - - smtpd -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject\n",
			want:   []string{"uncovered:10587", "-o smtpd_recipient_restrictions=$submission_recipient_restrictions"},
		},
		"the same on loopback": {master: mx + "127.0.0.1:10025 inet n - n - - smtpd -o smtpd_recipient_restrictions=permit_mynetworks,reject\n", maps: ours},
		"AUTH and the main list, where submission is hardened": {
			master: mx + "10587 inet n - n - - smtpd -o smtpd_sasl_auth_enable=yes\n", maps: ours,
			want: []string{"any-sender:10587", "-o smtpd_sender_login_maps=" + ours},
		},
		"the same where it is not": {master: mx + "10587 inet n - n - - smtpd -o smtpd_sasl_auth_enable=yes\n"},
		"the list of 587 without a login map": {
			master: mx + "10587 inet n - n - - smtpd -o smtpd_sasl_auth_enable=yes -o smtpd_recipient_restrictions=$submission_recipient_restrictions\n", maps: ours,
			want: []string{"no-login-map:10587", "add -o smtpd_sender_login_maps=" + ours},
		},
		"the list of 587 with one in main.cf": {
			main: "smtpd_sender_login_maps = hash:/x\n", maps: ours,
			master: mx + "10587 inet n - n - - smtpd -o smtpd_sasl_auth_enable=yes -o smtpd_recipient_restrictions=$submission_recipient_restrictions\n",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			main, err := maincf.Parse([]byte(c.main))
			require.NoError(t, err)
			findings := doors.Findings(doors.Facts{
				Doors: of(t, c.main, c.master), Main: main, LoginMaps: c.maps,
				Get: func(key string) (string, bool) {
					return "", c.variable && key == "mail/postfix/mastercf/options/smtp/smtpd_recipient_restrictions"
				},
			})
			if c.want == nil {
				assert.Empty(t, findings)
				return
			}
			require.Len(t, findings, 1)
			assert.Equal(t, c.want[0], findings[0].ID)
			assert.Contains(t, findings[0].Hint, c.want[1])
		})
	}
}

func TestADoorHasOneNumberInEveryConfiguration(t *testing.T) {
	one := of(t, "", "25 inet n - n - - smtpd\n10587 inet n - n - - smtpd\n")
	two := of(t, "", "2526 inet n - n - - smtpd\n10587 inet n - n - - smtpd\n25 inet n - n - - smtpd\n")
	assert.Equal(t, one[1].ID(), two[1].ID())
	assert.Greater(t, one[1].ID(), 65535)
	assert.Equal(t, 25, two[2].ID())
	assert.NotEqual(t, two[0].ID(), two[1].ID())
	assert.Same(t, &one[1], doors.Find(one, 587, "10587"))
	assert.Same(t, &two[2], doors.Find(two, doors.MX, ""))
	assert.Nil(t, doors.Find(one, doors.Submission, ""))
}
