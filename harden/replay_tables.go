package harden

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"ucs-harden/mailbox"
	"ucs-harden/privatepostfix"
	"ucs-harden/samples"
)

// specially reports whether one of the administrator's own tables may be about a message: an entry names the client, an
// address or a domain of it, or a table does not tell whom it knows.
func (s *Server) specially(ctx context.Context, p *Planned) func(privatepostfix.Dialogue) bool {
	keys, networks, opaque := map[string]bool{}, []netip.Prefix(nil), false
	for _, t := range ownTables(p) {
		entries := s.entriesOf(ctx, t, maxEntries)
		silent := t.Path() == "" && t.Type != "inline" && !strings.Contains(t.Name, "ucs-harden")
		opaque = opaque || silent && t.Kind != samples.Owned
		for _, e := range entries {
			keys[e.Key] = true
			if n, err := netip.ParsePrefix(e.Key); err == nil {
				networks = append(networks, n)
			}
		}
	}
	return func(d privatepostfix.Dialogue) bool {
		if opaque || slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(d.Client.Unmap()) }) {
			return true
		}
		for _, name := range []string{d.Client.String(), d.ClientName, d.Login, d.Sender, d.Recipient} {
			name = strings.ToLower(name)
			if keys[name] {
				return true
			}
			for domain := mailbox.Domain(name); domain != ""; _, domain, _ = strings.Cut(domain, ".") {
				if keys[domain] || keys["."+domain] || keys["@"+domain] {
					return true
				}
			}
			// Shorter keys of an address: 203.0.113, 203.0, 203 (access(5)).
			for network := name; network != ""; network = network[:max(strings.LastIndexByte(network, '.'), 0)] {
				if keys[network] {
					return true
				}
			}
		}
		return false
	}
}

// maxEntries bounds what is read of one table.
const maxEntries = 1 << 20
