package harden

import "time"

// SyncState is what the syncs of this server came to, and whether they wait.
type SyncState struct {
	// Paused is the rollback after which syncs wait for the next apply or for sync --resume. It is nil if they do not wait.
	Paused *Pause `json:"paused,omitempty"`
	// Wanted is when a change was announced that no sync has taken up yet. It is nil if there is none.
	Wanted *time.Time `json:"wanted,omitempty"`
	// Last is the newest sync. It is nil if there was none.
	Last *SyncRun `json:"last,omitempty"`
	// Succeeded is the end of the newest sync that did all that the registry wants. It is nil if there was none.
	Succeeded *time.Time `json:"succeeded,omitempty"`
}

// Failed reports whether the last sync failed, and syncs do not wait.
func (st SyncState) Failed() bool {
	return st.Paused == nil && st.Last != nil && st.Last.Result == SyncFailed
}

// Pause names a rollback and its time.
type Pause struct {
	ID   string    `json:"id"`
	Time time.Time `json:"time"`
	By   string    `json:"by"`
}

// SyncRun is how a sync ended.
type SyncRun struct {
	Time time.Time `json:"time"`
	// Result is "done", "unchanged", "partly" (something was left out or held in warn), "failed" or "paused".
	Result string `json:"result"`
	// Change is the ID of the change in the history, "" if nothing was changed.
	Change string `json:"change,omitempty"`
	// Exit is the exit status, Error and Hint say what went wrong.
	Exit  int    `json:"exit"`
	Error string `json:"error,omitempty"`
	Hint  string `json:"hint,omitempty"`
}

// Hits are the letters that controls have warned of or refused since they came to their modes, as the mail log shows them.
type Hits struct {
	// Since is when the modes were last changed, by an apply, a sync or a rollback. It is later if the log does not go back
	// so far.
	Since time.Time `json:"since"`
	// Counts are by control and mode: Counts["sender-spoofing"]["warn"]. What a control logs in its present mode is there,
	// even if that is nothing.
	Counts map[string]map[string]int `json:"counts"`
}

// Expiry is the entry of a list or the exception that expires next.
type Expiry struct {
	List string `json:"list"`
	Name string `json:"name"`
	// Date is its last day, 2006-01-02. Days is how many days are left after today, 0 on the last day.
	Date string `json:"date"`
	Days int    `json:"days"`
}

// Troubles are problems of Postfix that the mail log names since the modes were last changed.
type Troubles struct {
	// Milters counts warnings about milters, Tables those about lookup tables that fail.
	Milters int `json:"milters"`
	Tables  int `json:"tables"`
}

// serverName is the full name of the server: hostname and domainname of its registry.
func serverName(registry interface{ Get(string) (string, bool) }) string {
	host, _ := registry.Get("hostname")
	domain, _ := registry.Get("domainname")
	if host == "" || domain == "" {
		return host + domain
	}
	return host + "." + domain
}
