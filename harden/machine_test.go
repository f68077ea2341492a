package harden

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/transaction"
)

func TestEveryStepHasAProgressText(t *testing.T) {
	for _, step := range transaction.Steps() {
		if step != transaction.StepJournal && step != transaction.StepFinish { // of these there is no progress
			assert.NotEmpty(t, stepNames[step], step)
		}
	}
}

func TestNoPortsWithoutAConfiguration(t *testing.T) {
	assert.Empty(t, verification{server: &Server{Root: t.TempDir()}}.ports())
}
