package rehearsal_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Each start sweeps, looks for free ports and locks its folder, while other starts do the same. None disturbs another.
func TestManyStartAtATime(t *testing.T) {
	s := newServer(t)
	in := input{Config: s.config(t)}
	for range 20 {
		var started []*private
		for range 4 {
			started = append(started, s.begin(t, in))
		}
		for _, p := range started {
			assert.Empty(t, p.read(t).Error)
			p.end(t)
		}
	}
	s.wantNothing(t)
}
