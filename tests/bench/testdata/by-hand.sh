#!/bin/bash
# The published procedure, less its LDAP query: the addresses of the domain controllers are given.
set -e
key=mail/postfix/smtpd/restrictions/recipient
options=mail/postfix/mastercf/options
submission=mail/postfix/submission/restrictions/recipient

# 1. Back up and reset the recipient restrictions.
ucr search --brief "^$key/" >/root/restrictions.backup
mapfile -t keys < <(cut -d: -f1 /root/restrictions.backup)
ucr unset "${keys[@]}"

# 2. The sender table: first WARN.
for domain in $(ucr get mail/hosteddomains); do
	printf '%s\tWARN *** Invalid Inbound Sender ***\n.%s\tWARN *** Invalid Inbound Sender ***\n' "$domain" "$domain"
done >/etc/postfix/check_custom_sender_access
postmap /etc/postfix/check_custom_sender_access

# 3. The restrictions of port 25.
ucr set $key/10="permit_mynetworks" \
	$key/20="check_sender_access hash:/etc/postfix/check_custom_sender_access" \
	$key/30="permit_sasl_authenticated" \
	$key/50="reject_unauth_destination" \
	$key/70="reject_unlisted_recipient"

# 4. The domain controllers may relay.
ucr set mail/postfix/mynetworks="127.0.0.0/8 10.99.1.1/32 10.99.1.10/32 10.99.1.20/32 10.99.1.21/32"

# 5. The restrictions of ports 465 and 587.
ucr set $submission/10="reject_sender_login_mismatch" \
	$submission/20="reject_unknown_recipient_domain" \
	$submission/30="permit_sasl_authenticated" \
	$submission/99="reject"

# 6. Ports 465 and 587.
for port in smtps/smtpd_tls_wrappermode=yes submission/smtpd_tls_security_level=encrypt; do
	service=${port%%/*}
	ucr set "$options/$port" \
		"$options/$service/smtpd_sasl_auth_enable=yes" \
		"$options/$service/smtpd_recipient_restrictions=\$submission_recipient_restrictions" \
		"$options/$service/smtpd_sender_login_maps=ldap:/etc/postfix/ldap.saslusermapping" \
		"$options/$service/syslog_name=postfix/$service"
done

# 7. Commit and reload.
ucr commit /etc/postfix/main.cf /etc/postfix/master.cf
postfix reload
