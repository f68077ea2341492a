package directory

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"ucs-harden/identity"
)

// memberServerClass is the object class of UCS Managed Nodes ("member servers").
const memberServerClass = "univentionMemberServer"

// computerClasses are the classes of computers that have addresses.
var computerClasses = []string{"univentionHost", controllerClass, memberServerClass, "univentionClient", "univentionWindows"}

var computers = question[identity.Host]{
	also:       []string{"(|(objectClass=" + strings.Join(computerClasses, ")(objectClass=") + "))"},
	attributes: []string{"objectClass", "cn", "associatedDomain", "aRecord", "aAAARecord", "univentionObjectType"},
	read: func(dn string, values func(string) []string) (identity.Host, bool) {
		is := func(class string) bool {
			return slices.ContainsFunc(values("objectClass"), func(c string) bool { return strings.EqualFold(c, class) })
		}
		if !slices.ContainsFunc(computerClasses, is) {
			return identity.Host{}, false
		}
		host := newHost(dn, values)
		host.Type = first(values("univentionObjectType"))
		if host.Type == "" && is(memberServerClass) {
			host.Type = "computers/memberserver"
		}
		return host, len(host.Addresses) > 0
	},
	whole: func(hosts []identity.Host) ([]identity.Host, error) { return hostsByName(hosts), nil },
}

// Computers returns all hosts of the domain that have an address, sorted by name; there may be none. It goes the same
// way as DomainControllers.
func Computers(ctx context.Context, c Config) ([]identity.Host, error) {
	hosts, err := firstAnswer(ctx, c, computers)
	if err != nil {
		return nil, fmt.Errorf("cannot read the computers of the domain from LDAP: %w", err)
	}
	return hosts, nil
}

// ComputersFromLDIF reads the computers from LDIF, see Computers.
func ComputersFromLDIF(r io.Reader) ([]identity.Host, error) { return fromLDIF(r, computers) }
