package controls

import (
	"path"
	"strings"

	"ucs-harden/marks"
	"ucs-harden/plan"
)

// The generated files. The sender table is where the published procedure has it. LDAP maps are where the hook that
// rotates the password of the machine finds them. All other files are in a folder of the package.
const (
	SenderTable = "/etc/postfix/check_custom_sender_access"
	Folder      = "/etc/postfix/ucs-harden"
	// ClassesFile holds the restriction classes; MainTemplate, a subfile of main.cf in UCR, adds it to main.cf.
	ClassesFile  = Folder + "/main.cf"
	MainTemplate = "etc/postfix/main.cf.d/60_ucs-harden"

	mapPrefix = "/etc/postfix/ldap.ucs-harden-"
	// loginMap tells which logins own a sender address.
	loginMap = mapPrefix + "logins"
)

// Marks tells what is ours on a server whose ledger is lost.
var Marks = marks.Names{Folder: Folder, SenderTable: SenderTable, MapPrefix: mapPrefix}

// Maps are the LDAP maps that the controls may want in their modes.
func Maps(r Registry, states []plan.Control) []string {
	var out []string
	for _, state := range states {
		if c, known := ByName(state.Name); known && c.Maps != nil && state.After == plan.Enforce {
			out = append(out, c.Maps(r)...)
		}
	}
	return out
}

func isMap(path string) bool { return strings.HasPrefix(path, mapPrefix) }

// Generated reports whether a plan may show the content of a file. It may not show LDAP maps, which hold a password,
// nor what postmap(1) compiled or an interrupted run left.
func Generated(file string) bool {
	if file == SenderTable || file == ClassesFile {
		return true
	}
	name, ours := strings.CutPrefix(file, Folder+"/")
	compiled := strings.HasPrefix(name, "__db.") || strings.HasSuffix(name, ".db")
	return ours && !compiled && !strings.HasPrefix(name, ".") && !strings.Contains(name, "/")
}

// table is the path of a lookup table in our folder. A table that Postfix reads from its source has its type at the end
// of its name, as in "x.regexp". Any other is compiled.
func table(name string) string { return Folder + "/" + name }

// TypeOf is the lookup table type of a generated file.
func (f *Facts) TypeOf(file string) string {
	if file == SenderTable {
		return f.tableType()
	}
	if typ := strings.TrimPrefix(path.Ext(file), "."); typ != "" {
		return typ
	}
	return defaultTableType
}
