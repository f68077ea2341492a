package report_test

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/plan"
	"ucs-harden/privatepostfix"
	"ucs-harden/rehearsal"
	"ucs-harden/report"
	"ucs-harden/rules"
)

const recipients = "mail/postfix/smtpd/restrictions/recipient/"

var (
	accepted   = privatepostfix.Reply{Code: 250, Enhanced: "2.1.5", Text: "Ok", At: privatepostfix.AtRcpt}
	spoofed    = privatepostfix.Reply{Code: 554, Enhanced: "5.7.1", Text: "<boss@company.my>: Sender address rejected: Delivery not authorized, message refused #ucs-harden:sender-spoofing", At: privatepostfix.AtRcpt}
	senderList = rehearsal.Place{Restriction: check, List: "smtpd_recipient_restrictions", Variable: recipients + "50-ucs-harden"}
)

func verdict(r privatepostfix.Reply, mode plan.Mode) rehearsal.Verdict {
	l := rules.Letter{
		Port: 25, Client: rules.Stranger, Sender: "boss@company.my", SenderIs: rules.Hosted, Owner: rules.Somebody,
		Recipient: "employee@company.my", RecipientIs: rules.Known,
	}
	return rehearsal.Verdict{
		Accepted: r.Accepted(), Reply: r, Letter: l, Ruling: rules.Judge(map[string]plan.Mode{"sender-spoofing": mode}, l),
		WarnedBy: []rehearsal.Decision{}, Advice: []string{},
	}
}

func comparison(today, next rehearsal.Verdict) *rehearsal.Comparison {
	return &rehearsal.Comparison{
		Schema: rehearsal.ComparisonSchema, Changes: true, Today: today, Plan: next, Notes: []string{},
		Dialogue: privatepostfix.Dialogue{
			Client: netip.MustParseAddr("203.0.113.66"), ClientName: "out66.foreign.example", Helo: "out66.foreign.example", Port: 25,
			Sender: "boss@company.my", Recipient: "employee@company.my",
		},
	}
}

func TestComparison(t *testing.T) {
	refused := verdict(spoofed, plan.Enforce)
	refused.DecidedBy = &rehearsal.Decision{Kind: "sender-spoofing", Said: spoofed.String(), Places: []rehearsal.Place{senderList}}
	refused.Advice = []string{"log in on port 587 or 465 as boss, the owner of boss@company.my", "another way"}
	enforce := comparison(verdict(accepted, plan.Off), refused)

	watched := verdict(accepted, plan.Warn)
	watched.WarnedBy = []rehearsal.Decision{
		{Kind: "sender-spoofing", Said: "#ucs-harden:sender-spoofing *** Invalid Inbound Sender ***", Places: []rehearsal.Place{senderList}},
		{Kind: rehearsal.Other, Said: "something"},
	}
	watched.Advice = []string{"in mode enforce the control sender-spoofing refuses it: a stranger may not write as company.my"}
	warned := comparison(verdict(accepted, plan.Off), watched)

	same := comparison(refused, refused)
	same.Changes = false

	several, broken, unlisted, silent := verdict(spoofed, plan.Off), verdict(privatepostfix.Reply{Code: 451, Enhanced: "4.3.0", Text: "<x>: Temporary lookup failure"}, plan.Off),
		verdict(privatepostfix.Reply{Code: 550, Enhanced: "5.1.1", Text: "<x>: User unknown"}, plan.Off), verdict(privatepostfix.Reply{Text: "master.cf has no smtpd there"}, plan.Off)
	several.DecidedBy = &rehearsal.Decision{Kind: rehearsal.ByTable, Places: []rehearsal.Place{senderList, {Restriction: "check_sender_access hash:/etc/postfix/mine", List: "smtpd_sender_restrictions"}}}
	broken.DecidedBy = &rehearsal.Decision{Kind: rehearsal.Broken, Parameter: "virtual_mailbox_maps", Cause: "ldap:/etc/postfix/x is unavailable\x1b[2J"}
	unlisted.DecidedBy = &rehearsal.Decision{Kind: rehearsal.UnknownRecipient, Parameter: "smtpd_reject_unlisted_recipient"}
	silent.DecidedBy = &rehearsal.Decision{Kind: rehearsal.NoService, Said: "master.cf has no smtpd there"}
	wrong := comparison(verdict(accepted, plan.Off), broken)
	wrong.Dialogue.Login, wrong.Dialogue.ClientName, wrong.Dialogue.Sender = "boss", "", ""
	wrong.Outcome = rehearsal.Outcome{Wrong: true, Why: "the configuration of the plan does not work"}
	wrong.Notes = []string{"port 25 has no AUTH: the login does not count", "the plan cannot be applied as it is: ucs-harden plan says why"}

	relaying, late := verdict(privatepostfix.Reply{Code: 454, Enhanced: "4.7.1", Text: "<x>: Relay access denied"}, plan.Off),
		verdict(privatepostfix.Reply{Code: 554, Enhanced: "5.7.1", Text: "<DATA>: Data command rejected: Access denied"}, plan.Off)
	relaying.DecidedBy = &rehearsal.Decision{Kind: rehearsal.Relaying, Step: "RCPT", Places: []rehearsal.Place{{
		Restriction: "defer_unauth_destination", List: "smtpd_relay_restrictions", Origin: "Postfix's default for compatibility_level = 3.6",
	}}}
	late.DecidedBy = &rehearsal.Decision{Kind: rehearsal.Everybody, Step: "DATA", Places: []rehearsal.Place{{
		Restriction: "reject", List: "smtpd_data_restrictions", Origin: "/etc/postfix/main.cf.local",
	}}}

	for name, c := range map[string]*rehearsal.Comparison{
		"check-lists":   comparison(relaying, late),
		"check-enforce": enforce, "check-warn": warned, "check-no-changes": same, "check-several": comparison(several, unlisted),
		"check-wrong": wrong, "check-no-service": comparison(silent, verdict(accepted, plan.Off)),
	} {
		t.Run(name, func(t *testing.T) {
			golden(t, name, func(w *bytes.Buffer) error { return report.Comparison(w, c, report.Style{}) })
		})
	}
	golden(t, "check-enforce-80", func(w *bytes.Buffer) error { return report.Comparison(w, enforce, report.Style{Width: 80}) })
	golden(t, "check-lists-80", func(w *bytes.Buffer) error {
		return report.Comparison(w, comparison(relaying, late), report.Style{Width: 80, Color: true})
	})
	golden(t, "check-enforce-120", func(w *bytes.Buffer) error { return report.Comparison(w, enforce, report.Style{Width: 120}) })
	golden(t, "check-colour", func(w *bytes.Buffer) error { return report.Comparison(w, wrong, report.Style{Color: true}) })

	var out bytes.Buffer
	require.NoError(t, report.JSON(&out, enforce))
	var got struct {
		Schema int
		Plan   struct {
			Accepted  bool
			DecidedBy rehearsal.Decision `json:"decided_by"`
		}
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &got))
	assert.Equal(t, rehearsal.ComparisonSchema, got.Schema)
	assert.False(t, got.Plan.Accepted)
	assert.Equal(t, *refused.DecidedBy, got.Plan.DecidedBy)
}
