package ucr

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// watch collects the versions of base.conf that are written while ucr runs. ucr cannot compare before it writes: what
// someone else has written since the last look is overwritten, and only such a version tells what it was.
//
// ucr replaces base.conf by a rename, and inotify(7) reports every rename. Between two renames, ucr reads base.conf,
// writes two files and waits for the disk. In this time the version is read. A library such as fsnotify cannot tell
// whether all events were read; this is why inotify is used directly.
type watch struct {
	path     string
	fd       int
	events   *os.File // fd
	ended    chan struct{}
	versions []version
	// missed: a version was replaced before it was read.
	missed bool
}

// version is one state of base.conf. The file stays open, so that its inode number is not used again.
type version struct {
	file *os.File
	info os.FileInfo
	vars map[string]string
}

// startWatch begins to watch base.conf. Call end after ucr has ended.
func startWatch(root string) (*watch, error) {
	w := &watch{path: below(root, "etc/univention/"+Normal.File()), ended: make(chan struct{})}
	var err error
	if w.fd, err = unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK); err != nil {
		return nil, fmt.Errorf("cannot watch %s: %w", w.path, err)
	}
	w.events = os.NewFile(uintptr(w.fd), "inotify")
	if _, err := unix.InotifyAddWatch(w.fd, filepath.Dir(w.path), unix.IN_MOVED_TO); err != nil {
		w.events.Close()
		return nil, fmt.Errorf("cannot watch %s: %w", w.path, err)
	}
	go w.collect()
	return w, nil
}

// collect reads events until their deadline.
func (w *watch) collect() {
	defer close(w.ended)
	var buffer [64 << 10]byte
	for {
		n, err := w.events.Read(buffer[:])
		if err != nil {
			return
		}
		w.take(buffer[:n])
	}
}

// take reads base.conf once for each event of it. inotify(7) tells the form of an event.
func (w *watch) take(events []byte) {
	for len(events) >= unix.SizeofInotifyEvent {
		mask, length := binary.NativeEndian.Uint32(events[4:]), binary.NativeEndian.Uint32(events[12:])
		end := min(unix.SizeofInotifyEvent+int(length), len(events))
		name := bytes.TrimRight(events[unix.SizeofInotifyEvent:end], "\x00")
		events = events[end:]
		switch {
		case mask&unix.IN_Q_OVERFLOW != 0:
			w.missed = true
		case string(name) == Normal.File():
			if err := w.read(); err != nil {
				w.missed = true
			}
		}
	}
}

func (w *watch) read() error {
	file, err := os.Open(w.path)
	if err != nil {
		return fmt.Errorf("cannot read the registry: %w", err)
	}
	v := version{file: file}
	w.versions = append(w.versions, v)
	last := &w.versions[len(w.versions)-1]
	if last.info, err = file.Stat(); err != nil {
		return fmt.Errorf("cannot read the registry: %w", err)
	}
	if n := len(w.versions); n > 1 && os.SameFile(last.info, w.versions[n-2].info) {
		w.missed = true // two events and one file
	}
	content, err := io.ReadAll(file)
	if err != nil {
		return fmt.Errorf("cannot read the registry: %w", err)
	}
	last.vars = parseBaseConf(string(content))
	return nil
}

// end returns what was written, oldest first. complete is false if a version may be missing.
func (w *watch) end() (versions []map[string]string, complete bool) {
	_ = w.events.SetReadDeadline(time.Unix(0, 0)) // an expired deadline ends collect
	<-w.ended
	var buffer [64 << 10]byte
	for { // the events that have come since
		n, err := unix.Read(w.fd, buffer[:])
		if err != nil || n <= 0 {
			break
		}
		w.take(buffer[:n])
	}
	w.events.Close()
	for _, v := range w.versions {
		if v.vars != nil {
			versions = append(versions, v.vars)
		}
		v.file.Close()
	}
	return versions, !w.missed
}

// differBeside reports whether other variables than these differ between the first and the last version. Then a version
// that was replaced before it was read is most likely one of them, such as that of a handler that sets a variable itself.
func differBeside(keys []string, versions []map[string]string) bool {
	before, after := maps.Clone(versions[0]), maps.Clone(versions[len(versions)-1])
	for _, key := range keys {
		delete(before, key)
		delete(after, key)
	}
	return !maps.Equal(before, after)
}

// overwritten finds the variables that someone else had changed when ucr wrote them: among the versions before ours, the
// last one that has another value than seen. A nil value: he had unset the variable.
func overwritten(keys []string, want, seen map[string]string, versions []map[string]string) map[string]*string {
	out := map[string]*string{}
	before := seen
	for _, now := range versions {
		for _, key := range keys {
			if !isValue(before, key, want) && isValue(now, key, want) { // this version is ours
				return out
			}
		}
		for _, key := range keys {
			delete(out, key)
			value, set := now[key]
			old, had := seen[key]
			switch {
			case set && (!had || value != old):
				out[key] = &value
			case !set && had:
				out[key] = nil
			}
		}
		before = now
	}
	return nil // ours is not among them
}

// isValue reports whether a variable has the wanted value; a key that want lacks shall not be set.
func isValue(vars map[string]string, key string, want map[string]string) bool {
	value, set := vars[key]
	wanted, wants := want[key]
	return set == wants && value == wanted
}
