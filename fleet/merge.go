package fleet

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"ucs-harden/evidence"
	"ucs-harden/harden"
	"ucs-harden/plan"
)

// Options are what Read is asked.
type Options struct {
	Now time.Time
	// MaxAge is how old a status may be; 0: any age.
	MaxAge time.Duration
}

// Read reads all sources and makes the table. A source that cannot be read is named in it.
func Read(sources []Source, o Options) *Fleet {
	f := &Fleet{
		Schema: Schema, Time: o.Now, MaxAge: int64(o.MaxAge / time.Second),
		Controls: []string{}, Servers: []Server{}, Unreadable: []Unreadable{},
	}
	var all []document
	for _, source := range sources {
		read, errs := read(source)
		for _, err := range errs {
			f.Unreadable = append(f.Unreadable, Unreadable{
				source.Name, err.Error(), "write it again on its server: " + StatusCommand,
			})
		}
		all = append(all, read...)
	}
	for _, of := range byServer(all) {
		f.Servers = append(f.Servers, o.server(of))
		for _, c := range of[0].Controls {
			if !slices.Contains(f.Controls, c.Name) {
				f.Controls = append(f.Controls, c.Name)
			}
		}
	}
	slices.SortStableFunc(f.Servers, func(a, b Server) int {
		return cmp.Or(rank(a.Severity)-rank(b.Severity), strings.Compare(a.Name, b.Name))
	})
	return f
}

// byServer puts together what is of the same server, the newest first. Names of hosts have no case.
func byServer(all []document) (out [][]document) {
	places := map[string]int{}
	for _, d := range all {
		key := strings.ToLower(d.Server)
		at, seen := places[key]
		if !seen {
			places[key] = len(out)
			out = append(out, []document{d})
			continue
		}
		out[at] = append(out[at], d)
	}
	for _, of := range out {
		slices.SortStableFunc(of, func(a, b document) int {
			var left, right time.Time // one without a time is the oldest
			if a.Time != nil {
				left = *a.Time
			}
			if b.Time != nil {
				right = *b.Time
			}
			return right.Compare(left)
		})
	}
	return out
}

// rank orders severities, the gravest first.
func rank(s plan.Severity) int {
	all := []plan.Severity{plan.Error, plan.Warning, plan.Note, ""}
	return slices.Index(all, s)
}

// server makes the row of a server from its documents, the newest first.
func (o Options) server(of []document) Server {
	d := of[0]
	s := Server{
		Name: d.Server, Source: d.source, Version: d.Version, Time: d.Time, Controls: []Control{}, Drift: d.Drift,
		Sync: syncOf(d.Sync), Waiting: d.Waiting, Expires: d.Expires,
	}
	if s.Drift == nil {
		s.Drift = []string{}
	}
	if d.Time != nil {
		age := int64(o.Now.Sub(*d.Time) / time.Second)
		s.Age = &age
	}
	for _, c := range d.Controls {
		s.Controls = append(s.Controls, d.control(c))
	}
	s.Troubles = o.troubles(&s, of)
	if len(s.Troubles) > 0 {
		s.Severity = s.Troubles[0].Severity
	}
	return s
}

func syncOf(of harden.SyncState) Sync {
	s := Sync{Succeeded: known(of.Succeeded), Wanted: known(of.Wanted)}
	if of.Last != nil {
		s.Last, s.Result = known(&of.Last.Time), of.Last.Result
	}
	if of.Paused != nil {
		s.Paused = known(&of.Paused.Time)
	}
	return s
}

// control makes a cell.
func (d *document) control(c plan.Control) Control {
	cell := Control{Name: c.Name, Wanted: c.Strongest(), Running: d.Running[c.Name], Idle: c.Idle}
	for _, r := range d.Readiness {
		if r.Control != c.Name || !r.Gated {
			continue
		}
		ready := r.Ready && (cell.Ready == nil || *cell.Ready) // of each domain
		cell.Ready = &ready
		if !r.Ready {
			if r.Wanted == plan.Enforce && r.Running != plan.Enforce {
				// The status says what the next sync leaves: warn.
				cell.Held, cell.Wanted = true, plan.Enforce
			}
			cell.Lacks = append(cell.Lacks, lacks(r)...)
		}
	}
	cell.Lacks = cell.Lacks[:min(len(cell.Lacks), mostListed)]
	return cell
}

// lacks says what is missing for a control to be enforced.
func lacks(r evidence.Readiness) (out []evidence.Phrase) {
	if n := len(r.Open); n > 0 {
		out = append(out, evidence.Counted(n,
			"%d group of mail that looks legitimate", "%d groups of mail that look legitimate"))
	}
	for _, missing := range r.Missing {
		out = append(out, evidence.Verbatim(clip(missing.String())))
	}
	if r.Domain == "" {
		return out
	}
	for i := range out {
		out[i] = evidence.Phrasef("%s: %s", clip(r.Domain), out[i])
	}
	return out
}
