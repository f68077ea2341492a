// Package harden is the application: it plans, rehearses, applies and takes back changes on one mail server. The
// package knows no flags, prints nothing and never exits the process. Its users are the command line and tests.
//
// # The line
//
// Every change goes through the same steps. The file line.go shows them from top to bottom:
//
//	facts → desired state → plan → rehearsal → transaction → verification
//
// The steps:
//
//   - facts: one reader reads the registry, the files and the answers of the directory, each once. It keeps a
//     fingerprint of everything that it hands out.
//   - desired state: what the controls want (package controls).
//   - plan: the difference between the two, with a dry run of what UCR would render (package plan).
//   - rehearsal: today's configuration and the planned one answer test messages, each in a private Postfix.
//   - transaction: the change itself. Each step can be taken back (package transaction).
//   - verification: the last steps of the transaction ask Postfix and its ports which configuration is in force.
//
// # Errors
//
// An error carries its class and whether anything was changed (package outcome). The types in errors.go carry the data
// from which the command line makes a hint.
package harden
