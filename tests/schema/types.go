package schema

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"reflect"
	"slices"
	"strings"
	"time"

	"ucs-harden/schemas"
)

// Compare compares a schema with the Go type that is printed, in both directions: each has the properties of the other,
// the same ones are required, and the types are the same. written maps types with a MarshalJSON to types that look like
// what it writes. visited collects the definitions that were used.
func Compare(kind string, t reflect.Type, written map[reflect.Type]reflect.Type, visited map[string]bool) error {
	c := comparison{written, visited}
	root, err := read(kind)
	if err != nil {
		return err
	}
	return c.compare(place{kind, kind}, root, t)
}

type comparison struct {
	written map[reflect.Type]reflect.Type
	visited map[string]bool
}

// place is where a part of a schema stands: its file, and its path for messages.
type place struct{ file, path string }

func (p place) errorf(format string, args ...any) error {
	return fmt.Errorf("%s: "+format, append([]any{p.path}, args...)...)
}

type node = map[string]any

func (c comparison) compare(at place, n node, t reflect.Type) error {
	at, n, err := c.resolve(at, n)
	if err != nil {
		return err
	}
	if text, _ := n["description"].(string); !strings.HasSuffix(text, ".") {
		return at.errorf("no description that is a sentence: %q", text)
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if as := c.written[t]; as != nil {
		t = as
	}
	var wanted string
	switch kind := t.Kind(); {
	case t == reflect.TypeFor[time.Time](), t.Implements(reflect.TypeFor[encoding.TextMarshaler]()):
		wanted = "string"
	case reflect.PointerTo(t).Implements(reflect.TypeFor[json.Marshaler]()):
		return at.errorf("%s writes its JSON itself", t)
	case kind == reflect.Struct:
		return c.object(at, n, t)
	case kind == reflect.Slice:
		if n["type"] != "array" {
			return at.errorf("%s is an array", t)
		}
		return c.compare(place{at.file, at.path + "[]"}, described(n["items"]), t.Elem())
	case kind == reflect.Map:
		if n["type"] != "object" {
			return at.errorf("%s is an object", t)
		}
		values := described(n["additionalProperties"])
		return errors.Join(nullable(at, values, t.Elem().Kind() == reflect.Pointer),
			c.compare(place{at.file, at.path + "{}"}, values, t.Elem()))
	case kind == reflect.String:
		wanted = "string"
	case kind == reflect.Bool:
		wanted = "boolean"
	case kind == reflect.Float64:
		wanted = "number"
	case t.ConvertibleTo(reflect.TypeFor[int]()):
		wanted = "integer"
		if n["const"] != nil {
			return nil
		}
	default:
		return at.errorf("no rule for %s", t)
	}
	if !slices.Contains(types(n), wanted) {
		return at.errorf("%s is of type %s, not %v", t, wanted, n["type"])
	}
	return nil
}

// object compares the properties. Those of an embedded struct are properties of the struct around it.
func (c comparison) object(at place, n node, t reflect.Type) error {
	if n["type"] != "object" || n["additionalProperties"] != false {
		return at.errorf("%s is an object without additional properties", t)
	}
	properties, _ := n["properties"].(node)
	var errs []error
	var required []string
	known := map[string]bool{}
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || name == "-" || f.Anonymous && name == "" {
			continue
		}
		if name == "" {
			errs = append(errs, at.errorf("the field %s has no name in JSON", f.Name))
			continue
		}
		known[name] = true
		inner := place{at.file, at.path + "." + name}
		property, ok := properties[name].(node)
		if !ok {
			errs = append(errs, inner.errorf("the schema does not have what %s prints", t))
			continue
		}
		optional := options == "omitempty" || options == "omitzero"
		if !optional {
			required = append(required, name)
			errs = append(errs, nullable(inner, property, c.mayBeNull(f.Type)))
		}
		errs = append(errs, c.compare(inner, property, f.Type))
	}
	for name := range properties {
		if !known[name] {
			errs = append(errs, at.errorf("no output can have the property %s: %s has no such field", name, t))
		}
	}
	if want := words(n["required"]); !sameWords(want, required) {
		errs = append(errs, at.errorf("required is %v, but %s always has %v", want, t, required))
	}
	return errors.Join(errs...)
}

// mayBeNull reports whether null may be printed. What writes its JSON itself does not print null; an output with null would
// not fit the schema.
func (c comparison) mayBeNull(t reflect.Type) bool {
	return t.Kind() == reflect.Pointer && c.written[t.Elem()] == nil
}

// nullable compares whether a value may be null.
func nullable(at place, n node, may bool) error {
	if slices.Contains(types(n), "null") != may {
		return at.errorf("null is allowed here: %t, but printed: %t", !may, may)
	}
	return nil
}

// resolve follows $ref. The description beside it counts first.
func (c comparison) resolve(at place, n node) (place, node, error) {
	ref, ok := n["$ref"].(string)
	if !ok {
		return at, n, nil
	}
	file, name, inside := strings.Cut(ref, "#/$defs/")
	if file == "" {
		file = at.file
	}
	found, err := read(file)
	if err != nil {
		return at, nil, at.errorf("%w", err)
	}
	if inside {
		defs, _ := found["$defs"].(node)
		if found, ok = defs[name].(node); !ok {
			return at, nil, at.errorf("%s has no %s", file, name)
		}
		c.visited[path.Join(file, name)] = true
	}
	return place{file, at.path}, found, nil
}

// Definitions are the definitions of all schemas, as Compare collects them.
func Definitions() (all []string, err error) {
	for _, file := range Kinds() {
		root, err := read(file)
		if err != nil {
			return nil, err
		}
		if root["$id"] != file || root["title"] == nil {
			return nil, fmt.Errorf("%s: $id must be the name of the file, and there must be a title", file)
		}
		defs, _ := root["$defs"].(node)
		for name := range defs {
			all = append(all, path.Join(file, name))
		}
	}
	return all, nil
}

func read(file string) (root node, err error) {
	content, err := schemas.Files.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return root, json.Unmarshal(content, &root)
}

// described is the schema of the elements of an array or a map. What they are may be said there.
func described(value any) node {
	n, _ := value.(node)
	out := node{"description": "The description of the whole says it."}
	for k, v := range n {
		out[k] = v
	}
	return out
}

func types(n node) []string {
	if one, ok := n["type"].(string); ok {
		return []string{one}
	}
	return words(n["type"])
}

func words(list any) (out []string) {
	all, _ := list.([]any)
	for _, v := range all {
		out = append(out, fmt.Sprint(v))
	}
	return out
}

func sameWords(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
