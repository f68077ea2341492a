package privatepostfix

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ucs-harden/internal/lazyregexp"
)

// unixSocket is a socket in a value, such as that of a table: socketmap:unix:private/x:name.
var unixSocket = lazyregexp.New(`\bunix:([^\s,:{}()"']+)`)

// linkSockets makes links to the sockets in the live queue directory that the configuration names: that of the SASL
// server, and those of tables. There are none to policy services, which are not asked.
func (b *builder) linkSockets() error {
	values := []string{"unix:" + b.main.Value("smtpd_sasl_path")}
	for _, d := range b.main {
		if _, isList := b.lists[d.Name]; !isList && !strings.Contains(d.Value, policyService) {
			values = append(values, d.Value)
		}
	}
	values = slices.AppendSeq(values, maps.Values(b.lists))
	for _, r := range b.services {
		for _, o := range r.overrides {
			values = append(values, o.Value)
			if o.Name == "smtpd_sasl_path" {
				values = append(values, "unix:"+o.Value)
			}
		}
	}
	own := map[string]bool{}
	for _, s := range b.helperServices() {
		own["private/"+s.Name], own["public/"+s.Name] = true, true
	}
	for _, m := range unixSocket.FindAllStringSubmatch(strings.Join(values, "\n"), -1) {
		name := m[1]
		live := filepath.Join(b.liveQueue, name)
		if !filepath.IsLocal(name) || own[name] || !isSocket(live) {
			continue
		}
		err := os.Symlink(live, filepath.Join(b.queue, name))
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		own[name] = true
	}
	return nil
}

func isSocket(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().Type() == fs.ModeSocket
}
