package controls

import (
	"path"
	"strings"

	"ucs-harden/plan"
)

// Where generated files lie: the sender table where the published procedure has it, LDAP maps where the hook that
// rotates the machine's password finds them, and the rest in a folder of the package.
const (
	SenderTable = "/etc/postfix/check_custom_sender_access"
	Folder      = "/etc/postfix/ucs-harden"
	// classesFile holds the restriction classes; our template adds it to main.cf.
	classesFile = Folder + "/main.cf"

	mapPrefix = "/etc/postfix/ldap.ucs-harden-"
	// loginMap tells which logins own a sender address.
	loginMap = mapPrefix + "logins"
)

// Maps are the LDAP maps that the controls may want, in the modes that states have them in.
func Maps(r Registry, states []plan.Control) []string {
	var out []string
	for _, c := range active(states) {
		if c.Maps != nil {
			out = append(out, c.Maps(r)...)
		}
	}
	return out
}

func isMap(path string) bool { return strings.HasPrefix(path, mapPrefix) }

// Generated reports whether a file is one that a plan may speak of with its content: not an LDAP map, which holds a
// password, and nothing that postmap(1) compiled or an interrupted run left.
func Generated(file string) bool {
	if file == SenderTable || file == classesFile {
		return true
	}
	name, ours := strings.CutPrefix(file, Folder+"/")
	return ours && !strings.HasPrefix(name, ".") && !strings.HasPrefix(name, "__db.") && !strings.HasSuffix(name, ".db") && !strings.Contains(name, "/")
}

// table is a lookup table in our folder. What Postfix reads from the source has its type at the end of its name, as in
// "x.regexp"; the rest is compiled.
func table(name string) string { return Folder + "/" + name }

// typeOf is the lookup table type of a generated file.
func (f *Facts) typeOf(file string) string {
	if file == SenderTable {
		return f.tableType()
	}
	if typ := strings.TrimPrefix(path.Ext(file), "."); typ != "" {
		return typ
	}
	return defaultTableType
}
