package privatepostfix

import (
	"context"
	"time"

	"ucs-harden/maincf"
	"ucs-harden/mastercf"
)

// Config is the configuration that is rehearsed.
type Config struct {
	// Main and Master are main.cf and master.cf as they are or would be rendered.
	Main   maincf.File
	Master *mastercf.File
	// Files stand in for files that main.cf and master.cf name.
	Files []File
	// QueueDirectory is that of the live Postfix, for the sockets it offers
	// (private/auth, policy services); "" is /var/spool/postfix.
	QueueDirectory string
	// Parent is where the private folder is made; "" is /run.
	Parent string
	// Without are ports (25, 465, 587) to leave out although there is a service.
	Without []int
}

// File is a file as it would be.
type File struct {
	// Path is its place on the live server.
	Path string
	// Type is the lookup table type when the file is the source of a table
	// ("hash", "cidr"), "" for another file, such as the settings of an LDAP map.
	Type    string
	Content []byte
}

// Programs are what an instance needs from the machine.
type Programs interface {
	// Compile makes the lookup table typ:path from its source. For a type that
	// is not compiled it only writes the source.
	Compile(ctx context.Context, configDirectory, typ, path string, content []byte) error
	// StartMaster starts master(8) of a directory with configuration files as a
	// child that ends, with all of its own, when this process ends, however it
	// does. daemonDirectory is where main.cf says that it lies, "" for the
	// place built in. env is added to its environment.
	StartMaster(ctx context.Context, configDirectory, daemonDirectory string, env []string) (Process, error)
}

// Process is a running program.
type Process interface {
	// Done is closed when it has ended.
	Done() <-chan struct{}
	// Said is what it wrote to its standard error, bounded.
	Said() string
	// Stop asks it to end and, after the grace, makes it. It returns when it has ended.
	Stop(grace time.Duration)
}
