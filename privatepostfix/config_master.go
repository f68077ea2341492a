package privatepostfix

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ucs-harden/doors"
	"ucs-harden/mastercf"
)

// helpers are the programs that smtpd(8) asks, and those that these ask. None of them delivers mail. spawn(8) runs what
// master.cf defines, such as the server of a table.
var helpers = []string{"anvil", "cleanup", "proxymap", "spawn", "tlsmgr", "trivial-rewrite"}

// service is one SMTP service of the live server.
type service struct {
	id        int    // see doors.Door.ID
	name      string // where the live one listens
	overrides []mastercf.Option
	// tls: the service offers TLS; mustTLS: the service requires TLS.
	tls, mustTLS bool
}

// readServices finds every smtpd that a client can reach. A further one that listens on loopback only is left out.
func (b *builder) readServices() error {
	for _, d := range doors.Of(b.main, b.master) {
		if d.Further && d.Loopback || slices.Contains(b.without, d.ID()) {
			continue
		}
		s := d.Smtpd
		r := service{id: d.ID(), name: d.Name}
		effective := func(name string) string { return s.Value(name, b.main.Value) }
		level := effective("smtpd_tls_security_level")
		wrapped := effective("smtpd_tls_wrappermode") == "yes"
		// The two old parameters count only without a level, see postconf(5).
		r.mustTLS = wrapped || level == "encrypt" || level == "" && effective("smtpd_enforce_tls") == "yes"
		r.tls = r.mustTLS || level != "" && level != "none" || level == "" && effective("smtpd_use_tls") == "yes"
		for _, o := range s.Options() {
			if !b.ours[o.Name] {
				r.overrides = append(r.overrides, mastercf.Option{Name: o.Name, Value: b.rewrite(o.Value)})
			}
		}
		var err error
		if r.overrides, err = b.overrideLists(r.overrides); err != nil {
			return err
		}
		name := syslogName + "/" + strconv.Itoa(r.id)
		r.overrides = append(r.overrides, mastercf.Option{Name: "syslog_name", Value: name})
		if r.tls {
			r.overrides = append(r.overrides, mastercf.Option{Name: "smtpd_tls_security_level", Value: "may"})
		}
		b.services = append(b.services, r)
	}
	return nil
}

// entry is the name of the service entry in the private master.cf, and of its socket.
func (r service) entry() string { return "smtpd-" + strconv.Itoa(r.id) }

// masterCF is master.cf of the instance: the SMTP services and the helpers. The SMTP services listen on sockets in the
// private folder of the queue, which other users cannot reach, since whoever reaches one may claim to be any client.
func (b *builder) masterCF() []byte {
	var out strings.Builder
	out.WriteString("# service type private unpriv chroot wakeup maxproc command\n")
	for _, r := range b.services {
		fmt.Fprintf(&out, "%s unix y - n - - smtpd", r.entry())
		for _, o := range r.overrides {
			fmt.Fprintf(&out, "\n  -o {%s = %s}", o.Name, o.Value)
		}
		out.WriteString("\n")
	}
	for _, s := range b.helperServices() {
		// Nothing runs in chroot: the private queue does not have the files for it.
		fmt.Fprintf(&out, "%s %s %s %s n ", s.Name, s.Type, s.Private, s.Unprivileged)
		fmt.Fprintf(&out, "%s %s %s", s.Wakeup, s.MaxProc, s.Command)
		for _, arg := range b.helperArgs(s) {
			out.WriteString("\n  {" + arg + "}")
		}
		out.WriteString("\n")
	}
	return []byte(out.String())
}

// helperServices are the service entries of the live master.cf that the instance runs too, without those that listen in
// the network. Of two entries of one name and type the last one counts.
func (b *builder) helperServices() []*mastercf.Service {
	var own []*mastercf.Service
	for _, s := range b.master.Services {
		if s.Type != "inet" && slices.Contains(helpers, s.Command) && b.master.Service(s.Name, s.Type) == s {
			own = append(own, s)
		}
	}
	return own
}

// helperArgs are the arguments of a helper, without overrides of the parameters in settings.
func (b *builder) helperArgs(s *mastercf.Service) []string {
	var args []string
	if s.Command == "spawn" {
		// The arguments of spawn are attributes and a command line; a -o in it belongs to the command.
		for _, arg := range s.Args {
			args = append(args, b.rewrite(arg))
		}
		return args
	}
	for _, o := range s.Options() {
		if !b.ours[o.Name] {
			args = append(args, "-o", o.Name+" = "+b.rewrite(o.Value))
		}
	}
	if s.Command == "cleanup" {
		for _, name := range rewriting {
			args = append(args, "-o", name+" =")
		}
	}
	return args
}

// rewriting are the tables by which cleanup(8) gives a message other addresses. The message is discarded, and smtpd(8)
// has looked at those that matter for its reply, so they would only cost time.
var rewriting = []string{
	"canonical_maps", "sender_canonical_maps", "recipient_canonical_maps", "virtual_alias_maps",
}
