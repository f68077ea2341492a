package rehearsal

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ucs-harden/controls"
	"ucs-harden/identity"
	"ucs-harden/owners"
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

// refused says what would let a letter pass that a restriction refuses or only warns of.
func (a adviser) refused(d Decision) []string {
	letter := controls.Refused{
		Letter: a.letter, Modes: a.side.modes(a.Dialogue), Client: a.Client, Recipient: a.Recipient, AsOwner: a.asOwner,
	}
	if c, ours := controls.ByName(string(d.Kind)); ours && c.Advice != nil {
		return c.Advice(letter)
	}
	switch d.Kind {
	case Relaying:
		return append(a.logIn(""), controls.ToRelay(letter)...)
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
		return advise("this server's DNS does not know the domain %s, or says that it takes no mail: host -t MX %[1]s",
			domainOf(address))
	case OverQuota:
		return advise("the mailbox of %s is full: raise its quota, or let its owner tidy up", a.Recipient)
	case Greylisted:
		return []string{"it is only put off: a server that tries again some minutes later is let in"}
	case Broken:
		return []string{a.mend(d)}
	case NoService:
		if a.Client.Is6() {
			return []string{"let Postfix speak IPv6, if it shall: ucr set mail/postfix/inet/protocols=all"}
		}
		return advise("use another port: on %s nothing listens (%s)", a.At(), d.Said)
	}
	return blamed(d.Places)
}

// logIn advises to log in, with a purpose.
func (a adviser) logIn(as string) []string {
	if a.Login != "" && !a.side.auth(a.Dialogue) {
		return advise("port %s has no AUTH, so nobody can log in there: use port 587 or 465", a.At())
	}
	if a.side.auth(a.Dialogue) {
		return []string{"log in" + as}
	}
	return []string{"log in on port 587 or 465" + as}
}

// asOwner advises to log in as the owner of the sender.
func (a adviser) asOwner() []string {
	if a.Sender == "" {
		return a.logIn("")
	}
	switch holders := owners.New(a.people...).Of(a.Sender); {
	case len(holders) == 0:
		give := fmt.Sprintf("nobody has the address %s: give it to an account in UMC first", a.Sender)
		return append(a.logIn(" as the owner of "+a.Sender), give)
	case logins(holders) == "":
		return advise("%s is the address of a list or a group, and nobody can log in as one:"+
			" give it to an account in UMC, too", a.Sender)
	default:
		return a.logIn(fmt.Sprintf(" as %s, the owner of %s", logins(holders), a.Sender))
	}
}

// notOwned says why a login may not use a sender.
func (a adviser) notOwned() []string {
	book := owners.New(a.people...)
	login, holders := loginOf(a.letter.Login, book), book.Of(a.Sender)
	give := fmt.Sprintf("give %s to %s in UMC, as an alternative address", a.Sender, a.letter.Login)
	may := fmt.Sprintf("if %s may write as %s without being its owner: ucs-harden send-as add %s --as %s --now",
		a.letter.Login, a.Sender, plan.Quote(a.letter.Login), plan.Quote(a.Sender))
	switch {
	case login == nil:
		return advise("the directory has no mail account with the login %s", a.letter.Login)
	case a.letter.Owner == rules.TheLogin:
		return advise("%s is an address of %s, but the login map does not say so:"+
			" smtpd_sender_login_maps has to yield uid and primary address", a.Sender, login.UID)
	case len(holders) == 0:
		return []string{fmt.Sprintf("write as %s: nobody has the address %s", login.Primary, a.Sender), give, may}
	case logins(holders) == "":
		members := "if its members may write as it: ucs-harden send-as add --list " + plan.Quote(a.Sender) + " --now"
		return []string{
			fmt.Sprintf("write as %s: %s is the address of a list or a group", login.Primary, a.Sender), members, may,
		}
	}
	return []string{fmt.Sprintf("log in as %s, the owner of %s", logins(holders), a.Sender), give, may}
}

// logins are the logins of the holders of an address, "" when nobody can log in as one of them.
func logins(holders []identity.Account) string {
	var all []string
	for _, a := range holders {
		if a.UID != "" {
			all = append(all, a.UID)
		}
	}
	return strings.Join(all, " or ")
}

func (a adviser) unknown(address string, known bool) []string {
	if known {
		return advise("the directory has %s, but the maps of Postfix do not find it:"+
			" postconf virtual_mailbox_maps virtual_alias_maps", address)
	}
	return advise("nobody has the address %s: correct it, or give it to somebody in UMC", address)
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

// blamed names the restrictions that the administrator can change.
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
			return advise("in mode warn the control %s only logs it: ucr set %s=warn; ucs-harden sync",
				ruling.Control, controls.ModeOf(ruling.Control))
		}
		return nil
	}
	var out []string
	for _, name := range controls.Names() {
		if a.side.modes(a.Dialogue)[name] == plan.Enforce {
			continue
		}
		with := maps.Clone(a.side.modes(a.Dialogue))
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

func advise(format string, args ...any) []string { return []string{fmt.Sprintf(format, args...)} }
