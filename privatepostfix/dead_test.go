package privatepostfix

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/mastercf"
)

func TestDeadPortsAreThoseOfAStartThatFailedForNothingElse(t *testing.T) {
	submission := &PortError{Ports: []int{465, 587}, Why: "smtpd does not greet"}
	mx := &PortError{Ports: []int{25}, Why: "smtpd does not start"}
	for sentence, c := range map[string]struct {
		err  error
		want []int
	}{
		"no error":    {nil, nil},
		"one service": {submission, []int{465, 587}},
		"two, with words around them": {
			fmt.Errorf("cannot start: %w", errors.Join(submission, mx)), []int{25, 465, 587},
		},
		"a service, and a folder that stays":    {fmt.Errorf("%w; %w", submission, errors.New("cannot remove")), nil},
		"something else":                        {errors.New("no space left on device"), nil},
		"something else with words around it":   {fmt.Errorf("cannot start: %w", errors.New("no space left")), nil},
		"joined with something else in between": {errors.Join(mx, errors.New("x"), submission), nil},
	} {
		t.Run(sentence, func(t *testing.T) {
			var ports []int
			for _, port := range mastercf.Ports {
				if _, dead := DeadPorts(c.err)[port]; dead {
					ports = append(ports, port)
				}
			}
			assert.Equal(t, c.want, ports)
		})
	}
}
