package privatepostfix

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// startTimeout is how long an instance may take until all its ports greet. An LDAP map that was just rendered costs two
// seconds.
const startTimeout = 20 * time.Second

// stopGrace is how long master(8) may take to end.
const stopGrace = 3 * time.Second

// portTries is how often new ports are looked for when other processes take the free ones.
const portTries = 5

// Instance is a running private Postfix.
type Instance struct {
	folder   folder
	programs Programs
	process  Process
	log      *logSocket
	services []service
	pools    map[int]*pool // by ID of the service
	number   atomic.Uint32 // of the latest dialogue
	stop     func() bool   // the instance no longer ends with its context
	once     sync.Once
	closed   error
}

// errPortTaken says that a port was not free any more.
var errPortTaken = errors.New("the port is in use")

// Start runs a private Postfix with the configuration until Close or until the context ends. It returns when each port
// has greeted. It needs root, and first removes what killed processes left (see Sweep). After an error nothing is left.
// The error of a service that does not start is a *PortError.
func Start(ctx context.Context, p Programs, c Config) (*Instance, error) {
	if c.Parent == "" {
		c.Parent = defaultParent
	}
	if c.QueueDirectory == "" {
		c.QueueDirectory = "/var/spool/postfix"
	}
	if err := Sweep(c.Parent); err != nil {
		return nil, err
	}
	folder, err := newFolder(c.Parent)
	if err != nil {
		return nil, fmt.Errorf("cannot make a folder for the rehearsal: %w", err)
	}
	i := &Instance{folder: folder, programs: p, stop: func() bool { return true }}
	if err := i.start(ctx, c); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		err = fmt.Errorf("cannot start the private Postfix: %w", err)
		if left := i.Close(); left != nil {
			err = fmt.Errorf("%w; %w", err, left)
		}
		return nil, err
	}
	i.stop = context.AfterFunc(ctx, func() { _ = i.Close() })
	return i, nil
}

func (i *Instance) start(ctx context.Context, c Config) error {
	b, err := newBuilder(i.folder, c)
	if err != nil {
		return err
	}
	i.services = b.services
	o, err := b.owners()
	if err != nil {
		return err
	}
	if err := i.folder.populate(o); err != nil {
		return err
	}
	if i.log, err = openLog(filepath.Join(i.folder.queue, "public", postlog)); err != nil {
		return err
	}
	if err := b.linkSockets(); err != nil {
		return err
	}
	if err := b.writeConfig("main.cf", b.mainCF()); err != nil {
		return err
	}
	if err := b.writeFiles(ctx, i.programs, c.Files); err != nil {
		return err
	}
	for range portTries {
		if err = i.launch(ctx, b); !errors.Is(err, errPortTaken) {
			return err
		}
	}
	return err
}

// launch starts master on ports that are free now, and waits for their greetings.
func (i *Instance) launch(ctx context.Context, b *builder) error {
	host := "127.0.0.1"
	if b.main.Value("inet_protocols") == "ipv6" {
		host = "::1"
	}
	addresses := map[int]string{}
	i.pools = map[int]*pool{}
	for _, r := range i.services {
		addr, err := freePort(host)
		if err != nil {
			return err
		}
		addresses[r.id], i.pools[r.id] = addr, &pool{addr: addr}
	}
	if err := b.writeConfig("master.cf", b.masterCF(addresses)); err != nil {
		return err
	}
	logged := i.log.count()
	env := []string{mailConfig(i.folder.dir), "POSTLOG_SERVICE=" + i.log.path, "POSTLOG_HOSTNAME=localhost"}
	process, err := i.programs.StartMaster(ctx, i.folder.etc, b.main.Value("daemon_directory"), env)
	if err != nil {
		return err
	}
	i.process = process
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout, fmt.Errorf("no greeting within %s", startTimeout))
	defer cancel()
	if err := i.greetAll(ctx, logged); err != nil {
		process.Stop(stopGrace)
		if left := killAll(i.folder.dir); left != nil { // a master that still ends has the lock of the next
			return fmt.Errorf("%w, after: %v", left, err) //nolint:errorlint // not another try on top
		}
		return err
	}
	return nil
}

// freePort is a variable for tests.
var freePort = freeAddress

// Close ends every process of the instance and removes its folder. A further call does nothing and returns the same
// error.
func (i *Instance) Close() error {
	i.once.Do(func() {
		i.stop()
		for _, p := range i.pools {
			p.closeAll()
		}
		if i.process != nil {
			i.process.Stop(stopGrace)
		}
		err := killAll(i.folder.dir)
		if i.log != nil {
			err = errors.Join(err, i.log.close())
		}
		err = errors.Join(err, os.RemoveAll(i.folder.dir), i.folder.lock.Close())
		if err != nil {
			i.closed = fmt.Errorf("cannot remove the private Postfix: %w", err)
		}
	})
	return i.closed
}
