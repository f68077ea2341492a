package lab

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"time"
)

// Service is a daemon of the lab: see [Lab.Start] and [Lab.Stop].
type Service string

// The services. Each is a real program on its host, see the map in the package comment.
const (
	Rsyslog  Service = "rsyslog"  // mail: /dev/log to /var/log/mail.log
	DNS      Service = "dnsmasq"  // mail: port 53, for all hosts
	Slapd    Service = "slapd"    // mail: port 7389 and ldapi
	SlapdDC2 Service = "slapd@2"  // dc2: port 7389, the same entries
	Dovecot  Service = "dovecot"  // mail: private/auth, private/dovecot-lmtp, quota-status on 127.0.0.1:12340
	Postfix  Service = "postfix"  // mail: with the files that `ucr commit` rendered
	Sink     Service = "smtpsink" // mx: port 25 accepts everything
	// Listener calls the listener modules that are installed on mail when it starts, for every change of the directory.
	Listener Service = "univention-directory-listener"
)

// daemon describes how a service is started, when it is ready, and how it is ended.
type daemon struct {
	host    string
	prepare func(context.Context, *Lab, *Host) error // before each start; may be nil
	argv    []string                                 // the command puts itself into the background
	pidFile string
	ready   []string // "tcp ADDRESS:PORT" or "unix PATH": all must take connections; "file PATH" must exist
	after   []Service
}

var daemons = map[Service]daemon{
	Rsyslog: {
		host: "mail", argv: []string{"rsyslogd", "-f", "/etc/rsyslog-lab.conf", "-i", "/run/rsyslogd.pid"},
		pidFile: "/run/rsyslogd.pid", ready: []string{"file /dev/log", "file /run/rsyslogd.pid"},
	},
	DNS: {
		host: "mail", argv: []string{"dnsmasq", "--conf-file=/etc/dnsmasq-lab.conf"},
		pidFile: "/run/dnsmasq-lab.pid", ready: []string{"tcp 10.99.1.1:53", "tcp 203.0.113.1:53"},
	},
	Slapd: {
		host: "mail", prepare: prepareSlapd, argv: slapdArgv,
		pidFile: "/run/slapd/slapd.pid", ready: []string{"tcp 10.99.1.1:7389", "unix /run/slapd/ldapi"},
	},
	SlapdDC2: {
		host: "dc2", prepare: prepareSlapd, argv: slapdArgv,
		pidFile: "/run/slapd/slapd.pid", ready: []string{"tcp 10.99.1.10:7389"},
	},
	Dovecot: {
		host: "mail", argv: []string{"dovecot"}, pidFile: "/run/dovecot/master.pid",
		ready: []string{"unix /var/spool/postfix/private/auth", "unix /var/spool/postfix/private/dovecot-lmtp", "tcp 127.0.0.1:12340"},
		after: []Service{Rsyslog, Slapd},
	},
	Postfix: {
		host: "mail", prepare: preparePostfix, argv: []string{"postfix", "start"},
		pidFile: "/var/spool/postfix/pid/master.pid", ready: []string{"file /var/spool/postfix/public/cleanup"},
		after: []Service{Rsyslog},
	},
	Sink: {
		host: "mx", argv: []string{"start-stop-daemon", "--start", "--background", "--make-pidfile", "--pidfile", "/run/smtp-sink.pid",
			"--startas", "/usr/sbin/smtp-sink", "--", "-u", "postfix", "-h", "mx.foreign.example", "203.0.113.25:25", "100"},
		pidFile: "/run/smtp-sink.pid", ready: []string{"tcp 203.0.113.25:25"},
	},
	Listener: {
		host: "mail", prepare: prepareListener,
		argv: []string{"start-stop-daemon", "--start", "--background", "--make-pidfile", "--pidfile", "/run/univention-directory-listener.pid",
			"--output", "/var/log/univention/listener.log", "--startas", "/usr/sbin/univention-directory-listener"},
		pidFile: "/run/univention-directory-listener.pid", ready: []string{"file " + listenerState + "/lab-ready"},
		after: []Service{Slapd},
	},
}

// Start starts services at the same time, each after the services that it needs, and returns when they accept
// connections. For Postfix this means only that master listens; whether an smtpd can work with the configuration shows
// only in a dialogue. A service that already runs is an error.
func (l *Lab) Start(ctx context.Context, services ...Service) error {
	return l.startAll(ctx, services)
}

// Stop ends services one after another: it sends SIGTERM to the process of the pid file and waits until that process
// has ended. A service that does not run is an error.
func (l *Lab) Stop(ctx context.Context, services ...Service) error {
	for _, s := range services {
		if err := l.stop(ctx, s); err != nil {
			return fmt.Errorf("cannot stop %s: %w", s, err)
		}
	}
	return nil
}

// Restart is Stop and Start.
func (l *Lab) Restart(ctx context.Context, services ...Service) error {
	return errors.Join(l.Stop(ctx, services...), l.Start(ctx, services...))
}

// Running says whether the process of the service's pid file is alive.
func (l *Lab) Running(s Service) bool {
	_, err := l.pid(s)
	return err == nil
}

func (l *Lab) startAll(ctx context.Context, services []Service) error {
	started := map[Service]chan struct{}{}
	for _, s := range services {
		if _, known := daemons[s]; !known {
			return fmt.Errorf("unknown service %q", s)
		}
		started[s] = make(chan struct{})
	}
	return parallel(services, func(s Service) error {
		// Closed even after a failure, because services that wait for this one would otherwise wait forever; they may
		// fail themselves.
		defer close(started[s])
		if err := l.start(ctx, s, started); err != nil {
			return fmt.Errorf("cannot start %s: %w", s, err)
		}
		return nil
	})
}

func (l *Lab) start(ctx context.Context, s Service, started map[Service]chan struct{}) error {
	d := daemons[s]
	h := l.Host(d.host)
	if l.Running(s) {
		return errors.New("it is running")
	}
	if d.prepare != nil {
		if err := d.prepare(ctx, l, h); err != nil {
			return err
		}
	}
	for _, needed := range d.after {
		if ready, soon := started[needed]; soon {
			<-ready
		}
	}
	// The pid file of a daemon that was killed would look like that of the new one.
	if err := os.Remove(h.Path(d.pidFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := h.launch(ctx, d.argv...); err != nil {
		return fmt.Errorf("%w\n%s", err, h.logs())
	}
	if err := WaitFor(ctx, fmt.Sprintf("%s on %s", s, strings.Join(d.ready, ", ")), func() bool {
		return l.Running(s) && h.takesAll(ctx, d.ready)
	}); err != nil {
		return fmt.Errorf("%w\n%s", err, h.logs())
	}
	return nil
}

// launch runs a program that leaves a daemon behind. Its output goes to a file: some daemons never close the files that
// they inherited, and launch would wait for a pipe as long as they run.
func (h *Host) launch(ctx context.Context, argv ...string) error {
	said, err := os.CreateTemp("", "ucs-harden-lab-")
	if err != nil {
		return err
	}
	defer said.Close()
	if err := os.Remove(said.Name()); err != nil {
		return err
	}
	cmd := h.Command(ctx, argv...)
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Run(); err != nil {
		text := make([]byte, 2000)
		n, _ := said.ReadAt(text, 0)
		return fmt.Errorf("%s on %s: %w: %s", strings.Join(argv, " "), h.Name, err, text[:n])
	}
	return nil
}

func (l *Lab) stop(ctx context.Context, s Service) error {
	h := l.Host(daemons[s].host)
	pid, err := l.pid(s)
	if err != nil {
		return err
	}
	if err := h.must(ctx, "", "kill", "-TERM", pid); err != nil {
		return err
	}
	return WaitFor(ctx, "the end of process "+pid, func() bool { return !h.alive(pid) && h.unlocked(daemons[s].pidFile) })
}

// unlocked says whether no process has a lock on a file. A child of master(8) that is about to end holds the lock of the
// pid file for up to a second longer than master, and "postfix status" says meanwhile that Postfix runs.
func (h *Host) unlocked(path string) bool {
	f, err := os.Open(h.Path(path))
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	defer f.Close()
	return syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) == nil
}

// pid is the PID, on its host, of a running service.
func (l *Lab) pid(s Service) (string, error) {
	d := daemons[s]
	h := l.Host(d.host)
	content, err := h.ReadFile(d.pidFile)
	if err != nil {
		return "", fmt.Errorf("it does not run: %w", err)
	}
	pid := strings.TrimSpace(string(content))
	if !h.alive(pid) {
		return "", fmt.Errorf("it does not run: no process %s", pid)
	}
	return pid, nil
}

func (h *Host) alive(pid string) bool {
	_, err := os.Stat(h.root + "/proc/" + pid + "/exe")
	return pid != "" && !errors.Is(err, fs.ErrNotExist)
}

func (h *Host) takesAll(ctx context.Context, ready []string) bool {
	for _, r := range ready {
		if !h.takes(ctx, r) {
			return false
		}
	}
	return true
}

func (h *Host) takes(ctx context.Context, ready string) bool {
	kind, where, _ := strings.Cut(ready, " ")
	var conn net.Conn
	var err error
	switch kind {
	case "tcp":
		conn, err = h.Dial(ctx, "tcp", where)
	case "unix":
		conn, err = net.DialTimeout("unix", h.Path(where), time.Second)
	case "file":
		_, err = os.Stat(h.Path(where))
	}
	if conn != nil {
		_ = conn.Close()
	}
	return err == nil
}

// logs is the last part of the logs of a host's daemons, for an error.
func (h *Host) logs() string {
	var text strings.Builder
	for _, path := range []string{"/var/log/syslog", "/var/log/mail.log"} {
		if content, err := h.ReadFile(path); err == nil {
			fmt.Fprintf(&text, "end of %s:\n%s\n", path, tail(string(content), 10))
		}
	}
	return text.String()
}

// Kill ends a service with SIGKILL, as a crash would, and waits until its main process has ended.
func (l *Lab) Kill(ctx context.Context, s Service) error {
	pid, err := l.pid(s)
	if err != nil {
		return fmt.Errorf("cannot kill %s: %w", s, err)
	}
	h := l.Host(daemons[s].host)
	if err := h.must(ctx, "", "kill", fmt.Sprintf("-%d", syscall.SIGKILL), pid); err != nil {
		return err
	}
	return WaitFor(ctx, "the end of process "+pid, func() bool { return !h.alive(pid) && h.unlocked(daemons[s].pidFile) })
}
