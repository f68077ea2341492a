package lab

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"
)

// authority is the certification authority of the company. Every lab makes its own.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pem         []byte
}

func newAuthority() (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := template(pkix.Name{CommonName: "Univention Corporate Server Root CA (lab)", Organization: []string{"company.my"}})
	template.IsCA, template.BasicConstraintsValid = true, true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &authority{certificate, key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}, nil
}

// issue makes a server certificate for these names and 127.0.0.1. Certificate and key are PEM.
func (a *authority) issue(names ...string) (certificate, private []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	template := template(pkix.Name{CommonName: names[0]})
	template.DNSNames = names
	template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &key.PublicKey, a.key)
	if err != nil {
		return nil, nil, err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), nil
}

func template(subject pkix.Name) *x509.Certificate {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		panic(err) // cannot happen: the kernel's random numbers do not fail
	}
	return &x509.Certificate{
		Subject: subject, SerialNumber: serial,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
}

// TLS is a client configuration that trusts the lab's authority and expects the mail server's certificate, whatever
// address is dialled.
func (l *Lab) TLS() (*tls.Config, error) {
	content, err := l.Mail().ReadFile("/etc/univention/ssl/ucsCA/CAcert.pem")
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(content) {
		return nil, fmt.Errorf("no certificate in the lab's CAcert.pem")
	}
	return &tls.Config{RootCAs: pool, ServerName: "mail.company.my"}, nil
}

// NewCertificate gives a host a certificate of an authority that nobody trusts. Running daemons keep the old
// certificate until they are restarted.
func (l *Lab) NewCertificate(host string) error {
	a, err := newAuthority()
	if err != nil {
		return err
	}
	h, fqdn := l.Host(host), topology[host].fqdn
	certificate, key, err := a.issue(fqdn, host)
	if err != nil {
		return err
	}
	return writeAll(h, file{"/etc/univention/ssl/" + fqdn + "/cert.pem", string(certificate), 0o644},
		file{"/etc/univention/ssl/" + fqdn + "/private.key", string(key), 0o640})
}
