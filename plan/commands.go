package plan

import "strings"

// Commands are the shell lines that would do what the plan does, but without its safety. They are for reading,
// comparing and learning, not for pasting.
func (p *Plan) Commands() []string {
	if !p.Changes() {
		return nil
	}
	var lines, set, unset, maps, gone, obsolete []string
	for _, v := range p.Variables {
		switch v.Action() {
		case Create, Change:
			set = append(set, Quote(v.Key+"="+*v.After))
		case Remove:
			unset = append(unset, Quote(v.Key))
		}
	}
	for _, f := range p.Files {
		switch {
		case f.Kind == Table && f.Action != Remove:
			if _, ok := compiled[f.Type]; ok {
				lines = append(lines, "postmap "+Quote(f.Type+":"+f.Path)+" # once it is written as --diff shows it")
			} else {
				lines = append(lines, written(f))
			}
		case f.Kind == Map && f.Action != Remove:
			maps = append(maps, Quote(f.Path))
		case f.Kind == Include && f.Action != Remove:
			lines = append(lines, written(f))
		case f.Kind == Table:
			obsolete = append(obsolete, Quote(f.Path))
			if suffix, ok := compiled[f.Type]; ok {
				obsolete = append(obsolete, Quote(f.Path+suffix))
			}
		case f.Kind == Map:
			obsolete = append(obsolete, Quote(f.Path))
		case f.Kind == Include:
			gone = append(gone, "rm "+Quote(f.Path))
		}
	}
	add := func(command string, args []string) {
		if len(args) > 0 {
			lines = append(lines, command+" "+strings.Join(args, " \\\n    "))
		}
	}
	add("ucr commit", maps)
	add("ucr set", set)
	add("ucr unset", unset)
	lines = append(lines, gone...)
	lines = append(lines, "ucr commit /etc/postfix/main.cf /etc/postfix/master.cf", "postfix check", "postfix reload")
	add("rm", obsolete)
	return lines
}

// written is the line for a file that the administrator would write in an editor.
func written(f File) string { return "vi " + Quote(f.Path) + " # write it as --diff shows it" }

// compiled maps a table type to the suffix that postmap(1) appends to the name of the table.
var compiled = map[string]string{"hash": ".db", "btree": ".db", "lmdb": ".lmdb", "cdb": ".cdb"}

// Quote quotes a word for sh(1) if the word needs quoting.
func Quote(s string) string {
	const safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%_+=:,./-"
	if s != "" && strings.Trim(s, safe) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
