package ucs_test

import "testing"

// probe installs a script handler for all variables below probe/ that records its calls.
const probe = `
	cd /etc/univention/templates; mkdir -p scripts; : >/tmp/calls
	printf 'Type: script\nScript: probe.sh\nVariables: ^probe/\n' >info/probe.info
	printf '#!/bin/sh\n{ echo "called $*"; cat; } >>/tmp/calls\n' >scripts/probe.sh; chmod 755 scripts/probe.sh
	ucr update; `

func TestScriptHandlers(t *testing.T) {
	playAll(t, map[string]scene{
		"stdin is empty when a key is created": {probe + `
			ucr set probe/a=1 >/dev/null 2>&1; cat /tmp/calls`, "called generate"},
		"stdin has old and new when a key is changed, and a call for equal values too": {probe + `
			ucr set probe/a=1 probe/b=1 >/dev/null 2>&1; : >/tmp/calls
			ucr set probe/a=2 probe/b=1 probe/c=1 >/dev/null 2>&1; cat /tmp/calls`,
			"called generate\nprobe/a@%@1@%@2\nprobe/b@%@1@%@1"},
		"stdin is empty when a key is unset": {probe + `
			ucr set probe/a=1 >/dev/null 2>&1; : >/tmp/calls; ucr unset probe/a >/dev/null 2>&1; cat /tmp/calls`,
			"called generate"},
		"other keys do not call it, and neither does a key that a stronger layer holds": {probe + `
			ucr set --force probe/a=1 >/dev/null 2>&1; : >/tmp/calls
			ucr set other/probe/a=1 probe/a=2 >/dev/null 2>&1; cat /tmp/calls; echo end`, "end"},
		"ucr commit of a file does not call it": {probe + `
			ucr commit /etc/postfix/main.cf >/dev/null; cat /tmp/calls; echo end`, "end"},
		"register calls it with nothing": {probe + `
			ucr unregister probe >/dev/null; sed -i 's,\^probe/,hostname,' info/probe.info; : >/tmp/calls
			ucr register probe >/dev/null; cat /tmp/calls`, "called generate"},
		"a script that fails has no effect": {probe + `
			printf '#!/bin/sh\nexit 7\n' >scripts/probe.sh; ucr set probe/a=1 2>/dev/null; echo rc $?`,
			"Create probe/a\nScript: /etc/univention/templates/scripts/probe.sh\nrc 0"},
		"a script below templates/scripts runs after its target was rendered": {`
			cd /etc/univention/templates; mkdir -p scripts/etc/postfix
			printf '#!/bin/sh\necho "$*: $(grep -c lmtp: /etc/postfix/main.cf)"\n' >scripts/etc/postfix/main.cf; chmod 755 scripts/etc/postfix/main.cf
			ucr commit /etc/postfix/main.cf`, "Multifile: /etc/postfix/main.cf\npostinst: 1"},
	})
}

// foreign is another package with a subfile of main.cf.
const foreign = `
	cd /etc/univention/templates; ucr commit >/dev/null; ucr update
	printf 'Type: multifile\nMultifile: etc/postfix/main.cf\n\nType: subfile\nMultifile: etc/postfix/main.cf\nSubfile: etc/postfix/main.cf.d/70_foreign\nVariables: ^foreign/\n' >info/foreign.info
	printf '# foreign is @%%@foreign/value@%%@\n' >files/etc/postfix/main.cf.d/70_foreign; `

func TestTemplates(t *testing.T) {
	playAll(t, map[string]scene{
		"a subfile of another package is rendered in its place when registered": {foreign + `
			ucr set foreign/value=1 >/dev/null 2>&1; grep -c foreign /etc/postfix/main.cf || true
			ucr register foreign 2>&1; grep -n -e broken_sasl -e '^# foreign' -e mail_spool /etc/postfix/main.cf | cut -d: -f2
			ucr set foreign/value=2; grep '^# foreign' /etc/postfix/main.cf; grep -c main.cf.d/70_foreign /etc/postfix/main.cf`,
			`0
			Multifile: /etc/postfix/main.cf
			broken_sasl_auth_clients = yes
			# foreign is 1
			mail_spool_directory = /var/mail
			Setting foreign/value
			Multifile: /etc/postfix/main.cf
			# foreign is 2
			1`},
		"unregister leaves the .info file, so a later update brings its handlers back": {foreign + `
			ucr register foreign >/dev/null; ucr unregister foreign >/dev/null; ls info/foreign.info
			ucr set foreign/value=1; ucr update; ucr set foreign/value=2`,
			"info/foreign.info\nCreate foreign/value\nSetting foreign/value\nMultifile: /etc/postfix/main.cf"},
		"register renders the files it registers for: a line added by hand is gone": {foreign + `
			echo 'relayhost = [by.hand]' >>/etc/postfix/main.cf; ucr register foreign
			tail -n 1 /etc/postfix/main.cf | grep -c hand || true`,
			"Multifile: /etc/postfix/main.cf\n0"},
		"a subfile alone is enough: the multifile belongs to another package": {foreign + `
			printf 'Type: subfile\nMultifile: etc/postfix/main.cf\nSubfile: etc/postfix/main.cf.d/70_foreign\n' >info/foreign.info
			ucr register foreign; ucr set foreign/value=1; grep '^# foreign' /etc/postfix/main.cf
			ucr unregister foreign; grep '^# foreign' /etc/postfix/main.cf || wc -l </etc/postfix/main.cf | grep -c '[0-9][0-9]'`,
			`Multifile: /etc/postfix/main.cf
			Create foreign/value
			Multifile: /etc/postfix/main.cf
			# foreign is 1
			Multifile: /etc/postfix/main.cf
			1`},
		"without the package of the multifile, a subfile alone writes and removes nothing": {foreign + `
			printf 'Type: subfile\nMultifile: etc/postfix/main.cf\nSubfile: etc/postfix/main.cf.d/70_foreign\n' >info/foreign.info
			rm info/univention-mail-postfix.info; echo 'by hand' >/etc/postfix/main.cf
			ucr register foreign; ucr set foreign/value=1; ucr unregister foreign; cat /etc/postfix/main.cf`,
			"Create foreign/value\nby hand"},
		"without the package of the multifile, a multifile of one's own makes it nearly empty": {foreign + `
			rm info/univention-mail-postfix.info; echo 'by hand' >/etc/postfix/main.cf
			ucr register foreign; grep -v '^$' /etc/postfix/main.cf`,
			"Multifile: /etc/postfix/main.cf\n# foreign is"},
		"unregister removes the subfile again": {foreign + `
			cp /etc/postfix/main.cf /tmp/before; ucr register foreign >/dev/null; ucr unregister foreign >/dev/null
			cmp /etc/postfix/main.cf /tmp/before && echo same; ls /etc/postfix/main.cf`,
			"same\n/etc/postfix/main.cf"},
		"Python that fails leaves what it printed, the rest is rendered, and the exit status is 0": {`
			printf 'a\n@!@\nprint("b")\nprint(1/0)\nprint("c")\n@!@\nd @%%@none@%%@.\n' | ucr filter 2>/tmp/err; echo rc $?; tail -1 /tmp/err`,
			"a\nb\n\nd .\nrc 0\nZeroDivisionError: division by zero"},
		"a rendered file is replaced, with the mode and owner its .info says": {`
			ucr commit >/dev/null; ln /etc/postfix/main.cf /etc/postfix/old; chmod 600 /etc/postfix/main.cf
			ucr set mail/relayhost=[smart.foreign.example] 2>&1
			grep -h relayhost /etc/postfix/old /etc/postfix/main.cf | sed 's, $,,'; stat -c %a /etc/postfix/main.cf; ls -A /etc/postfix | grep commit || true`,
			`Create mail/relayhost
			Multifile: /etc/postfix/main.cf
			relayhost =
			relayhost = [smart.foreign.example]
			644`},
		"commit of the LDAP maps renders the machine password, for root only": {`
			ucr commit >/dev/null; printf 'rotated' >/etc/machine.secret
			for name in prechange nochange postchange; do
				/usr/lib/univention-server/server_password_change.d/50univention-mail-server $name >/dev/null
				cat /etc/postfix/ldap.* | grep bind_pw | sort | uniq -c | tr -s ' '
			done
			stat -c '%a %U %G' /etc/postfix/ldap.* | sort -u`,
			" 5 bind_pw = machine-secret\n 5 bind_pw = machine-secret\n 5 bind_pw = rotated\n440 root root"},
		"all servers of the directory are asked, over StartTLS": {`
			ucr set ldap/server/addition='dc2.company.my dc3.company.my' 2>/dev/null >&2
			grep -E '^(server_host|start_tls|tls_require_cert|bind_dn)' /etc/postfix/ldap.virtual`,
			`server_host = ldap://mail.company.my:7389 ldap://dc2.company.my:7389 ldap://dc3.company.my:7389
			start_tls = yes
			tls_require_cert = yes
			bind_dn = cn=mail,cn=dc,cn=computers,dc=company,dc=my`},
		"main.cf.local and master.cf.local stand last and verbatim": {`
			printf 'relayhost = [a]\n@%%@hostname@%%@\n' >/etc/postfix/main.cf.local; cp /etc/postfix/main.cf.local /etc/postfix/master.cf.local
			ucr commit >/dev/null; for name in main master; do tail -n 3 /etc/postfix/$name.cf | head -n 2 | cmp - /etc/postfix/main.cf.local && echo same; done`,
			"same\nsame"},
	})
}
