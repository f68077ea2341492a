package privatepostfix

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"

	"ucs-harden/mastercf"
)

// helpers are the programs that smtpd(8) asks, or that these ask, none of which
// delivers. spawn(8) runs policy services that master.cf itself defines.
var helpers = []string{"anvil", "cleanup", "proxymap", "spawn", "tlsmgr", "trivial-rewrite", "verify"}

// role is one SMTP service of the live server.
type role struct {
	port      int
	overrides []mastercf.Option
	// tls: the service offers TLS; mustTLS: it does not go on without it.
	tls, mustTLS bool
}

// readRoles finds the smtpd of each port.
func (b *blueprint) readRoles() {
	for _, port := range mastercf.Ports {
		s := b.master.SMTPD(port, b.main.Value)
		if s == nil || slices.Contains(b.without, port) {
			continue
		}
		r := role{port: port}
		effective := func(name string) string {
			if value, ok := s.Option(name); ok {
				return value
			}
			return b.main.Value(name)
		}
		level := effective("smtpd_tls_security_level")
		wrapped := effective("smtpd_tls_wrappermode") == "yes"
		// Only without a level do the two old parameters count, see postconf(5).
		r.mustTLS = wrapped || level == "encrypt" || level == "" && effective("smtpd_enforce_tls") == "yes"
		r.tls = r.mustTLS || level != "" && level != "none" || level == "" && effective("smtpd_use_tls") == "yes"
		for _, o := range s.Options() {
			if !b.ours[o.Name] {
				r.overrides = append(r.overrides, mastercf.Option{Name: o.Name, Value: b.rewrite(o.Value)})
			}
		}
		r.overrides = append(r.overrides, mastercf.Option{Name: "syslog_name", Value: syslogName + "/" + strconv.Itoa(port)})
		if r.tls {
			r.overrides = append(r.overrides, mastercf.Option{Name: "smtpd_tls_security_level", Value: "may"})
		}
		b.roles = append(b.roles, r)
	}
}

// masterCF is master.cf of the private Postfix: the roles at their addresses, and the helpers.
func (b *blueprint) masterCF(addresses map[int]string) []byte {
	var out strings.Builder
	out.WriteString("# service type private unpriv chroot wakeup maxproc command\n")
	for _, r := range b.roles {
		fmt.Fprintf(&out, "%s inet n - n - - smtpd", addresses[r.port])
		for _, o := range r.overrides {
			fmt.Fprintf(&out, "\n  -o {%s = %s}", o.Name, o.Value)
		}
		out.WriteString("\n")
	}
	for _, s := range b.ownServices() {
		// Nothing runs in chroot: the private queue is not furnished for it.
		fmt.Fprintf(&out, "%s %s %s %s n %s %s %s", s.Name, s.Type, s.Private, s.Unprivileged, s.Wakeup, s.MaxProc, s.Command)
		for _, arg := range b.helperArgs(s) {
			out.WriteString("\n  {" + arg + "}")
		}
		out.WriteString("\n")
	}
	return []byte(out.String())
}

// ownServices are the entries of the live master.cf that are run here too: of two of
// a name and type the last, nothing that listens in the network.
func (b *blueprint) ownServices() []*mastercf.Service {
	var own []*mastercf.Service
	for _, s := range b.master.Services {
		if s.Type != "inet" && slices.Contains(helpers, s.Command) && b.master.Service(s.Name, s.Type) == s {
			own = append(own, s)
		}
	}
	return own
}

// helperArgs are the arguments of a helper, without overrides of what the
// rehearsal decides.
func (b *blueprint) helperArgs(s *mastercf.Service) []string {
	var args []string
	if s.Command == "spawn" {
		// Its arguments are attributes and a command line, which has its own -o.
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

// freeAddress is an address on loopback that nothing listens at, at this moment,
// and that this process has not been given before: master(8) takes two services
// with one address for one, and answers for both with the last.
func freeAddress(host string) (string, error) {
	given.Lock()
	defer given.Unlock()
	var held []net.Listener // so that the system gives another one each time
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
