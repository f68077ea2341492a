package harden

import (
	"context"
	"slices"
	"strings"

	"ucs-harden/identity"
	"ucs-harden/mastercf"
	"ucs-harden/postfix"
	"ucs-harden/rehearsal"
	"ucs-harden/samples"
)

// maxEntries bounds how many entries of the administrator's tables a rehearsal asks about, all tables together.
const maxEntries = 24

// ownEntries returns entries of the tables that both configurations use and ucs-harden does not write. A table that
// cannot be read has none: whether it works, the rehearsal finds out by itself.
func (s *Server) ownEntries(ctx context.Context, p *Planned) []samples.Entry {
	var tables []samples.Table
	for _, c := range []configuration{p.facts.now, p.next} {
		for _, port := range mastercf.Ports {
			for _, t := range samples.Tables(c.service(p.facts.registry, port).Parameters) {
				if _, ours := p.facts.Disk[t.Name]; !ours && p.planned(t.Name) == nil && !slices.Contains(tables, t) {
					tables = append(tables, t)
				}
			}
		}
	}
	var entries []samples.Entry
	for _, t := range tables {
		var content []byte
		if path := t.Path(); path != "" {
			var err error
			if content, err = s.read(path); err != nil || content == nil {
				content, _ = postfix.Postfix{Runner: s.Runner}.Dump(ctx, t.Type, path)
			}
		}
		entries = append(entries, t.Entries(content, rehearsal.MaxEntries)...)
	}
	return entries[:min(maxEntries, len(entries))]
}

// namedIn returns the accounts that entries of tables name.
func (s *Server) namedIn(ctx context.Context, p *Planned, entries []samples.Entry) ([]identity.Account, error) {
	var names []string
	for _, e := range entries {
		switch e.Table.Kind {
		case samples.Owned:
			names = append(names, e.Owners()...)
		case samples.Login:
			names = append(names, e.Key)
		}
		if strings.Contains(e.Key, "@") {
			names = append(names, e.Key)
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	slices.Sort(names)
	return s.lookup(ctx, p.facts.registry, slices.Compact(names)...)
}
