// Package harden is the application: it plans, rehearses, applies, watches and takes back on one mail server. It knows
// no flags, prints nothing and ends no process; the command line is one user of it, tests are another.
//
// # The line
//
// The data walks one line, which [Server.Apply] shows from top to bottom:
//
//		facts → desired state → plan → rehearsal → transaction → verification
//
//	  - facts: one reader reads the registry, the files and the answers of the directory, each once, and keeps a
//	    fingerprint of everything that it hands out.
//	  - desired state: what the controls want (package controls).
//	  - plan: the difference, with a dry run of what UCR would render (package plan).
//	  - rehearsal: the configuration of today and that of the plan answer test messages in a private Postfix each.
//	  - transaction: the change itself, each step with its way back (package transaction).
//	  - verification: the last steps of the transaction ask Postfix and its ports what is in force.
//
// # Errors
//
// An error carries what package outcome knows of it: the class of the end, and whether anything was changed. The types
// of errors.go carry the data from which the command line makes a hint.
package harden
