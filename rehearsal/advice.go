package rehearsal

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ucs-harden/controls"
	"ucs-harden/identity"
	"ucs-harden/plan"
	"ucs-harden/privatepostfix"
	"ucs-harden/rules"
)

// adviser says what would change a verdict.
type adviser struct {
	privatepostfix.Dialogue
	side   Side
	letter rules.Letter
	people []identity.Account
}

// refused says what would let a letter pass that a restriction refuses, or
// only warns of.
func (a adviser) refused(d Decision) []string {
	switch d.Kind {
	case Relaying:
		return append(a.logIn(""), a.trust()...)
	case Spoofing:
		return append(a.asOwner(), a.trust()...)
	case Suspended, LocalOnly, ForeignSender, Protected:
		return a.listed(d)
	case NotLoggedIn:
		return a.asOwner()
	case NotOwned:
		return a.notOwned()
	case Everybody:
		if a.letter.Login == "" && a.Port != 25 {
			return a.logIn("")
		}
	case UnknownRecipient:
		return a.unknown(a.Recipient, a.letter.RecipientIs == rules.Known)
	case UnknownSender:
		return a.unknown(a.Sender, a.letter.Owner != rules.Nobody)
	case NoDomain:
		address := a.Recipient
		if strings.Contains(d.Said, theSender) {
			address = a.Sender
		}
		return []string{fmt.Sprintf("this server's DNS does not know the domain %s, or says that it takes no mail: host -t MX %[1]s", domainOf(address))}
	case OverQuota:
		return []string{fmt.Sprintf("the mailbox of %s is full: raise its quota, or let its owner tidy up", a.Recipient)}
	case Greylisted:
		return []string{"it is only put off: a server that tries again some minutes later is let in"}
	case Broken:
		return []string{a.mend(d)}
	case NoService:
		if a.Client.Is6() {
			return []string{"let Postfix speak IPv6, if it shall: ucr set mail/postfix/inet/protocols=all"}
		}
		return []string{fmt.Sprintf("use another port: on %d nothing listens (%s)", a.Port, d.Said)}
	}
	return blamed(d.Places)
}

// listed tells how to change the lists of a control; what is changed there needs
// a sync.
func (a adviser) listed(d Decision) []string {
	const sync = "; then ucs-harden sync"
	switch d.Kind {
	case Suspended:
		return []string{"if the account shall send again: ucs-harden suspend list shows whether it is listed, else take its mark off in UMC" + sync}
	case LocalOnly:
		return []string{
			fmt.Sprintf("if all of them may write to it: add %s or its domain to the registry variable mail/harden/local-only/destinations%s", a.Recipient, sync),
			"if the account may write to everybody: ucs-harden restrict list shows why it may not" + sync,
		}
	case ForeignSender:
		return []string{fmt.Sprintf("if %s may send mail of others: add it to the registry variable mail/harden/relay/foreign-sender/except%s", a.Client, sync)}
	}
	shown := fmt.Sprintf("if %s shall take it: ucs-harden protect list shows who may write to it%s", a.Recipient, sync)
	if a.letter.Guard == rules.NotAdmitted || a.letter.SenderIs != rules.Hosted {
		return []string{shown}
	}
	return append(a.asOwner(), shown)
}

// logIn tells to log in, with a purpose.
func (a adviser) logIn(as string) []string {
	if a.Login != "" && !a.side.Ports[a.Port] {
		return []string{fmt.Sprintf("port %d has no AUTH, so nobody can log in there: use port 587 or 465", a.Port)}
	}
	if a.side.Ports[a.Port] {
		return []string{"log in" + as}
	}
	return []string{"log in on port 587 or 465" + as}
}

// asOwner tells to log in as the owner of the sender.
func (a adviser) asOwner() []string {
	if a.Sender == "" {
		return a.logIn("")
	}
	switch owner := ownerOf(a.Sender, a.people); {
	case owner == nil:
		return append(a.logIn(" as the owner of "+a.Sender), fmt.Sprintf("nobody has the address %s: give it to an account in UMC first", a.Sender))
	case owner.UID == "":
		return []string{fmt.Sprintf("%s is the address of a list or a group, and nobody can log in as one: give it to an account in UMC, too", a.Sender)}
	default:
		return a.logIn(fmt.Sprintf(" as %s, the owner of %s", owner.UID, a.Sender))
	}
}

// trust tells how a client comes to be one that may relay.
func (a adviser) trust() []string {
	const systems = "mail/harden/relay/systems"
	switch {
	case a.letter.Client == rules.Controller:
		return []string{fmt.Sprintf("mynetworks lacks %s, or something refuses it before permit_mynetworks: ucs-harden plan", a.Client)}
	case a.letter.Client != rules.Stranger && a.letter.Client != rules.Unlisted:
		return nil
	case a.Port != 25 && a.side.Modes["submission"] != plan.Off:
		return nil // there only a login counts, once it is enforced
	case on(a.side):
		return []string{fmt.Sprintf("if %s is a system of yours that shall relay: add it to the registry variable %s", a.Client, systems)}
	}
	return []string{fmt.Sprintf("if %s is a domain controller, or another system of yours that you add to %s: switch the control relay on", a.Client, systems)}
}

// notOwned tells why a login may not use a sender.
func (a adviser) notOwned() []string {
	login, owner := loginOf(a.letter.Login, a.people), ownerOf(a.Sender, a.people)
	give := fmt.Sprintf("give %s to %s in UMC, as an alternative address", a.Sender, a.letter.Login)
	switch {
	case login == nil:
		return []string{fmt.Sprintf("the directory has no mail account with the login %s", a.letter.Login)}
	case a.letter.Owner == rules.TheLogin:
		return []string{fmt.Sprintf("%s is an address of %s, but the login map does not say so: smtpd_sender_login_maps has to yield uid and primary address", a.Sender, login.UID)}
	case owner == nil:
		return []string{fmt.Sprintf("write as %s: nobody has the address %s", login.Primary, a.Sender), give}
	case owner.UID == "":
		return []string{fmt.Sprintf("write as %s: %s is the address of a list or a group", login.Primary, a.Sender), give}
	}
	return []string{fmt.Sprintf("log in as %s, the owner of %s", owner.UID, a.Sender), give}
}

func (a adviser) unknown(address string, known bool) []string {
	if known {
		return []string{fmt.Sprintf("the directory has %s, but the maps of Postfix do not find it: postconf virtual_mailbox_maps virtual_alias_maps", address)}
	}
	return []string{fmt.Sprintf("nobody has the address %s: correct it, or give it to somebody in UMC", address)}
}

func (a adviser) mend(d Decision) string {
	what := d.Parameter
	if len(d.Places) > 0 {
		what = d.Places[0].String()
	}
	switch {
	case d.Cause == "":
		return "Postfix cannot look something up: see the warnings in the mail log"
	case what == "":
		return "Postfix cannot work here: " + d.Cause
	}
	return fmt.Sprintf("mend what %s looks up: %s", what, d.Cause)
}

// blamed names the restrictions that are the administrator's to change.
func blamed(places []Place) []string {
	var out []string
	for _, p := range places {
		name, args := p.name()
		if typ, path, ok := strings.Cut(args, ":"); ok && strings.HasSuffix(name, "_access") {
			out = append(out, fmt.Sprintf("look at the table %s:%s, which %s asks", typ, path, p))
		} else if name == "check_policy_service" {
			out = append(out, fmt.Sprintf("look at the policy service %s, which %s asks", args, p))
		} else {
			out = append(out, "change or remove "+p.String())
		}
	}
	if len(out) > 1 {
		for i := range out {
			out[i] = "possibly: " + out[i]
		}
	}
	return out
}

// modes says which control in another mode would change the verdict.
func (a adviser) modes(r privatepostfix.Reply, ruling rules.Ruling) []string {
	if !r.Accepted() {
		if ruling.Effect == rules.Refuse && ruling.Control != "" && (ruling.Code == 0 || ruling.Code == r.Code) {
			return []string{fmt.Sprintf("in mode warn the control %s only logs it: ucr set %s=warn; ucs-harden sync", ruling.Control, controls.ModeOf(ruling.Control))}
		}
		return nil
	}
	var out []string
	for _, name := range controls.Names() {
		if a.side.Modes[name] == plan.Enforce {
			continue
		}
		with := maps.Clone(a.side.Modes)
		if with == nil {
			with = map[string]plan.Mode{}
		}
		with[name] = plan.Enforce
		if r := rules.Judge(with, a.letter); r.Effect == rules.Refuse && r.Control == name {
			out = append(out, fmt.Sprintf("in mode enforce the control %s refuses it: %s", name, r.Reason))
		}
	}
	return slices.Compact(out)
}
