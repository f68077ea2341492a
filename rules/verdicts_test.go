package rules_test

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/plan"
	"ucs-harden/rules"
)

// answers is the table of verdicts of the lab, written by hand; its grammar stands in tests/verdicts.
type answers struct {
	release string
	names   map[string][]string // dimension → names, in order
	means   map[string]string   // "sender own" → address
	codes   map[string]int      // reply → code
	sets    map[string][]string
	rows    [][]string
}

// readVerdicts reads the table as it counts on this release of UCS. A line that begins with the name of another one does
// not count.
func readVerdicts(t *testing.T, release string) answers {
	t.Helper()
	content, err := os.ReadFile("../tests/verdicts/testdata/verdicts.txt")
	require.NoError(t, err)
	v := answers{release: release, names: map[string][]string{}, means: map[string]string{}, codes: map[string]int{}, sets: map[string][]string{}}
	comment := regexp.MustCompile(`(^|\s)#(\s.*|$)`)
	for line := range strings.Lines(string(content)) {
		words := strings.Fields(comment.ReplaceAllString(line, ""))
		if len(words) > 0 && (words[0] == "5.2:" || words[0] == "5.0:") {
			if words[0] != release+":" {
				continue
			}
			words = words[1:]
		}
		switch {
		case len(words) == 0 || words[0] == "log":
		case words[0] == "reply":
			v.codes[words[1]], err = strconv.Atoi(words[2])
			require.NoError(t, err)
		case words[0] == "set":
			v.sets[words[1]] = strings.Split(words[2], "|")
		case len(words) > 9:
			v.rows = append(v.rows, words)
		default:
			v.names[words[0]] = append(v.names[words[0]], words[1])
			v.means[words[0]+" "+words[1]] = strings.Join(words[2:], " ")
		}
	}
	require.Greater(t, len(v.rows), 20)
	return v
}

// row is the first that matches.
func (v answers) row(t *testing.T, cell ...string) []string {
	t.Helper()
	for _, row := range v.rows {
		matches := true
		for i, name := range cell {
			matches = matches && slices.ContainsFunc(strings.Split(row[i], "|"), func(word string) bool {
				return word == "*" || word == name || slices.Contains(v.sets[word], name)
			})
		}
		if matches {
			return row
		}
	}
	require.Fail(t, "no row", "%v", cell)
	return nil
}

func (v answers) letter(t *testing.T, client, port, login, sender, recipient string) rules.Letter {
	t.Helper()
	number, err := strconv.Atoi(port)
	require.NoError(t, err)
	address := strings.Trim(v.means["sender "+sender], "<>")
	l := rules.Letter{
		Port:   number,
		Client: map[string]rules.Client{"outside": rules.Stranger, "inside": rules.Unlisted, "controller": rules.Controller, "loopback": rules.Listed}[client],
		Login:  strings.TrimPrefix(v.means["login "+login], "-"),
		Sender: address, SenderIs: rules.SenderOf(address, []string{"company.local", "company.my"}),
		Owner:     map[string]rules.Owner{"own": rules.Somebody, "capitals": rules.Somebody, "alternative": rules.Somebody, "colleague": rules.Somebody}[sender],
		Recipient: v.means["recipient "+recipient],
		RecipientIs: map[string]rules.Recipient{
			"own": rules.Known, "unknown": rules.Unknown, "foreign": rules.Elsewhere, "postmaster": rules.Postmaster,
		}[recipient],
	}
	switch {
	case l.Owner == 0:
		l.Owner = rules.Nobody
	case l.Login != "" && sender != "colleague":
		l.Owner = rules.TheLogin
	}
	// smtpd_relay_restrictions of 5.2 defers everybody who is not in mynetworks and did not log in. The domain controllers
	// are in mynetworks as soon as control relay is on.
	outside := l.Client == rules.Stranger || l.Client == rules.Unlisted
	l.RelayRefused = v.release == "5.2" && outside && l.Login == "" && l.RecipientIs == rules.Elsewhere
	require.NotZero(t, l.Client)
	require.NotZero(t, l.RecipientIs)
	return l
}

// The rules, applied to what the server answered before, must give the verdict that was written by hand, in each cell.
func TestTheRulesAgreeWithTheTableOfVerdicts(t *testing.T) {
	for _, release := range []string{"5.2", "5.0"} {
		t.Run("on UCS "+release, func(t *testing.T) { agree(t, readVerdicts(t, release)) })
	}
}

func agree(t *testing.T, v answers) {
	t.Helper()
	cells := 0
	for _, client := range v.names["client"] {
		for _, port := range v.names["port"] {
			for _, login := range strings.Fields(v.means["port "+port]) {
				for _, sender := range v.names["sender"] {
					for _, recipient := range v.names["recipient"] {
						row := v.row(t, client, port, login, sender, recipient)
						letter := v.letter(t, client, port, login, sender, recipient)
						name := strings.Join([]string{client, port, login, sender, recipient}, " ")
						before := v.codes[row[5]]
						cells++
						for i, mode := range []plan.Mode{plan.Warn, plan.Enforce} {
							want := v.codes[row[6+i]]
							ruling := rules.Judge(all(mode), letter)
							switch ruling.Effect {
							case rules.Unchanged:
								assert.Equal(t, want, before, "%s in %s: unchanged (%s)", name, mode, ruling.Reason)
							case rules.Accept:
								assert.Equal(t, 250, want, "%s in %s: accepted (%s)", name, mode, ruling.Reason)
							case rules.Refuse:
								if ruling.Code == 0 {
									assert.GreaterOrEqual(t, want, 400, "%s in %s: refused (%s)", name, mode, ruling.Reason)
								} else {
									assert.Equal(t, want, ruling.Code, "%s in %s: refused (%s)", name, mode, ruling.Reason)
								}
							}
							assert.Equal(t, mode == plan.Warn && row[8] != "-", ruling.Warned, "%s in %s: logged %s (%s)", name, mode, row[8], ruling.Warning)
						}
						off := rules.Judge(nil, letter)
						assert.False(t, off.Warned, name)
						assert.NotEqual(t, rules.Accept, off.Effect, name)
						if off.Effect == rules.Refuse {
							assert.GreaterOrEqual(t, before, 400, "%s: %s", name, off.Reason)
						}
					}
				}
			}
		}
	}
	assert.Greater(t, cells, 500)
}
