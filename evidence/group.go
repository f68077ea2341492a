package evidence

import "time"

// Verdict says what a group most likely is.
type Verdict string

const (
	// Forged: there is no sign of legitimacy. It is counted, and nobody is asked about it.
	Forged Verdict = "forged"
	// InsideDevice: a client with a private address, or in a network of this host.
	InsideDevice Verdict = "inside device"
	// OwnServer: a mail server or controller that the directory lacks, or an address of this machine.
	OwnServer Verdict = "own server"
	// Provider: SPF of the sender's domain, or a DMARC report, says that the client may send for it.
	Provider Verdict = "provider"
	// Returning: the same message ID left this server before.
	Returning Verdict = "returning"
	// NotOwned: somebody logged in and wrote as an address that is not his.
	NotOwned Verdict = "login does not own"
	// Unclear: there is a sign of legitimacy that none of the above explains.
	Unclear Verdict = "unclear"
)

// Positive reports whether the verdict is a sign of legitimacy, so that the gate asks about the group.
func (v Verdict) Positive() bool { return v != Forged }

// Fix is what ends the hits of a group without switching the control off.
type Fix struct {
	// Text says what to do, for people.
	Text Phrase `json:"text"`
	// Commands do it, each as its arguments. There are none where only people outside this server can do it.
	Commands [][]string `json:"commands"`
	// Clears of Of letters: what the rules say of the letters of the group with this fix. Admits says what else the fix
	// lets in, "" for nothing.
	Clears int64  `json:"clears"`
	Of     int64  `json:"of"`
	Admits Phrase `json:"admits,omitzero"`
	// Exception: the fix is an exception. Risk says why it is risky, "" if it is not.
	Exception bool   `json:"exception,omitempty"`
	Risk      Phrase `json:"risk,omitzero"`
}

// Group is a cell with what is thought of it.
type Group struct {
	ID string `json:"id"`
	Cell
	Count   int64   `json:"count"`
	Verdict Verdict `json:"verdict"`
	Reason  Phrase  `json:"reason"`
	Fixes   []Fix   `json:"fixes"`
	// Accepted is set when somebody has accepted the group and it has not reopened. Reopened says why an acceptance
	// holds no longer.
	Accepted *Acceptance `json:"accepted,omitempty"`
	Reopened Phrase      `json:"reopened,omitzero"`
	// Fixed: the rules of today no longer speak of any of its letters, and newer log shows none.
	Fixed bool `json:"fixed,omitempty"`
	// Open: the gate asks about the group.
	Open bool `json:"open"`
	// Cleared: the rules of today speak of none of its letters any more, as far as their kinds were kept, or the control
	// is off.
	Cleared bool `json:"cleared,omitempty"`
}

// Acceptance is what somebody has accepted by name: a group, as "evidence:GROUP", or a finding, by its ID.
type Acceptance struct {
	ID    string    `json:"id"`
	By    string    `json:"by"`
	At    time.Time `json:"at"`
	Count int64     `json:"count,omitempty"`
	// Clients are those of the group at that time.
	Clients []string `json:"clients,omitempty"`
	// Meaning is a digest of what a finding said when it was accepted. It holds only while the finding says the same.
	Meaning string `json:"meaning,omitempty"`
	// Seen is the last day (YYYY-MM-DD) on which a sync met the group or the finding; "" if none has.
	Seen string `json:"seen,omitempty"`
}
