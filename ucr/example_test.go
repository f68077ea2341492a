package ucr_test

import (
	"fmt"
	"os"

	"ucs-harden/ucr"
)

func Example() {
	registry := ucr.New(map[ucr.Layer]map[string]string{
		ucr.Default: {"mail/postfix/mynetworks": "127.0.0.0/8"},
		ucr.Normal: {
			"mail/postfix/smtpd/restrictions/recipient/50":  "reject_unauth_destination",
			"mail/postfix/smtpd/restrictions/recipient/100": "reject_non_fqdn_sender",
			"mail/postfix/greylisting":                      "yes",
		},
		ucr.LDAP: {"mail/postfix/greylisting": "no"},
	})

	for _, v := range registry.Prefix("mail/postfix/smtpd/restrictions/recipient/") {
		fmt.Println(v.Key, v.Text)
	}
	for _, value := range registry.Lookup("mail/postfix/greylisting") {
		fmt.Println("greylisting", value.Text, value.Layer)
	}

	planned := registry.With(map[string]string{"mail/postfix/mynetworks": "127.0.0.0/8 10.99.1.10/32"}, nil)
	_, _ = planned.WriteTo(os.Stdout)
	// Output:
	// mail/postfix/smtpd/restrictions/recipient/100 reject_non_fqdn_sender
	// mail/postfix/smtpd/restrictions/recipient/50 reject_unauth_destination
	// greylisting no ldap
	// greylisting yes normal
	// # univention_ base.conf
	//
	// mail/postfix/greylisting: no
	// mail/postfix/mynetworks: 127.0.0.0/8 10.99.1.10/32
	// mail/postfix/smtpd/restrictions/recipient/100: reject_non_fqdn_sender
	// mail/postfix/smtpd/restrictions/recipient/50: reject_unauth_destination
}
