package outcome_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/outcome"
)

var errBusy = outcome.New(outcome.Locked, "busy")

func TestWhatAnErrorSaysTravelsWithIt(t *testing.T) {
	err := fmt.Errorf("cannot apply: %w", outcome.Unchanged(fmt.Errorf("%w (process 7)", errBusy)))
	assert.EqualError(t, err, "cannot apply: busy (process 7)", "the texts stay as they are")
	assert.ErrorIs(t, err, errBusy)
	assert.Equal(t, outcome.Locked, outcome.ClassOf(err))
	assert.True(t, outcome.IsUnchanged(err))
	assert.Empty(t, outcome.Hint(err))
	assert.Equal(t, "wait", outcome.Hint(fmt.Errorf("%w", outcome.Advise(outcome.Advise(err, "look"), "wait"))), "the last one counts")

	plain := errors.New("plain")
	assert.Equal(t, outcome.Failed, outcome.ClassOf(plain))
	assert.False(t, outcome.IsUnchanged(plain))
	assert.Equal(t, outcome.Usage, outcome.ClassOf(outcome.As(outcome.Usage, err)), "the outermost counts")
	failed := fmt.Errorf("%w: %w", outcome.New(outcome.RolledBack, "rolled back"), outcome.Unchanged(plain))
	assert.False(t, outcome.IsUnchanged(failed), "something was changed since")
	once := outcome.Unchanged(plain)
	assert.Same(t, once, outcome.Unchanged(once))
}

func TestNoErrorSaysNothing(t *testing.T) {
	assert.NoError(t, outcome.Unchanged(nil))
	assert.NoError(t, outcome.As(outcome.Usage, nil))
	assert.NoError(t, outcome.Advise(nil, "x"))
}
