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
//	reference  = "$" word | "${" word "}" | "$(" word ")"      in a value; the value of another parameter
//
// A line that begins with a blank continues the definition before it; ignored lines may stand in between. Of two
// definitions of one name the last one counts. The conditional forms of a reference, such as "${name?text}" and
// "${name:text}", are those of postconf(5); only [Expand] knows them.
package maincf
