package plan

import "fmt"

// Mode says how far a control goes.
type Mode string

const (
	// Off: the control leaves no trace in the configuration.
	Off Mode = "off"
	// Warn: the control refuses nothing that was accepted before; it logs what it would refuse.
	Warn Mode = "warn"
	// Enforce: the control refuses what it forbids.
	Enforce Mode = "enforce"
)

// ParseMode reads the name of a mode. The empty string is Off: a registry variable that is not set switches nothing on.
func ParseMode(s string) (Mode, error) {
	switch m := Mode(s); m {
	case Off, Warn, Enforce:
		return m, nil
	case "":
		return Off, nil
	}
	return Off, &WrongModeError{s}
}

// WrongModeError says that a word is not the name of a mode.
type WrongModeError struct{ Word string }

func (e *WrongModeError) Error() string {
	return fmt.Sprintf("%q is not a mode: off, warn or enforce", e.Word)
}
