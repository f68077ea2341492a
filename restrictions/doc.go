// Package restrictions reads Postfix access restriction lists, orders them as the templates of univention-mail-postfix
// do, and judges whether Postfix reaches our check in a list. It knows nothing of files, programs or UCR: it works on
// the keys and values of variables.
//
// # Grammar of a list
//
// This is the grammar of smtpd_recipient_restrictions as smtpd(8) reads it (postconf(5), SMTPD_ACCESS_README):
//
//	list        = { separator } [ restriction { separator restriction } ] { separator }
//	separator   = "," | blank | tab | CR | LF          one or more, no difference between them
//	restriction = "warn_if_reject" restriction
//	            | name                                 reject_unauth_destination, permit_mynetworks …
//	            | name type ":" table                  check_sender_access hash:/etc/postfix/x
//	            | type ":" table                       the same as check_recipient_access type:table
//	            | "check_policy_service" service       unix:private/x, inet:host:port, { inet:host:port, option=value … }
//	            | name domain                          reject_rbl_client zen.example=127.0.0.2 …
//	            | "sleep" digits
//	word        = any characters but separators, except that a separator inside balanced { } belongs to the word
//
// Names are compared without regard to case. A name that Postfix does not define is a restriction class
// (smtpd_restriction_classes), a $parameter, or a mistake; this package cannot tell which.
//
// # From variables to the list
//
// Each variable below [MainPrefix] holds a value of one or more restrictions. The template sorts (key, value) as
// strings (10, 100, 20, 9), adds its own restrictions, and joins the values with ",\n        ". Postfix reads the
// joined text, so a restriction at the end of one value takes its argument from the next value, and a value that begins
// with "#" is a comment, unless it is the first. [Values] is the text that the template prints; [List] is the list that
// Postfix makes of it.
package restrictions
