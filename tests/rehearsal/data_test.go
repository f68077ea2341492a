package rehearsal_test

import (
	"encoding/json"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/privatepostfix"
	"ucs-harden/tests/lab"
)

// atEnd are lists that smtpd(8) evaluates after RCPT, in main.cf and of one service (SMTPD_ACCESS_README).
var atEnd = []string{
	"smtpd_data_restrictions = reject_unauth_pipelining, check_sender_access inline:{ {data@foreign.example = REJECT 5.7.1 at data} }",
	"smtpd_end_of_data_restrictions = check_sender_access inline:{ {end@foreign.example = 450 4.7.1 at the end}, {hold@foreign.example = HOLD} }",
}

// A message goes up to the final dot: the reply is the live one, and it tells at which step it came. Nothing of the
// private messages is delivered or queued.
func TestRepliesAfterDataAreTheLiveOnes(t *testing.T) {
	s := newServer(t)
	s.AddMainCF(t, atEnd...)
	s.UCR(t, "set", "mail/postfix/mastercf/options/submission/smtpd_end_of_data_restrictions=reject")
	s.ReloadPostfix(t)
	queued := regexp.MustCompile(` as \w+$`)
	var dialogues []privatepostfix.Dialogue
	var live []string
	for _, port := range []int{25, 587} {
		for _, sender := range []string{"me", "data", "end"} {
			d := stranger(port)
			d.ClientName, d.Sender, d.Recipient = "out66.foreign.example", sender+"@foreign.example", "clerk@company.local"
			dialogues = append(dialogues, d)
			argv := []string{
				"swaks", "--server", lab.MailServer("outside"), "--port", strconv.Itoa(port),
				"--helo", d.Helo, "--from", d.Sender, "--to", d.Recipient,
			}
			if port == 587 {
				argv = append(argv, "--tls")
			}
			result, err := s.Host("outside").Run(t.Context(), argv...)
			require.NoError(t, err)
			live = append(live, queued.ReplaceAllString(lastReply(result.Stdout), ""))
		}
	}
	s.WaitFor(t, "the delivery of the live message", func() bool {
		messages, err := s.Messages("clerk@company.local")
		return err == nil && len(messages) == 1
	})
	out := s.rehearse(t, s.config(t), dialogues...)
	require.Empty(t, out.Error)
	var replies, steps []string
	for _, r := range out.Replies {
		replies, steps = append(replies, r.String()), append(steps, r.At)
	}
	assert.Equal(t, live, replies)
	assert.Equal(t, []string{
		privatepostfix.AtEnd, privatepostfix.AtData, privatepostfix.AtEnd, privatepostfix.AtEnd, privatepostfix.AtData, privatepostfix.AtEnd,
	}, steps)
	messages, err := s.Messages("clerk@company.local")
	require.NoError(t, err)
	assert.Len(t, messages, 1, "the live one alone")
	s.wantNothing(t)
}

// lastReply is the last reply in a transcript of swaks before that to QUIT.
func lastReply(transcript string) (reply string) {
	for line := range strings.Lines(transcript) {
		said := strings.TrimSpace(line[min(3, len(line)):])
		if strings.HasPrefix(said, "QUIT") {
			break
		}
		if line[0] == '<' {
			reply = said
		}
	}
	return reply
}

// The matrix asks about the entries of the administrator's own tables, with today's server as it is.
func TestTheAdministratorsTablesAreRehearsed(t *testing.T) {
	s := newServer(t)
	for path, content := range map[string]string{
		"/etc/postfix/sender_logins": "employee@company.my employee\noffice@company.my employee,boss\n",
		"/etc/postfix/partners":      "198.51.100.7 REJECT 5.7.1 not a partner any more\n",
	} {
		require.NoError(t, s.Mail().WriteFile(path, []byte(content), 0o644))
		runs("postmap", "hash:"+path)(t, s)
	}
	s.AddMainCF(t, "smtpd_sender_login_maps = hash:/etc/postfix/sender_logins",
		"smtpd_sender_restrictions = reject_authenticated_sender_login_mismatch",
		"smtpd_client_restrictions = check_client_access hash:/etc/postfix/partners")
	s.ReloadPostfix(t)
	result, err := s.Mail().Run(t.Context(), "ucs-harden", "rehearse", "--json", "--mode", "warn")
	require.NoError(t, err)
	var m struct {
		Cells []struct {
			Dialogue privatepostfix.Dialogue
			Today    struct{ Reply privatepostfix.Reply }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(result.Stdout), &m), result.Stderr)
	for sentence, want := range map[string]struct {
		dialogue privatepostfix.Dialogue
		code     int
	}{
		"who owns a sender in his map writes as it": {
			privatepostfix.Dialogue{Client: netip.MustParseAddr("203.0.113.77"), Port: 587, Login: "employee", Sender: "office@company.my"}, 250,
		},
		"a client of his table is refused": {
			privatepostfix.Dialogue{Client: netip.MustParseAddr("198.51.100.7"), Port: 25, Sender: "ucs-harden@iana.org"}, 554,
		},
	} {
		found := false
		for _, c := range m.Cells {
			d := c.Dialogue
			if d.Client == want.dialogue.Client && d.Port == want.dialogue.Port && d.Login == want.dialogue.Login && d.Sender == want.dialogue.Sender {
				found = true
				assert.Equal(t, want.code, c.Today.Reply.Code, "%s: %s", sentence, d)
			}
		}
		assert.True(t, found, sentence)
	}
}
