package ucs_test

import "testing"

// dryRun was measured to be exact on the real UCR: it merges the registry into one file and sends each template through
// `ucr filter`.
const dryRun = `
	ucr commit >/dev/null
	{ printf '# univention_ base.conf\n\n'; ucr dump | LC_ALL=C sort; } >/tmp/merged
	dry() { for f in /etc/univention/templates/files/etc/postfix/$1.d/*; do UNIVENTION_BASECONF=/tmp/merged ucr filter <"$f"; done; }
	bare() { grep -v "^# 	/etc/univention/templates/files/"; } `

func TestDryRun(t *testing.T) {
	playAll(t, map[string]scene{
		"the dry run equals what commit writes, except the list of templates": {dryRun + `
			ucr set mail/postfix/policy/listfilter=yes mail/postfix/postscreen/enabled=yes >/dev/null 2>&1
			{ printf '# univention_ base.conf\n\n'; ucr dump; } >/tmp/merged
			dry main.cf | cmp - <(bare </etc/postfix/main.cf) && echo same; grep -c templates/files/ /etc/postfix/main.cf
			dry master.cf | cmp - <(bare </etc/postfix/master.cf) && echo same`,
			"same\n7\nsame"},
		"options of a service are sorted": {`
			ucr set mail/postfix/mastercf/options/smtps/{h,b,c}=1 >/dev/null 2>&1; postconf -M smtps | grep -oE ' [bch]=1' | tr -d '\n'`,
			"b=1 c=1 h=1"},
		"slow rendering gives the same": {`
			render() { ucr commit >/dev/null; cat /etc/postfix/main.cf /etc/postfix/master.cf; ucr filter </etc/univention/templates/files/etc/postfix/main.cf.d/50_restrictions; }
			render >/tmp/quick; touch /etc/univention/lab-slow; render | cmp - /tmp/quick && echo same
			printf '@!@\nprint("b")\nprint(1/0)\n@!@c\n' | ucr filter 2>/tmp/err; echo rc $?; tail -1 /tmp/err`,
			"same\nb\nc\nrc 0\nZeroDivisionError: division by zero"},
	})
}

// certificate creates the files that the mail server's main.cf names. One certificate is its own authority here.
const certificate = `
	mkdir -p /etc/univention/ssl/ucsCA /etc/univention/ssl/mail.company.my; cd /etc/univention/ssl/mail.company.my
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=mail.company.my -days 2 -keyout private.key -out cert.pem 2>/dev/null
	cp cert.pem ../ucsCA/CAcert.pem; `

// sasl is a minimal Dovecot that answers Postfix on private/auth; without it smtpd ends on 465.
const sasl = `
	printf '%s\n' 'protocols =' 'ssl = no' 'log_path = /tmp/dovecot.log' 'passdb {' 'driver = static' 'args = password=x' '}' \
		'service auth {' 'unix_listener /var/spool/postfix/private/auth {' 'mode = 0666' '}' '}' >/tmp/dovecot.conf
	dovecot -c /tmp/dovecot.conf; `

func TestPostfixRuns(t *testing.T) {
	playAll(t, map[string]scene{
		"the real Postfix starts from the rendered files and greets on 25, 465 and 587": {certificate + sasl + `
			ucr commit >/dev/null; touch -d '1 minute ago' /etc/postfix/*.cf
			postfix check 2>/dev/null; postfix start 2>/dev/null
			greet() { timeout 20 bash -c "exec 3<>/dev/tcp/127.0.0.1/$1; read -r line <&3; echo \"\${line%$'\r'}\""; }
			greet 25; greet 587
			timeout 20 openssl s_client -connect 127.0.0.1:465 -quiet -verify_return_error -CAfile ../ucsCA/CAcert.pem 2>/dev/null <<<QUIT | head -1 | tr -d '\r'
			postfix stop 2>/dev/null; dovecot -c /tmp/dovecot.conf stop`,
			`220 mail.company.my ESMTP Postfix
			220 mail.company.my ESMTP Postfix
			220 mail.company.my ESMTP Postfix`},
		"Postfix has no complaint about a parameter, and runs nothing in a chroot": {certificate + `
			ucr commit >/dev/null; ucr set mail/postfix/policy/listfilter=yes >/dev/null 2>&1; touch -d '1 minute ago' /etc/postfix/*.cf
			postconf -n 2>&1 >/dev/null; postconf -M | awk '$5 != "n"'
			postconf -hx compatibility_level smtpd_relay_restrictions smtpd_relay_before_recipient_restrictions smtpd_data_restrictions smtputf8_enable
			postconf -hx virtual_mailbox_domains virtual_transport smtpd_tls_auth_only
			postconf -M listfilter/unix | tr -s ' '`,
			`3.6
			permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination
			yes
			reject_unauth_pipelining
			yes
			company.my, company.local
			lmtp:unix:private/dovecot-lmtp
			yes
			listfilter unix - n n - 0 spawn user=nobody argv=/usr/share/univention-mail-postfix/listfilter.py`},
		"the list filter answers as a policy service does": {`
			printf 'request=smtpd_access_policy\nsender=a@b\n\nrequest=smtpd_access_policy\n\n' | /usr/share/univention-mail-postfix/listfilter.py`,
			"action=DUNNO\n\naction=DUNNO"},
	})
}

func TestLDAPSearch(t *testing.T) {
	playAll(t, map[string]scene{
		"univention-ldapsearch asks all servers as the machine account, over StartTLS": {`
			printf '#!/bin/sh\necho "CA $LDAPTLS_CACERT"; printf "%%s\\n" "$@"\n' >/usr/bin/ldapsearch
			ucr set ldap/server/addition=dc2.company.my >/dev/null 2>&1
			univention-ldapsearch -LLL '(uid=a b)' cn | paste -sd' '`,
			`CA /etc/univention/ssl/ucsCA/CAcert.pem -x -ZZ -H ldap://mail.company.my:7389 ldap://dc2.company.my:7389 -D cn=mail,cn=dc,cn=computers,dc=company,dc=my -y /etc/machine.secret -b dc=company,dc=my -LLL (uid=a b) cn`},
	})
}
