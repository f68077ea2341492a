package report

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"

	"ucs-harden/evidence"
	"ucs-harden/internal/lazyregexp"
)

// Masked is a copy of a report for people who must not see the addresses in it: of a local part and of a login the first
// letter stays, of a client its network (/24 or /48) without its host name. Groups whose names are the same then are
// numbered. Texts and commands are masked, too, so a command of a masked report cannot be run. Domains, counts and days stay.
func Masked(r *evidence.Report) (*evidence.Report, error) {
	masked, err := clone(r)
	if err != nil {
		return nil, err
	}
	alike := map[string]int{}
	for i := range masked.Groups {
		g := &masked.Groups[i]
		maskGroup(g, r.Groups[i])
		if alike[g.String()]++; alike[g.String()] > 1 {
			g.From += fmt.Sprintf("#%d", alike[g.String()])
		}
		g.ID = g.String()
		if g.Accepted != nil {
			g.Accepted.ID = evidence.AcceptPrefix + g.ID
		}
	}
	ids := map[string]string{}
	for i, g := range r.Groups {
		ids[g.ID] = masked.Groups[i].ID
	}
	for i := range masked.Controls {
		c := &masked.Controls[i]
		for n, id := range c.Open {
			if c.Open[n] = ids[id]; c.Open[n] == "" {
				c.Open[n] = maskText(id, nil)
			}
		}
		for n, missing := range r.Controls[i].Missing {
			c.Missing[n] = missing.Map(maskAddresses)
		}
	}
	for i, note := range r.Notes {
		masked.Notes[i] = note.Map(maskAddresses)
	}
	for i := range masked.Exceptions {
		e := &masked.Exceptions[i]
		e.Client, e.Sender, e.Reason = maskText(e.Client, nil), maskText(e.Sender, nil), maskText(e.Reason, nil)
		e.Owner = maskName(e.Owner)
	}
	return masked, nil
}

// clone copies a report with all that it points to. Its phrases have become text.
func clone(r *evidence.Report) (*evidence.Report, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("cannot mask the report: %w", err)
	}
	var c evidence.Report
	if err := json.Unmarshal(text, &c); err != nil {
		return nil, fmt.Errorf("cannot mask the report: %w", err)
	}
	return &c, nil
}

// maskGroup masks a copy of a group. The names in its texts are those that its letters show. Its phrases are those of the
// group, of which only the names are masked, never a word that happens to be one.
func maskGroup(g *evidence.Group, of evidence.Group) {
	names := namesOf(g)
	mask := func(text *string) { *text = maskText(*text, names) }
	mask(&g.Domain)
	if names[g.From] {
		g.From = maskName(g.From)
	} else {
		mask(&g.From)
	}
	phrase := func(p evidence.Phrase) evidence.Phrase {
		return p.Map(func(text string) string { return maskText(text, names) })
	}
	g.Reason, g.Reopened = phrase(of.Reason), phrase(of.Reopened)
	for i := range g.Kinds {
		k := &g.Kinds[i]
		k.Client, k.NetworkOnly, k.ClientName, k.Login = maskClient(k.Client), k.Client.IsValid(), "", maskName(k.Login)
		mask(&k.Sender)
		mask(&k.Recipient)
	}
	for i := range g.Samples {
		l := &g.Samples[i]
		l.Client, l.NetworkOnly, l.ClientName, l.Helo = maskClient(l.Client), l.Client.IsValid(), "", ""
		l.Login = maskName(l.Login)
		for _, text := range []*string{&l.Sender, &l.Recipient, &l.Text, &l.MessageID} {
			mask(text)
		}
	}
	for i := range g.Fixes {
		f := &g.Fixes[i]
		f.Text, f.Admits, f.Risk = phrase(of.Fixes[i].Text), phrase(of.Fixes[i].Admits), phrase(of.Fixes[i].Risk)
		for _, argv := range f.Commands {
			for n := range argv {
				mask(&argv[n])
			}
		}
	}
	if g.Accepted != nil {
		g.Accepted.By = maskName(g.Accepted.By)
		for n := range g.Accepted.Clients {
			mask(&g.Accepted.Clients[n])
		}
	}
}

// namesOf are the names of people and machines in a group: the logins and host names of its letters, the logins in names of
// the directory, and what stands before the @ of an address, since that is a login in most companies.
func namesOf(g *evidence.Group) map[string]bool {
	names := map[string]bool{}
	texts := []string{g.Domain, g.Reason.String(), g.Reopened.String()}
	for _, k := range g.Kinds {
		names[k.Login], names[k.ClientName] = true, true
		texts = append(texts, k.Sender, k.Recipient)
	}
	for _, l := range g.Samples {
		names[l.Login], names[l.ClientName], names[l.Helo] = true, true, true
		texts = append(texts, l.Sender, l.Recipient)
	}
	for _, f := range g.Fixes {
		texts = append(texts, f.Text.String(), f.Admits.String(), f.Risk.String())
		for _, argv := range f.Commands {
			texts = append(texts, argv...)
			if len(argv) > 2 && argv[0] == "ucs-harden" && argv[1] == "allow" {
				names[argv[2]] = true // the name of the exception is made of the client or the login
			}
		}
	}
	for _, text := range texts {
		for _, uid := range uids.FindAllStringSubmatch(text, -1) {
			names[uid[1]] = true
		}
		for _, m := range maskable.FindAllStringSubmatch(text, -1) {
			if at := strings.LastIndexByte(m[0], '@'); at > 0 {
				names[strings.Trim(m[0][:at], `"`)] = true
			}
		}
	}
	if g.Control == "submission" {
		names[g.From] = true
	}
	delete(names, "")
	return names
}

// uids are the logins in distinguished names.
var uids = lazyregexp.New(`uid=([^,]+)`)

// What is masked in a text: addresses of mail, addresses of the network with or without a length, and words, of which
// those are names that the letters of the group show.
var maskable = lazyregexp.New(`"(?:[^"\\]|\\.)*"@[\p{L}\p{N}_.\[\]:-]+|[^\s<>"'=,;:(\[]+@[\p{L}\p{N}_.\[\]:-]+|[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+(/[0-9]+)?|` +
	`[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(/[0-9]+)?|[\p{L}\p{N}_.-]+`)

func maskAddresses(text string) string { return maskText(text, nil) }

func maskText(text string, names map[string]bool) string {
	if names[text] {
		return maskName(text)
	}
	return maskable.ReplaceAllStringFunc(text, func(word string) string {
		if at := strings.LastIndexByte(word, '@'); at >= 0 {
			return maskName(word[:at]) + word[at:]
		}
		if p, err := netip.ParsePrefix(word); err == nil {
			if p.Bits() > networkBits(p.Addr()) {
				return maskClientText(p.Addr())
			}
			return word
		}
		if a, err := netip.ParseAddr(word); err == nil {
			return maskClientText(a)
		}
		if bare := strings.TrimRight(word, "."); names[bare] {
			return maskName(bare) + word[len(bare):]
		}
		return word
	})
}

// maskName keeps the first letter of a name.
func maskName(name string) string {
	if name == "" {
		return ""
	}
	if at := strings.LastIndexByte(name, '@'); at > 0 {
		return maskName(name[:at]) + name[at:]
	}
	for _, first := range strings.TrimPrefix(name, `"`) {
		return string(first) + "…"
	}
	return "…"
}

func networkBits(a netip.Addr) int {
	if a.Unmap().Is4() {
		return 24
	}
	return 48
}

// maskClient is the first address of the network of a client.
func maskClient(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if p, err := a.Prefix(networkBits(a)); err == nil {
		return p.Masked().Addr()
	}
	return a
}

func maskClientText(a netip.Addr) string {
	return netip.PrefixFrom(maskClient(a), networkBits(a)).String()
}
