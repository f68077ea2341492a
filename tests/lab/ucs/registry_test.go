package ucs_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestRegistryFiles(t *testing.T) {
	playAll(t, map[string]scene{
		"base.conf as it is shipped is what ucr itself would write": {`
			cp -p /etc/univention/base.conf /tmp/before
			ucr set hostname=mail >/dev/null
			cmp /tmp/before /etc/univention/base.conf; stat -c %a /etc/univention/base.conf`,
			"644"},
		"base-defaults.conf as it is shipped is what ucr itself would write": {`
			cp -p /etc/univention/base-defaults.conf /tmp/before; ucr update
			cmp /tmp/before /etc/univention/base-defaults.conf; stat -c %a /etc/univention/base-defaults.conf`,
			"644"},
		"a registry file is replaced, and keeps mode and owner": {`
			chmod 640 /etc/univention/base.conf; chown mail:adm /etc/univention/base.conf
			ln /etc/univention/base.conf /etc/univention/old
			ucr set probe/a=1
			stat -c '%a %U %G %h' /etc/univention/base.conf /etc/univention/base.conf.bak
			grep -c probe /etc/univention/old || true
			ls -A /etc/univention | grep "temp$" || true`,
			"Create probe/a\n640 mail adm 1\n644 root root 1\n0"},
		"a writer waits for the lock": {`
			mkfifo /tmp/release; lock=/etc/univention/base.conf.lock
			flock $lock -c 'read -r _ </tmp/release' & holder=$!
			until grep -q "^[0-9]*: FLOCK .* WRITE $holder " /proc/locks; do read -rt 0.02 <> <(:) || true; done
			ucr set probe/a=1 & writer=$!
			until grep -q -e "-> FLOCK .* WRITE $writer " /proc/locks; do read -rt 0.02 <> <(:) || true; done
			ucr get probe/a; echo not yet; echo >/tmp/release; wait $writer; ucr get probe/a`,
			"not yet\nCreate probe/a\n1"},
		"handlers run after the file is saved, and without its lock": {`
			cd /etc/univention/templates
			printf 'Type: script\nScript: probe.sh\nVariables: ^probe/' >info/probe.info
			mkdir -p scripts
			printf '#!/bin/sh\nucr get probe/a; ucr set probe/by-handler=1 >/dev/null' >scripts/probe.sh; chmod 755 scripts/probe.sh
			rm info/univention-mail-postfix.info
			sed -i 's,^Variables.*,Variables: ^probe/a$,' info/probe.info
			ucr set probe/a=saved; ucr get probe/by-handler`,
			"Create probe/a\nScript: /etc/univention/templates/scripts/probe.sh\nsaved\n1"},
		"a missing base.conf comes back from the backup": {`
			ucr set probe/a=1 >/dev/null; rm /etc/univention/base.conf
			ucr get probe/a; cmp /etc/univention/base.conf /etc/univention/base.conf.bak && echo same`,
			"1\nsame"},
		"lines with # before the colon or without colon and blank are skipped": {`
			printf '# univention_ base.conf\n\n#a: 1\nb # c: 2\nd:3\ne\nf:  4 \ng: # 5\n' >/tmp/one
			UNIVENTION_BASECONF=/tmp/one ucr dump`,
			"f: 4\ng: # 5"},
		"a full disk is an error, the old file stays": {`
			mount -t tmpfs -o size=64k small /opt; cp /etc/univention/base.conf /opt/one; cp /opt/one /tmp/before
			head -c 60k /dev/zero >/opt/fill || true
			UNIVENTION_BASECONF=/opt/one ucr set probe/a="$(head -c 20000 /dev/zero | tr '\0' x)" >/dev/null 2>/tmp/err && echo done
			cat /tmp/err; cmp /opt/one /tmp/before && echo same`,
			"E: your request could not be fulfilled\ntry `univention-config-registry --help` for more information\nsame"},
		"a user who may not write gets exit 1": {`
			setpriv --reuid 65534 --clear-groups ucr set probe/a=1 2>&1 || echo rc $?; ucr get probe/a`,
			"E: your request could not be fulfilled\ntry `univention-config-registry --help` for more information\nrc 1"},
	})
}

func TestLayers(t *testing.T) {
	playAll(t, map[string]scene{
		"a default holds while nothing else does": {`
			ucr get mail/messagesizelimit; ucr set mail/messagesizelimit=1 >/dev/null; ucr get mail/messagesizelimit
			ucr unset mail/messagesizelimit >/dev/null; ucr get mail/messagesizelimit
			grep -c mail/messagesizelimit /etc/univention/base.conf || true`,
			"10240000\n1\n10240000\n0"},
		"a default is rendered": {`
			ucr commit /etc/postfix/main.cf >/dev/null; grep message_size_limit /etc/postfix/main.cf`,
			"message_size_limit = 10240000"},
		"set if unset looks at the written layer, not at the default": {`
			ucr set 'mail/messagesizelimit?5' >/dev/null; ucr get mail/messagesizelimit`,
			"5"},
		"the default is what base-defaults.conf holds, not what the description says since": {`
			sed -i 's,^Default=10240000,Default=7,' /etc/univention/registry.info/variables/univention-mail-postfix.cfg
			ucr get mail/messagesizelimit; ucr update >/dev/null; ucr get mail/messagesizelimit`,
			"10240000\n7"},
		"a changed default runs the handlers, unless a stronger layer holds the variable": {probe + `
			cfg=/etc/univention/registry.info/variables/probe.cfg
			describe() { printf '[probe/a]\nType=str\nDefault=%s\nCategories=x\n' "$1" >$cfg; }
			describe 1; ucr update; cat /tmp/calls; ucr get probe/a
			ucr set probe/a=mine >/dev/null; : >/tmp/calls
			describe 2; ucr update; cat /tmp/calls; ucr get probe/a
			ucr unset probe/a >/dev/null; : >/tmp/calls
			rm $cfg; ucr unregister probe >/dev/null; ucr get probe/a; cat /etc/univention/base-defaults.conf | grep -c probe || true`,
			`Script: /etc/univention/templates/scripts/probe.sh
			called generate
			1
			mine
			0`},
		"a default may refer to another variable": {`
			printf '[probe/a]\nType=str\nDefault=on @%%@hostname@%%@, @%%@probe/a@%%@@%%@probe/none@%%@.\nCategories=x\n' >/etc/univention/registry.info/variables/probe.cfg
			ucr update; ucr get probe/a; grep probe /etc/univention/base-defaults.conf`,
			"on mail, .\nprobe/a: on @%@hostname@%@, @%@probe/a@%@@%@probe/none@%@."},
		"with UNIVENTION_BASECONF there are no defaults and no layers": {`
			ucr set --force probe/f=1 >/dev/null; printf '# univention_ base.conf\n\na: 1' >/tmp/one
			UNIVENTION_BASECONF=/tmp/one ucr dump`,
			"a: 1"},
		"described variables without a value and patterns are empty": {`
			ucr search --brief '^mail/postfix/(mynet|mastercf.*smtps|postscreen)'`,
			`mail/postfix/mastercf/options/smtps/.*: <empty>
			mail/postfix/mastercf/options/smtps/smtpd_sasl_auth_enable: yes
			mail/postfix/mastercf/options/smtps/smtpd_tls_wrappermode: yes
			mail/postfix/mynetworks: <empty>
			mail/postfix/postscreen/enabled: no`},
		"without --brief the description follows": {`
			ucr search '^mail/relayhost$'`,
			"mail/relayhost: <empty>\n The server that gets all outgoing mail."},
		"of several values, the right ones are set and their handlers run; then ucr exits with 2": {probe + `
			ucr set probe/a=1 mail/postfix/greylisting=perhaps probe/b=2 2>/dev/null || echo rc $?; cat /tmp/calls; ucr search --brief '^probe/|greylisting$'`,
			`Create probe/a
			Create mail/postfix/greylisting
			Create probe/b
			Script: /etc/univention/templates/scripts/probe.sh
			rc 2
			called generate
			mail/postfix/greylisting: <empty>
			probe/a: 1
			probe/b: 2`},
		"types have limits, lists have elements": {`
			describe() { printf '[probe/%s]\nType=%s\n%b\nCategories=x\n\n' "$@" >>/etc/univention/registry.info/variables/probe.cfg; }
			describe a int 'Min=2\nMax=4'; describe b uint ''; describe c pint ''; describe d portnumber ''; describe e list 'Elementtype=uint\nSeparator=[ ;]'
			describe f ipaddress ''; describe g str 'Regex=^[a-z]+$'
			for value in a=1 a=2 a=4 a=5 b=-1 b=0 c=0 c=1 d=65535 d=65536 d=smtp 'e=1;2 3' e=1,2 f=::1 f=127.0.0.256 f=10.99.1.1 g=ab g=a1; do
				ucr set "probe/$value" >/dev/null 2>&1 || continue; echo "$value"
			done`,
			"a=2\na=4\nb=0\nc=1\nd=65535\ne=1;2 3\nf=::1\nf=10.99.1.1\ng=ab"},
		"the replog tells what changed when it is enabled": {`
			ucr set probe/a=1 ucr/replog/enabled=yes >/dev/null
			ucr set --force probe/a=2 >/dev/null; ucr unset --force probe/a >/dev/null
			grep probe /var/log/univention/config-registry.replog | cut -d' ' -f3-`,
			"set probe/a='1' old:[Previously undefined]\nset --force probe/a='2' old:[Previously undefined]\nunset --force 'probe/a' old:2"},
		"a replog that cannot be written ends ucr with 1, after base.conf was written and before a handler ran": {probe + `
			ucr set ucr/replog/enabled=yes >/dev/null; rm -r /var/log/univention
			ucr set probe/a=1 2>/tmp/err || echo rc $?; tail -n 2 /tmp/err; cat /tmp/calls; ucr get probe/a`,
			"Create probe/a\nrc 1\nE: your request could not be fulfilled\ntry `univention-config-registry --help` for more information\n1"},
		"the shell form is one for eval": {`
			ucr set "probe/it's=a 'b' \$c" >/dev/null || true; ucr set 'probe/x-y=$c "d"' >/dev/null
			eval "$(ucr shell probe/x-y)"; echo "$probe_x_y"`,
			`$c "d"`},
	})
}

func TestUCS50(t *testing.T) {
	for name, scene := range map[string]scene{
		"defaults are not part of the values, and there is no file of them": {`
			ucr update; ucr get mail/smtpport; ucr search --brief '^mail/smtpport$'; ls /etc/univention/base-defaults.conf 2>/dev/null || echo none`,
			"mail/smtpport: <empty>\nnone"},
		"base.conf as it is shipped is what ucr itself would write": {`
			cp -p /etc/univention/base.conf /tmp/before
			ucr set hostname=mail >/dev/null; cmp /tmp/before /etc/univention/base.conf; ucr get version/version`, "5.0"},
		"a value of the wrong type is set, with a warning": {`
			ucr set mail/postfix/greylisting=perhaps 2>&1 >/dev/null; ucr get mail/postfix/greylisting`,
			"W: Value 'perhaps' incompatible for 'mail/postfix/greylisting', but setting anyway\nperhaps"},
		"a value of the wrong type is refused when types are checked": {`
			ucr set ucr/check/type=yes >/dev/null; ucr set mail/postfix/greylisting=perhaps >/dev/null 2>&1 || echo rc $?; ucr get mail/postfix/greylisting`,
			"rc 2"},
		"register calls a script with the values instead of old and new": {probe + `
			ucr unregister probe >/dev/null; sed -i 's,\^probe/,hostname,' info/probe.info; : >/tmp/calls
			ucr register probe >/dev/null; cat /tmp/calls`, "called generate\nhostname@%@m@%@a"},
		"options of a service come in varying order": {`
			ucr set mail/postfix/mastercf/options/smtps/{a,b,c,d,e,f,g,h}=1 >/dev/null 2>&1
			for i in 1 2 3 4 5 6 7 8; do ucr commit /etc/postfix/master.cf >/dev/null; grep '^smtps' /etc/postfix/master.cf; done | sort -u | wc -l | grep -vx 1 >/dev/null && echo several`,
			"several"},
		"Postfix has no relay restrictions, and nothing against SMTP smuggling": {`
			ucr commit >/dev/null; touch -d '1 minute ago' /etc/postfix/*.cf
			postconf -hx compatibility_level smtpd_relay_restrictions smtpd_data_restrictions smtpd_discard_ehlo_keywords`, "0\n\n\n"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, lines(scene.want), lines(playOn(t, "5.0", scene.script)))
		})
	}
}
