// Package maincf reads main.cf. It never writes main.cf: the UCS template does.
//
// # Grammar
//
// As postconf(5) gives it; lines are those of [ucs-harden/internal/lexical]:
//
//	file       = { ignored | definition }
//	ignored    = a line that is empty, all blanks, or begins with "#" after blanks
//	definition = name "=" value
//	name       = all up to the first "=", without the blanks around it
//	value      = all behind it, without the blanks around it
//	reference  = "$" word | "${" inner "}" | "$(" inner ")"    in a value
//	inner      = word                                          the value of another parameter
//	           | word "?" text | word ":" text                 text, if the value is not empty; if it is empty
//	           | word "?" braced [ ":" braced ]
//	           | braced operator braced [ "?" braced [ ":" braced ] ]
//	braced     = "{" text "}"
//	operator   = ( "==" | "!=" | "<" | "<=" | ">=" | ">" ) [ "level" ]
//
// A line that begins with a blank continues the definition before it; ignored lines may stand in between. Of two
// definitions of one name the last one counts. A parameter without a definition has Postfix's default value;
// [File.Resolve] knows the defaults of the parameters that decide which access restriction lists smtpd(8) asks. The
// method [File.Expand] does not know the conditional forms of a reference.
package maincf
