// Package sessions finds the SMTP sessions that are open. An smtpd(8) reads the configuration when it starts, and keeps it
// and its tables until its session ends: whoever is stopped can go on in a session that was open before.
//
// The kernel tells which connections an smtpd has (proc(5), /proc/PID/fd and /proc/PID/net/tcp). The mail log tells who has
// logged in there, but only with the first message of a session.
package sessions

import (
	"bufio"
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"ucs-harden/internal/lazyregexp"
)

// Session is an open SMTP session.
type Session struct {
	// PID is the process of its smtpd(8).
	PID    int        `json:"pid"`
	Client netip.Addr `json:"client"`
	// Port is the number of the port that the client has connected to.
	Port int `json:"port"`
	// Login is the SASL login name of the last message, "" if the log does not tell.
	Login string `json:"login,omitempty"`
}

// Open are the sessions at some ports of the smtpd(8) processes below a master(8), sorted by PID. proc is /proc.
func Open(proc string, master int, ports []int) ([]Session, error) {
	entries, err := os.ReadDir(proc)
	if err != nil {
		return nil, fmt.Errorf("cannot look for open sessions: %w", err)
	}
	var out []Session
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || !isSmtpd(filepath.Join(proc, e.Name()), master) {
			continue
		}
		for _, s := range connections(filepath.Join(proc, e.Name())) {
			if slices.Contains(ports, s.Port) {
				s.PID = pid
				out = append(out, s)
				break
			}
		}
	}
	slices.SortFunc(out, func(a, b Session) int { return cmp.Compare(a.PID, b.PID) })
	return out, nil
}

// isSmtpd reports whether a process is an smtpd below a master: the second and the fourth field of /proc/PID/stat.
func isSmtpd(dir string, master int) bool {
	stat, err := os.ReadFile(filepath.Join(dir, "stat"))
	if err != nil {
		return false // it has ended
	}
	_, rest, found := strings.Cut(string(stat), " (smtpd) ")
	fields := strings.Fields(rest)
	return found && len(fields) > 1 && fields[1] == strconv.Itoa(master)
}

// connections are the TCP connections of a process that are established.
func connections(dir string) []Session {
	mine := map[string]bool{}
	fds, err := os.ReadDir(filepath.Join(dir, "fd"))
	if err != nil {
		return nil
	}
	for _, fd := range fds {
		target, err := os.Readlink(filepath.Join(dir, "fd", fd.Name()))
		if inode, ok := strings.CutPrefix(target, "socket:["); err == nil && ok {
			mine[strings.TrimSuffix(inode, "]")] = true
		}
	}
	var out []Session
	for _, table := range []string{"tcp", "tcp6"} {
		content, err := os.ReadFile(filepath.Join(dir, "net", table))
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(content)) {
			const local, remote, state, inode, established = 1, 2, 3, 9, "01"
			f := strings.Fields(line)
			if len(f) <= inode || f[state] != established || !mine[f[inode]] {
				continue
			}
			_, port, okLocal := socket(f[local])
			client, _, okRemote := socket(f[remote])
			if okLocal && okRemote {
				out = append(out, Session{Client: client, Port: port})
			}
		}
	}
	return out
}

// socket reads an address and a port of /proc/net/tcp: the address is in hexadecimal words in the byte order of the host.
func socket(text string) (netip.Addr, int, bool) {
	address, port, _ := strings.Cut(text, ":")
	number, err := strconv.ParseUint(port, 16, 16)
	raw, errHex := hex.DecodeString(address)
	if err != nil || errHex != nil || len(raw)%4 != 0 {
		return netip.Addr{}, 0, false
	}
	for word := range slices.Chunk(raw, 4) {
		slices.Reverse(word) // little-endian, as all architectures of UCS
	}
	a, ok := netip.AddrFromSlice(raw)
	return a.Unmap(), int(number), ok
}

// logLine is what smtpd(8) logs about the begin of a session, and about the first recipient of a message.
var logLine = lazyregexp.New(`smtpd\[([0-9]+)\]: (?:(connect) from|[0-9A-Za-z]+: client=\S+(?:, [^=]+=\S+)*?, sasl_username=([^,\n]+))`)

// WithLogins adds to sessions who has logged in, as far as a mail log tells.
func WithLogins(all []Session, log io.Reader) ([]Session, error) {
	last := map[string]string{}
	lines := bufio.NewReader(log)
	for {
		line, err := lines.ReadString('\n')
		if m := logLine.FindStringSubmatch(line); m != nil {
			if m[2] != "" {
				m[3] = "" // a new session
			}
			last[m[1]] = m[3]
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return all, fmt.Errorf("cannot read the mail log: %w", err)
		}
	}
	out := slices.Clone(all)
	for i := range out {
		out[i].Login = last[strconv.Itoa(out[i].PID)]
	}
	return out, nil
}
