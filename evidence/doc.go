// Package evidence answers "may I enforce, and what must I do first?" from what the mail log says.
//
// Hits of the log are put into cells: counts by day of one key (control, own domain, infrastructure). A Digest is all
// cells of the log, and is kept when the log is gone. A group is a cell with a verdict, the reason for it, and the fixes
// that were proven to clear its letters. The gate refuses to enforce while a group with a sign of legitimacy is open.
package evidence
