package privatepostfix

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"

	"ucs-harden/doors"
	"ucs-harden/mastercf"
)

// helpers are the programs that smtpd(8) asks, and those that these ask. None of them delivers mail. spawn(8) runs the
// policy services that master.cf defines.
var helpers = []string{"anvil", "cleanup", "proxymap", "spawn", "tlsmgr", "trivial-rewrite", "verify"}

// service is one SMTP service of the live server.
type service struct {
	id        int    // see doors.Door.ID
	name      string // where the live one listens
	overrides []mastercf.Option
	// tls: the service offers TLS; mustTLS: the service requires TLS.
	tls, mustTLS bool
}

// readServices finds every smtpd that a client can reach. A further one that listens on loopback only is left out.
func (b *builder) readServices() {
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
		name := syslogName + "/" + strconv.Itoa(r.id)
		r.overrides = append(r.overrides, mastercf.Option{Name: "syslog_name", Value: name})
		if r.tls {
			r.overrides = append(r.overrides, mastercf.Option{Name: "smtpd_tls_security_level", Value: "may"})
		}
		b.services = append(b.services, r)
	}
}

// masterCF is master.cf of the instance: the SMTP services at their addresses, and the helpers.
func (b *builder) masterCF(addresses map[int]string) []byte {
	var out strings.Builder
	out.WriteString("# service type private unpriv chroot wakeup maxproc command\n")
	for _, r := range b.services {
		fmt.Fprintf(&out, "%s inet n - n - - smtpd", addresses[r.id])
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
	return args
}

// freeAddress is an address on loopback at which nothing listens at this moment. This process is given every address
// once only: master(8) takes two services with one address for one, and runs the last for both.
func freeAddress(host string) (string, error) {
	given.Lock()
	defer given.Unlock()
	var held []net.Listener // so that the system gives another address each time
	defer func() {
		for _, l := range held {
			_ = l.Close()
		}
	}()
	for {
		listener, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
		if err != nil {
			return "", err
		}
		held = append(held, listener)
		if address := listener.Addr().String(); !given.addresses[address] {
			given.addresses[address] = true
			return address, nil
		}
	}
}

// given are the addresses that freeAddress has given.
var given = struct {
	sync.Mutex
	addresses map[string]bool
}{addresses: map[string]bool{}}
