package transaction

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"

	"ucs-harden/internal/writable"
	"ucs-harden/outcome"
	"ucs-harden/plan"
)

// Preflight reports what would stop a plan half way: files that cannot be replaced, and a registry that cannot be
// written. Apply asks the same before it begins. An error has changed nothing.
func (m *Machine) Preflight(p *plan.Plan) error {
	var paths []string
	for _, f := range p.Files {
		paths = append(paths, f.Path)
		if f.Kind == plan.Table {
			if compiled, err := m.Postfix.Compiled(f.Type, f.Path); err == nil {
				paths = append(paths, compiled)
			}
		}
	}
	for _, r := range p.Rendered.Files() {
		paths = append(paths, r.Path)
	}
	return m.preflight(paths)
}

func (m *Machine) preflight(paths []string) error {
	err := writable.Replace(m.Store.journal())
	for _, path := range paths {
		if err == nil {
			err = writable.Replace(m.path(path))
		}
	}
	if err == nil {
		err = m.Registry.Writable()
	}
	return outcome.Unchanged(err)
}

// paths are the files of a change.
func (f *Manifest) paths() (paths []string) {
	for _, file := range f.Files {
		paths = append(paths, file.Path)
		if file.Compiled != "" {
			paths = append(paths, file.Compiled)
		}
	}
	for _, r := range f.Rendered {
		paths = append(paths, r.Path)
	}
	return paths
}

// leastReserve is the disk space that the way back needs besides the before-images: ucr and postfix write temporary files.
const leastReserve = 512 << 10

// reserve takes the disk space for the way back, so that it succeeds on a disk that has become full meanwhile. size is what
// the way back writes. /etc and /var may be two file systems.
func (m *Machine) reserve(size int64) error {
	size = leastReserve + 3*size // each file is written beside the old one, the registry twice
	for _, path := range m.reserves() {
		if err := writable.Reserve(path, size); err != nil {
			m.giveSpace()
			return outcome.Unchanged(err)
		}
	}
	return nil
}

// giveSpace gives the reserved space back.
func (m *Machine) giveSpace() {
	for _, path := range []string{m.Store.space(), m.path(etcReserve)} {
		_ = os.Remove(path) // it may not be there
	}
}

// etcReserve is beside the files of Postfix. It is needed only where the state folder is on another file system.
const etcReserve = "/etc/postfix/.ucs-harden.reserve"

func (s Store) space() string { return filepath.Join(s.Dir, "reserve") }

func (m *Machine) reserves() []string {
	paths := []string{m.Store.space()}
	var state, etc syscall.Stat_t
	errState := syscall.Stat(m.Store.Dir, &state)
	errEtc := syscall.Stat(filepath.Dir(m.path(etcReserve)), &etc)
	if errors.Join(errState, errEtc) == nil && state.Dev != etc.Dev {
		paths = append(paths, m.path(etcReserve))
	}
	return paths
}

// size is about the size of base.conf.
func (v Values) size() (size int64) {
	for key, value := range v {
		size += int64(len(key) + len(": ") + len(value) + len("\n"))
	}
	return size
}

// size is what the way back writes.
func (t *target) size() int64 {
	size := t.registry.size()
	for _, f := range t.files {
		size += int64(len(f.restore.content) + len(f.restoreCompiled.content))
	}
	for _, r := range t.rendered {
		size += int64(len(r.expected))
	}
	return size
}
