//go:build !faults

package main

import "ucs-harden/transaction"

// The program that is installed has no faults; see faults_on.go.

func afterStep(*transaction.Machine) func(string) { return nil }

func faulty(r runner) runner { return r }
