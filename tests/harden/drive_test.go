// Package harden drives the application on the lab's mail server without the command line: package harden is used by
// the test binary itself, which runs on the server as the program there would.
package harden

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"ucs-harden/harden"
	"ucs-harden/internal/run"
	"ucs-harden/plan"
	"ucs-harden/transaction"
)

// Order is what the driven application is told to do.
type Order struct {
	Do   string    // "apply" or "rollback"
	Mode plan.Mode // of an apply
	// Pause writes a line before the last word about an apply, and waits for one.
	Pause bool
}

// Outcome is what came of an order.
type Outcome struct {
	// Planned are how many variables the plan sets, Wrong how many rehearsed answers were wrong, of Cells.
	Planned      int
	Cells, Wrong int
	ID           string
	Changed      bool
	Error        string
}

// silent is told what happens meanwhile and tells nobody.
type silent struct{}

func (silent) Progress(string)                  {}
func (silent) Recovered(*transaction.Recovered) {}
func (silent) Upheld(*harden.Applied)           {}
func (silent) Debug(string, map[string]any)     {}
func (silent) Warning(string, string)           {}

// Drive does what an order says: one walks the whole line from facts to verification, the other takes that back. What
// came of it goes to out, as JSON.
func Drive(ctx context.Context, order Order, in io.Reader, out io.Writer) error {
	s := &harden.Server{Runner: run.System{}, Observer: silent{}, Version: "driven"}
	var o Outcome
	var err error
	switch order.Do {
	case "apply":
		var done *harden.Applied
		done, err = s.Apply(ctx, harden.ApplyOptions{
			Request: harden.Request{Mode: order.Mode}, NoEvidence: true,
			Planned: func(p *harden.Planned) error { o.Planned = len(p.Variables); return nil },
			Rehearsed: func(r *harden.Rehearsal) error {
				n := r.Matrix.Count()
				o.Cells, o.Wrong = n.Cells, n.Wrong
				return nil
			},
			Decide: func(*harden.Planned, time.Duration) (time.Duration, error) {
				if order.Pause {
					if _, err := fmt.Fprintln(out, "decide"); err != nil {
						return 0, err
					}
					if _, err := bufio.NewReader(in).ReadString('\n'); err != nil {
						return 0, err
					}
				}
				return 0, nil
			},
		})
		if err == nil {
			o.ID, o.Changed = done.ID, done.Changed
		}
	case "rollback":
		var back []*transaction.TakenBack
		if back, err = s.Rollback(ctx, harden.RollbackOptions{}); err == nil {
			o.ID, o.Changed = back[0].ID, true
		}
	default:
		return fmt.Errorf("%q is no order", order.Do)
	}
	if err != nil {
		o.Error = err.Error()
	}
	return json.NewEncoder(out).Encode(o)
}
