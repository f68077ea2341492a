package ucr

import (
	"ucs-harden/internal/writable"
)

const replog = "var/log/univention/config-registry.replog"

// Writable reports whether ucr can write base.conf, its copy and, where ucr/replog/enabled is true, the log of all
// changes. Without the log, ucr ends after base.conf was written and before any handler ran. Errors are *writable.Error.
func (p Program) Writable() error {
	reg, err := Load(p.Root)
	if err != nil {
		return err
	}
	for _, file := range []string{Normal.File(), Normal.File() + ".bak"} {
		if err := writable.Replace(below(p.Root, "etc/univention/"+file)); err != nil {
			return err
		}
	}
	if !reg.IsTrue("ucr/replog/enabled", false) {
		return nil
	}
	return writable.Append(below(p.Root, replog))
}
