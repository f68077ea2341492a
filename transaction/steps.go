package transaction

import (
	"context"
	"errors"
	"fmt"
	"maps"
)

// The steps of a change, as Machine.Progress and Machine.After get them. The package comment tells what the steps
// between StepJournal and StepFinish do.
const (
	StepBackup         = "backup"  // all before-images are on disk
	StepJournal        = "journal" // from here on Recover takes the change back
	StepFiles          = "files"
	StepMaps           = "maps"
	StepSet            = "set"
	StepUnsetOverrides = "unset-overrides"
	StepUnset          = "unset"
	StepClasses        = "classes"
	StepCommit         = "commit"
	StepCheck          = "check"
	StepReload         = "reload"
	StepVerify         = "verify"
	StepRemove         = "remove"
	StepFinish         = "finish" // the journal is closed, or waits for Confirm
)

// driven are the steps of [Machine.drive], in order.
var driven = []struct {
	name string
	do   func(*driver, context.Context) error
}{
	{StepFiles, (*driver).files},
	{StepMaps, (*driver).maps},
	{StepSet, (*driver).set},
	{StepUnsetOverrides, (*driver).unsetOverrides},
	{StepUnset, (*driver).unset},
	{StepClasses, (*driver).classes},
	{StepCommit, (*driver).commit},
	{StepCheck, (*driver).check},
	{StepReload, (*driver).reload},
	{StepVerify, (*driver).verify},
	{StepRemove, (*driver).remove},
}

// Steps are the steps of an apply, in order. A rollback has all but the first, Recover has all but the first two.
// Machine.Progress is not called for StepJournal and StepFinish, which take no time.
func Steps() []string {
	steps := []string{StepBackup, StepJournal}
	for _, s := range driven {
		steps = append(steps, s.name)
	}
	return append(steps, StepFinish)
}

// drive does what is missing to reach the target. It can fail at any step and be started again. On the way back it
// returns what it has not overwritten.
func (m *Machine) drive(ctx context.Context, t *target) (Kept, error) {
	d := &driver{Machine: m, t: t, dirty: t.reload, kept: Kept{Others: Others{}, Needed: t.needed}}
	maps.Copy(d.kept.Others, t.others)
	for _, step := range driven {
		if err := ctx.Err(); err != nil {
			return d.kept, err
		}
		m.begin(step.name)
		if err := step.do(d, ctx); err != nil {
			return d.kept, fmt.Errorf("step %s: %w", step.name, d.because(err))
		}
		m.done(step.name)
	}
	return d.kept, nil
}

// because adds to the error of a step what someone else has changed meanwhile, if that is not the error itself.
func (d *driver) because(err error) error {
	if errors.Is(err, ErrConflict) {
		return err
	}
	if _, conflict := d.differences(); errors.Is(conflict, ErrConflict) {
		return fmt.Errorf("%w; %w", conflict, err)
	}
	return err
}

func (m *Machine) begin(step string) {
	if m.Progress != nil {
		m.Progress(step)
	}
}

func (m *Machine) done(step string) {
	if m.After != nil {
		m.After(step)
	}
}
