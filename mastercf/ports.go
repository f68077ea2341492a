package mastercf

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Ports are the ports on which smtpd(8) serves mail servers (25) and mail programs (465, 587).
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

// PortOf is the port of an inet service, its name being [host:]port: a number for the names of Ports, else as written.
func PortOf(name string) string {
	port := name[strings.LastIndexByte(name, ':')+1:]
	for number, names := range portNames {
		if slices.Contains(names, port) {
			return strconv.Itoa(number)
		}
	}
	return port
}

// SMTPD is the service entry of the smtpd(8) that serves a port; nil when there is none. Behind postscreen(8) that is
// the service of type pass to which postscreen hands connections, by smtpd_service_name (postconf(5)). parameter
// returns the value of a main.cf parameter, "" when main.cf has none.
func (f *File) SMTPD(port int, parameter func(name string) string) *Service {
	s := f.Service(NameOf(port), "inet")
	if s != nil && s.Command == "postscreen" {
		s = f.Service(s.handsTo(parameter), "pass")
	}
	if s == nil || s.Command != "smtpd" {
		return nil
	}
	return s
}

// handsTo is the name of the service to which a postscreen(8) hands connections.
func (s *Service) handsTo(parameter func(name string) string) string {
	return s.Value("smtpd_service_name", func(name string) string { return cmp.Or(parameter(name), "smtpd") })
}
