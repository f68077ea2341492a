package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"

	"ucs-harden/tests/lab"
)

// background is the command with which this program runs a second time, in the background. The hosts live as long as
// that process. While it lives it holds the lock, so there is no lab when the lock is free, whatever else is in the
// folder.
const background = "keep"

var (
	folder    = cmp.Or(os.Getenv("UCS_HARDEN_LAB"), "/run/ucs-harden-lab")
	lockFile  = folder + "/lock" // holds the PID of the background process
	stateFile = folder + "/state.json"
	logFile   = folder + "/log"
)

var errNoLab = errors.New("no lab is up: make lab-up brings one up")

func up(ctx context.Context, args []string) error {
	_, debs, err := options(args)
	if err != nil {
		return err
	}
	if err := lab.EnsureInstalled(); err != nil {
		return err
	}
	if _, err := attach(); err == nil {
		return errors.New("a lab is up already: make lab-down takes it down")
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	if err := startKeeper(args); err != nil {
		return err
	}
	l, err := attach()
	if err != nil {
		return err
	}
	for _, deb := range debs {
		if err := install(ctx, l, deb); err != nil {
			return errors.Join(err, down(ctx))
		}
	}
	fmt.Println("The lab is up. Try:")
	fmt.Println("  go run ./tests/lab/cmd/lab exec mail -- bash")
	fmt.Println("  go run ./tests/lab/cmd/lab exec outside -- swaks --server", lab.MailServer("outside"),
		"--from boss@company.my --to employee@company.my")
	return nil
}

// startKeeper starts the background process with the options of up and returns when its lab is up. The process reports
// this by writing one word and closing its standard output.
func startKeeper(args []string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	log, err := os.Create(logFile)
	if err != nil {
		return err
	}
	defer log.Close()
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	defer read.Close()
	cmd := exec.Command(self, append([]string{background}, args...)...)
	cmd.Stdout, cmd.Stderr = write, log
	cmd.Dir, cmd.SysProcAttr = "/", &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return errors.Join(err, write.Close())
	}
	if err := write.Close(); err != nil {
		return err
	}
	word := make([]byte, 2)
	if n, _ := read.Read(word); n == 2 {
		return cmd.Process.Release()
	}
	_ = cmd.Wait()
	said, _ := os.ReadFile(logFile)
	return fmt.Errorf("cannot bring the lab up: %s", strings.TrimPrefix(strings.TrimSpace(string(said)), "error: "))
}

// keep keeps a lab up until it is told to end.
func keep(ctx context.Context, args []string) error {
	o, _, err := options(args)
	if err != nil {
		return err
	}
	lock, err := os.OpenFile(lockFile, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return errors.New("a lab is up already")
	}
	if err := errors.Join(lock.Truncate(0), os.WriteFile(lockFile, []byte(strconv.Itoa(os.Getpid())), 0o600)); err != nil {
		return err
	}
	l, err := lab.Up(ctx, o)
	if err != nil {
		return err
	}
	if err := l.Save(stateFile); err != nil {
		return errors.Join(err, l.Down())
	}
	fmt.Println("up")
	_ = os.Stdout.Close()
	<-ctx.Done()
	return errors.Join(l.Down(), os.RemoveAll(folder))
}

// running returns the PID of the background process, or errNoLab when nobody holds the lock.
func running() (int, error) {
	lock, err := os.Open(lockFile)
	if err != nil {
		return 0, errNoLab
	}
	defer lock.Close()
	if syscall.Flock(int(lock.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) == nil {
		return 0, errNoLab
	}
	content, err := os.ReadFile(lockFile)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(string(content))
}

func attach() (*lab.Lab, error) {
	if _, err := running(); err != nil {
		return nil, err
	}
	return lab.Attach(stateFile)
}

func down(ctx context.Context) error {
	pid, err := running()
	if err != nil {
		return err
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		return err
	}
	return lab.WaitFor(ctx, "the end of the lab", func() bool {
		_, err := running()
		return errors.Is(err, errNoLab)
	})
}

// enter replaces this process by the program on the host.
func enter(host string, command []string) error {
	l, err := attach()
	if err != nil {
		return err
	}
	if !l.Has(host) {
		return fmt.Errorf("no host %q: %w", host, errUsage)
	}
	argv := l.Host(host).Argv(command...)
	nsenter, err := exec.LookPath(argv[0])
	if err != nil {
		return err
	}
	return syscall.Exec(nsenter, argv, append(lab.Environment, "TERM="+os.Getenv("TERM")))
}

func smtp(ctx context.Context, host string) error {
	l, err := attach()
	if err != nil {
		return err
	}
	if !l.Has(host) {
		return fmt.Errorf("no host %q: %w", host, errUsage)
	}
	client, err := l.NewSMTP(host)
	if err != nil {
		return err
	}
	return client.Serve(ctx, os.Stdin, os.Stdout)
}

func install(ctx context.Context, l *lab.Lab, deb string) error {
	result, err := l.InstallDeb(ctx, deb)
	if err == nil && result.Code != 0 {
		err = fmt.Errorf("cannot install %s: %s%s", deb, result.Stdout, result.Stderr)
	}
	return err
}
