package harden

import (
	"context"
	"net/netip"

	"ucs-harden/directory"
	"ucs-harden/doors"
	"ucs-harden/hostnet"
	"ucs-harden/identity"
	"ucs-harden/inside"
	"ucs-harden/smtpdaccess"
)

// surroundings reads what is known of this host and of its neighbours: its interfaces, what main.cf says of names and
// relay hosts, and the mail servers of the directory.
func (s *Server) surroundings(ctx context.Context, r *reader, f *facts) (err error) {
	if err := s.host(ctx, f); err != nil {
		return err
	}
	// An archive without an export can still be planned on if nothing else needs the directory.
	if f.Inside.NoDirectory = !s.Live() && s.Directory == nil; !f.Inside.NoDirectory {
		f.Inside.Servers, err = consult(ctx, s, f.registry, question[[]identity.Host]{
			"the mail servers", directory.MailServersFromLDIF, directory.MailServers,
		})
	}
	f.exempt(r)
	return err
}

// knownSurroundings is surroundings while the directory does not answer, with the mail servers of the last sync.
func (s *Server) knownSurroundings(ctx context.Context, r *reader, f *facts) error {
	if err := s.host(ctx, f); err != nil {
		return err
	}
	f.Inside.Servers = f.KnownServers()
	f.exempt(r)
	return nil
}

// exempt takes fingerprints of the clients that sender-spoofing is not about.
func (f *facts) exempt(r *reader) {
	for _, e := range f.Inside.Exempt() {
		r.answer("inside "+e.Prefix.String(), e.Who)
	}
}

// host reads what is known of this host. Names are looked up on the live server only.
func (s *Server) host(ctx context.Context, f *facts) (err error) {
	var host inside.Host
	host.Name, _ = f.Registry.Get("hostname")
	host.Domain, _ = f.Registry.Get("domainname")
	host.RelayHost, _ = f.Registry.Get(inside.RelayHostVariable)
	lookup := func(string) []netip.Addr { return nil }
	if s.Live() {
		lookup = func(name string) []netip.Addr { return hostnet.Lookup(ctx, name) }
	}
	f.Inside = inside.Read(f.now.maincf, host, lookup)
	f.Inside.AnySender = f.now.anySender()
	f.Inside.Interfaces, err = s.interfaces(f)
	return err
}

// interfaces are the network interfaces of the server.
func (s *Server) interfaces(f *facts) ([]hostnet.Interface, error) {
	switch {
	case s.Interfaces != nil:
		return s.Interfaces()
	case s.Live():
		return hostnet.Interfaces()
	}
	return hostnet.Described(f.Registry.Keys, f.Registry.Get), nil
}

// anySender reports whether a client that logs in on the port for other mail servers may use any sender there.
func (c configuration) anySender() bool {
	mx := doors.Find(c.doors(), doors.MX, "")
	if mx == nil || !mx.Auth {
		return false
	}
	service := smtpdaccess.Of(c.maincf, mx.Smtpd)
	var lists []string
	for _, l := range service.Lists() {
		lists = append(lists, l.Parameter)
	}
	return inside.AnySender(service.Parameters, lists)
}
