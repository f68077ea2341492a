package doors

import (
	"fmt"

	"ucs-harden/findings"
	"ucs-harden/maincf"
	"ucs-harden/mastercf"
	"ucs-harden/plan"
	"ucs-harden/restrictions"
)

// Facts are what Findings looks at, besides the doors.
type Facts struct {
	Doors []Door
	Main  maincf.File
	// Get is a variable of the registry.
	Get func(key string) (string, bool)
	// LoginMaps is the value of smtpd_sender_login_maps that the plan gives to smtps and submission; "" when it does not
	// harden them.
	LoginMaps string
}

// Findings name what strangers can reach although the controls have no effect there. Smtps and submission have findings
// of their own in package controls.
func Findings(f Facts) []plan.Finding {
	var out []plan.Finding
	if Find(f.Doors, MX, "") == nil {
		out = append(out, findings.NoMX.Of().Finding(plan.Warning,
			"master.cf has no smtpd that takes mail from other servers: nothing is hardened or rehearsed there",
			"if this server is meant to take such mail, look at mail/smtpport and /etc/postfix/master.cf.local"))
	}
	for _, d := range f.Doors {
		switch list, own := d.OwnList(); {
		case !d.Further && d.Role == MX && own:
			out = append(out, f.ownList(d, list))
		case d.Loopback || !d.Further:
		case own && list != mastercf.SubmissionRestrictions:
			out = append(out, uncovered(d, list))
		case f.LoginMaps == "":
		case own && d.Smtpd.Value("smtpd_sender_login_maps", f.Main.Value) == "":
			out = append(out, f.noLoginMap(d))
		case !own && d.Auth:
			out = append(out, f.anySender(d))
		}
	}
	return out
}

// listVariable is the registry variable of the recipient list of the MX.
var listVariable = mastercf.Variable("smtp", Recipients)

// ownList is an MX that does not ask the list of main.cf, in which the checks of the controls stand.
func (f Facts) ownList(d Door, list string) plan.Finding {
	where := "take " + Recipients + " off the service in /etc/postfix/master.cf.local, then: ucr commit /etc/postfix/master.cf"
	if _, set := f.Get(listVariable); set {
		where = "ucr unset " + plan.Quote(listVariable)
	}
	return findings.OwnList.Of(d.Name).Finding(plan.Error,
		fmt.Sprintf("the smtpd on port %s, which takes mail from other servers, has a recipient list of its own (%q):"+
			" no check of ucs-harden would have any effect there", d.Name, list),
		"move its restrictions into variables below "+restrictions.MainPrefix+", then "+where)
}

func uncovered(d Door, list string) plan.Finding {
	return findings.Uncovered.Of(d.Name).Finding(plan.Warning,
		fmt.Sprintf("the smtpd on port %s is not covered and not rehearsed: it has a recipient list of its own (%q),"+
			" so no check of ucs-harden has any effect there", d.Name, list),
		"let it use a list that is covered, in /etc/postfix/master.cf.local: without -o "+Recipients+
			" it has that of the MX, with -o "+Recipients+"="+mastercf.SubmissionRestrictions+" that of 465 and 587")
}

// noLoginMap is a door with the list of 465 and 587, where no login owns any sender.
func (f Facts) noLoginMap(d Door) plan.Finding {
	return findings.NoLoginMap.Of(d.Name).Finding(plan.Warning,
		fmt.Sprintf("the smtpd on port %s uses the list of 465 and 587 without a login map:"+
			" enforce refuses everything that is sent there after a login", d.Name),
		"add -o smtpd_sender_login_maps="+f.LoginMaps+" to it in /etc/postfix/master.cf.local")
}

// anySender is a door with AUTH and the list of the MX, in which no login has to own its sender.
func (f Facts) anySender(d Door) plan.Finding {
	return findings.AnySender.Of(d.Name).Finding(plan.Warning,
		fmt.Sprintf("the smtpd on port %s offers AUTH and has the recipient list of the MX:"+
			" who logs in there may write with any sender", d.Name),
		fmt.Sprintf("to harden it like 587, add -o %s=%s and -o smtpd_sender_login_maps=%s"+
			" to it in /etc/postfix/master.cf.local", Recipients, mastercf.SubmissionRestrictions, f.LoginMaps))
}
