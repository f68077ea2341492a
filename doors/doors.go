// Package doors finds every smtpd(8) of a master.cf that a client can reach over the network: where it listens, what it
// is for, and which recipient restriction list it asks.
//
// The UCS template makes three of them: one for other mail servers (the MX, at the port in mail/smtpport) and two for
// mail programs (smtps and submission). What an smtpd is for, its role, does not depend on the number of its port. An
// administrator may add any number of further ones in master.cf.local.
package doors

import (
	"hash/fnv"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"ucs-harden/internal/lexical"
	"ucs-harden/maincf"
	"ucs-harden/mastercf"
)

// The roles, by the port that each has on most servers (RFC 5321, RFC 8314, RFC 6409).
const (
	MX         = 25
	Smtps      = 465
	Submission = 587
)

// Door is one smtpd(8) and the inet service entry through which clients come to it.
type Door struct {
	// Name is where it listens, as [host:]port with a number for the port: "25", "203.0.113.1:10587". Port is that
	// number.
	Name, Port string
	// Role is MX, Smtps or Submission. A further smtpd has the role that its options make of it: with TLS from the first
	// byte Smtps, with AUTH Submission, else MX.
	Role int
	// Further: it is none of the three that the UCS template makes.
	Further bool
	// Loopback: it listens on this machine only, so no stranger reaches it.
	Loopback bool
	// Entry is its inet service entry. Smtpd is the entry of the smtpd(8) itself: behind postscreen(8) that is the
	// service of type pass to which postscreen hands connections, by smtpd_service_name (postconf(5)).
	Entry, Smtpd *mastercf.Service
	// Auth: it offers AUTH. MainAuth: it would without an override.
	Auth, MainAuth bool
}

// Postscreen reports whether postscreen(8) stands in front of the smtpd(8).
func (d Door) Postscreen() bool { return d.Entry != d.Smtpd }

// ID is a number that no other door has: the role of the three of UCS, and for a further one a number above all ports
// that depends on its name alone.
func (d Door) ID() int {
	if !d.Further {
		return d.Role
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(d.Name))
	return 1<<16 + int(h.Sum32()>>1)
}

// OwnList returns the recipient restriction list that an override gives to the smtpd(8). Without one it asks the list
// of main.cf.
func (d Door) OwnList() (value string, own bool) { return d.Smtpd.Option(Recipients) }

// Recipients is the parameter that holds the recipient restriction list, Auth the one that switches AUTH on.
const (
	Recipients = "smtpd_recipient_restrictions"
	Auth       = "smtpd_sasl_auth_enable"
)

// Of are the doors of a configuration, in the order of master.cf. Of two entries for one place to listen the last one
// counts. A service that master_service_disable names is none.
func Of(main maincf.File, master *mastercf.File) []Door {
	var all []Door
	for _, s := range master.Services {
		if s.Type != "inet" || master.Service(s.Name, s.Type) != s || disabled(main, s) {
			continue
		}
		smtpd := behind(main, master, s)
		if smtpd == nil {
			continue
		}
		d := Door{Port: mastercf.PortOf(s.Name), Entry: s, Smtpd: smtpd, Further: true}
		d.Name = d.Port
		host, _, err := net.SplitHostPort(s.Name)
		if err == nil && host != "" {
			d.Name = net.JoinHostPort(host, d.Port)
		}
		d.Loopback = onLoopback(main, host)
		d.Auth = smtpd.Value(Auth, main.Value) == "yes"
		d.MainAuth = main.Value(Auth) == "yes"
		switch {
		case smtpd.Value("smtpd_tls_wrappermode", main.Value) == "yes":
			d.Role = Smtps
		case d.Auth:
			d.Role = Submission
		default:
			d.Role = MX
		}
		all = append(slices.DeleteFunc(all, func(other Door) bool { return other.Name == d.Name }), d)
	}
	for _, role := range []int{Smtps, Submission, MX} {
		if i := ofUCS(all, role); i >= 0 {
			all[i].Role, all[i].Further = role, false
		}
	}
	return all
}

// Find returns the door with a name, or the one of UCS with a role when the name is "". It is nil when there is none.
func Find(all []Door, role int, name string) *Door {
	i := slices.IndexFunc(all, func(d Door) bool {
		return name == d.Name || name == "" && d.Role == role && !d.Further
	})
	if i < 0 {
		return nil
	}
	return &all[i]
}

// Numbered returns the door at the number of a port: the one with that name, else the first one that listens there at
// one address only. It is nil when there is none.
func Numbered(all []Door, number string) *Door {
	if d := Find(all, 0, number); d != nil {
		return d
	}
	if i := slices.IndexFunc(all, func(d Door) bool { return d.Port == number }); i >= 0 {
		return &all[i]
	}
	return nil
}

// ofUCS is the place of the door that the UCS template makes for a role, or -1: the one at the port of the role. An
// entry that listens at every address counts before one that does not, and one on loopback counts last. An MX at
// another port is the first entry of master.cf, because the template begins with it, else the first one that is like an
// MX.
func ofUCS(all []Door, role int) int {
	best, rank := -1, 0
	for i, d := range all {
		r := 0
		switch {
		case d.Port != strconv.Itoa(role):
			continue
		case d.Name == d.Port:
			r = 3
		case !d.Loopback:
			r = 2
		case role != MX:
			r = 1
		}
		if r > rank {
			best, rank = i, r
		}
	}
	if best >= 0 || role != MX {
		return best
	}
	for i, d := range all {
		if d.Further && d.Name == d.Port && (i == 0 || d.Role == MX) {
			return i
		}
	}
	return -1
}

// behind is the smtpd(8) that a client of an inet service comes to, nil when it comes to another program.
func behind(main maincf.File, master *mastercf.File, s *mastercf.Service) *mastercf.Service {
	if s.Command == "postscreen" {
		name := s.Value("smtpd_service_name", main.Value)
		if name == "" {
			name = "smtpd"
		}
		s = master.Service(name, "pass")
	}
	if s == nil || s.Command != "smtpd" {
		return nil
	}
	return s
}

// disabled reports whether master_service_disable names a service: by name and type, "submission.inet", or all of its
// type, "inet" (postconf(5)).
func disabled(main maincf.File, s *mastercf.Service) bool {
	for _, word := range lexical.Words(main.Value("master_service_disable")) {
		negated := strings.HasPrefix(word, "!")
		if word = strings.TrimPrefix(word, "!"); word == s.Type || word == s.Name+"."+s.Type {
			return !negated // the first that matches counts
		}
	}
	return false
}

// onLoopback reports whether a service listens on loopback only. Without a host of its own it listens where
// inet_interfaces says.
func onLoopback(main maincf.File, host string) bool {
	hosts := []string{host}
	if host == "" {
		hosts = lexical.Words(main.Value("inet_interfaces"))
	}
	for _, h := range hosts {
		a, err := netip.ParseAddr(strings.Trim(h, "[]"))
		if h != "localhost" && h != "loopback-only" && (err != nil || !a.Unmap().IsLoopback()) {
			return false
		}
	}
	return len(hosts) > 0
}
