package restrictions

import "strings"

// Writers are the checks of who writes, in one list. Where a client has logged in, the login says who writes, and
// nobody asks for the sender: the client goes on as if its sender had not been asked for. Without a login the sender is
// all there is. The checks need classes, whose names begin with Name.
type Writers struct {
	Name string
	// Login: a client may log in here, and the list lets it pass. Mixed: the list is also asked where AUTH is off. Warn:
	// each check has warn_if_reject before it.
	Login, Mixed, Warn bool
	Classes            Classes
}

// Asking are the same check of several tables.
func Asking(check string, warn bool, tables ...string) string {
	if warn {
		check = "warn_if_reject " + check
	}
	return check + " " + strings.Join(tables, ", "+check+" ")
}

// ByLogin asks tables for the login. On a list that is also asked where AUTH is off, a class contains the checks, and
// only an smtpd(8) with AUTH evaluates them: elsewhere it would log at every recipient that it ignores them.
func (w *Writers) ByLogin(tables ...string) string {
	const login = "_login"
	ask := Asking("check_sasl_access", w.Warn, tables...)
	if !w.Mixed {
		return ask
	}
	w.add(login, WhereLogin(ask))
	return w.Name + login
}

// BySender asks a table for the sender of a client without a login. class is the rest of the name of its class.
func (w *Writers) BySender(class, table string) string {
	ask := Asking("check_sender_access", w.Warn, table)
	if !w.Login {
		return ask
	}
	w.add(class, w.goOn(), ask)
	return "check_sender_access pipemap:{" + table + ",static:" + w.Name + class + "}"
}

// BySenderLive asks the directory with an LDAP map. A sender that the map found goes on to the question who else holds
// the address, which others answers; whatever it does not find is "other", and unless turns that into the class with
// the name it is given. Only then comes answer, the map with the texts of the refusals. part is the beginning of the
// rest of the names of its classes.
func (w *Writers) BySenderLive(part, found, others, answer string, unless func(class string) string) string {
	marked, alone := part+"_marked", part+"_alone"
	w.add(marked, "check_sender_access pipemap:{unionmap:{"+others+",static:other},"+unless(w.Name+alone)+"}")
	ask := "check_sender_access " + answer
	if w.Login {
		w.add(alone, w.goOn(), ask)
	} else {
		w.add(alone, ask)
	}
	return "check_sender_access pipemap:{" + found + ",static:" + w.Name + marked + "}"
}

// LoginUnless is a table for ByLogin. It refuses a login as known has it, unless free finds the login. part and unless are
// as in BySenderLive.
func (w *Writers) LoginUnless(part, known, free string, unless func(class string) string) (table string) {
	const ask = "check_sasl_access "
	w.add(part, ask+"pipemap:{unionmap:{"+free+",static:other},"+unless(w.Name+part+"_alone")+"}")
	w.add(part+"_alone", ask+known)
	return "pipemap:{" + known + ",static:" + w.Name + part + "}"
}

// GoOn is the class of a client with a login: it meets what stands in the list behind the variable with this key, up to
// permit_sasl_authenticated. There is none where no client logs in.
func (w *Writers) GoOn(list List, key string) Classes {
	texts, ok := FromKeyToLogin(list, key)
	if !w.Login || !ok {
		return nil
	}
	return Classes{{Name: w.Name + loggedIn, Restrictions: texts}}
}

const loggedIn = "_logged_in"

func (w *Writers) goOn() string {
	ask := "check_sasl_access static:" + w.Name + loggedIn
	if w.Mixed {
		return WhereLogin(ask)
	}
	return ask
}

func (w *Writers) add(class string, texts ...string) {
	w.Classes = append(w.Classes, Class{Name: w.Name + class, Restrictions: texts})
}
