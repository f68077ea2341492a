package privatepostfix

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ucs-harden/internal/lexical"
	"ucs-harden/maincf"
	"ucs-harden/mastercf"
	"ucs-harden/restrictions"
)

// smtpdLists are the parameters that hold restriction lists. Restriction classes are others.
var smtpdLists = append(slices.Clone(restrictions.Parameters), "smtpd_etrn_restrictions")

// asksPolicy reports whether a list still asks a policy service. In the text of a table it would ask none.
func asksPolicy(list string) bool {
	return slices.ContainsFunc(restrictions.Parse(list).Texts(), func(text string) bool {
		name, argument, _ := strings.Cut(strings.ToLower(text), " ")
		return name == policyService && argument != "" || name[0] == '$' && strings.Contains(text, policyService)
	})
}

// listsOf are the restriction lists and classes that parameters define, without what may not be asked. References are
// expanded, since a reference may name a policy service, and an override of a service may change what it stands for.
func (b *builder) listsOf(parameters maincf.File) (map[string]string, error) {
	classes := lexical.Words(parameters.Expand(parameters.Value("smtpd_restriction_classes")))
	lists := map[string]string{}
	for _, name := range slices.Concat(smtpdLists, classes) {
		value, ok := parameters.Get(name)
		if !ok {
			continue
		}
		lists[name] = b.unasked.list(b.rewrite(parameters.Expand(value)))
		if asksPolicy(lists[name]) {
			return nil, fmt.Errorf("cannot find the policy service in %s = %s", name, value)
		}
	}
	lists[notVerified] = placeholder(verification)
	lists["smtpd_restriction_classes"] = strings.Join(append(classes, notVerified), ", ")
	return lists, nil
}

// overrideLists adds the lists of a service that differ from those of main.cf.
func (b *builder) overrideLists(overrides []mastercf.Option) ([]mastercf.Option, error) {
	parameters := slices.Clone(b.main)
	for _, o := range overrides {
		parameters = append(parameters, maincf.Definition{Name: o.Name, Value: o.Value})
	}
	lists, err := b.listsOf(parameters)
	if err != nil {
		return nil, err
	}
	isList := func(o mastercf.Option) bool { _, ok := lists[o.Name]; return ok }
	own := slices.DeleteFunc(slices.Clone(overrides), isList)
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		if value, ok := b.lists[name]; !ok || value != lists[name] {
			own = append(own, mastercf.Option{Name: name, Value: lists[name]})
		}
	}
	return own, nil
}
