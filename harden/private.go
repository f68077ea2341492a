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

// privatePrograms implements privatepostfix.Programs.
type privatePrograms struct{ runner Runner }

// PrivatePrograms runs the programs of this machine that a private Postfix needs.
func PrivatePrograms(r Runner) privatepostfix.Programs { return privatePrograms{r} }

func (p privatePrograms) Compile(ctx context.Context, configDirectory, typ, path string, content []byte) error {
	err := postfix.Postfix{Runner: p.runner, ConfigDir: configDirectory}.InstallTable(ctx, typ, path, content)
	if errors.Is(err, postfix.ErrType) {
		return os.WriteFile(path, content, 0o644)
	}
	return err
}

// rehearsalLimit, in seconds, is how long a private Postfix may run. It ends one that we cannot end because we hang.
const rehearsalLimit = "1800"

// StartMaster starts master(8) below timeout(1). If this process dies, the kernel sends SIGTERM to timeout (prctl(2),
// PR_SET_PDEATHSIG), and timeout passes it on to master. master itself would not get this signal, because it changes
// its user for a moment; timeout does not.
func (privatePrograms) StartMaster(
	_ context.Context, configDirectory, daemonDirectory string, env []string,
) (privatepostfix.Process, error) {
	if daemonDirectory == "" {
		daemonDirectory = "/usr/lib/postfix/sbin"
	}
	argv := []string{
		"timeout", "--kill-after=5", rehearsalLimit, filepath.Join(daemonDirectory, "master"), "-c", configDirectory, "-s",
	}
	return run.System{}.Start(run.Cmd{Argv: argv, Env: env})
}
