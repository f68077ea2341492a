package transaction_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"

	"ucs-harden/transaction"
)

// parameters reads main.cf as rendering writes it.
func parameters(mainCF []byte) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(string(mainCF)) {
		if name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " = "); ok {
			out[name] = value
		}
	}
	return out
}

var (
	override = regexp.MustCompile(`^(\S+) inet .* -o smtpd_recipient_restrictions=(\S+)`)
	lookup   = regexp.MustCompile(`(hash|ldap):(/[^\s,]+)`)
	class    = regexp.MustCompile(`\bucs_harden_(warn|enforce)\b`)
	working  = regexp.MustCompile(`(^|, )(reject_unauth_destination|reject)(,|$)`)
)

// servable says what an smtpd that starts now would stumble over, with the
// overrides of a master.cf (SMTPD_ACCESS_README, postconf(5)):
//
//   - a list without reject_unauth_destination or reject is fatal, and so is
//     one that is named but not defined;
//   - a table that is named but does not exist refuses everybody;
//   - and so does a table with a restriction class that is not defined, for
//     those who are in it.
func servable(w *world, masterCF []byte) []error {
	r := reading(string(w.read(transaction.MainCF)), string(masterCF))
	errs := r.errs
	for _, file := range r.tables {
		if _, err := os.Stat(w.path(file)); err != nil {
			errs = append(errs, fmt.Errorf("%s is named and does not exist", file))
		}
		for _, class := range class.FindAllString(string(w.read(file)), -1) {
			if !slices.Contains(r.classes, class) {
				errs = append(errs, fmt.Errorf("%s names the class %s, which does not exist", file, class))
			}
		}
	}
	return slices.Clip(errs)
}

// whatIsRead is what an smtpd reads in main.cf and master.cf.
type whatIsRead struct {
	errs   []error
	tables []string
	// classes are the restriction classes that are named and defined.
	classes []string
}

var readings sync.Map // the same two files are read again and again

func reading(mainCF, masterCF string) whatIsRead {
	key := mainCF + "\x00" + masterCF
	if known, ok := readings.Load(key); ok {
		return known.(whatIsRead)
	}
	var r whatIsRead
	main := parameters([]byte(mainCF))
	lists := map[string]string{"main list": main["smtpd_recipient_restrictions"]}
	for line := range strings.Lines(masterCF) {
		if m := override.FindStringSubmatch(line); m != nil {
			lists[m[1]] = main[strings.TrimPrefix(m[2], "$")]
		}
	}
	named := masterCF
	for service, l := range lists {
		named += l + "\n"
		if !working.MatchString(l) {
			r.errs = append(r.errs, fmt.Errorf("%s: no reject_unauth_destination in %q", service, l))
		}
	}
	for _, m := range lookup.FindAllStringSubmatch(named, -1) {
		if m[1] == "hash" {
			m[2] += ".db"
		}
		r.tables = append(r.tables, m[2])
	}
	names, defined, _ := strings.Cut(mainCF, "\nsmtpd_restriction_classes = ")
	for _, name := range class.FindAllString(names, -1) {
		if strings.Contains(defined, "\n"+name+" =\n") {
			r.classes = append(r.classes, name)
		}
	}
	readings.Store(key, r)
	return r
}

// observe is a new smtpd that starts now.
func (w *world) observe(when string) {
	for _, err := range servable(w, w.loaded) {
		w.unservable = append(w.unservable, when+": "+err.Error())
	}
}

// observeRestart is Postfix that starts now, after a power cut: it has what
// lies on disk.
func (w *world) observeRestart(when string) {
	for _, err := range servable(w, w.read(transaction.MasterCF)) {
		w.unservable = append(w.unservable, when+", restarted: "+err.Error())
	}
}
