package runtest

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// OpenTerminal makes a pseudo terminal, see pty(7). A program is at this terminal when it is started with screen as its
// standard streams and as its controlling terminal. Closing keyboard hangs up the terminal.
func OpenTerminal() (keyboard, screen *os.File, err error) {
	keyboard, err = os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot open a pseudo terminal: %w", err)
	}
	screen, err = screenOf(keyboard)
	if err != nil {
		_ = keyboard.Close()
		return nil, nil, fmt.Errorf("cannot open a pseudo terminal: %w", err)
	}
	return keyboard, screen, nil
}

// Resize gives a pseudo terminal a size.
func Resize(screen *os.File, rows, columns int) error {
	return unix.IoctlSetWinsize(int(screen.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: uint16(rows), Col: uint16(columns)})
}

// screenOf takes the descriptor only inside a callback. File.Fd would put the file into blocking mode, and Close would
// then wait for a Read.
func screenOf(keyboard *os.File) (*os.File, error) {
	raw, err := keyboard.SyscallConn()
	if err != nil {
		return nil, err
	}
	var number int
	var failed error
	if err := raw.Control(func(fd uintptr) {
		if number, failed = unix.IoctlGetInt(int(fd), unix.TIOCGPTN); failed == nil {
			failed = unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0)
		}
	}); err != nil || failed != nil {
		return nil, errors.Join(err, failed)
	}
	return os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
}
