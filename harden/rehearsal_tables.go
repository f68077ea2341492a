package harden

import (
	"context"
	"slices"

	"ucs-harden/identity"
	"ucs-harden/mastercf"
	"ucs-harden/postfix"
	"ucs-harden/rehearsal"
	"ucs-harden/samples"
	"ucs-harden/smtpdaccess"
)

// ownEntries returns entries of the tables that both configurations use and ucs-harden does not write. A table that
// cannot be read has none: whether it works, the rehearsal finds out by itself.
func (s *Server) ownEntries(ctx context.Context, p *Planned) []samples.Entry {
	var entries []samples.Entry
	for _, t := range ownTables(p) {
		entries = append(entries, s.entriesOf(ctx, t, rehearsal.MaxEntries)...)
	}
	return entries[:min(samples.Most, len(entries))]
}

// ownTables are the tables that both configurations use and ucs-harden does not write.
func ownTables(p *Planned) []samples.Table {
	var tables []samples.Table
	for _, c := range []configuration{p.facts.now, p.next} {
		for _, port := range mastercf.Ports {
			for _, t := range samples.Tables(smtpdaccess.Of(c.maincf, c.smtpd(port, "")).Parameters) {
				if _, ours := p.facts.Disk[t.Name]; !ours && p.planned(t.Name) == nil && !slices.Contains(tables, t) {
					tables = append(tables, t)
				}
			}
		}
	}
	return tables
}

// entriesOf are at most n entries of a table, none when it cannot be read.
func (s *Server) entriesOf(ctx context.Context, t samples.Table, n int) []samples.Entry {
	var content []byte
	if path := t.Path(); path != "" {
		var err error
		if content, err = s.read(path); err != nil || content == nil {
			content, _ = postfix.Postfix{Runner: s.Runner}.Dump(ctx, t.Type, path)
		}
	}
	return t.Entries(content, n)
}

// namedIn returns the accounts that entries of tables name.
func (s *Server) namedIn(ctx context.Context, p *Planned, entries []samples.Entry) ([]identity.Account, error) {
	names := samples.Names(entries)
	if len(names) == 0 {
		return nil, nil
	}
	return s.lookup(ctx, p.facts.registry, names...)
}
