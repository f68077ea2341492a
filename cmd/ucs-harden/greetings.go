package main

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"ucs-harden/postfix"
	"ucs-harden/transaction"
)

// greetTimeout is how long a port may take to greet: a new smtpd has to start,
// and one that fails is started again.
const greetTimeout = 20 * time.Second

// probeTimeout is how long a port may take to show that it is in use at all.
const probeTimeout = 5 * time.Second

// Greetings are the ports of master.cf that greet on this machine.
func (p livePostfix) Greetings(ctx context.Context) []string {
	var out []string
	for _, addr := range p.addresses() {
		probe, cancel := context.WithTimeout(ctx, probeTimeout)
		if _, err := postfix.Greet(probe, addr, implicitTLS(addr)); err == nil {
			out = append(out, addr)
		}
		cancel()
	}
	return out
}

func (livePostfix) Greet(ctx context.Context, addrs []string) error {
	for _, addr := range addrs {
		probe, cancel := context.WithTimeout(ctx, greetTimeout)
		_, err := postfix.Greet(probe, addr, implicitTLS(addr))
		cancel()
		if err != nil {
			return fmt.Errorf("cannot verify: %s greeted before and does not now: %w", addr, err)
		}
	}
	return nil
}

func implicitTLS(addr string) bool { return strings.HasSuffix(addr, ":465") }

// addresses are where the inet services that speak SMTP listen: at an address
// of their own, or at the first that inet_interfaces names.
func (p livePostfix) addresses() []string {
	file, err := p.g.masterCF()
	if err != nil {
		return nil // the plan has read the file; what changed since will show in the next step
	}
	var out []string
	for _, s := range file.Services {
		if s.Type != "inet" || s.Command != "smtpd" && s.Command != "postscreen" {
			continue
		}
		host, port, err := net.SplitHostPort(s.Name)
		if err != nil {
			host, port = p.listens(), s.Name
		}
		out = append(out, net.JoinHostPort(host, portNumber(port)))
	}
	return out
}

// listens is an address at which Postfix listens: loopback, unless
// inet_interfaces names addresses (postconf(5)).
func (p livePostfix) listens() string {
	const loopback, loopback6 = "127.0.0.1", "::1"
	content, err := p.g.read(transaction.MainCF)
	if err != nil {
		return loopback
	}
	main, err := postfix.ParseMain(content)
	if err != nil {
		return loopback
	}
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
