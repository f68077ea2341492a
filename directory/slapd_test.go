package directory

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ucs-harden/internal/run"
)

const (
	base     = "dc=company,dc=my"
	machine  = "cn=mail,cn=dc,cn=computers," + base
	password = "machine secret ö\\$"
)

// authority is a CA like the one of a UCS domain.
type authority struct {
	file string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Univention Corporate Server Root CA"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	cert, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return authority{writePEM(t, "CERTIFICATE", der), cert, key}
}

// issue writes a server certificate and its key.
func (a authority) issue(t *testing.T, template x509.Certificate) (certFile, keyFile string) {
	t.Helper()
	key := newKey(t)
	template.SerialNumber = big.NewInt(2)
	template.NotBefore = time.Now().Add(-2 * time.Hour)
	if template.NotAfter.IsZero() {
		template.NotAfter = time.Now().Add(time.Hour)
	}
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	der, err := x509.CreateCertificate(rand.Reader, &template, a.cert, &key.PublicKey, a.key)
	require.NoError(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	return writePEM(t, "CERTIFICATE", der), writePEM(t, "PRIVATE KEY", private)
}

// localhost is a certificate for the address on which the tests' servers listen.
var localhost = x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"}}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return key
}

func writePEM(t *testing.T, kind string, der []byte) string {
	t.Helper()
	return writeFile(t, kind+".pem", string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})))
}

func writeFile(t *testing.T, name, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
	return file
}

// slapdConf configures slapd like UCS where it matters here: the object class, no reading without a login, no login
// without TLS. aRecord and associatedDomain are in cosine.schema.
const slapdConf = `
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
attributetype ( 1.3.6.1.4.1.2428.20.1.28 NAME 'aAAARecord' EQUALITY caseIgnoreIA5Match SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 )
objectclass ( 1.3.6.1.4.1.10176.99.1 NAME 'univentionDomainController' SUP top STRUCTURAL MUST cn
	MAY ( userPassword $ description $ associatedDomain $ aRecord $ aAAARecord ) )
%s
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
sizelimit %s
TLSCACertificateFile "%s"
TLSCertificateFile "%s"
TLSCertificateKeyFile "%s"
database mdb
maxsize 67108864
suffix "dc=company,dc=my"
directory "%s"
security simple_bind=128
access to attrs=userPassword by anonymous auth
access to * by users read
`

// settings of one slapd; the zero value gives a server for localhost that works.
type settings struct {
	certificate x509.Certificate
	sizeLimit   string // default unlimited
	schema      string // additional schema
	indexed     bool   // index the names of people; the schema must define these attributes
	access      string // access rules that come before the others
}

type slapd struct {
	address string // host:port
	conf    string
}

// startSlapd starts a real slapd with the entries and waits until it listens.
func startSlapd(t *testing.T, ca authority, ldif string, s settings) slapd {
	t.Helper()
	if len(s.certificate.IPAddresses)+len(s.certificate.DNSNames) == 0 {
		s.certificate = localhost
	}
	if s.sizeLimit == "" {
		s.sizeLimit = "unlimited"
	}
	cert, key := ca.issue(t, s.certificate)
	text := fmt.Sprintf(slapdConf, s.schema, s.sizeLimit, ca.file, cert, key, t.TempDir())
	text = strings.Replace(text, "access to *", s.access+"access to *", 1)
	if s.indexed {
		text += "index objectClass,uid,mailPrimaryAddress,mailAlternativeAddress eq\n"
	}
	conf := writeFile(t, "slapd.conf", text)
	_, err := run.System{}.Run(t.Context(), run.Cmd{
		Argv: []string{"slapadd", "-q", "-f", conf, "-l", writeFile(t, "entries.ldif", ldif)},
	})
	require.NoError(t, err)

	address := freeAddress(t)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = run.System{}.Run(ctx, run.Cmd{ // an error is normal: the test kills slapd at its end
			Argv: []string{"slapd", "-d", "0", "-f", conf, "-h", "ldap://" + address + "/"}, Timeout: time.Hour,
		})
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	listening := func() bool {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return false
		}
		return conn.Close() == nil
	}
	require.Eventually(t, listening, 20*time.Second, 10*time.Millisecond, "slapd does not listen on %s", address)
	return slapd{address, conf}
}

// freeAddress returns an address on loopback on which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// config is a Config that asks these servers as the machine account.
func config(t *testing.T, ca authority, servers ...string) Config {
	t.Helper()
	return Config{
		Servers: servers, BaseDN: base, BindDN: machine,
		PasswordFile: writeFile(t, "machine.secret", password), CAFile: ca.file,
		Timeout: 20 * time.Second,
	}
}

// company is a UCS domain with five domain controllers. The member server at the end and the containers are not domain
// controllers.
const company = `dn: dc=company,dc=my
objectClass: domain
dc: company

dn: cn=computers,dc=company,dc=my
objectClass: applicationProcess
cn: computers

dn: cn=dc,cn=computers,dc=company,dc=my
objectClass: applicationProcess
cn: dc

dn: cn=mail,cn=dc,cn=computers,dc=company,dc=my
objectClass: univentionDomainController
cn: mail
associatedDomain: company.my
aRecord: 10.99.1.1
userPassword: ` + password + `

dn: cn=dc2,cn=dc,cn=computers,dc=company,dc=my
objectClass: top
objectClass: univentionDomainController
cn: dc2
description: A very long description, so that ldapsearch and slapcat fold it into more than one line, ümläuts included
associatedDomain: company.my
aRecord: 10.99.1.10
aRecord: 10.99.1.9
aAAARecord: fd99:1::10
aAAARecord: fd99:0001:0000::0010

dn: cn=dc3,cn=dc,cn=computers,dc=company,dc=my
objectClass: univentionDomainController
cn: dc3
aAAARecord: fd99:1::30

dn: cn=dc4,cn=dc,cn=computers,dc=company,dc=my
objectClass: univentionDomainController
cn: dc4
associatedDomain: company.my

dn: cn=dc5,cn=dc,cn=computers,dc=company,dc=my
objectClass: univentionDomainController
cn: dc5
associatedDomain: company.my
aRecord: 127.0.0.1
aRecord: 10.99.1.999
aRecord: 10.99.1.50
aAAARecord: ::ffff:10.99.1.51

dn: dc=member,cn=computers,dc=company,dc=my
objectClass: dNSDomain
dc: member
aRecord: 10.99.1.77
`

// crowd is the company with n more domain controllers, named dc-0001 and so on.
func crowd(n int) string {
	ldif := company
	for i := 1; i <= n; i++ {
		name := fmt.Sprintf("dc-%04d", i)
		ldif += "\ndn: cn=" + name + ",cn=dc,cn=computers," + base +
			"\nobjectClass: univentionDomainController\ncn: " + name +
			"\naRecord: 10.98." + strconv.Itoa(i/250) + "." + strconv.Itoa(i%250+1) + "\n"
	}
	return ldif
}
