package ucr

import (
	"cmp"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// declaration is one stanza of an .info file: lines "Key: value" up to an empty line. Some keys (Variables) may occur
// several times.
type declaration struct {
	kind      string // Type: file, multifile, subfile, script, module
	file      string // the targets, relative to the root of the file system
	multifile string
	subfile   string
}

type declarations []declaration

// declarations reads what the packages declare in templates/info/*.info. A file that cannot be read declares nothing.
func (p Program) declarations() declarations {
	folder := below(p.Root, "etc/univention/templates/info")
	entries, _ := os.ReadDir(folder)
	var all declarations
	for _, entry := range entries {
		if filepath.Ext(entry.Name()) != ".info" {
			continue
		}
		data, _ := os.ReadFile(filepath.Join(folder, entry.Name()))
		all = append(all, parseInfo(string(data))...)
	}
	return all
}

func parseInfo(text string) declarations {
	var all declarations
	var stanza declaration
	for line := range strings.SplitSeq(text+"\n\n", "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			if stanza.kind != "" {
				all = append(all, stanza)
			}
			stanza = declaration{}
			continue
		}
		key, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch key {
		case "Type":
			stanza.kind = value
		case "File":
			stanza.file = strings.TrimPrefix(value, "/")
		case "Multifile":
			stanza.multifile = strings.TrimPrefix(value, "/")
		case "Subfile":
			stanza.subfile = strings.TrimPrefix(value, "/")
		}
	}
	return all
}

// subfiles gives the subfiles of a multifile, sorted by base name.
func (all declarations) subfiles(multifile string) []string {
	multifile = strings.TrimPrefix(multifile, "/")
	var found []string
	for _, d := range all {
		if d.kind == "subfile" && d.multifile == multifile && d.subfile != "" {
			found = append(found, d.subfile)
		}
	}
	slices.SortFunc(found, func(a, b string) int {
		return cmp.Or(cmp.Compare(path.Base(a), path.Base(b)), cmp.Compare(a, b))
	})
	return slices.Compact(found)
}

// Registered tells whether a package declares a template for target, with or
// without a leading slash: a file ("etc/postfix/ldap.groups"), a multifile
// ("etc/postfix/main.cf") or one of its subfiles
// ("etc/postfix/main.cf.d/60_ucs-harden").
func (p Program) Registered(target string) bool {
	target = strings.TrimPrefix(target, "/")
	return slices.ContainsFunc(p.declarations(), func(d declaration) bool {
		declares := map[string]string{"file": d.file, "multifile": d.multifile, "subfile": d.subfile}[d.kind]
		return declares != "" && declares == target
	})
}
