package lab

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// plug is one network card: its network and its addresses.
type plug struct {
	network   string
	addresses []string
}

// topology is the map in the package comment. The first address of the first plug is the host's own.
var topology = map[string]struct {
	fqdn     string
	resolver string
	plugs    []plug
}{
	"mail": {"mail.company.my", "127.0.0.1", []plug{
		{"lan", []string{"10.99.1.1/24", "fd99:1::1/64"}}, {"wan", []string{"203.0.113.1/24"}}}},
	"dc2":     {"dc2.company.my", "10.99.1.1", []plug{{"lan", []string{"10.99.1.10/24", "fd99:1::10/64"}}}},
	"inside":  {"inside.company.my", "10.99.1.1", []plug{{"lan", []string{"10.99.1.50/24", "fd99:1::50/64"}}}},
	"outside": {"out66.foreign.example", "203.0.113.1", []plug{{"wan", []string{"203.0.113.66/24"}}}},
	"mx":      {"mx.foreign.example", "203.0.113.1", []plug{{"wan", []string{"203.0.113.25/24"}}}},
}

func hostNames() []string {
	var names []string
	for name := range topology {
		names = append(names, name)
	}
	return names
}

// Addr is the host's own IPv4 address. For a host that is in both networks, this is the address in the company.
func (h *Host) Addr() netip.Addr { return Address(h.Name) }

// connect connects every host to its networks: two bridges on the switch, and a pair of cards for each plug, of which
// one is moved to the host.
func (l *Lab) connect(ctx context.Context) error {
	var cables strings.Builder
	for _, network := range []string{"lan", "wan"} {
		fmt.Fprintf(&cables, "link add name %s type bridge mcast_snooping 0\nlink set dev %s up\n", network, network)
	}
	for name, h := range l.hosts {
		for i, p := range topology[name].plugs {
			near := fmt.Sprintf("%s-%s", p.network, name)
			fmt.Fprintf(&cables, "link add name %s type veth peer name eth%d netns %d\n", near, i, h.pid)
			fmt.Fprintf(&cables, "link set dev %s master %s up\n", near, p.network)
		}
	}
	// ip enters only the network namespace, because `netns PID` uses PIDs of the machine.
	if err := l.netns.ip(ctx, cables.String()); err != nil {
		return err
	}
	return parallel(l.allHosts(), func(h *Host) error {
		var cards strings.Builder
		cards.WriteString("link set dev lo up\n")
		for i, p := range topology[h.Name].plugs {
			fmt.Fprintf(&cards, "link set dev eth%d up\n", i)
			for _, address := range p.addresses {
				// Duplicate address detection would make an IPv6 address unusable for a second.
				nodad := ""
				if strings.Contains(address, ":") {
					nodad = " nodad"
				}
				fmt.Fprintf(&cards, "address add %s dev eth%d%s\n", address, i, nodad)
			}
			cards.WriteString(furtherAddresses(h.Name, p.network, fmt.Sprintf("eth%d", i)))
		}
		return h.ip(ctx, cards.String())
	})
}

// ip runs a batch of ip(8) in the host's network namespace, but not in its root and PID namespace.
func (h *Host) ip(ctx context.Context, batch string) error {
	cmd := h.Command(ctx)
	cmd.Args = []string{"nsenter", "--target", fmt.Sprint(h.pid), "--net", "--", "ip", "-batch", "-"}
	cmd.Stdin = strings.NewReader(batch)
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("cannot connect host %s: %w: %s", h.Name, err, said)
	}
	return nil
}

// Dial connects to an address (not a name) as a program on the host would. The connection stays in the host's network.
func (h *Host) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	return h.dialFrom(ctx, nil, network, address)
}

// dialFrom is [Host.Dial] from one of the addresses of the host; nil leaves the choice to the kernel.
func (h *Host) dialFrom(ctx context.Context, from net.Addr, network, address string) (net.Conn, error) {
	type answer struct {
		conn net.Conn
		err  error
	}
	done := make(chan answer, 1)
	go func() {
		conn, err := h.dial(ctx, from, network, address)
		done <- answer{conn, err}
	}()
	a := <-done
	return a.conn, a.err
}

// dial enters the host's network with its thread for the time of one connect. If the thread cannot return, it stays
// locked and ends with its goroutine.
func (h *Host) dial(ctx context.Context, from net.Addr, network, address string) (net.Conn, error) {
	runtime.LockOSThread()
	own, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return nil, err
	}
	defer own.Close()
	theirs, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", h.pid))
	if err != nil {
		return nil, fmt.Errorf("host %s is down: %w", h.Name, err)
	}
	defer theirs.Close()
	if err := unix.Setns(int(theirs.Fd()), unix.CLONE_NEWNET); err != nil {
		return nil, fmt.Errorf("cannot enter the network of host %s: %w", h.Name, err)
	}
	conn, err := (&net.Dialer{Timeout: 10 * time.Second, LocalAddr: from}).DialContext(ctx, network, address)
	if unix.Setns(int(own.Fd()), unix.CLONE_NEWNET) == nil {
		runtime.UnlockOSThread()
	}
	return conn, err
}
