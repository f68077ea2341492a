package reach

import (
	"fmt"
	"strings"

	"ucs-harden/findings"
	"ucs-harden/plan"
	"ucs-harden/restrictions"
)

// Between reports restrictions between permit_mynetworks and permit_sasl_authenticated in the main list. Clients in
// mynetworks never met them, and on 465 and 587 enforce makes them meet these. Mode warn cannot log that, because a
// restriction that permits does so behind warn_if_reject, too.
func Between(main restrictions.List) []plan.Finding {
	networks, login := main.IndexOf("permit_mynetworks"), main.IndexOf("permit_sasl_authenticated")
	if networks < 0 || login <= networks+1 {
		return nil
	}
	texts := main[networks+1 : login].Texts()
	return []plan.Finding{findings.SilentForMynetworks.Of().Finding(plan.Warning,
		"clients in mynetworks never met "+strings.Join(texts, ", ")+
			"; on 465 and 587 enforce lets them, and warn cannot log what that would refuse",
		"move these restrictions before permit_mynetworks or behind permit_sasl_authenticated,"+
			" if they are not meant for own clients")}
}

// WithoutLogin reports what lets clients write on 465 and 587 without a login although their list ends in reject.
func WithoutLogin(list restrictions.List) []plan.Finding {
	networks, login := list.IndexOf("permit_mynetworks"), list.IndexOf("reject_sender_login_mismatch")
	if networks < 0 {
		return nil
	}
	text := "clients in mynetworks may write on 465 and 587 without login"
	if networks < login {
		text += ", and with any sender"
	}
	return []plan.Finding{findings.PermitMynetworks.Of(list[networks].Key).Finding(plan.Warning,
		fmt.Sprintf("%s%s (permit_mynetworks): %s", restrictions.SubmissionPrefix, list[networks].Key, text),
		"unset it, unless that is meant")}
}
