package mastercf

import (
	"net"
	"slices"
	"strconv"
	"strings"
)

// Ports are the ports on which smtpd(8) mostly serves mail servers (25) and mail programs (465, 587).
var Ports = []int{25, 465, 587}

// portNames are the names of Ports in services(5), that of the UCS template first. A small system may lack that file.
var portNames = map[int][]string{25: {"smtp"}, 465: {"smtps", "submissions", "urd"}, 587: {"submission"}}

// NameOf is the name of the service entry of a port in the UCS template: "smtp", "smtps" or "submission". Another port
// has its number for a name.
func NameOf(port int) string {
	if names := portNames[port]; names != nil {
		return names[0]
	}
	return strconv.Itoa(port)
}

// PortOf is the port of an inet service, its name being [host:]port: a number, unless services(5) does not know the
// name.
func PortOf(name string) string {
	port := name[strings.LastIndexByte(name, ':')+1:]
	for number, names := range portNames {
		if slices.Contains(names, port) {
			return strconv.Itoa(number)
		}
	}
	if number, err := net.LookupPort("tcp", port); err == nil && port != "" {
		return strconv.Itoa(number)
	}
	return port
}

// AtMailPorts are the -o overrides of the inet services on the mail ports, by service and parameter.
func (f *File) AtMailPorts() map[string]map[string]string {
	out := map[string]map[string]string{}
	for _, port := range Ports {
		name := NameOf(port)
		s := f.Service(name, "inet")
		if s == nil {
			continue
		}
		out[name] = map[string]string{}
		for _, o := range s.Options() {
			out[name][o.Name] = o.Value
		}
	}
	return out
}
