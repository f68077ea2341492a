package privatepostfix

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// PortError says that a service of the configuration does not work.
type PortError struct {
	// Ports are the services that have the same problem: 25, 465, 587, or the ID of another door. Names are where they
	// listen; without Names they listen at Ports.
	Ports []int
	Names []string
	// Why is the problem, in words.
	Why string
	// Log is what the instance logged about it, fatal errors first.
	Log []string
}

func (e *PortError) Error() string {
	names := e.Names
	if names == nil {
		names = strings.Fields(strings.Trim(fmt.Sprint(e.Ports), "[]"))
	}
	ports := strings.Join(names, ", ")
	text := fmt.Sprintf("cannot rehearse port %s: %s", ports, e.Why)
	if len(e.Log) > 0 {
		text += ": " + strings.Join(e.Log[:min(len(e.Log), 3)], "; ")
	}
	return text
}

// DeadPorts are the Ports of all PortErrors in an error of Start, each with its error. There are none when the error
// has another part.
func DeadPorts(err error) map[int]string {
	switch e := err.(type) { //nolint:errorlint // it takes the error apart itself
	case nil:
		return nil
	case *PortError:
		dead := map[int]string{}
		for _, port := range e.Ports {
			dead[port] = e.Error()
		}
		return dead
	case interface{ Unwrap() []error }:
		dead := map[int]string{}
		for _, one := range e.Unwrap() {
			ports := DeadPorts(one)
			if ports == nil {
				return nil
			}
			maps.Copy(dead, ports)
		}
		return dead
	}
	return DeadPorts(errors.Unwrap(err))
}

// explain makes *PortErrors of the errors of services. Services with the same error share one.
func (i *Instance) explain(errs []error) error {
	_ = i.log.sync() // it does not matter when the log has ended
	var all []error
	var last *PortError
	for n, err := range errs {
		port, name := i.services[n].id, i.services[n].name
		switch {
		case err == nil:
			continue
		case errors.Is(err, context.Canceled):
			return err
		}
		e := &PortError{Ports: []int{port}, Names: []string{name}, Why: err.Error(), Log: i.complaints(port)}
		if last != nil && last.Why == e.Why && slices.Equal(last.Log, e.Log) {
			last.Ports, last.Names = append(last.Ports, port), append(last.Names, name)
			continue
		}
		last = e
		all = append(all, e)
	}
	return errors.Join(all...)
}

// complaints are the distinct fatal errors, then the warnings, that the service of a port and the helpers have logged:
// of all services for allPorts, of the helpers alone for noPort. master(8) reports the end of the other programs; its
// lines count only when these programs have not said why.
func (i *Instance) complaints(port int) []string {
	lines, _ := i.log.from(0)
	var fatal, warnings, masters []string
	for _, l := range lines {
		if l.service != 0 && port != allPorts && l.service != port {
			continue
		}
		text, list := l.program+": "+l.text, &warnings
		switch {
		case l.fatal():
			list = &fatal
		case !strings.HasPrefix(l.text, "warning: ") && !strings.HasPrefix(l.text, "error: "):
			continue
		case l.program == "master":
			list = &masters
		}
		if !slices.Contains(*list, text) {
			*list = append(*list, text)
		}
	}
	if all := append(fatal, warnings...); len(all) > 0 {
		return all
	}
	return masters
}

const allPorts, noPort = -1, 0

const backwards = "using backwards-compatible default setting"

// Complaints are the distinct fatal errors and warnings that the instance has logged so far, each with the name of its
// program in front.
func (i *Instance) Complaints() []string {
	_ = i.log.sync() // after Close there is nothing to wait for
	return i.complaints(allPorts)
}
