package harden

import (
	"strings"

	"ucs-harden/expectation"
	"ucs-harden/transaction"
)

// expectations adds a finding for each parameter that will not have the value that the controls want. A main.cf.local
// or master.cf.local may override it.
func (p *Planned) expectations() {
	master := func(entry, parameter string) string {
		name, typ, _ := strings.Cut(entry, "/")
		service := p.next.mastercf.Service(name, typ)
		if service == nil {
			return ""
		}
		value, _ := service.Option(parameter)
		return value
	}
	broken := brokenServices(p.registryAfter())
	for _, m := range expectation.Of(p.Expect, p.next.maincf.Value, master) {
		service, _, _ := strings.Cut(m.Name, "/")
		if m.Path != transaction.MasterCF || !broken[service] { // another finding names the cause
			p.find(m.Finding())
		}
	}
}
