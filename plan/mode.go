package plan

import "fmt"

// Mode is how far a control goes.
type Mode string

const (
	// Off: the control leaves no trace in the configuration.
	Off Mode = "off"
	// Warn: nothing is refused that was accepted before; what would be
	// refused is logged.
	Warn Mode = "warn"
	// Enforce: what the control forbids is refused.
	Enforce Mode = "enforce"
)

// ParseMode reads the name of a mode. The empty string is Off, since a
// registry variable that is not set switches nothing on.
func ParseMode(s string) (Mode, error) {
	switch m := Mode(s); m {
	case Off, Warn, Enforce:
		return m, nil
	case "":
		return Off, nil
	}
	return Off, fmt.Errorf("%q is not a mode: off, warn or enforce", s)
}
