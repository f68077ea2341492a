package main

import (
	"net"
	"net/netip"
	"slices"
	"strings"

	"ucs-harden/maincf"
	"ucs-harden/mastercf"
	"ucs-harden/transaction"
)

// door is a port that master.cf opens, and how it was found.
type door struct {
	transaction.Port
	implicitTLS bool
	// relay: it is port 25, which takes mail for postmaster (RFC 5321 section
	// 4.5.1) from everybody.
	relay bool
	// tlsFailure and refusal tell why STARTTLS and mail for postmaster failed.
	tlsFailure, refusal error
}

// name is the port as an administrator knows it.
func (d *door) name() string {
	_, port, _ := net.SplitHostPort(d.Addr)
	if service, _, _ := strings.Cut(d.Service, "/"); service != port && !strings.Contains(service, ":") {
		return port + " (" + service + ")"
	}
	return port
}

// doors are the inet services that speak SMTP. They listen at an address of
// their own, or at the first that inet_interfaces names.
func (p livePostfix) doors() []door {
	file, err := p.g.masterCF()
	if err != nil {
		return nil // the plan has read the file; what changed since will show in the next step
	}
	main := p.mainCF()
	var out []door
	for _, s := range file.Services {
		if s.Type != "inet" || s.Command != "smtpd" && s.Command != "postscreen" {
			continue
		}
		host, port, err := net.SplitHostPort(s.Name)
		if err != nil {
			host, port = listens(main), s.Name
		}
		port = portNumber(port)
		d := door{
			Port:  transaction.Port{Service: s.Name + "/" + s.Type, Addr: net.JoinHostPort(host, port), Options: decisive(s)},
			relay: port == "25",
		}
		wrapper, ok := s.Option("smtpd_tls_wrappermode")
		if !ok {
			wrapper, _ = main.Get("smtpd_tls_wrappermode")
		}
		d.implicitTLS = wrapper == "yes"
		out = append(out, d)
	}
	return out
}

// decisive are the overrides that decide what the port offers.
func decisive(s *mastercf.Service) map[string]string {
	out := map[string]string{}
	for _, name := range slices.Concat(tlsOptions, authOptions) {
		if value, ok := s.Option(name); ok {
			out[name] = value
		}
	}
	return out
}

func (p livePostfix) mainCF() maincf.File {
	content, err := p.g.read(transaction.MainCF)
	if err != nil {
		return nil // as above
	}
	main, err := maincf.Parse(content)
	if err != nil {
		return nil
	}
	return main
}

// listens is an address at which Postfix listens: loopback, unless
// inet_interfaces names addresses (postconf(5)).
func listens(main maincf.File) string {
	const loopback, loopback6 = "127.0.0.1", "::1"
	interfaces, _ := main.Get("inet_interfaces")
	for _, word := range strings.FieldsFunc(interfaces, func(r rune) bool { return r == ',' || r == ' ' }) {
		if a, err := netip.ParseAddr(strings.Trim(word, "[]")); err == nil {
			return a.String()
		}
	}
	if protocols, _ := main.Get("inet_protocols"); protocols == "ipv6" {
		return loopback6
	}
	return loopback
}

// portNumber knows the three names that master.cf of UCS uses; services(5) of
// a small system may not.
func portNumber(name string) string {
	switch name {
	case "smtp":
		return "25"
	case "smtps", "submissions":
		return "465"
	case "submission":
		return "587"
	}
	return name
}
