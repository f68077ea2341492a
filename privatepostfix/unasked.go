package privatepostfix

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"ucs-harden/internal/lazyregexp"
	"ucs-harden/internal/lexical"
	"ucs-harden/restrictions"
)

// unasked takes restrictions out of restriction lists that a rehearsal must not ask, and remembers their names: policy
// services, and the address verification, which sends mail. In the place of each stands a table that only logs:
//
//	check_policy_service unix:private/x  →  check_client_access static:{INFO … unix:private/x}
//
// The restrictions behind it are evaluated as before, and the log tells which message would have met it.
//
// A table may hold restrictions as well (access(5)), but none with an argument: smtpd(8) answers 451 to a ":" there. So
// a table names a policy service through a restriction class. The address verification may stand in a table by itself.
// So every table gets further stages, which put the class notVerified in its place:
//
//	check_sender_access hash:/x  →  check_sender_access pipemap:{ hash:/x, regexp:…, regexp:… }
type unasked struct {
	// stages are those further stages. Each replaces one restriction, and there are two of them.
	stages string

	mu    sync.Mutex
	names map[string]bool
}

// notVerified is the restriction class that stands in the place of the address verification.
const notVerified = "ucs_harden_not_verified"

// stage is the file of a regexp table (regexp_table(5)) that passes on what an access table holds. The first line keeps
// the actions of access(5), whose text may say anything.
const stage = `/^((` + actions + `)([ 	].*)?)$/ $1
/^(.*[ ,	])?reject_unverified_(sender|recipient)([ ,	].*)?$/ ${1}` + notVerified + `$3
/^(.*)$/ $1
`

// actions are those of access(5), in a regular expression.
const actions = "[45][0-9][0-9]|[0-9]+|OK|REJECT|DEFER|DEFER_IF_REJECT|DEFER_IF_PERMIT|BCC|DISCARD|DUNNO|FILTER|" +
	"HOLD|PREPEND|REDIRECT|INFO|WARN"

func newUnasked(path string) *unasked {
	regexp := "regexp:" + path
	return &unasked{stages: ", " + regexp + ", " + regexp + " }", names: map[string]bool{}}
}

// notAsked begins the text that the place-holder of a restriction logs. The name of what was not asked follows.
const notAsked = "ucs-harden did not ask "

// The restrictions that a rehearsal does not ask, and what notes call them.
const (
	policyService  = "check_policy_service"
	aPolicyService = "the policy service "
	verification   = "the address verification"
)

var (
	// verifies are the restrictions that send a probe to an address.
	verifies = lazyregexp.New(`(?i)^reject_unverified_(sender|recipient)$`)
	// accessCheck looks something up in a table.
	accessCheck = lazyregexp.New(`(?i)^check_\w+_access$`)
	// table is type:name; alone it is short for check_recipient_access type:name.
	table = lazyregexp.New(`^\w+:.`)
)

// list rewrites a restriction list.
func (u *unasked) list(value string) string {
	var out []string
	for _, text := range restrictions.Parse(value).Texts() {
		for {
			rest, warns := cutPrefixFold(text, "warn_if_reject ")
			if !warns {
				break
			}
			out, text = append(out, "warn_if_reject"), rest
		}
		name, argument, _ := strings.Cut(text, " ")
		switch {
		case strings.EqualFold(name, policyService) && argument != "":
			text = u.instead(aPolicyService + serverOf(argument))
		case verifies.MatchString(name):
			text = u.instead(verification)
		case accessCheck.MatchString(name) && argument != "":
			text = name + " " + u.table(argument)
		case strings.HasPrefix(name, "$"):
			text = u.conditional(text)
		case table.MatchString(name):
			text = u.piped(text)
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

func cutPrefixFold(text, prefix string) (rest string, found bool) {
	if len(text) < len(prefix) || !strings.EqualFold(text[:len(prefix)], prefix) {
		return text, false
	}
	return text[len(prefix):], true
}

// instead remembers a name and returns its place-holder.
func (u *unasked) instead(name string) string {
	u.add([]string{name})
	return placeholder(name)
}

// placeholder is the restriction that stands in the place of one that is not asked.
func placeholder(name string) string {
	return "check_client_access static:{INFO " + notAsked + name + "}"
}

// serverOf is the address of a policy service without its options: "{ unix:private/x, timeout=3s }".
func serverOf(argument string) string {
	words := lexical.Words(strings.Trim(argument, "{}"))
	if len(words) == 0 {
		return "without an address"
	}
	// These characters would end the text of the place-holder.
	return strings.NewReplacer("{", "_", "}", "_", "$", "_", ";", "_").Replace(words[0])
}

// table adds the further stages to the argument of an access check. Only check_ccert_access has options:
// "{ type:name, { option } }".
func (u *unasked) table(argument string) string {
	if table.MatchString(argument) {
		return u.piped(argument)
	}
	inner, braced := strings.CutPrefix(argument, "{")
	items := restrictions.Parse(strings.TrimSuffix(inner, "}")).Texts()
	if !braced || len(items) == 0 || !table.MatchString(items[0]) {
		return argument // smtpd(8) will complain
	}
	items[0] = u.piped(items[0])
	return "{ " + strings.Join(items, ", ") + " }"
}

const pipedBefore = "pipemap:{ "

// piped names a table with its further stages. The blanks are for proxymap(8), which looks for the names of its tables
// between blanks and commas.
func (u *unasked) piped(table string) string { return pipedBefore + table + u.stages }

// unpipe removes the further stages from a text, so that smtpd(8) seems to name the table as the live one does.
func (u *unasked) unpipe(text string) string {
	for {
		end := strings.Index(text, u.stages)
		if end < 0 {
			return text
		}
		begin := strings.LastIndex(text[:end], pipedBefore)
		if begin < 0 {
			return text
		}
		text = text[:begin] + text[begin+len(pipedBefore):end] + text[end+len(u.stages):]
	}
}

// A conditional reference is "${name?text}", "${name:text}" or "${name?{text}:{text}}" (postconf(5)).
var (
	condition = lazyregexp.New(`(?s)^(\$[{(][^?:]*[?:])(.*)([})])$`)
	inBraces  = lazyregexp.New(`(?s)\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}`)
)

// conditional rewrites the texts of a conditional reference. Other references stay.
func (u *unasked) conditional(reference string) string {
	m := condition.FindStringSubmatch(reference)
	switch {
	case m == nil:
		return reference
	case strings.HasPrefix(strings.TrimSpace(m[2]), "{"):
		return m[1] + inBraces.ReplaceAllStringFunc(m[2], func(text string) string {
			return "{" + u.list(text[1:len(text)-1]) + "}"
		}) + m[3]
	}
	return m[1] + u.list(m[2]) + m[3]
}

// add remembers names that the log has told.
func (u *unasked) add(names []string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, name := range names {
		u.names[name] = true
	}
}

// all are the names of what is not asked. What stands in a table is known when a dialogue has met it.
func (u *unasked) all() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Sorted(maps.Keys(u.names))
}
