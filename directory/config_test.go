package directory

import (
	"io/fs"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func getter(variables map[string]string) func(string) (string, bool) {
	return func(key string) (string, bool) {
		value, found := variables[key]
		return value, found
	}
}

func TestConfigFrom(t *testing.T) {
	c, err := ConfigFrom(getter(map[string]string{
		"ldap/server/name":     "primary.company.my",
		"ldap/server/port":     "7389",
		"ldap/server/addition": " backup.company.my  primary.company.my replica.company.my",
		"ldap/base":            base,
		"ldap/hostdn":          machine,
	}), "")
	require.NoError(t, err)
	assert.Equal(t, Config{
		Servers: []string{"primary.company.my:7389", "backup.company.my:7389", "replica.company.my:7389"},
		BaseDN:  base, BindDN: machine,
		PasswordFile: "/etc/machine.secret", CAFile: "/etc/univention/ssl/ucsCA/CAcert.pem",
		Timeout: 30 * time.Second,
	}, c)
}

func TestConfigFromDefaultsAndRoot(t *testing.T) {
	c, err := ConfigFrom(getter(map[string]string{
		"ldap/server/name": "fd99:1::1", "ldap/base": base, "ldap/hostdn": machine,
	}), "/srv/archive")
	require.NoError(t, err)
	assert.Equal(t, []string{"[fd99:1::1]:7389"}, c.Servers)
	assert.Equal(t, "/srv/archive/etc/machine.secret", c.PasswordFile)
	assert.Equal(t, "/srv/archive/etc/univention/ssl/ucsCA/CAcert.pem", c.CAFile)
}

func TestConfigFromNamesWhatIsMissing(t *testing.T) {
	_, err := ConfigFrom(getter(map[string]string{"ldap/base": base, "ldap/hostdn": ""}), "")
	require.EqualError(t, err, "cannot find the LDAP server: not set: ldap/server/name, ldap/hostdn")

	for _, port := range []string{"0", "65536", "ldap", "-1", "7389 "} {
		_, err = ConfigFrom(getter(map[string]string{
			"ldap/server/name": "a", "ldap/base": base, "ldap/hostdn": machine, "ldap/server/port": port,
		}), "")
		require.ErrorContains(t, err, "ldap/server/port")
	}
}

func TestDomainControllersWithoutItsFiles(t *testing.T) {
	ca := newAuthority(t)
	for sentence, c := range map[string]struct {
		change func(*Config)
		say    string
		is     error
	}{
		"no password file":       {func(c *Config) { c.PasswordFile = "/nonexistent/secret" }, "/nonexistent/secret", fs.ErrNotExist},
		"an empty password file": {func(c *Config) { c.PasswordFile = writeFile(t, "secret", "\n") }, "is empty", nil},
		"no CA file":             {func(c *Config) { c.CAFile = "/nonexistent/ca.pem" }, "/nonexistent/ca.pem", fs.ErrNotExist},
		"a CA file without one":  {func(c *Config) { c.CAFile = writeFile(t, "ca.pem", "no PEM") }, "there is none", nil},
		"no server":              {func(c *Config) { c.Servers = nil }, "no server", nil},
		"no base":                {func(c *Config) { c.BaseDN = "" }, "no base", nil},
		"no bind DN":             {func(c *Config) { c.BindDN = "" }, "no bind DN", nil},
	} {
		t.Run(sentence, func(t *testing.T) {
			mute, accepted := silent(t)
			config := config(t, ca, mute)
			c.change(&config)
			_, err := DomainControllers(t.Context(), config)
			require.ErrorContains(t, err, c.say)
			if c.is != nil {
				require.ErrorIs(t, err, c.is)
			}
			assert.Empty(t, accepted, "no server is asked")
		})
	}
}
