package controls

import (
	"slices"
	"strings"

	"ucs-harden/restrictions"
)

// keptClasses are the restriction classes of today that are not looked at. Some of a kept control repeat, for clients that
// have logged in, what stands in the restriction list: these are made anew, because the list may be another one now.
func (w Work) keptClasses() restrictions.Classes {
	kept := w.others()
	if len(w.facts.Left.Controls) == 0 {
		return kept
	}
	for prefix, suffix := range map[string]string{restrictions.MainPrefix: "", restrictions.SubmissionPrefix: "_submission"} {
		list := w.listOf(prefix)
		for _, part := range []string{stoppedName, suspendedName, localOnlyName} {
			at := restrictions.Writers{
				Name: restrictions.OurClass + strings.ReplaceAll(part, "-", "_") + suffix, Login: true,
			}
			for _, class := range at.GoOn(list, keyOfPart(list, part)) {
				if i := indexOf(kept, class.Name); i >= 0 {
					kept[i] = class
				}
			}
		}
	}
	if !w.facts.Left.has(protectedName) {
		return kept
	}
	return protected{Work{Desired: w.Desired, name: protectedName}}.refreshed(kept)
}

// refreshed makes the class of clients that have to log in anew.
func (c protected) refreshed(kept restrictions.Classes) restrictions.Classes {
	i := indexOf(kept, loginClass)
	if i < 0 || len(kept[i].Restrictions) == 0 {
		return kept
	}
	refuse := kept[i].Restrictions[len(kept[i].Restrictions)-1]
	var until [][]string
	for _, prefix := range c.listsInForce() {
		list := c.listOf(prefix)
		key := keyOfPart(list, protectedName+"-senders")
		some, _ := c.logins(prefix)
		if texts, ok := restrictions.UntilLogin(list, key); ok && key != "" && some {
			until = append(until, texts)
		}
	}
	kept = slices.DeleteFunc(kept, func(class restrictions.Class) bool {
		return class.Name == loginClass || class.Name == asBeforeClass
	})
	return append(kept, loginClasses(until, refuse)...)
}

func indexOf(classes restrictions.Classes, name string) int {
	return slices.IndexFunc(classes, func(class restrictions.Class) bool { return class.Name == name })
}

// keyOfPart is the key under which a part has its check in a list.
func keyOfPart(list restrictions.List, part string) string {
	for _, item := range list {
		if m := listKey.FindStringSubmatch(item.Key); m != nil && m[1] == part {
			return item.Key
		}
	}
	return ""
}
