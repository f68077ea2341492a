package restrictions

import (
	"cmp"
	"slices"
	"strings"
)

// These are the two families of variables that hold restrictions. The key is the rest of the name after the prefix: it
// determines the value's place in the list.
const (
	MainPrefix       = "mail/postfix/smtpd/restrictions/recipient/"
	SubmissionPrefix = "mail/postfix/submission/restrictions/recipient/"
)

// Variable is one UCR variable. Key may be the whole name, or only the part after the prefix.
type Variable struct{ Key, Value string }

// Switches are the UCR variables that make the template add to the main list.
type Switches struct {
	Listfilter                   bool // mail/postfix/policy/listfilter
	Greylisting                  bool // mail/postfix/greylisting
	UnknownClientHostname        bool // mail/postfix/smtpd/restrictions/sender/reject_unknown_client_hostname
	UnknownReverseClientHostname bool // mail/postfix/smtpd/restrictions/sender/reject_unknown_reverse_client_hostname
}

// These are the policy services that the template puts into the main list, and the quota check of the Dovecot package,
// which is an ordinary variable.
const (
	ListfilterCheck  = "check_policy_service unix:private/listfilter"
	GreylistingCheck = "check_policy_service inet:127.0.0.1:10023"
	QuotaCheck       = "check_policy_service inet:127.0.0.1:12340"
)

// Value is one line that the template prints: the value of a variable, or a line that the template adds itself, whose
// Key is "".
type Value struct{ Key, Text string }

// Values are the lines of one list in the template's order.
type Values []Value

// List is the list of restrictions in the order of their evaluation.
type List []Item

// MainValues orders the variables below MainPrefix, and what the switches
// add, as the template of smtpd_recipient_restrictions does.
func MainValues(vars []Variable, on Switches) Values {
	const listfilterKey, greylistingKey = "05-listfilter", "40-greylisting"
	values := below(MainPrefix, vars)
	if on.Listfilter {
		values = append(values, sortable{Value{"", ListfilterCheck}, listfilterKey})
	}
	if on.Greylisting {
		values = append(values, sortable{Value{"", GreylistingCheck}, greylistingKey})
	}
	sorted := ordered(values)
	at := slices.IndexFunc(sorted, func(v Value) bool { return strings.Contains(v.Text, unauthDestination) })
	if at < 0 {
		return sorted
	}
	var after []Value
	if on.UnknownClientHostname {
		after = append(after, Value{"", "reject_unknown_client_hostname"})
	}
	if on.UnknownReverseClientHostname {
		after = append(after, Value{"", "reject_unknown_reverse_client_hostname"})
	}
	return slices.Insert(sorted, at+1, after...)
}

// SubmissionValues orders the variables below SubmissionPrefix as the
// template of submission_recipient_restrictions does.
func SubmissionValues(vars []Variable) Values {
	return ordered(below(SubmissionPrefix, vars))
}

// Main is the list that Postfix makes of MainValues.
func Main(vars []Variable, on Switches) List { return MainValues(vars, on).List() }

// Submission is the list that Postfix makes of SubmissionValues.
func Submission(vars []Variable) List { return SubmissionValues(vars).List() }

// sortable is a value with the key by which it is sorted. A line that the template adds has such a key too, although no
// variable holds it.
type sortable struct {
	Value
	by string
}

func below(prefix string, vars []Variable) []sortable {
	values := make([]sortable, 0, len(vars)+4)
	for _, v := range vars {
		key := strings.TrimPrefix(v.Key, prefix)
		values = append(values, sortable{Value{key, v.Value}, key})
	}
	return values
}

func ordered(values []sortable) Values {
	slices.SortStableFunc(values, func(a, b sortable) int {
		return cmp.Or(strings.Compare(a.by, b.by), strings.Compare(a.Text, b.Text))
	})
	out := make(Values, len(values))
	for i, v := range values {
		out[i] = v.Value
	}
	return out
}

// List reads the values as Postfix reads them from the rendered main.cf: a line whose first character other than a
// blank is # is a comment; all other lines are one text.
func (values Values) List() List {
	var keys, texts []string
	for i, v := range values {
		if i > 0 && strings.HasPrefix(strings.TrimLeft(v.Text, " \t"), "#") {
			continue
		}
		keys, texts = append(keys, v.Key), append(texts, v.Text)
	}
	return group(split(texts), keys)
}

// Parse reads a list that is written in one piece, such as the output of postconf(1). Its items have no keys.
func Parse(text string) List { return group(split([]string{text}), []string{""}) }

// Texts are the restrictions without their keys.
func (l List) Texts() []string {
	texts := make([]string, len(l))
	for i, item := range l {
		texts[i] = item.Text
	}
	return texts
}

// String prints the list as one main.cf value.
func (l List) String() string { return strings.Join(l.Texts(), ", ") }

// IndexOf returns the place of the first matching restriction that does not stand behind warn_if_reject, or -1. A name
// alone ("check_sender_access") matches with every argument; with an argument, the argument must match too.
func (l List) IndexOf(restriction string) int {
	name, args, _ := strings.Cut(restriction, " ")
	return slices.IndexFunc(l, func(i Item) bool {
		r := i.read()
		return !r.warned && strings.EqualFold(r.name, name) && (args == "" || r.args == args)
	})
}
