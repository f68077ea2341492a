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

// Instance is a running private Postfix.
type Instance struct {
	folder   folder
	programs Programs
	process  Process
	log      *logSocket
	unasked  *unasked
	services []service
	pools    map[int]*pool // by ID of the service
	number   atomic.Uint32 // of the latest dialogue
	stop     func() bool   // the instance no longer ends with its context
	once     sync.Once
	closed   error
}

// Start runs a private Postfix with the configuration until Close or until the context ends. It returns when each
// service has greeted. It needs root, and first removes what killed processes left (see Sweep). After an error nothing
// is left. The error of a service that does not start is a *PortError.
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
	i.services, i.unasked = b.services, b.unasked
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
	if err := b.writeConfig("master.cf", b.masterCF()); err != nil {
		return err
	}
	if err := b.writeConfig(filepath.Base(i.folder.stage), []byte(stage)); err != nil {
		return err
	}
	return i.launch(ctx, b)
}

// launch starts master and waits for the greetings of all services.
func (i *Instance) launch(ctx context.Context, b *builder) (err error) {
	i.pools = map[int]*pool{}
	for _, r := range i.services {
		i.pools[r.id] = &pool{socket: filepath.Join(i.folder.queue, "private", r.entry())}
	}
	logged := i.log.count()
	env := []string{mailConfig(i.folder.dir), "POSTLOG_SERVICE=" + i.log.path, "POSTLOG_HOSTNAME=localhost"}
	i.process, err = i.programs.StartMaster(ctx, i.folder.etc, b.main.Value("daemon_directory"), env)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout, fmt.Errorf("no greeting within %s", startTimeout))
	defer cancel()
	return i.greetAll(ctx, logged)
}

// NotAsked are the policy services, and the address verification, that the configuration asks and the instance does
// not, in words: "the policy service unix:private/listfilter". One that stands in a table is known when a dialogue has
// met it.
func (i *Instance) NotAsked() []string { return i.unasked.all() }

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
