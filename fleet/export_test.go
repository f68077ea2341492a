package fleet

import (
	"reflect"
	"strings"
)

// NamesRead are the properties that are read.
func NamesRead() (names []string) {
	for _, f := range reflect.VisibleFields(reflect.TypeFor[status]()) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}
