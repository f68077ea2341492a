package maillog

// names are the names of programs as strings, without a new string for each line. They belong to one goroutine.
type names struct{ met map[string]string }

func (n *names) name(program []byte) string {
	if name, found := n.met[string(program)]; found {
		return name
	}
	if n.met == nil || len(n.met) > 1000 {
		n.met = map[string]string{}
	}
	name := string(program)
	n.met[name] = name
	return name
}
