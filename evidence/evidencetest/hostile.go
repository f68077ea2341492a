package evidencetest

import (
	"cmp"
	"reflect"
	"slices"

	"ucs-harden/evidence"
)

// Evil is a text that tries to break a terminal, JSON, HTML, SVG, a style sheet, a script, and the order of reading.
const Evil = "</style></script><script>alert(1)</script><img src=x onerror=alert(2)>\"'`{{.}}\x1b[2J\x00\u202e\u2028\xff\xfe &amp; javascript:alert(3)"

// Hostile is Small with Evil behind every text that comes from outside: names of groups, addresses, reasons, commands.
func Hostile() *evidence.Report {
	r := Small()
	r.Host += Evil
	poison(reflect.ValueOf(&r.Groups).Elem())
	poison(reflect.ValueOf(&r.Exceptions).Elem())
	poison(reflect.ValueOf(&r.Coverage.Files).Elem())
	poison(reflect.ValueOf(&r.Coverage.Unreadable).Elem())
	r.CannotTell = map[string]int64{Evil: 3}
	for i := range r.Controls {
		r.Controls[i].Missing = append(r.Controls[i].Missing, evidence.Verbatim(Evil))
	}
	return r
}

// poison goes through a value. Words that the program itself chooses stay: the control, the verdict, where it is from.
func poison(v reflect.Value) {
	if p, ok := v.Interface().(evidence.Phrase); ok {
		v.Set(reflect.ValueOf(evidence.Phrasef("%s%s", p, Evil)))
		return
	}
	switch v.Kind() {
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() && v.CanSet() {
			v.SetString(v.String() + Evil)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; v.Type().Field(i).IsExported() && name != "Control" {
				poison(v.Field(i))
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			poison(v.Index(i))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			poison(v.Elem())
		}
	}
}

// sortGroups sorts as a report does: open groups first, then by count.
func sortGroups(groups []evidence.Group) {
	slices.SortStableFunc(groups, func(a, b evidence.Group) int {
		if a.Open != b.Open {
			if a.Open {
				return -1
			}
			return 1
		}
		return cmp.Compare(b.Count, a.Count)
	})
}
