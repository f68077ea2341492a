// Package verdicts_test sends mail from all kinds of clients to the real mail server of the lab, in every mode and
// after the rollback, and compares the replies with tables that a postmaster can read: testdata/*.txt, whose grammar is
// that of package table.
package verdicts_test

import (
	"testing"

	"ucs-harden/tests/lab"
	"ucs-harden/tests/verdicts/table"
)

// company is a lab whose mail server has ucs-harden as the package installs it.
type company struct{ table.Company }

func newCompany(t *testing.T, options ...lab.Options) company {
	t.Helper()
	return company{table.NewCompany(t, options...)}
}

func TestEveryTable(t *testing.T) {
	for _, path := range []string{"testdata/verdicts.txt", "testdata/administrator.txt"} {
		for _, face := range []lab.Face{lab.UCS52, lab.UCS50} {
			t.Run(path+" "+face.String(), func(t *testing.T) { table.ReadFor(t, path, face).Check(t) })
		}
	}
}
