package harden

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"ucs-harden/access"
	"ucs-harden/controls"
	"ucs-harden/evidence"
	"ucs-harden/history"
	"ucs-harden/hosteddomains"
	"ucs-harden/internal/inroot"
	"ucs-harden/plan"
	"ucs-harden/transaction"
)

// StatusSchema is the version of the JSON form of a Status. It rises when a name or a meaning changes.
const StatusSchema = 3

// Status is the state of a server: its modes, drift, findings and changes.
type Status struct {
	Schema int `json:"schema"`
	// Time is when the state was read, by the clock of the server.
	Time time.Time `json:"time"`
	// Server is the full name of the server, as its registry has it; Version is that of ucs-harden.
	Server  string `json:"server"`
	Version string `json:"version"`
	// Mode and Controls are what the registry wants, but a control that stays in warn for lack of evidence is in warn, and one
	// whose mode cannot be read is in that of Postfix. Running are the modes that the controls have in Postfix, by name.
	Mode     plan.Mode            `json:"mode"`
	Controls []plan.Control       `json:"controls"`
	Running  map[string]plan.Mode `json:"running"`
	// Postfix is "running", "stopped", or "unknown" for an archive.
	Postfix string `json:"postfix"`
	// Domains is the number of hosted mail domains, Covered how many of them the sender table on disk has.
	Domains int `json:"domains"`
	Covered int `json:"covered"`
	// Controllers is the number of domain controllers with an address, or -1 if no control needs them.
	Controllers int `json:"controllers"`
	// Stopped are the accounts that are stopped in every mode.
	Stopped []string `json:"stopped"`
	// Silent is why the directory does not answer, "" if it does. Then Drift is not known.
	Silent string `json:"silent,omitempty"`
	// Drift names what the next sync would change.
	Drift    []string       `json:"drift"`
	Findings []plan.Finding `json:"findings"`
	// Readiness says of the controls that are on whether they may come to enforce. One that the registry has in enforce and
	// that may not stays in warn; that is no drift. It is empty for an archive.
	Readiness []evidence.Readiness `json:"readiness"`
	// Accepted is what somebody has accepted by name, as far as it holds for a sync: not a finding that says something else
	// by now.
	Accepted []evidence.Acceptance `json:"accepted"`
	// Interrupted is the ID of a change that a crash left unfinished.
	Interrupted string `json:"interrupted,omitempty"`
	// Waiting is an apply that is taken back at its deadline unless confirmed.
	Waiting *Waiting `json:"waiting,omitempty"`
	// TakenBack is the newest change if it was not confirmed in time.
	TakenBack *history.Change `json:"taken_back,omitempty"`
	// Last is the newest change that is in effect.
	Last *history.Change `json:"last,omitempty"`
	// Sync is what the syncs came to.
	Sync SyncState `json:"sync"`
	// Hits and Troubles are what the mail log shows since the modes were last changed, nil if all controls are off or the log
	// cannot be read.
	Hits     *Hits     `json:"hits,omitempty"`
	Troubles *Troubles `json:"troubles,omitempty"`
	// Expires is what expires next, nil if nothing does.
	Expires *Expiry `json:"expires,omitempty"`
}

// Waiting names an apply and its deadline.
type Waiting struct {
	ID       string    `json:"id"`
	Deadline time.Time `json:"deadline"`
}

// Verdict sums up a status.
type Verdict int

const (
	// AsPlanned: there is nothing to do.
	AsPlanned Verdict = iota
	// Broken: a crash left a change unfinished.
	Broken
	// ToConfirm: an apply waits to be confirmed.
	ToConfirm
	// Unsynced: the last sync failed.
	Unsynced
	// Drifted: the next sync would change something.
	Drifted
	// Faulty: there is a finding of severity "error".
	Faulty
	// Undecided: the directory does not answer, so that nobody knows whether the server is as planned.
	Undecided
	// Down: Postfix is not running.
	Down
)

// Verdict returns the most urgent verdict that applies.
func (st *Status) Verdict() Verdict {
	switch {
	case st.Interrupted != "":
		return Broken
	case st.Waiting != nil:
		return ToConfirm
	case st.Postfix == postfixStopped:
		return Down
	case st.Silent != "":
		return Undecided
	case st.Sync.Failed():
		return Unsynced
	case len(st.Drift) > 0:
		return Drifted
	case st.Errors() > 0:
		return Faulty
	}
	return AsPlanned
}

// Errors counts the findings of severity error.
func (st *Status) Errors() int { return (&plan.Plan{Findings: st.Findings}).Count().Errors }

// Blocked reports whether a finding forbids an apply.
func (st *Status) Blocked() bool {
	var accepted []string
	for _, a := range st.Accepted {
		accepted = append(accepted, a.ID)
	}
	return len((&plan.Plan{Findings: st.Findings}).Blocking(accepted)) > 0
}

// The words of Status.Postfix.
const (
	postfixRunning = "running"
	postfixStopped = "stopped"
	postfixUnknown = "unknown"
)

// Status returns the state of the server. Status changes nothing. If the directory does not answer, it is what is known
// without it.
func (s *Server) Status(ctx context.Context) (*Status, error) {
	accepted, err := s.index().Acceptances()
	if err != nil {
		return nil, err
	}
	p, err := s.PlanFor(ctx, Request{sync: true, accepted: accepted}) // that of the next sync
	if err != nil {
		return nil, err
	}
	silent, found := p.facts.silence, p.Findings
	if silent != nil {
		if p, err = s.withoutDirectory(ctx); err != nil {
			return nil, err
		}
		p.Findings = found
	}
	var ready []evidence.Readiness
	var tally *evidence.Tally
	if silent == nil {
		if p, ready, tally, err = s.readiness(ctx, p); err != nil {
			return nil, err
		}
	}
	st := &Status{
		Readiness: list(ready), Accepted: list(p.holding(accepted)),
		Schema: StatusSchema, Time: s.Clock(), Version: s.Version, Server: serverName(p.facts.Registry), Mode: p.Mode, Controls: p.Controls, Findings: list(p.Findings), Drift: drift(p.Plan),
		Controllers: -1, Stopped: []string{}, Running: controls.RunningOf(p.facts.Facts).Modes(), Postfix: s.postfixState(ctx),
	}
	if silent != nil {
		st.Silent = silent.Error()
	}
	st.wanted(p)
	for _, e := range controls.StoppedEntries(p.facts.Registry, p.facts.Today) {
		st.Stopped = append(st.Stopped, e.About())
	}
	value, _ := p.facts.Registry.Get(controls.DomainsVariable)
	domains, unusable := hosteddomains.Usable(value)
	st.Domains = len(domains) + len(unusable)
	st.Covered = covered(domains, p.facts.Disk[controls.SenderTable])
	st.Expires = nextExpiry(p.facts.Registry, p.facts.Today)
	if p.facts.asked.Controllers {
		st.Controllers = 0
		for _, h := range p.facts.Controllers {
			if len(h.Addresses) > 0 {
				st.Controllers++
			}
		}
	}
	if err := s.sinceModes(ctx, p, st, tally); err != nil {
		return nil, err
	}
	if st.Sync, err = s.syncState(); err != nil {
		return nil, err
	}
	return st, s.underWay(st)
}

// wanted gives the controls that stay as they run the mode that the registry has. One whose mode cannot be read has the
// mode in which it runs.
func (st *Status) wanted(p *Planned) {
	_, _, unread := controls.ModesAnyhow(p.facts.Registry)
	st.Controls = slices.Clone(st.Controls)
	for _, f := range p.kept() {
		for i := range st.Controls {
			switch c := &st.Controls[i]; {
			case c.Name != f.Control:
			case slices.Contains(unread, c.Name):
				c.After = st.Running[c.Name]
			default:
				c.After, c.Domains = c.Before, nil
			}
		}
	}
}

// underWay fills in Interrupted, Waiting and Last.
func (s *Server) underWay(st *Status) error {
	records, err := s.records()
	if err != nil {
		return err
	}
	journal, err := s.store().Journal()
	if errors.Is(err, transaction.ErrDamaged) {
		st.Interrupted, err = "(the journal is damaged)", nil // recover finds out which change it is
	}
	if err != nil {
		return err
	}
	now := transaction.Now()
	switch {
	case journal == nil:
	case journal.Kind == transaction.Confirming && journal.Left(now) > 0:
		st.Waiting = &Waiting{ID: journal.ID, Deadline: journal.Until(now)}
	default:
		st.Interrupted = journal.ID
	}
	all := history.Of(records)
	if n := len(all.Changes); n > 0 && all.Changes[n-1].State == transaction.Unconfirmed {
		st.TakenBack = &all.Changes[n-1]
	}
	for _, c := range slices.Backward(all.Changes) {
		if c.State == transaction.Applied {
			st.Last = &c
			break
		}
	}
	return nil
}

// records reads the history.
func (s *Server) records() ([]transaction.Record, error) {
	if err := s.inside(); err != nil {
		return nil, err
	}
	return s.store().List()
}

// InEffect are the changes that a rollback can take back, oldest first.
func (s *Server) InEffect() ([]history.Change, error) {
	records, err := s.records()
	if err != nil {
		return nil, err
	}
	kept := func(r transaction.Record) bool { return !r.InEffect() || r.Manifest == nil || r.Urgent }
	return history.Of(slices.DeleteFunc(records, kept)).Changes, nil
}

// History lists what was applied and taken back, and compares it with what Postfix has now.
func (s *Server) History(ctx context.Context) (*history.History, error) {
	records, err := s.records()
	if err != nil {
		return nil, err
	}
	h := history.Of(records)
	if pause := s.pauseIn(records); pause != nil {
		h.Paused = pause.ID
	}
	f, err := s.facts(ctx, Request{stop: true, blind: true}, nil)
	if err != nil {
		s.Observer.Debug("the configuration of Postfix was not compared", map[string]any{"error": err.Error()})
		return h, nil
	}
	h.Compare(records, controls.RunningOf(f.Facts).Modes())
	return h, nil
}

// inside returns an error if the history of an archive is a link that leads out of the archive.
func (s *Server) inside() error {
	if _, err := inroot.Stat(s.Root, StateDir+"/history"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot read the history: %w", err)
	}
	return nil
}

// drift names what the next sync would change.
func drift(p *plan.Plan) []string {
	out := []string{}
	for _, v := range p.Variables {
		out = append(out, string(v.Action())+" "+v.Key)
	}
	for _, f := range p.Files {
		if f.Kind != plan.Ledger {
			out = append(out, string(f.Action)+" "+f.Path)
		}
	}
	return out
}

// covered counts the domains that the sender table has a key for.
func covered(domains []string, table []byte) int {
	keys := map[string]bool{}
	for _, k := range access.Keys(table) {
		keys[strings.ToLower(k)] = true
	}
	n := 0
	for _, d := range domains {
		if keys[d] {
			n++
		}
	}
	return n
}
