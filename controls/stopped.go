package controls

import (
	"slices"

	"ucs-harden/identity"
	"ucs-harden/lists"
	"ucs-harden/owners"
	"ucs-harden/plan"
)

// stoppedName names the checks and tables of the accounts that are stopped in every mode of suspended: the entries of its
// list that have a mode of their own. These have checks and tables of their own, before those of all controls. So one
// account is stopped without anything else of the plan, and no change of a mode or rollback lifts that. The values of its
// variables are the same in every mode, so that a rollback can leave them alone.
const stoppedName = "stopped"

// SuspendedTag ends every refusal of an account that may not send.
const SuspendedTag = Tag + suspendedName

type stopped struct{ Work }

func (c stopped) desire() {
	c.own, c.mode, c.lasting = stoppedName, plan.Enforce, true
	entries, known := c.stoppedEntries(), c.unusableEntries()
	many := len(entries) + len(known)
	if many == 0 {
		return
	}
	text := c.text(suspendedText, suspendedTexts)
	t := owners.NewListing(c.book())
	for _, e := range entries {
		known = append(known, c.enterOrKeep(t, e, c.refusal(text, e.Reason), nil)...)
	}
	tables := t.Tables()
	c.keepSections(&tables, known...)
	logins, senders := c.tables("Accounts that may not send in any mode,", tables)
	c.place(0, many, logins, senders, nil)
}

// stoppedEntries are the entries that have a mode of their own and count today. Each other one gets a finding.
func (w Work) stoppedEntries() []lists.Entry {
	return w.entries(func(e lists.Entry) bool { return e.Mode != "" })
}

// meant are the accounts that entries mean.
func (w Work) meant(entries []lists.Entry) (out []identity.Account) {
	for _, e := range entries {
		if m := w.book().Meant(e.Account); m.Account != nil {
			out = append(out, *m.Account)
		}
	}
	return out
}

// StoppedEntries are the entries of the list that are stopped in every mode today.
func StoppedEntries(r Registry, today string) []lists.Entry {
	return slices.DeleteFunc(suspendedList.Read(r), func(e lists.Entry) bool {
		return !e.Always() || suspendedList.Fault(e) != "" || !e.InForce(today)
	})
}

// AskStopped says what must be known of the directory to stop the accounts that are stopped in every mode.
func AskStopped(r Registry) Questions { return Ask(r, nil) }

// StoppedNames are the logins and the senders by which an entry of the list is stopped, in every mode or in that of the
// control. read gives the tables, nil for one that does not exist.
func StoppedNames(read func(path string) []byte, name string) (logins, senders []string) {
	keys := func(kind string) []string {
		of := fromEntry + name
		return keysOf(sections(stoppedName+"-"+kind, read)[of], sections(suspendedName+"-"+kind, read)[of])
	}
	return keys("logins"), keys("senders")
}
