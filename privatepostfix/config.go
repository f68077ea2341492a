package privatepostfix

import (
	"context"
	"time"

	"ucs-harden/maincf"
	"ucs-harden/mastercf"
)

// Config is the configuration of an instance.
type Config struct {
	// Main and Master are main.cf and master.cf as they are or would be rendered.
	Main   maincf.File
	Master *mastercf.File
	// Files take the place of files that main.cf and master.cf name.
	Files []File
	// QueueDirectory is that of the live Postfix, for the sockets in it (private/auth, policy services); "" is
	// /var/spool/postfix.
	QueueDirectory string
	// Parent is where the private folder is made; "" is /run.
	Parent string
	// Without are the services to leave out although master.cf has them: 25, 465, 587, or the ID of another door.
	Without []int
}

// File is a file as it would be.
type File struct {
	// Path is its place on the live server.
	Path string
	// Type is the lookup table type when the file is the source of a table ("hash", "cidr"). It is "" for another file,
	// such as the settings of an LDAP map.
	Type    string
	Content []byte
}

// Programs are what an instance needs from the machine.
type Programs interface {
	// Compile makes the lookup table typ:path from its source. For a type that is not compiled it only writes the
	// source.
	Compile(ctx context.Context, configDirectory, typ, path string, content []byte) error
	// StartMaster starts master(8) with the main.cf and master.cf of a folder, as a child. The child and all its
	// processes end when this process ends, in whatever way. daemonDirectory is the folder of the program, "" for the
	// one built in. env is added to the environment of the child.
	StartMaster(ctx context.Context, configDirectory, daemonDirectory string, env []string) (Process, error)
}

// Process is a running program.
type Process interface {
	// Done is closed when the process has ended.
	Done() <-chan struct{}
	// Said is what the process wrote to its standard error, bounded.
	Said() string
	// Stop asks the process to end, and kills it after the grace. It returns when the process has ended.
	Stop(grace time.Duration)
}
