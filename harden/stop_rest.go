package harden

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"ucs-harden/internal/inroot"
	"ucs-harden/mailbox"
	"ucs-harden/postfix"
	"ucs-harden/sessions"
	"ucs-harden/transaction"
)

// Leftovers are what an account has begun before it was stopped.
type Leftovers struct {
	// Sessions are its open SMTP sessions, which can go on until they end. Unnamed is how many others are open of which the
	// mail log does not tell the login.
	Sessions []sessions.Session `json:"sessions"`
	Unnamed  int                `json:"unnamed_sessions,omitempty"`
	// Queued is how many of its messages are in the queue. Held is how many of them are on hold.
	Queued int `json:"queued"`
	Held   int `json:"held"`
	// Notes say what could not be found out.
	Notes []string `json:"notes,omitempty"`
}

// leftovers finds what an account has begun. With hold, its messages in the queue are put on hold.
func (s *Server) leftovers(ctx context.Context, st *Stopped, hold bool) {
	defer s.progress("looking for open sessions and queued messages")()
	if err := s.openSessions(st); err != nil {
		st.Notes = append(st.Notes, err.Error())
	}
	if err := s.queued(ctx, st, hold); err != nil {
		st.Notes = append(st.Notes, err.Error())
	}
	st.Sessions = list(st.Sessions)
}

func (st *Stopped) isLogin(name string) bool {
	return name != "" && (slices.Contains(st.Logins, mailbox.Key(name)) || slices.Contains(st.Logins, mailbox.Fold(name)))
}

func (s *Server) openSessions(st *Stopped) error {
	main, errMain := s.read(transaction.MainCF)
	master, errMaster := s.read(transaction.MasterCF)
	c, err := parseConfiguration(main, master)
	if err := errors.Join(errMain, errMaster, err); err != nil {
		return err
	}
	var ports []int
	for _, d := range c.doors() {
		if port, err := strconv.Atoi(d.Port); err == nil {
			ports = append(ports, port)
		}
	}
	queue := c.maincf.Value("queue_directory")
	if queue == "" {
		queue = "/var/spool/postfix"
	}
	text, err := inroot.ReadPlain(filepath.Join(queue, "pid/master.pid"))
	pid, bad := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || bad != nil {
		return nil // Postfix has not been started
	}
	open, err := sessions.Open("/proc", pid, ports)
	if err != nil || len(open) == 0 {
		return err
	}
	if open, err = withLogins(open); err != nil {
		st.Notes = append(st.Notes, err.Error())
	}
	for _, o := range open {
		switch {
		case st.isLogin(o.Login):
			st.Sessions = append(st.Sessions, o)
		case o.Login == "":
			st.Unnamed++
		}
	}
	return nil
}

// mailLog is where rsyslogd(8) of UCS writes what Postfix says. Its end is enough: it has the sessions that are open.
const (
	mailLog  = "/var/log/mail.log"
	logBytes = 64 << 20
)

func withLogins(open []sessions.Session) ([]sessions.Session, error) {
	log, err := os.Open(mailLog)
	if err != nil {
		return open, err
	}
	defer log.Close()
	if info, err := log.Stat(); err == nil && info.Size() > logBytes {
		if _, err := log.Seek(-logBytes, io.SeekEnd); err != nil {
			return open, err
		}
	}
	return sessions.WithLogins(open, log)
}

// queuePatience is how long the files of the queue are read. There may be very many.
const queuePatience = time.Minute

// queued counts the messages of an account in the queue, by its logins and senders, and puts them on hold if wanted.
func (s *Server) queued(ctx context.Context, st *Stopped, hold bool) error {
	p := postfix.Postfix{Runner: s.Runner}
	limited, cancel := context.WithTimeout(ctx, queuePatience)
	defer cancel()
	ids, err := st.inQueue(limited, p)
	if err == nil && limited.Err() != nil {
		st.Notes = append(st.Notes, "there was no time to read every message in the queue")
	}
	if err != nil || !hold || len(ids) == 0 {
		return err
	}
	if err := p.Hold(ctx, ids); err != nil {
		return err
	}
	_, err = st.inQueue(ctx, p) // read back
	return err
}

// inQueue counts the messages and returns the queue IDs of those that are not on hold.
func (st *Stopped) inQueue(ctx context.Context, p postfix.Postfix) (ids []string, err error) {
	all, err := p.Messages(ctx)
	if err != nil {
		return nil, err
	}
	st.Queued, st.Held = 0, 0
	for _, m := range all {
		own := m.Login == "" && m.Sender != "" && slices.Contains(st.Senders, mailbox.Key(m.Sender))
		if !own && !st.isLogin(m.Login) {
			continue
		}
		st.Queued++
		if m.Queue == postfix.HoldQueue {
			st.Held++
		} else {
			ids = append(ids, m.ID)
		}
	}
	return ids, nil
}
