package mastercf

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestCanonical(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"overrides are sorted by name": {
			"smtps inet n - n - - smtpd  -o smtpd_tls_wrappermode=yes -o smtpd_sasl_auth_enable=yes\n",
			"smtps inet n - n - - smtpd -o smtpd_sasl_auth_enable=yes -o smtpd_tls_wrappermode=yes\n",
		},
		"the last of one name still wins": {
			"x inet n - n - - smtpd -o b=2 -o a=1 -o b=1\n",
			"x inet n - n - - smtpd -o a=1 -o b=2 -o b=1\n",
		},
		"a cut value keeps its rest": {
			"x inet n - n - - smtpd -o b=permit_mynetworks, reject -o a=1\n",
			"x inet n - n - - smtpd -o a=1 -o b=permit_mynetworks, reject\n",
		},
		"comments and entries over several lines stay": {
			"# c\nx inet n - n - - smtpd\n  -o b=1\n  -o a=1\n\n",
			"# c\nx inet n - n - - smtpd\n  -o b=1\n  -o a=1\n\n",
		},
		"braces stay as they are": {
			"x inet n - n - - smtpd -o {b = 1} -o a=1\n",
			"x inet n - n - - smtpd -o {b = 1} -o a=1\n",
		},
		"a brace that ends in another override": {
			"x inet n - n - - smtpd -o c={d -o b=1} -o a=1\n",
			"x inet n - n - - smtpd -o c={d -o b=1} -o a=1\n",
		},
		"a table in braces has no blanks": {
			"x inet n - n - - smtpd -o b=unionmap:{hash:/x,pipemap:{hash:/y,hash:/z}} -o a=1\n",
			"x inet n - n - - smtpd -o a=1 -o b=unionmap:{hash:/x,pipemap:{hash:/y,hash:/z}}\n",
		},
		"what cannot be read stays as it is": {"not an entry", "not an entry"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, string(Canonical([]byte(c.in))))
			assert.Equal(t, c.want, string(Canonical([]byte(c.want))), "canonical again")
		})
	}
}
