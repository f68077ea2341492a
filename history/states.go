package history

import "ucs-harden/transaction"

// Meaning says what the state of a change means.
type Meaning struct {
	State transaction.State
	Means string
}

// Meanings are all states that a change can have, in the order in which it can get them.
var Meanings = []Meaning{
	{transaction.Unfinished, "the change is under way, or a crash has interrupted it: ucs-harden recover takes it back"},
	{transaction.Waiting, "the change is in effect, and is taken back at its deadline unless it is confirmed:" +
		" ucs-harden confirm"},
	{transaction.Applied, "the change is in effect"},
	{transaction.Undone, "a step failed, and the steps before it were taken back; the old state is back"},
	{transaction.Unconfirmed, "the change was not confirmed in time, and was taken back"},
	{transaction.RolledBack, "the change was in effect, and was taken back"},
}
