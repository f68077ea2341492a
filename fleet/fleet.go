// Package fleet puts what many mail servers say of themselves side by side: one row for each server, with its controls, the
// time of its last sync, and its troubles.
//
// What is read is what "ucs-harden status --json" has printed on each server. A source, such as a file, holds one of these
// objects or several, one after the other. It comes from other machines, so nothing in it is trusted: sizes and counts are
// bounded, names of controls and modes must look like such, every other text stays a text and is cut if it is long. What a
// newer version adds is ignored. What cannot be read is named with its source, and the other servers are shown all the same.
//
// Of several objects of the same server the newest counts. The server that needs somebody most stands first.
package fleet

import (
	"slices"
	"time"

	"ucs-harden/evidence"
	"ucs-harden/harden"
	"ucs-harden/plan"
)

// Schema is the version of the JSON form of a Fleet. It rises when a name or a meaning changes.
const Schema = 1

// Fleet is the state of all servers at a time.
type Fleet struct {
	Schema int       `json:"schema"`
	Time   time.Time `json:"time"`
	// MaxAge is how many seconds old a status may be; 0: any age.
	MaxAge int64 `json:"max_age"`
	// Controls are the names of all controls that a server has named, in the order of a status.
	Controls []string `json:"controls"`
	// Servers are sorted: the gravest trouble first, then by name.
	Servers []Server `json:"servers"`
	// Unreadable are the sources of which a part could not be read.
	Unreadable []Unreadable `json:"unreadable"`
}

// Server is one row.
type Server struct {
	// Name is the full name that the server says, or what its source is called if it says none.
	Name   string `json:"name"`
	Source string `json:"source"`
	// Version is that of ucs-harden there, "" if it is not known.
	Version string `json:"version,omitempty"`
	// Time is when the status was made, Age how many seconds ago. They are nil if the status does not say it.
	Time *time.Time `json:"time,omitempty"`
	Age  *int64     `json:"age,omitempty"`
	// Severity is that of the gravest trouble, "" if there is none.
	Severity plan.Severity `json:"severity,omitempty"`
	// Troubles are sorted by severity.
	Troubles []Trouble `json:"troubles"`
	Controls []Control `json:"controls"`
	// Drift names what the next sync would change.
	Drift   []string        `json:"drift"`
	Sync    Sync            `json:"sync"`
	Waiting *harden.Waiting `json:"waiting,omitempty"`
	Expires *harden.Expiry  `json:"expires,omitempty"`
}

// Sync is how the server follows the registry and the directory.
type Sync struct {
	// Last is the end of the newest sync, and Result how it ended, as in harden.SyncRun. Succeeded is the end of the newest
	// one that did all that the registry wants.
	Last      *time.Time `json:"last,omitempty"`
	Result    string     `json:"result,omitempty"`
	Succeeded *time.Time `json:"succeeded,omitempty"`
	// Paused is the rollback since which syncs wait. Wanted is when a change was announced that no sync has taken up yet.
	Paused *time.Time `json:"paused,omitempty"`
	Wanted *time.Time `json:"wanted,omitempty"`
}

// Control is one cell.
type Control struct {
	Name string `json:"name"`
	// Wanted is the mode in the registry, of the mail domain with the strongest mode where domains have modes of their own.
	// Running is the mode in Postfix, "" if it is not known.
	Wanted  plan.Mode `json:"wanted"`
	Running plan.Mode `json:"running,omitempty"`
	// Idle: the control is on, but its list is empty, so that it is not in Postfix.
	Idle bool `json:"idle,omitempty"`
	// Ready says whether the evidence is there to enforce it; nil if nobody has asked, such as of a control that is off or
	// that needs none. Lacks says what is missing.
	Ready *bool             `json:"ready,omitempty"`
	Lacks []evidence.Phrase `json:"lacks,omitempty"`
	// Held: it is wanted in enforce and stays in another mode for lack of evidence.
	Held bool `json:"held,omitempty"`
}

// AsWanted reports whether Postfix has the mode of the registry, or whether that is not known.
func (c Control) AsWanted() bool {
	return c.Running == "" || c.Running == c.Wanted || c.Idle && c.Running == plan.Off
}

// Unreadable is a source of which a part could not be read.
type Unreadable struct {
	Source string `json:"source"`
	Error  string `json:"error"`
	Hint   string `json:"hint"`
}

// AsPlanned reports whether no server needs anybody. Notes do not count.
func (f *Fleet) AsPlanned() bool { return f.Count(plan.Error)+f.Count(plan.Warning) == 0 }

// Count is how many servers have a trouble of this severity and none that is graver.
func (f *Fleet) Count(severity plan.Severity) (n int) {
	for _, s := range f.Servers {
		if s.Severity == severity {
			n++
		}
	}
	return n
}

// Shown tells the controls that are on somewhere from those that are off on every server.
func (f *Fleet) Shown() (on, off []string) {
	for _, name := range f.Controls {
		used := slices.ContainsFunc(f.Servers, func(s Server) bool {
			c := s.Control(name)
			return c != nil && (c.Wanted != plan.Off || c.Running != plan.Off && c.Running != "")
		})
		if used {
			on = append(on, name)
		} else {
			off = append(off, name)
		}
	}
	return on, off
}

// Label is the gravest trouble in a few words. Notes do not count.
func (s *Server) Label() evidence.Phrase {
	if s.Severity == plan.Error || s.Severity == plan.Warning {
		return s.Troubles[0].Kind.label()
	}
	return evidence.Phrasef("as planned")
}

// Control is the cell of a control, nil if the server does not name it.
func (s *Server) Control(name string) *Control {
	for i := range s.Controls {
		if s.Controls[i].Name == name {
			return &s.Controls[i]
		}
	}
	return nil
}
