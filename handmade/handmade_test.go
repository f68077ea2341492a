package handmade_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/handmade"
	"ucs-harden/ledger"
)

type registry map[string]string

func (r registry) Get(key string) (string, bool) { v, ok := r[key]; return v, ok }

func (r registry) Normal(key string) (string, bool) { return r.Get(key) }

func (registry) Stronger(string) (layer, value string, ok bool) { return "", "", false }

func (r registry) Keys(prefix string) (keys []string) {
	for key := range r {
		if strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

const (
	list  = "mail/postfix/submission/restrictions/recipient/"
	smtps = "mail/postfix/mastercf/options/smtps/smtpd_recipient_restrictions"
	mail  = "mail/postfix/mastercf/options/submission/smtpd_recipient_restrictions"
	asks  = "$submission_recipient_restrictions"
)

func TestRead(t *testing.T) {
	services := []string{"smtps", "submission"}
	before := "reject_unknown_recipient_domain"
	whole := registry{
		list + "10": "reject_sender_login_mismatch", list + "20": before, list + "30": "permit_sasl_authenticated", list + "99": "reject",
	}
	with := func(r registry, more ...string) registry {
		out := registry{}
		for k, v := range r {
			out[k] = v
		}
		for i := 0; i < len(more); i += 2 {
			out[more[i]] = more[i+1]
		}
		return out
	}
	for sentence, c := range map[string]struct {
		registry registry
		ours     map[string]ledger.Entry
		want     handmade.SetUp
	}{
		"nothing":                             {nil, nil, handmade.SetUp{Without: services}},
		"a service asks a list that is empty": {registry{mail: asks}, nil, handmade.SetUp{Without: services}},
		"587 alone": {with(whole, mail, asks), nil, handmade.SetUp{
			With: services[1:], Without: services[:1], Published: true, Whole: true, Ends: true,
		}},
		"nothing asks the list": {whole, nil, handmade.SetUp{Without: services, Published: true, Whole: true, Ends: true}},
		"a part of the list": {registry{list + "20": before}, nil, handmade.SetUp{
			Without: services, Published: true, Variables: []string{list + "20"},
		}},
		"a list of the administrator's": {registry{list + "10": "reject", mail: asks, smtps: asks}, nil, handmade.SetUp{
			With: services, Variables: []string{list + "10"},
		}},
		"the whole procedure and more": {with(whole, list+"15", "reject_non_fqdn_sender"), nil, handmade.SetUp{
			Without: services, Whole: true, Ends: true, Variables: []string{list + "15"},
		}},
		"ours on both": {with(whole, mail, asks, smtps, asks), map[string]ledger.Entry{
			mail: {Wrote: asks}, smtps: {Wrote: asks}, list + "10": {Wrote: whole[list+"10"]}, list + "20": {Wrote: before},
			list + "30": {Wrote: whole[list+"30"]}, list + "99": {Wrote: "reject"},
		}, handmade.SetUp{Without: services, Ours: services}},
		"587 was adopted, 465 is ours": {registry{mail: asks, smtps: asks, list + "20": "warn_if_reject " + before}, map[string]ledger.Entry{
			mail: {Wrote: asks, Adopted: true}, smtps: {Wrote: asks}, list + "20": {Wrote: "warn_if_reject " + before, Adopted: true},
		}, handmade.SetUp{With: services[1:], Without: services[:1], Ours: services[:1], Published: true}},
		"what we replaced": {registry{list + "20": "warn_if_reject " + before}, map[string]ledger.Entry{
			list + "20": {Wrote: "warn_if_reject " + before, Before: &before},
		}, handmade.SetUp{Without: services, Published: true}},
		"what was changed since": {registry{list + "20": "reject"}, map[string]ledger.Entry{
			list + "20": {Wrote: "warn_if_reject " + before, Before: &before},
		}, handmade.SetUp{Without: services}},
	} {
		t.Run(sentence, func(t *testing.T) {
			l, err := ledger.Parse(nil)
			require.NoError(t, err)
			for key, entry := range c.ours {
				l.Variables[key] = entry
			}
			got := handmade.Read(c.registry, l, services)
			if len(got.Variables) == 0 {
				got.Variables = nil
			}
			assert.Equal(t, c.want, got)
		})
	}
}
