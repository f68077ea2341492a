package evidence

import "ucs-harden/plan"

// Unknown is why a replay cannot tell what would become of a letter.
type Unknown string

const (
	NoPort Unknown = "nobody had logged in, and the log does not show the port: 465 and 587 would refuse what 25 accepts"
	NoAuth Unknown = "the log does not show whether somebody had logged in"
	NoHead Unknown = "the log does not show who sent them: they came before it begins, or a content filter brought them back"
)

// Replayed counts what a replay says of past letters. A letter counts once for each of its recipients.
type Replayed struct {
	// Mode is the mode that was replayed, "" for the modes in the registry.
	Mode plan.Mode `json:"mode,omitempty"`
	// Letters are the messages and the attempts to send one.
	Letters int64 `json:"letters"`
	// Refused: a control of the plan refuses it, and none does today. RefusedToday: a control refuses it today as well.
	Refused      int64 `json:"refused"`
	RefusedToday int64 `json:"refused_today"`
	// Unchanged: no control of the plan refuses it. RefusedThen of these were refused when they were sent, and Local of
	// these never met smtpd(8), because a program on this machine sent them.
	Unchanged   int64 `json:"unchanged"`
	RefusedThen int64 `json:"refused_then"`
	Local       int64 `json:"local"`
	// CannotTell: the log does not show enough. Report.CannotTell has the reasons.
	CannotTell int64 `json:"cannot_tell"`
	// CannotTellOf are the letters of which a control may refuse some, by control. It is about the port only: one control
	// refuses them at one port and none at another.
	CannotTellOf map[string]int64 `json:"cannot_tell_of"`
	// UnknownOf are the letters of which the log does not show who sent them, or whether somebody had logged in, by each
	// control that may refuse them. Those at the begin of the log, for an hour or two, do not
	// count: they came before it.
	UnknownOf map[string]int64 `json:"unknown_of"`
	// Asked are the distinct cases that a private Postfix answered as well. Explained of them it refused or accepted for a
	// reason that the controls have no part in.
	Asked     int `json:"asked"`
	Explained int `json:"explained"`
}

// served are the letters that smtpd(8) accepted, for each of their recipients.
func (r *Replayed) served() int64 {
	return r.Unchanged - r.RefusedThen - r.Local + r.Refused + r.RefusedToday + r.CannotTell
}
