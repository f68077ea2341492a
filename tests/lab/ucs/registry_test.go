package ucs_test

import "testing"

func TestRegistryFiles(t *testing.T) {
	playAll(t, map[string]scene{
		"base.conf as it is shipped is what ucr itself would write": {`
			cp -p /etc/univention/base.conf /tmp/before
			ucr set hostname=mail 2>/dev/null
			cmp /tmp/before /etc/univention/base.conf; stat -c %a /etc/univention/base.conf`,
			"Setting hostname\n644"},
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
			flock $lock -c 'read -r </tmp/release' & holder=$!
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
			ucr set probe/a=saved 2>/dev/null; ucr get probe/by-handler`,
			"Create probe/a\nsaved\n1"},
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
			ucr get mail/messagesizelimit; ucr set mail/messagesizelimit=1 2>/dev/null; ucr get mail/messagesizelimit
			ucr unset mail/messagesizelimit 2>/dev/null; ucr get mail/messagesizelimit
			grep -c mail/messagesizelimit /etc/univention/base.conf || true`,
			"10240000\nCreate mail/messagesizelimit\n1\nUnsetting mail/messagesizelimit\n10240000\n0"},
		"a default is rendered": {`
			ucr commit /etc/postfix/main.cf 2>/dev/null; grep message_size_limit /etc/postfix/main.cf`,
			"message_size_limit = 10240000"},
		"set if unset looks at the written layer, not at the default": {`
			ucr set 'mail/messagesizelimit?5' 2>/dev/null; ucr get mail/messagesizelimit`,
			"Create mail/messagesizelimit\n5"},
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
		"a value of the wrong type is set, with a warning": {`
			ucr set mail/postfix/greylisting=perhaps 2>&1 >/dev/null | cut -d: -f1 | head -1; ucr get mail/postfix/greylisting`,
			"W\nperhaps"},
		"a value of the wrong type is refused when types are checked": {`
			ucr set ucr/check/type=yes >/dev/null; ucr set mail/postfix/greylisting=perhaps 2>/dev/null; ucr get mail/postfix/greylisting`,
			"Not setting mail/postfix/greylisting"},
		"the replog tells what changed when it is enabled": {`
			mkdir -p /var/log/univention; ucr set probe/a=1 ucr/replog/enabled=yes >/dev/null
			ucr set --force probe/a=2 >/dev/null; ucr unset --force probe/a >/dev/null
			grep probe /var/log/univention/config-registry.replog | cut -d' ' -f3-`,
			"set probe/a='1' old:[Previously undefined]\nset --force probe/a='2' old:[Previously undefined]\nunset --force 'probe/a' old:2"},
		"the shell form is one for eval": {`
			ucr set "probe/it's=a 'b' \$c" >/dev/null || true; ucr set 'probe/x-y=$c "d"' >/dev/null
			eval "$(ucr shell probe/x-y)"; echo "$probe_x_y"`,
			`$c "d"`},
	})
}
