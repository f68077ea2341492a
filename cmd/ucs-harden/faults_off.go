//go:build !faults

package main

import "ucs-harden/harden"

// The program that is installed has no faults; see faults_on.go.

func afterStep() func(string) { return nil }

func faulty(r harden.Runner) harden.Runner { return r }
