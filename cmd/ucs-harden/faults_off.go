//go:build !faults

package main

import (
	"time"

	"ucs-harden/harden"
)

// The installed program cannot be made to fail; see faults_on.go.

func afterStep() func(string) { return nil }

func faulty(r harden.Runner) harden.Runner { return r }

func clock() func() time.Time { return nil }
