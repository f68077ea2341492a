package ucr

import "fmt"

// Layer is one of the places in which a variable can be set. A greater Layer is stronger.
type Layer int

const (
	Default  Layer = iota // ucr update, from the descriptions of variables (UCS 5.2)
	Normal                // ucr set
	LDAP                  // policies
	Schedule              // ucr set --schedule
	Forced                // ucr set --force
)

var layers = [...]struct{ name, file string }{
	Default:  {"default", "base-defaults.conf"},
	Normal:   {"normal", "base.conf"},
	LDAP:     {"ldap", "base-ldap.conf"},
	Schedule: {"schedule", "base-schedule.conf"},
	Forced:   {"forced", "base-forced.conf"},
}

// String gives the layer's name as in ucr's own warnings.
func (l Layer) String() string {
	if l < 0 || int(l) >= len(layers) {
		return fmt.Sprintf("layer %d", int(l))
	}
	return layers[l].name
}

// File gives the file of the layer, below /etc/univention.
func (l Layer) File() string {
	if l < 0 || int(l) >= len(layers) {
		return ""
	}
	return layers[l].file
}

// MarshalText gives the layer's name.
func (l Layer) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads a layer's name.
func (l *Layer) UnmarshalText(text []byte) error {
	for i, layer := range layers {
		if layer.name == string(text) {
			*l = Layer(i)
			return nil
		}
	}
	return fmt.Errorf("cannot read registry layer %q", text)
}
