package restrictions

import (
	"slices"
	"strings"
)

// Ours is part of the key of every variable that ucs-harden adds to a list.
const Ours = "-ucs-harden"

// EarlyKey is a key for a check that every client must pass: it sorts before the first restriction that may permit
// somebody. ok is false when that restriction's key sorts so early that no key sorts before it.
func EarlyKey(list List, name string) (key string, ok bool) {
	first := list.firstPermit()
	for _, at := range []string{"05", "00", "0", ""} {
		if key = at + Ours + "-" + name; first < 0 || list[first].Key == "" || key < list[first].Key {
			return key, true
		}
	}
	return "", false
}

// LastEarlyKey is a key directly before the first restriction that may permit somebody, after the restrictions that can
// only refuse.
func LastEarlyKey(list List, name string) (key string, ok bool) {
	first := list.firstPermit()
	for first > 0 && list[first-1].Key == list[first].Key {
		first-- // back to the first restriction of the same variable
	}
	if first > 0 && list[first-1].Key != "" {
		if key = list[first-1].Key + Ours + "-" + name; key < list[first].Key {
			return key, true
		}
	}
	return EarlyKey(list, name)
}

// firstPermit is the place of the first restriction that may permit somebody, or -1. A restriction after warn_if_reject
// still permits.
func (l List) firstPermit() int {
	return slices.IndexFunc(l, func(item Item) bool {
		return MayPermit(item.Text) && !known(item)
	})
}

// UntilLogin are the restrictions that a client with a login passes from our variable with this key up to and including
// permit_sasl_authenticated, without our own checks. ok says whether the list has a permit_sasl_authenticated.
func UntilLogin(list List, key string) (texts []string, ok bool) {
	login := list.IndexOf("permit_sasl_authenticated")
	if login < 0 {
		return nil, false
	}
	start := slices.IndexFunc(list, func(i Item) bool { return i.Key > key })
	for i := start; i >= 0 && i < login; i++ {
		if !strings.Contains(list[i].Key, Ours+"-") {
			texts = append(texts, list[i].Text)
		}
	}
	return append(texts, list[login].Text), true
}

// FromKeyToLogin are the restrictions that a client passes from after our variable with this key up to and including
// permit_sasl_authenticated, our own checks among them.
func FromKeyToLogin(list List, key string) (texts []string, ok bool) {
	login := list.IndexOf("permit_sasl_authenticated")
	if login < 0 {
		return nil, false
	}
	start := 1 + lastIndex(list, key)
	for i := start; i < login; i++ {
		texts = append(texts, list[i].Text)
	}
	return append(texts, list[login].Text), start <= login
}

// lastIndex is the place of the last restriction of the variable with this key, or -1.
func lastIndex(list List, key string) int {
	for i := len(list) - 1; i >= 0; i-- {
		if key != "" && list[i].Key == key {
			return i
		}
	}
	return -1
}

// MergeUntilLogin joins several results of UntilLogin: each restriction once, without permit_mynetworks, and with
// permit_sasl_authenticated at the end.
func MergeUntilLogin(lists [][]string) []string {
	var out []string
	for _, texts := range lists {
		for _, text := range texts[:len(texts)-1] {
			if text != "permit_mynetworks" && !slices.Contains(out, text) {
				out = append(out, text)
			}
		}
	}
	return append(out, "permit_sasl_authenticated")
}

// AroundLogin returns what authenticated clients meet in a list. before are the restrictions in front of
// permit_sasl_authenticated, without the permits and without those of ours. after is the quota check, which stays
// behind the permit.
func AroundLogin(list List, ours func(restriction string) bool) (before, after []string) {
	login := list.IndexOf("permit_sasl_authenticated")
	permits := []string{"permit_mynetworks", "permit_sasl_authenticated", "reject_unauth_destination"}
	for i, item := range list {
		switch {
		case ours(item.Text) || slices.Contains(permits, strings.ToLower(item.Text)):
		case i < login:
			before = append(before, item.Text)
		case item.Text == QuotaCheck || item.Text == ListfilterCheck:
			after = append(after, item.Text)
		}
	}
	return before, after
}

// WhereLogin is a restriction that only an smtpd(8) with AUTH evaluates: postconf(5) has the conditional form, and the
// overrides of a service count in it. Elsewhere it is a restriction without effect, because a restriction class must not
// be empty.
func WhereLogin(restriction string) string {
	return "${{$smtpd_sasl_auth_enable} == {yes} ? {" + restriction + "} : {" + Nothing + "}}"
}
