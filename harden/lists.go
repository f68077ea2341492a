package harden

import (
	"slices"
	"strings"

	"ucs-harden/controls"
	"ucs-harden/lists"
	"ucs-harden/plan"
	"ucs-harden/transaction"
	"ucs-harden/ucr"
)

// ListSchema is the version of the JSON form of a List. It rises when a name or a meaning changes.
const ListSchema = 1

// Entry is an entry of a list. An entry that has expired or has a fault has no effect.
type Entry struct {
	lists.Entry
	Expired bool `json:"expired"`
	// Fault says why the entry cannot be used.
	Fault string `json:"fault,omitempty"`
}

// List is the list of a control.
type List struct {
	Schema  int       `json:"schema"`
	Control string    `json:"control"`
	Mode    plan.Mode `json:"mode"`
	// Settings are registry variables that also decide whom the control affects, by name; only those that are set.
	Settings map[string]string `json:"settings"`
	Entries  []Entry           `json:"entries"`
	// Effective are the accounts on which the control acts now, as the tables of Postfix have them. Live are the LDAP maps
	// that Postfix asks besides.
	Effective []controls.Effective `json:"effective"`
	Live      []string             `json:"live,omitempty"`
	// Senders: the entries name the senders that may write to an address. As: they name what somebody may write as.
	Senders bool `json:"-"`
	As      bool `json:"-"`
}

// Useless counts the entries that have no effect. A faulty entry does not count as expired.
func (l *List) Useless() (expired, faulty int) {
	for _, e := range l.Entries {
		switch {
		case e.Fault != "":
			faulty++
		case e.Expired:
			expired++
		}
	}
	return expired, faulty
}

// List reads the list of a control, sorted by the account, group or address of the entries.
func (s *Server) List(c controls.Control) (*List, error) {
	reg, mode, err := s.listed(c)
	if err != nil {
		return nil, err
	}
	l := &List{
		Schema: ListSchema, Control: c.Name, Mode: mode, Settings: c.Settings(reg), Entries: []Entry{},
		Senders: c.List.Senders, As: c.List.As,
	}
	day := s.Today()
	for _, e := range c.List.Read(reg) {
		l.Entries = append(l.Entries, Entry{e, e.Expired(day), c.List.Fault(e)})
	}
	slices.SortStableFunc(l.Entries, func(a, b Entry) int {
		return strings.Compare(strings.ToLower(a.About()), strings.ToLower(b.About()))
	})
	var text strings.Builder
	for _, path := range []string{transaction.MainCF, transaction.MasterCF} {
		content, err := s.read(path)
		if err != nil {
			return nil, err
		}
		text.Write(content)
	}
	effective, live := controls.EffectiveOf(c, text.String(), func(path string) []byte {
		content, _ := s.read(path)
		return content
	})
	l.Effective, l.Live = list(effective), live
	return l, nil
}

// listed reads the registry, and from it the mode of the control.
func (s *Server) listed(c controls.Control) (registryOf, plan.Mode, error) {
	loaded, err := ucr.Load(s.Root)
	reg := registryOf{loaded}
	if err != nil {
		return reg, "", err
	}
	states, _, err := controls.Modes(reg, "", false)
	if err != nil {
		return reg, "", &ModeError{err}
	}
	i := slices.IndexFunc(states, func(state plan.Control) bool { return state.Name == c.Name })
	return reg, states[i].After, nil
}
