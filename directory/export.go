package directory

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"ucs-harden/identity"
)

// ControllersFromLDIF reads the domain controllers from LDIF, for planning on a machine that cannot reach an LDAP
// server. It gives the same hosts as DomainControllers for the same entries. These commands write the LDIF:
//
//	univention-ldapsearch '(|(objectClass=univentionDomainController)(univentionService=SMTP))' \
//	    objectClass cn associatedDomain aRecord aAAARecord univentionService
//	slapcat
//
// The LDIF may contain other entries; they are ignored. Each entry must have its object classes; without them it is
// unknown whether the entry is a domain controller. ErrIncomplete and ErrNoControllers are as over LDAP.
func ControllersFromLDIF(r io.Reader) ([]identity.Host, error) { return fromLDIF(r, controllers) }

// MailServersFromLDIF reads the mail servers from LDIF, see MailServers.
func MailServersFromLDIF(r io.Reader) ([]identity.Host, error) { return fromLDIF(r, mailServers) }

// fromLDIF answers a question from a file.
func fromLDIF[T any](r io.Reader, q question[T]) ([]T, error) {
	var found []T
	for entry, err := range ldifEntries(r) {
		if err != nil {
			return nil, fmt.Errorf("cannot read LDIF: %w", err)
		}
		values := func(attribute string) []string { return entry.attributes[strings.ToLower(attribute)] }
		classes := values("objectClass")
		if len(classes) == 0 {
			return nil, fmt.Errorf("cannot read LDIF: %q has no objectClass; export that attribute too", entry.dn)
		}
		if q.class == "" || slices.ContainsFunc(classes, func(class string) bool {
			return strings.EqualFold(class, q.class)
		}) {
			if t, ok := q.read(entry.dn, values); ok {
				found = append(found, t)
			}
		}
	}
	found, err := q.whole(found)
	if err != nil {
		return nil, fmt.Errorf("cannot read LDIF: %w", err)
	}
	return found, nil
}
