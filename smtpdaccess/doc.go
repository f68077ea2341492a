// Package smtpdaccess knows which access restriction lists an smtpd(8) asks, in their order, and at which step of a
// dialogue (SMTPD_ACCESS_README, postconf(5)):
//
//	list                              refuses the reply to
//	smtpd_client_restrictions         CONNECT
//	smtpd_helo_restrictions           EHLO
//	smtpd_sender_restrictions         MAIL
//	smtpd_relay_restrictions          RCPT
//	smtpd_recipient_restrictions      RCPT
//	smtpd_data_restrictions           DATA
//	smtpd_end_of_data_restrictions    END-OF-MESSAGE
//
// With "smtpd_delay_reject = yes", the default, the first three are asked at RCPT. The relay restrictions are asked
// before the recipient restrictions only with "smtpd_relay_before_recipient_restrictions = yes", the default since
// compatibility level 3.6; else behind them. A permit ends one list, not the lists behind it.
//
// A value is that of the service's -o override, else that of main.cf, else Postfix's default.
package smtpdaccess
