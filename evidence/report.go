package evidence

import (
	"time"

	"ucs-harden/maillog"
	"ucs-harden/plan"
)

// ReportSchema is the version of the JSON form of a Report. It rises when a name or a meaning changes.
const ReportSchema = 1

// Report is all that the log says about enforcing.
type Report struct {
	Schema   int              `json:"schema"`
	At       time.Time        `json:"at"`
	Host     string           `json:"host"`
	Source   Source           `json:"source"` // warn (which includes enforce) or replay
	Coverage maillog.Coverage `json:"coverage"`
	Controls []Readiness      `json:"controls"`
	// Groups are sorted: open ones first, then by count.
	Groups []Group `json:"groups"`
	// PerDay are the letters by day (YYYY-MM-DD) and control, all groups together.
	PerDay map[string]map[string]int64 `json:"per_day"`
	// Exceptions are all exceptions, with their last use.
	Exceptions []ExceptionUse `json:"exceptions"`
	// Administrator are lines of warn_if_reject that are not ours.
	Administrator int64 `json:"administrator"`
	// CannotTell are letters of a replay of which the log does not show enough, by the reason.
	CannotTell map[string]int64 `json:"cannot_tell,omitempty"`
	// Replayed are the counts of a replay, nil in other reports.
	Replayed *Replayed `json:"replayed,omitempty"`
	// Tally is for the status, nil where it was not counted.
	Tally *Tally `json:"-"`
	// Notes say what else should be known, such as that the directory did not answer.
	Notes []Phrase `json:"notes,omitempty"`
}

// ExceptionUse is an exception and its use.
type ExceptionUse struct {
	Name    string     `json:"name"`
	Client  string     `json:"client,omitempty"`
	Sender  string     `json:"sender,omitempty"`
	Reason  string     `json:"reason,omitempty"`
	Owner   string     `json:"owner,omitempty"`
	Expires string     `json:"expires,omitempty"`
	InForce bool       `json:"in_force"`
	Uses    int64      `json:"uses"`
	Last    *time.Time `json:"last,omitempty"`
	Unused  bool       `json:"unused,omitempty"` // for 45 days
}

// Readiness says of one control, or of one domain with a mode of its own, whether it may be enforced.
type Readiness struct {
	Control string    `json:"control"`
	Domain  string    `json:"domain,omitempty"`
	Wanted  plan.Mode `json:"wanted"`
	Running plan.Mode `json:"running"`
	// Gated: the gate applies to the control at all.
	Gated bool `json:"gated"`
	Ready bool `json:"ready"`
	// By is what the evidence is: "warn" or "replay". Days of MinDays are covered.
	By      Source  `json:"by,omitempty"`
	Days    float64 `json:"days"`
	MinDays float64 `json:"min_days"`
	// Open are the IDs of the groups that the gate asks about. Missing says what else is missing, such as a gap.
	Open    []string `json:"open"`
	Missing []Phrase `json:"missing"`
}
