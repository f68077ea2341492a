// Package restrictions reads Postfix access restriction lists, orders them as
// the templates of univention-mail-postfix do, and judges whether a check of
// ours can be reached in one. It knows nothing of files, programs or UCR: it
// works on the variables' keys and values.
//
// # Grammar of a list
//
// As smtpd(8) reads smtpd_recipient_restrictions (postconf(5),
// SMTPD_ACCESS_README):
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
// Names are compared without regard to case. A name that is none of Postfix's
// own is a restriction class (smtpd_restriction_classes), a $parameter, or a
// mistake; this package cannot tell which.
//
// # From variables to the list
//
// Each variable below [MainPrefix] holds a value of one or more restrictions.
// The template sorts (key, value) as strings, so 10, 100, 20, 9, adds its own,
// and joins the values with ",\n        ". Postfix reads the joined text, so a
// restriction at the end of one value takes its argument from the next one,
// and a value that begins with "#" (and is not the first) is a comment.
// [Values] is what the template prints, [List] what Postfix makes of it.
package restrictions
