package directory

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// DefaultTimeout is the time limit of a Config whose Timeout is 0.
const DefaultTimeout = 30 * time.Second

const (
	defaultPort  = "7389" // OpenLDAP on UCS; 389 belongs to Samba
	passwordFile = "etc/machine.secret"
	caFile       = "etc/univention/ssl/ucsCA/CAcert.pem"
)

// Config names the servers to ask and the account that asks them.
type Config struct {
	Servers      []string      // host:port, in failover order; the certificate must be for this host
	BaseDN       string        // the search covers this entry and everything below it
	BindDN       string        // the machine account
	PasswordFile string        // its password, at most one line break at the end
	CAFile       string        // PEM; no other CA is trusted
	Timeout      time.Duration // for the whole question, all servers together; 0: DefaultTimeout
}

// ConfigFrom takes the settings of the machine account from the registry variables ldap/server/name, ldap/server/port,
// ldap/server/addition, ldap/base and ldap/hostdn. get is (*ucr.Registry).Get. The files are below root.
func ConfigFrom(get func(key string) (string, bool), root string) (Config, error) {
	var missing []string
	need := func(key string) string {
		value, _ := get(key)
		if value == "" {
			missing = append(missing, key)
		}
		return value
	}
	c := Config{
		PasswordFile: filepath.Join("/", root, passwordFile),
		CAFile:       filepath.Join("/", root, caFile),
		Timeout:      DefaultTimeout,
	}
	names := []string{need("ldap/server/name")}
	c.BaseDN = need("ldap/base")
	c.BindDN = need("ldap/hostdn")
	if len(missing) > 0 {
		return Config{}, fmt.Errorf("cannot find the LDAP server: not set: %s", strings.Join(missing, ", "))
	}
	port, _ := get("ldap/server/port")
	if port == "" {
		port = defaultPort
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return Config{}, fmt.Errorf("cannot find the LDAP server: ldap/server/port is %q, not a port number", port)
	}
	additions, _ := get("ldap/server/addition")
	for _, name := range append(names, strings.Fields(additions)...) {
		if server := net.JoinHostPort(name, port); !slices.Contains(c.Servers, server) {
			c.Servers = append(c.Servers, server)
		}
	}
	return c, nil
}

func (c Config) password() (string, error) {
	content, err := os.ReadFile(c.PasswordFile)
	if err != nil {
		return "", fmt.Errorf("cannot read the machine password: %w", err)
	}
	password := strings.TrimSuffix(string(content), "\n")
	if password == "" {
		// With an empty password the server would let us in as an anonymous user (RFC 4513, 5.1.2).
		return "", fmt.Errorf("cannot read the machine password: %s is empty", c.PasswordFile)
	}
	return password, nil
}

func (c Config) trusted() (*x509.CertPool, error) {
	pem, err := os.ReadFile(c.CAFile)
	if err != nil {
		return nil, fmt.Errorf("cannot read the CA certificate: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("cannot read the CA certificate: there is none in %s", c.CAFile)
	}
	return pool, nil
}

func (c Config) check() error {
	switch {
	case len(c.Servers) == 0:
		return errors.New("no server named")
	case c.BaseDN == "":
		return errors.New("no base DN")
	case c.BindDN == "":
		return errors.New("no bind DN")
	}
	return nil
}
