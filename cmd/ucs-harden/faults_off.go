//go:build !faults

package main

import "ucs-harden/transaction"

// afterStep is nothing in the program that is installed; see faults_on.go.
func afterStep(*transaction.Machine) func(string) { return nil }
