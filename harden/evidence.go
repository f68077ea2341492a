package harden

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/netip"
	"path/filepath"
	"strconv"
	"time"

	"ucs-harden/controls"
	"ucs-harden/doors"
	"ucs-harden/evidence"
	"ucs-harden/hosteddomains"
	"ucs-harden/index"
	"ucs-harden/mailbox"
	"ucs-harden/maillog"
	"ucs-harden/maincf"
	"ucs-harden/mastercf"
	"ucs-harden/mynetworks"
	"ucs-harden/transaction"
)

// LogDir is where rsyslogd(8) of UCS writes mail.log, and where logrotate(8) puts its older parts.
const LogDir = "/var/log"

// The registry variables of the evidence.
const (
	daysVariable      = "mail/harden/evidence/days"
	addressesVariable = "mail/harden/evidence/addresses-days"
	minDaysVariable   = "mail/harden/enforce/min-days"
)

// EvidenceVariables are the registry variables of the evidence.
func EvidenceVariables() []string { return []string{daysVariable, addressesVariable, minDaysVariable} }

// What they mean where they are not set.
const (
	defaultDays      = 400
	defaultAddresses = 30
	defaultMinDays   = 7
)

// ReadOptions say what is read of the mail log.
type ReadOptions struct {
	// Logs are files, Stream an open stream such as standard input. They are read as they are, without the index. Without
	// them, mail.log and its rotated files are read, behind what the index has.
	Logs   []string
	Stream io.Reader
	// Since leaves out what is older; zero reads all.
	Since time.Time
	// Ours tells the lines of our checks from others.
	Ours evidence.Ours
	// ReadOnly: the index is written only if more than muchUnread was behind it. Discard: it is not written at all.
	ReadOnly, Discard bool
}

// muchUnread is how much of the log a command that changes nothing reads again and again, before it writes the index all
// the same.
const muchUnread = 16 << 20

// indexPatience is how long a command waits for another one that reads the log.
const indexPatience = 30 * time.Second

func (s *Server) index() index.Store {
	return index.Store{Dir: filepath.Join(s.path(StateDir), "evidence")}
}

// digest is what the mail log says, what it covers, and what it says since the modes were last changed.
//
// The index has what was read before, and also what the log does not have any more. Only what is behind it is read. An
// index that does not fit the log is made anew from the logs at hand, and days older than these stay. If another process
// writes the index, or if it cannot be written, the digest is right all the same; it is only not kept.
func (s *Server) digest(
	ctx context.Context, o ReadOptions,
) (*evidence.Digest, maillog.Coverage, *evidence.Tally, error) {
	if o.Stream != nil || len(o.Logs) > 0 {
		var logs []maillog.Source
		for _, path := range o.Logs {
			logs = append(logs, maillog.Source{Path: path})
		}
		if o.Stream != nil {
			logs = append(logs, maillog.Source{Path: "-", Stream: o.Stream})
		}
		d, c, err := s.hits(ctx, logs, o.Ours, maillog.Options{Now: s.Clock(), Since: o.Since}, nil)
		return d, c, nil, err
	}
	i, c, err := s.indexed(ctx, o)
	if err != nil {
		return nil, maillog.Coverage{}, nil, err
	}
	i = i.Clone()
	if !o.Since.IsZero() {
		since := o.Since.Format(time.DateOnly)
		i.Digest.Forget(since)
		i.Log.Keep(func(day string) bool { return day >= since })
	}
	coverage := i.Log.Coverage()
	coverage.Files, coverage.Bytes, coverage.Foreign, coverage.Future = c.Files, c.Bytes, c.Foreign, c.Future
	return i.Digest, coverage, i.Tally, nil
}

// indexed is the index with what was written to the log since. The coverage is that of the part that was read.
func (s *Server) indexed(ctx context.Context, o ReadOptions) (*index.Index, maillog.Coverage, error) {
	logs, err := s.series()
	if err != nil {
		return nil, maillog.Coverage{}, err
	}
	store := s.index()
	keep := (s.Live() || s.Logs != nil) && !o.Discard // an archive stays as it is
	if keep && !o.ReadOnly {
		release, err := store.Lock(ctx, indexPatience)
		if err != nil {
			s.Observer.Debug("the evidence is not kept", map[string]any{"error": err.Error()})
			keep = false
		} else {
			defer release()
		}
	}
	i, why := store.Load()
	if why != "" {
		s.Observer.Debug("the index of the mail log is made anew", map[string]any{"reason": why})
	}
	changed, err := s.modesChanged()
	if err != nil {
		return nil, maillog.Coverage{}, err
	}
	count, known := i.Counting(changed), !i.Log.From.IsZero()
	now, sent := s.Clock(), store.Sent()
	if len(i.Files) == 0 {
		sent = maillog.NewSent() // all is read anew
	}
	found, c, err := s.hits(ctx, logs, o.Ours, maillog.Options{Now: now, Known: i.Files, Sent: sent}, count)
	switch {
	case err != nil:
		return nil, c, err
	case i.Fits(c):
		i.Add(found, c)
		if count != nil {
			i.Tally.Merge(count)
		}
	default:
		known = false
		s.Observer.Debug("the mail log does not follow its index", map[string]any{"index": i.Log.To, "log": c.From})
		sent = maillog.NewSent()
		i.Tally = nil
		if !changed.IsZero() {
			i.Tally = evidence.NewTally(changed, changed)
		}
		if found, c, err = s.hits(ctx, logs, o.Ours, maillog.Options{Now: now, Sent: sent}, i.Tally); err != nil {
			return nil, c, err
		}
		i.Anew(found, c)
	}
	if i.Tally != nil && !known && c.From.After(changed) {
		i.Tally.Since = c.From // the log does not go back so far
	}
	keeping := s.keeping(o.Ours)
	i.Age(now, keeping)
	i.AgeSent(sent, now, keeping)
	if keep && o.ReadOnly {
		keep = c.Bytes > muchUnread
		if keep {
			release, err := store.Lock(ctx, 0)
			if err != nil {
				return i, c, nil
			}
			defer release()
		}
	}
	if keep {
		if err := errors.Join(store.SaveSent(sent), store.Save(i)); err != nil {
			s.Observer.Debug("the evidence is not kept", map[string]any{"error": err.Error()})
		}
	}
	return i, c, nil
}

// ours tells the lines of our checks, and which networks are those of this server.
func (s *Server) ours(p *Planned) evidence.Ours {
	around := p.facts.Inside
	if len(around.Interfaces) == 0 {
		if all, err := s.interfaces(p.facts); err == nil {
			around.Interfaces = all
		}
	}
	o := p.ours()
	o.Networks = evidence.OwnNetworks(around)
	return o
}

// ours tells the lines of our checks, with the domains and ports of a plan. A port may have a name that the administrator
// gave it, today or under the plan. A name that an smtpd for other mail servers has as well shows no port.
func (p *Planned) ours() evidence.Ours {
	o := evidence.Ours{
		Domains: controls.HostedDomains(p.facts.Registry), Names: p.facts.Inside.Own(nil), Ports: map[string]int{},
	}
	for _, port := range mastercf.Ports {
		o.Ports["postfix/"+mastercf.NameOf(port)+"/smtpd"] = port
	}
	others := map[string]bool{}
	for _, c := range []configuration{p.facts.now, p.expected()} {
		if c.mastercf == nil {
			continue
		}
		for _, d := range c.doors() {
			program := d.Smtpd.Value("syslog_name", c.maincf.Value) + "/smtpd"
			if d.Role == doors.MX {
				others[program] = true
			} else if _, named := d.Smtpd.Option("syslog_name"); named {
				o.Ports[program] = d.Role
			}
		}
	}
	maps.DeleteFunc(o.Ports, func(program string, _ int) bool { return others[program] })
	return o
}

// logOf is how complete the log of a report is: as the index knows it by day, while there is one that is kept up to date.
func (s *Server) logOf(p *Planned, r *evidence.Report) evidence.Log {
	if s.Evidence == nil && p.keepsEvidence() {
		if i, why := s.index().Load(); why == "" && len(i.Log.Days) > 0 {
			return i.Log
		}
	}
	return evidence.LogOf(r.Coverage)
}

// series are the parts of the mail log, oldest first.
func (s *Server) series() ([]maillog.Source, error) {
	if s.Logs != nil {
		return s.Logs.Series(s.path(LogDir))
	}
	return maillog.Series(s.path(LogDir))
}

// hits reads the lines of checks. What the tally wants is counted in it as well; it may be nil.
func (s *Server) hits(
	ctx context.Context, logs []maillog.Source, ours evidence.Ours, o maillog.Options, tally *evidence.Tally,
) (*evidence.Digest, maillog.Coverage, error) {
	var done func()
	o.Progress, done = s.reading()
	defer done()
	read := maillog.Hits
	if s.Logs != nil {
		read = s.Logs.Hits
	}
	ours = ours.Remembering()
	o.Plain = ours.Plain
	if tally != nil {
		o.Troubles = tally.From()
	}
	d := evidence.NewDigest()
	c, err := read(ctx, logs, o, func(h maillog.Hit) {
		control, from := d.AddHit(&h, ours)
		tally.Count(control, from, h.Time)
	})
	if err != nil {
		return nil, c, err
	}
	tally.Cover(c)
	return d, c, nil
}

// keeping is how long the registry wants what to be kept. A value that cannot be used counts as the usual one.
func (s *Server) keeping(ours evidence.Ours) index.Keeping {
	get := func(string) (string, bool) { return "", false }
	var by named
	if reg, err := newReader(s).registry(); err == nil {
		get, by = reg.Get, namedIn(registryOf{reg})
	}
	var networks []netip.Prefix
	if content, err := s.read(transaction.MainCF); err == nil {
		if main, err := maincf.Parse(content); err == nil {
			networks = mynetworks.Parse(main.Value("mynetworks")).Prefixes()
		}
	}
	return index.Keeping{
		Days: number(get, daysVariable, defaultDays), Addresses: number(get, addressesVariable, defaultAddresses),
		Strangers: evidence.Strangers{
			Address: func(a string) bool {
				return hosteddomains.Find(mailbox.Key(mailbox.Domain(a)), ours.Domains) == hosteddomains.Foreign &&
					!by.addresses[mailbox.Key(a)]
			},
			Client: func(a netip.Addr) bool {
				return !index.Inside(a, networks) && !index.Inside(a, ours.Networks) && !by.clients[a.Unmap()]
			},
		},
	}
}

// number is a registry variable that is a positive number of days.
func number(get func(string) (string, bool), key string, usual int) int {
	value, set := get(key)
	if n, err := strconv.Atoi(value); set && err == nil && n > 0 {
		return n
	}
	return usual
}
