package transaction

import (
	"slices"

	"ucs-harden/ledger"
)

// ledgerBefore returns the ledger that taking a change back leaves: the one before, if nothing else has changed it.
// Otherwise, such as below newer changes that stay in effect, it is the ledger on disk, in which only what the change is
// about is as it was before.
func (m *Machine) ledgerBefore(c *Manifest, f File, before snapshot, leaves bool) (snapshot, error) {
	newer, err := m.newer(c)
	if err != nil {
		return before, err
	}
	disk, err := look(m.path(f.Path))
	if err != nil {
		return before, err
	}
	if (!leaves || !m.holdsLasting(c)) && len(newer) == 0 && (!disk.present() || f.known(disk)) {
		return before, nil
	}
	then, err := ledger.Parse(before.content)
	if err != nil {
		return before, err
	}
	now, err := ledger.Parse(disk.content)
	if err != nil {
		return before, nil // damaged: that before is better than none
	}
	if merged := m.without(now, then, c, leaves).Bytes(); merged != nil {
		return private(merged), nil
	}
	return snapshot{}, nil
}

// without is the ledger now, with the entries of a change as they were then.
func (m *Machine) without(now, then ledger.Ledger, c *Manifest, leaves bool) ledger.Ledger {
	out := now.Clone()
	for _, v := range c.Variables {
		if _, stays := now.Variables[v.Key]; stays && leaves && m.lasts(v.Key) {
			continue
		}
		delete(out.Variables, v.Key)
		if entry, ours := then.Variables[v.Key]; ours {
			out.Variables[v.Key] = entry
		}
		if v.Key == "mail/postfix/mynetworks" {
			out.Networks = slices.Clone(then.Networks)
		}
	}
	for _, f := range c.Files {
		if now.HasFile(f.Path) && leaves && m.lasts(f.Path) {
			continue
		}
		out.Files = slices.DeleteFunc(out.Files, func(path string) bool { return path == f.Path })
		if then.HasFile(f.Path) {
			out.Files = append(out.Files, f.Path)
		}
	}
	slices.Sort(out.Files)
	return out
}
