package lab

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

var slapdArgv = []string{"slapd", "-f", "/etc/ldap/slapd-lab.conf", "-h", "ldap://0.0.0.0:7389 ldap://[::]:7389 ldapi:///"}

// prepareSlapd fills the database before the first start. Later starts use the existing database.
func prepareSlapd(ctx context.Context, _ *Lab, h *Host) error {
	const database = "/var/lib/ldap-lab"
	if _, err := os.Stat(h.Path(database)); err == nil {
		return nil
	}
	if err := os.MkdirAll(h.Path("/run/slapd"), 0o755); err != nil {
		return err
	}
	if err := os.Mkdir(h.Path(database), 0o700); err != nil {
		return err
	}
	return h.must(ctx, "", "slapadd", "-q", "-f", "/etc/ldap/slapd-lab.conf", "-l", "/etc/ldap/lab.ldif")
}

// preparePostfix renders the configuration from the registry before the first start and compiles the aliases. Later
// starts use the existing files.
func preparePostfix(ctx context.Context, l *Lab, h *Host) error {
	l.postfix.Lock()
	defer l.postfix.Unlock()
	if _, err := os.Stat(h.Path("/etc/postfix/main.cf")); err != nil {
		if err := commitPostfix(ctx, h); err != nil {
			return err
		}
	}
	if err := l.BackdatePostfix(); err != nil {
		return err
	}
	if _, err := os.Stat(h.Path("/etc/aliases.db")); err != nil {
		return h.must(ctx, "", "postalias", "hash:/etc/aliases")
	}
	return nil
}

// commitPostfix makes `ucr commit` render every file below /etc/postfix that has a template.
func commitPostfix(ctx context.Context, h *Host) error {
	const templates = "/etc/univention/templates/files"
	maps, err := filepath.Glob(h.Path(templates+"/etc/postfix/ldap.") + "*")
	if err != nil {
		return err
	}
	argv := []string{"ucr", "commit", "/etc/postfix/main.cf", "/etc/postfix/master.cf"}
	for _, path := range maps {
		argv = append(argv, "/etc/postfix/"+filepath.Base(path))
	}
	return h.must(ctx, "", argv...)
}

// BackdatePostfix makes the files in /etc/postfix at least a minute old. Every Postfix process waits until main.cf and
// the LDAP maps that it opens are two seconds old; a test that does not measure this need not wait. Content, mode and
// owner do not change.
func (l *Lab) BackdatePostfix() error {
	dir := l.Path("/etc/postfix")
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	old := time.Now().Add(-time.Minute)
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // a temporary file
		}
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() || info.ModTime().Before(old) {
			continue
		}
		if err := os.Chtimes(filepath.Join(dir, e.Name()), old, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// furnish writes the files that the hosts' programs need, before any of the programs is started.
func (l *Lab) furnish(o Options) error {
	authority, err := newAuthority()
	if err != nil {
		return err
	}
	for _, h := range l.allHosts() {
		if err := h.furnishNames(); err != nil {
			return err
		}
	}
	for _, name := range []string{"mail", "dc2"} {
		if err := l.Host(name).furnishServer(authority); err != nil {
			return err
		}
	}
	if err := l.furnishMail(); err != nil {
		return err
	}
	return l.furnishUCS(o)
}

func (h *Host) furnishNames() error {
	me := topology[h.Name]
	var hosts strings.Builder
	hosts.WriteString("127.0.0.1 localhost\n::1 localhost\n")
	fmt.Fprintf(&hosts, "%s %s %s\n", h.Addr(), me.fqdn, h.Name)
	return writeAll(h,
		file{"/etc/hosts", hosts.String(), 0o644},
		file{"/etc/hostname", h.Name + "\n", 0o644},
		file{"/etc/resolv.conf", "nameserver " + me.resolver + "\n", 0o644},
		file{"/etc/mailname", me.fqdn + "\n", 0o644},
	)
}

// furnishServer gives a domain controller its certificate and its directory.
func (h *Host) furnishServer(a *authority) error {
	fqdn := topology[h.Name].fqdn
	certificate, key, err := a.issue(fqdn, h.Name)
	if err != nil {
		return err
	}
	slapd := strings.ReplaceAll(content("slapd.conf"), "HOST", fqdn)
	schema, err := os.ReadFile(filepath.Join(shippedDir(), "usr/share/ucs-harden/ucs-harden.schema"))
	if err != nil {
		return err
	}
	return writeAll(h,
		file{"/etc/univention/ssl/ucsCA/CAcert.pem", string(a.pem), 0o644},
		file{"/etc/univention/ssl/" + fqdn + "/cert.pem", string(certificate), 0o644},
		file{"/etc/univention/ssl/" + fqdn + "/private.key", string(key), 0o640},
		file{"/etc/ldap/slapd-lab.conf", slapd, 0o600},
		file{"/etc/ldap/schema/univention-lab.schema", content("univention-lab.schema"), 0o644},
		file{"/etc/ldap/schema/ucs-harden.schema", string(schema), 0o644}, // the join script's work on UCS
		file{"/etc/ldap/lab.ldif", content("directory.ldif"), 0o600},
	)
}

// postfixKeeps are the files in /etc/postfix that belong to the program, not to a server's configuration.
var postfixKeeps = []string{"dynamicmaps.cf", "dynamicmaps.cf.d", "makedefs.out", "post-install",
	"postfix-files", "postfix-files.d", "postfix-script"}

// furnishMail makes the mail server look freshly installed, however Postfix and Dovecot of this machine are configured.
func (l *Lab) furnishMail() error {
	h := l.Mail()
	if err := empty(h.Path("/etc/postfix"), postfixKeeps...); err != nil {
		return err
	}
	for _, dir := range []string{"/var/spool/postfix", "/var/lib/postfix", "/var/mail", "/var/log"} {
		if err := empty(h.Path(dir)); err != nil {
			return err
		}
	}
	for name, id := range map[string]int{"mail-lab": mailUID, "listener": listenerUID} {
		if err := h.addUser(name, id); err != nil {
			return err
		}
	}
	if err := writeAll(h,
		file{"/etc/aliases", "postmaster: root\nroot: employee@company.my\n", 0o644},
		file{"/etc/machine.secret", MachineSecret, 0o600},
		file{"/etc/ldap.secret", "lab-admin", 0o600}, // as on a primary directory node
		file{"/etc/rsyslog-lab.conf", content("rsyslog.conf"), 0o644},
		file{"/etc/dnsmasq-lab.conf", content("dnsmasq.conf"), 0o644},
		file{"/etc/dovecot/dovecot.conf", content("dovecot.conf"), 0o644},
		file{"/etc/dovecot/lab-ldap.conf", content("dovecot-ldap.conf"), 0o600},
		file{"/var/log/univention/config-registry.replog", "", 0o640},
		file{"/etc/postfix/main.cf.local", content("main.cf.local"), 0o644},
		file{"/var/mail-lab/full@company.my/Maildir/new/1.full.mail", "Subject: big\n\n" + strings.Repeat("A mailbox of one MiB is full with this.\n", 40000), 0o600},
	); err != nil {
		return err
	}
	_ = os.Remove(h.Path("/etc/aliases.db"))
	for _, dir := range []string{"cur", "tmp"} {
		// Dovecot counts the messages of a maildir only when it has all its folders.
		if err := os.Mkdir(h.Path("/var/mail-lab/full@company.my/Maildir/"+dir), 0o700); err != nil {
			return err
		}
	}
	if err := chownAll(h.Path("/var/mail-lab"), mailUID); err != nil {
		return err
	}
	// Dovecot creates its sockets here before Postfix would create the folder; mode and owner as in postfix-files.
	private := h.Path("/var/spool/postfix/private")
	uid, err := h.userID("postfix")
	if err != nil {
		return err
	}
	if err := os.Mkdir(private, 0o700); err != nil {
		return err
	}
	return os.Chown(private, uid, 0)
}

// furnishUCS installs the stand-ins for UCS.
func (l *Lab) furnishUCS(o Options) error {
	h := l.Mail()
	for _, tree := range []string{"root", "root-" + o.Face.String()} {
		if err := h.CopyTree(filepath.Join(sourceDir(), "ucs", tree)); err != nil {
			return fmt.Errorf("cannot install the stand-ins for UCS: %w", err)
		}
	}
	if err := l.furnishPackages(); err != nil {
		return err
	}
	if o.SlowUCR {
		return h.WriteFile("/etc/univention/lab-slow", nil, 0o644)
	}
	return nil
}

// furnishPackages tells dpkg that the packages of a mail server are installed, whose files are the stand-ins, and makes
// the folder to which univention-config moves the .info files of removed packages.
func (l *Lab) furnishPackages() error {
	h := l.Mail()
	const status = "/var/lib/dpkg/status"
	known, err := h.ReadFile(status)
	if err != nil {
		return err
	}
	for _, name := range []string{"univention-mail-postfix", "univention-mail-server"} {
		known = fmt.Appendf(known, "\nPackage: %s\nStatus: install ok installed\nMaintainer: lab\nArchitecture: all\n"+
			"Version: 16.0.2\nDescription: stand-in\n", name)
		if err := h.WriteFile("/var/lib/dpkg/info/"+name+".list", []byte("/.\n"), 0o644); err != nil {
			return err
		}
	}
	if err := h.WriteFile(status, known, 0o644); err != nil {
		return err
	}
	return os.MkdirAll(h.Path("/etc/univention/templates/removed"), 0o755)
}

type file struct {
	path, content string
	mode          fs.FileMode
}

func writeAll(h *Host, all ...file) error {
	for _, f := range all {
		if err := h.WriteFile(f.path, []byte(f.content), f.mode); err != nil {
			return fmt.Errorf("cannot furnish host %s: %w", h.Name, err)
		}
	}
	return nil
}

// content is a file of files/. go:embed makes sure that it exists.
func content(name string) string {
	text, err := files.ReadFile("files/" + name)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// empty removes everything from a folder except these names.
func empty(dir string, keep ...string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if slices.Contains(keep, e.Name()) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}
