package harden

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"ucs-harden/internal/run"
	"ucs-harden/postfix"
	"ucs-harden/privatepostfix"
)

// privatePrograms is what a private Postfix needs from this machine.
type privatePrograms struct{ runner Runner }

// PrivatePrograms is what a private Postfix needs from this machine.
func PrivatePrograms(r Runner) privatepostfix.Programs { return privatePrograms{r} }

func (p privatePrograms) Compile(ctx context.Context, configDirectory, typ, path string, content []byte) error {
	staged, err := postfix.Postfix{Runner: p.runner, ConfigDir: configDirectory}.BuildTable(ctx, typ, path, content)
	if errors.Is(err, postfix.ErrType) {
		return os.WriteFile(path, content, 0o644)
	}
	if err != nil {
		return err
	}
	return staged.Install()
}

// rehearsalLimit, in seconds, ends a rehearsal that we forget, should we hang.
const rehearsalLimit = "1800"

// StartMaster puts timeout(1) between us and master(8). master changes its user for a moment, and with that the kernel
// forgets to tell it that we died; timeout never does, and hands SIGTERM on.
func (privatePrograms) StartMaster(_ context.Context, configDirectory, daemonDirectory string, env []string) (privatepostfix.Process, error) {
	if daemonDirectory == "" {
		daemonDirectory = "/usr/lib/postfix/sbin"
	}
	argv := []string{"timeout", "--kill-after=5", rehearsalLimit, filepath.Join(daemonDirectory, "master"), "-c", configDirectory, "-s"}
	return run.System{}.Start(run.Cmd{Argv: argv, Env: env})
}
