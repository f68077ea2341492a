package cli_test

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// shells are the shells that complete a line, as an administrator starts them. The prompt is a dollar sign.
var shells = map[string]string{
	"bash": `PS1='$ '; . /usr/share/bash-completion/bash_completion`,
	"zsh":  `PS1='$ '; autoload -U compinit; compinit -u -D`,
	"fish": `set fish_greeting; function fish_prompt; printf '$ '; end`,
}

// terminals counts the terminals that were opened.
var terminals atomic.Int64

// shellArgv starts a shell that reads a file first.
func shellArgv(shell, file string) []string {
	switch shell {
	case "bash":
		return []string{"bash", "--noprofile", "--rcfile", file, "-i"}
	case "zsh":
		return []string{"env", "ZDOTDIR=" + path.Dir(file), "zsh", "-i"}
	}
	return []string{"fish", "--private", "--init-command", "source " + file}
}

// completes types a line in a real shell on a real terminal of the mail server, presses Tab, and waits until the screen
// shows all of these texts below or instead of what was typed.
func (s *server) completes(ctx context.Context, ts *testscript.TestScript, shell, line string, wanted []string) {
	begin, known := shells[shell]
	if !known {
		ts.Fatalf("bash, zsh or fish, not %s", shell)
	}
	file := "/root/tab/.zshrc" // the name that zsh looks for; the others are told
	ts.Check(s.Mail().WriteFile(file, []byte(begin+"\n"), 0o644))
	// Each terminal has a tmux server of its own: one that is ending would take the next session with it.
	socket := fmt.Sprintf("/run/tab.%d", terminals.Add(1))
	tmux := func(args ...string) string {
		result, err := s.Mail().Run(ctx, append([]string{"env", "HOME=/root/tab", "TERM=screen", "tmux", "-S", socket, "-f", "/dev/null"}, args...)...)
		ts.Check(err)
		if result.Code != 0 {
			ts.Fatalf("tmux %s: %s", strings.Join(args, " "), result.Stderr)
		}
		return result.Stdout
	}
	tmux(append([]string{"new-session", "-d", "-x", "160", "-y", "50"}, shellArgv(shell, file)...)...)
	defer tmux("kill-server")
	screen := ""
	waits := func(press string, shows ...string) bool {
		for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
			screen = tmux("capture-pane", "-p")
			if !slices.ContainsFunc(shows, func(text string) bool { return !strings.Contains(screen, text) }) {
				return true
			}
			if press != "" {
				tmux("send-keys", press)
			}
		}
		return false
	}
	fail := func() { ts.Fatalf("%s does not complete %q to %q:\n%s", shell, line, wanted, screen) }
	if !waits("", "$") { // capture-pane cuts off blanks at the end of a line
		fail()
	}
	tmux("send-keys", "-l", line)
	if !waits("", "$ "+strings.TrimSpace(line)) || !waits("Tab", wanted...) {
		fail()
	}
	_, _ = fmt.Fprintf(ts.Stdout(), "%s", screen)
}
