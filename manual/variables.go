package manual

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// Descriptions is where the descriptions of the registry variables are, from the top of the project.
const Descriptions = "ucs/etc/univention/registry.info/variables/ucs-harden.cfg"

// Variable is a registry variable as UCR describes it.
type Variable struct {
	// Key is its name; ".*" stands for a name of one's own choice.
	Key, Description string
}

// Variables reads descriptions: sections with the name of a variable, and lines "Attribute=value". Only the English
// descriptions count here.
func Variables(cfg []byte) ([]Variable, error) {
	var out []Variable
	lines := bufio.NewScanner(bytes.NewReader(cfg))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if name, found := strings.CutPrefix(line, "["); found && strings.HasSuffix(name, "]") {
			out = append(out, Variable{Key: strings.TrimSuffix(name, "]")})
			continue
		}
		attribute, value, found := strings.Cut(line, "=")
		switch {
		case line == "":
		case !found || len(out) == 0:
			return nil, fmt.Errorf("cannot read the descriptions: line %d has no attribute of a variable", n)
		case attribute == "Description[en]":
			out[len(out)-1].Description = value
		}
	}
	for _, v := range out {
		if v.Description == "" {
			return nil, fmt.Errorf("cannot use the descriptions: %s has no English one", v.Key)
		}
	}
	if len(out) == 0 {
		return nil, errors.New("cannot use the descriptions: there are none")
	}
	return out, lines.Err()
}

// Name is the key as an administrator reads it: NAME or DOMAIN in place of ".*".
func (v Variable) Name() string {
	key := strings.ReplaceAll(v.Key, "/domain/.*", "/domain/DOMAIN")
	return strings.ReplaceAll(key, ".*", "NAME")
}

const variablesIntro = "`ucs-harden` has its settings in the Univention Configuration Registry. Set them with `ucr set`, or with a" +
	" UCR policy in the directory. A change takes effect by itself some seconds later, or with the next `ucs-harden apply`" +
	" or `ucs-harden sync`, unless a description says otherwise. In place of NAME stands a name of your own choice for an entry of a list.\n"

// group is the heading for a variable: the part of its key behind mail/harden, "" for a variable of all controls.
func (v Variable) group() string {
	part, rest, found := strings.Cut(strings.TrimPrefix(v.Key, "mail/harden/"), "/")
	if !found {
		return "All controls"
	}
	if sub, _, more := strings.Cut(rest, "/"); part == "relay" && more {
		return sub // relay/foreign-sender
	}
	return part
}

func variablesBody(all []Variable) string {
	var b strings.Builder
	var order []string
	groups := map[string][]Variable{}
	for _, v := range all {
		if groups[v.group()] == nil {
			order = append(order, v.group())
		}
		groups[v.group()] = append(groups[v.group()], v)
	}
	for _, group := range order {
		fmt.Fprintf(&b, "## %s\n\n", group)
		for _, v := range groups[group] {
			fmt.Fprintf(&b, "### %s\n\n%s\n\n", v.Name(), escape(v.Description))
		}
	}
	return b.String()
}

// VariablesPage is the page about the registry variables.
func VariablesPage(all []Variable) Page {
	return Page{
		Name: "ucs-harden-variables", Section: 7, Short: "the registry variables of ucs-harden",
		Body:    section("DESCRIPTION", variablesIntro) + inCapitals(variablesBody(all)),
		SeeAlso: []string{"ucs-harden(7)", "ucs-harden-findings(7)", "ucs-harden(8)", "ucr(8)"},
	}
}
