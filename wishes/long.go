package wishes

import (
	"fmt"

	"ucs-harden/findings"
	"ucs-harden/mynetworks"
	"ucs-harden/plan"
)

// longestArgument is the length in bytes of the longest argument that the kernel hands to a program (execve(2),
// MAX_ARG_STRLEN: 128 KiB with the NUL at the end).
const longestArgument = 128*1024 - 1

// TooLong finds variables that ucr cannot set, because "key=value" is one argument of the program.
func TooLong(variables []plan.Variable) []plan.Finding {
	var out []plan.Finding
	for _, v := range variables {
		if v.After == nil || len(v.Key)+1+len(*v.After) <= longestArgument {
			continue
		}
		f := findings.TooLong.Of(v.Key).Finding(plan.Error,
			fmt.Sprintf("%s would have %d bytes: ucr cannot set more than %d bytes with the name of the variable",
				v.Key, len(*v.After), longestArgument-1),
			"let the controls need fewer entries")
		if v.Key == mynetworks.Variable {
			f.Hint = "add the networks of the domain controllers to " + v.Key +
				" yourself: an address that a network contains needs no entry of its own"
		}
		out = append(out, f)
	}
	return out
}
