package lab

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

//go:embed files packages.txt
var files embed.FS

// User is a mail account of the company.
type User struct {
	UID, Password, Mail string
	Alternatives        []string
}

// Users are the mail accounts in files/directory.ldif, by uid.
var Users = map[string]User{
	"employee": {"employee", "lab-employee", "employee@company.my", []string{"e.mployee@company.my", "employee@company.local"}},
	"boss":     {"boss", "lab-boss", "boss@company.my", []string{"chief@company.my"}},
	"clerk":    {"clerk", "lab-clerk", "clerk@company.local", nil},
	"full":     {"full", "lab-full", "full@company.my", nil},
	"intern":   {"intern", "lab-intern", "intern@company.my", []string{"in.tern@company.my"}},
	"leaver":   {"leaver", "lab-leaver", "leaver@company.my", []string{"l.eaver@company.my"}},
}

// MachineSecret is the password of the mail server's machine account, as in /etc/machine.secret.
const MachineSecret = "lab-machine"

// Options select the part of the company that is brought up. The zero value is all of it except [SlapdDC2]
// and [Listener], on UCS 5.2.
type Options struct {
	// Services to start, in no particular order. Nil means [DefaultServices].
	Services []Service
	// Face is the release of UCS on the mail server.
	Face Face
	// SlowUCR makes `ucr` cost as much as the real one: every block of Python in a template is a process of its own.
	// What ucr does is the same. Use it to measure times.
	SlowUCR bool
	// Root is a folder with the system that all hosts use (package debianroot makes one). "" is the system of this machine.
	// It is not changed.
	Root string
	// Patient makes the programs on the mail server wait as in real life. Every Postfix process waits until main.cf is
	// two seconds old. Without Patient the files in /etc/postfix are made old while a program runs, see
	// [Lab.BackdatePostfix].
	Patient bool
}

// Face is a release of UCS. ucs/README.md tells how they differ.
type Face int

const (
	UCS52 Face = iota // UCS 5.2
	UCS50             // UCS 5.0
)

// String gives the release: 5.2 or 5.0.
func (f Face) String() string {
	if f == UCS50 {
		return "5.0"
	}
	return "5.2"
}

// DefaultServices are started when Options.Services is nil.
var DefaultServices = []Service{Rsyslog, DNS, Slapd, Dovecot, Sink, Postfix}

// Lab is a running company.
type Lab struct {
	hosts    map[string]*Host
	netns    *Host // the switch to which both networks are connected
	attached bool  // the hosts belong to another process: Down does not end them
	postfix  sync.Mutex
}

// New brings up a lab for one test and takes it down at the test's end. For a failed test it shows the end of the mail
// log.
func New(t testing.TB, options ...Options) *Lab {
	t.Helper()
	Require(t)
	require.LessOrEqual(t, len(options), 1, "lab.New takes one Options")
	var o Options
	if len(options) == 1 {
		o = options[0]
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	l, err := Up(ctx, o)
	require.NoError(t, err)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("end of mail.log:\n%s", tail(l.MailLog(), 40))
		}
		require.NoError(t, l.Down())
	})
	return l
}

// Up brings a lab up. After an error nothing is left running.
func Up(ctx context.Context, o Options) (l *Lab, err error) {
	if o.Services == nil {
		o.Services = DefaultServices
	}
	l = &Lab{hosts: map[string]*Host{}}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("cannot bring the lab up: %w", err), l.Down())
		}
	}()
	if err = l.startHosts(ctx, cmp.Or(o.Root, "/")); err != nil {
		return l, err
	}
	if err = l.connect(ctx); err != nil {
		return l, err
	}
	if err = l.furnish(o); err != nil {
		return l, err
	}
	if err = l.startAll(ctx, o.Services); err == nil && !o.Patient {
		l.Mail().age = func() { _ = l.BackdatePostfix() } // a test that needs it asks for it, and sees the error
	}
	return l, err
}

// Down ends every process of the lab and waits for it. A second call does nothing.
func (l *Lab) Down() error {
	if l.attached {
		return nil
	}
	var errs []error
	all := append([]*Host{l.netns}, l.allHosts()...)
	for _, h := range all {
		if h != nil {
			h.kill()
		}
	}
	for _, h := range all {
		if h != nil {
			errs = append(errs, h.wait())
		}
	}
	l.hosts, l.netns = map[string]*Host{}, nil
	return errors.Join(errs...)
}

// Host returns the host of this name: mail, dc2, inside, outside or mx. Another name is a mistake in the test: Host
// panics.
func (l *Lab) Host(name string) *Host {
	h, ok := l.hosts[name]
	if !ok {
		panic(fmt.Sprintf("lab: no host %q, or the lab is down", name))
	}
	return h
}

// Has says whether a host has this name.
func (l *Lab) Has(name string) bool { return l.hosts[name] != nil }

// Mail is the mail server.
func (l *Lab) Mail() *Host { return l.Host("mail") }

func (l *Lab) allHosts() []*Host {
	var all []*Host
	for _, h := range l.hosts {
		all = append(all, h)
	}
	return all
}

// MailLog returns the content of /var/log/mail.log of the mail server; "" when the file does not exist.
func (l *Lab) MailLog() string {
	h, ok := l.hosts["mail"]
	if !ok {
		return ""
	}
	content, err := h.ReadFile("/var/log/mail.log")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err.Error()
	}
	return string(content)
}

// Messages returns the messages in the mailbox of a mailPrimaryAddress, in no particular order.
func (l *Lab) Messages(address string) ([]string, error) {
	dir := "/var/mail-lab/" + address + "/Maildir/new"
	entries, err := l.Mail().ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var messages []string
	for _, e := range entries {
		content, readErr := l.Mail().ReadFile(dir + "/" + e.Name())
		messages, err = append(messages, string(content)), errors.Join(err, readErr)
	}
	return messages, err
}

// WaitFor polls until the condition holds. It fails when ctx ends or after half a minute; the error then contains what.
func WaitFor(ctx context.Context, what string, condition func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for tick := time.NewTicker(3 * time.Millisecond); ; {
		if condition() {
			tick.Stop()
			return nil
		}
		select {
		case <-ctx.Done():
			tick.Stop()
			return fmt.Errorf("waited in vain for %s: %w", what, ctx.Err())
		case <-tick.C:
		}
	}
}

// WaitFor calls [WaitFor] for a test, and ends the test when the condition does not come true.
func (l *Lab) WaitFor(t testing.TB, what string, condition func() bool) {
	t.Helper()
	require.NoError(t, WaitFor(t.Context(), what, condition))
}

func tail(text string, lines int) string {
	all := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
