package maillog

// names are the names of programs as strings, without a new string for each line. They belong to one goroutine.
type names struct{ known map[string]string }

func (n *names) name(program []byte) string {
	if name, found := n.known[string(program)]; found {
		return name
	}
	if n.known == nil || len(n.known) > 1000 {
		n.known = map[string]string{}
	}
	name := string(program)
	n.known[name] = name
	return name
}
