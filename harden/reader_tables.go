package harden

import (
	"maps"
	"strings"

	"ucs-harden/internal/inroot"
	"ucs-harden/loginmaps"
	"ucs-harden/maincf"
	"ucs-harden/postfix"
	"ucs-harden/smtpd"
)

// tables reads the lookup tables, as far as they are text files, that the restriction lists and login maps of services
// name, or that a result in these tables leads to.
func (r *reader) tables(main maincf.File, services map[string]map[string]string) map[string][]byte {
	tables := map[string][]byte{}
	read := func(table string) []byte {
		if _, known := tables[table]; !known {
			tables[table] = r.table(table)
		}
		return tables[table]
	}
	for _, overrides := range services {
		for _, o := range []map[string]string{overrides, withoutLoginMaps(overrides)} {
			settings := smtpd.Settings{Main: main, Overrides: o}
			settings.LoginMaps(read)
		}
	}
	return tables
}

// withoutLoginMaps is a copy of overrides in which login maps are those of main.cf. We may have set the override.
func withoutLoginMaps(overrides map[string]string) map[string]string {
	out := maps.Clone(overrides)
	delete(out, loginmaps.Parameter)
	return out
}

// table returns the source of a table, written as type:path; nil if Postfix cannot use the table, because the file or
// what postmap(1) compiles of it does not exist.
func (r *reader) table(table string) []byte {
	typ, path, _ := strings.Cut(table, ":")
	if compiled, err := postfix.CompiledName(typ, path); err == nil {
		if _, err := inroot.Stat(r.server.Root, compiled); err != nil {
			return nil
		}
	}
	content, err := inroot.ReadFile(r.server.Root, path) // a table may be a symbolic link
	if err != nil {
		return nil
	}
	r.state.Add("table "+table, content)
	return append([]byte{}, content...)
}
