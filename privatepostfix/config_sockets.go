package privatepostfix

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"ucs-harden/internal/lazyregexp"
)

// unixSocket is the socket of a policy service in a value, also in the form { unix:private/x, timeout=3s }.
var unixSocket = lazyregexp.New(`\bunix:([^\s,{}()"']+)`)

// linkSockets makes links to the sockets in the live queue directory that the configuration names: those of the SASL
// server and of policy services that the instance does not run itself.
func (b *builder) linkSockets() error {
	values := []string{"unix:" + b.main.Value("smtpd_sasl_path")}
	for _, d := range b.main {
		values = append(values, d.Value)
	}
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
