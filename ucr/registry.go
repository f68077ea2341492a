package ucr

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"ucs-harden/internal/inroot"
)

// ErrNoRegistry says that neither base.conf nor base.conf.bak holds anything: this is not a UCS server, or its registry
// is lost.
var ErrNoRegistry = errors.New("neither base.conf nor base.conf.bak has any content")

// Value is what one layer holds for a variable.
type Value struct {
	Text  string `json:"text"`
	Layer Layer  `json:"layer"`
}

// Variable is a key with its effective value.
type Variable struct {
	Key string `json:"key"`
	Value
}

// Registry is a snapshot of all layers. It does not change, so it may be used
// from several goroutines.
type Registry struct {
	layers [Forced + 1]map[string]string
	merged func() []Variable // sorted by key
}

// Load reads all layers below root ("" is "/") from disk, and nothing outside of it, without the ucr program. Errors: ErrNoRegistry, *FileError, and those of reading files.
func Load(root string) (*Registry, error) {
	var loaded [Forced + 1]map[string]string
	for layer := Default; layer <= Forced; layer++ {
		vars, err := readLayer(root, "etc/univention/"+layer.File())
		if err != nil && (layer == Normal || !errors.Is(err, ErrNoRegistry)) {
			return nil, err
		}
		loaded[layer] = vars
	}
	return newRegistry(loaded), nil
}

// readLayer reads the file of a layer. If that file is missing or empty, readLayer reads the copy from which ucr would
// restore it. Only base.conf must exist.
func readLayer(root, path string) (map[string]string, error) {
	for _, file := range []string{path, path + ".bak"} {
		info, err := inroot.Stat(root, file)
		if err == nil && info.Size() > 0 {
			return readBaseConf(root, file)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("cannot read the registry: %w", err)
		}
	}
	return nil, fmt.Errorf("cannot read %s: %w", below(root, path), ErrNoRegistry)
}

// below gives the location of a path inside root.
func below(root, path string) string {
	if root == "" {
		root = "/"
	}
	return filepath.Join(root, path)
}

// New makes a snapshot of the given variables.
func New(vars map[Layer]map[string]string) *Registry {
	var loaded [Forced + 1]map[string]string
	for layer, values := range vars {
		loaded[layer] = maps.Clone(values)
	}
	return newRegistry(loaded)
}

func newRegistry(loaded [Forced + 1]map[string]string) *Registry {
	r := &Registry{layers: loaded}
	r.merged = sync.OnceValue(r.merge)
	return r
}

func (r *Registry) merge() []Variable {
	keys := make(map[string]struct{}, len(r.layers[Normal]))
	for _, layer := range r.layers {
		for key := range layer {
			keys[key] = struct{}{}
		}
	}
	vars := make([]Variable, 0, len(keys))
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		value, _ := r.effective(key, nil)
		vars = append(vars, Variable{key, value})
	}
	return vars
}

// effective finds the strongest value. path is explained at expand.
func (r *Registry) effective(key string, path []string) (Value, bool) {
	for layer := Forced; layer >= Default; layer-- {
		if text, ok := r.layers[layer][key]; ok {
			if layer == Default {
				text = r.expand(text, append(path, key))
			}
			return Value{text, layer}, true
		}
	}
	return Value{}, false
}

// Get gives the effective value, and whether there is one. A value may be empty.
func (r *Registry) Get(key string) (string, bool) {
	value, ok := r.effective(key, nil)
	return value.Text, ok
}

// Lookup gives the values of all layers that hold the variable: the effective value first, then the values it shadows.
// It gives none when the variable is not set at all.
func (r *Registry) Lookup(key string) []Value {
	var values []Value
	for layer := Forced; layer >= Default; layer-- {
		if text, ok := r.layers[layer][key]; ok {
			if layer == Default {
				text = r.expand(text, []string{key})
			}
			values = append(values, Value{text, layer})
		}
	}
	return values
}

// NormalValues gives the variables of the normal layer.
func (r *Registry) NormalValues() map[string]string { return maps.Clone(r.layers[Normal]) }

// Normal gives the value in base.conf itself, which ucr set and ucr unset change.
func (r *Registry) Normal(key string) (string, bool) {
	text, ok := r.layers[Normal][key]
	return text, ok
}

// Stronger gives the effective value if a layer above Normal holds it; ucr set has no effect on such a variable.
func (r *Registry) Stronger(key string) (Value, bool) {
	value, ok := r.effective(key, nil)
	if !ok || value.Layer <= Normal {
		return Value{}, false
	}
	return value, true
}

// IsTrue reads a switch as ucr's templates do: yes, true, 1, enable, enabled and on are true, in any case of letters;
// every other value is false. unset is the answer for a variable that is not set.
func (r *Registry) IsTrue(key string, unset bool) bool {
	text, ok := r.Get(key)
	if !ok {
		return unset
	}
	switch strings.ToLower(text) {
	case "yes", "true", "1", "enable", "enabled", "on":
		return true
	}
	return false
}

// Prefix gives the variables whose keys begin with prefix, sorted by key as strings: 10 before 9.
func (r *Registry) Prefix(prefix string) []Variable {
	all := r.merged()
	from, _ := slices.BinarySearchFunc(all, prefix, func(v Variable, p string) int { return strings.Compare(v.Key, p) })
	to := from
	for to < len(all) && strings.HasPrefix(all[to].Key, prefix) {
		to++
	}
	return slices.Clone(all[from:to])
}

// With gives the snapshot as it would be after these ucr unset and ucr set in the normal layer. The other layers do not
// change.
func (r *Registry) With(set map[string]string, unset []string) *Registry {
	changed := r.layers
	normal := maps.Clone(r.layers[Normal])
	if normal == nil {
		normal = make(map[string]string, len(set))
	}
	for _, key := range unset {
		delete(normal, key)
	}
	for key, value := range set {
		normal[key] = stored(value)
	}
	changed[Normal] = normal
	return newRegistry(changed)
}

// WriteTo writes the effective values in the format of base.conf. With the environment variable UNIVENTION_BASECONF,
// ucr reads such a file instead of all layers.
func (r *Registry) WriteTo(w io.Writer) (int64, error) {
	return writeBaseConf(w, r.merged())
}
