package lab

import "path/filepath"

// Elsewhere is a lab of one host, the mail server, whose processes are not the lab's: they are started by somebody else,
// such as a real systemd. Its files are below a folder of this machine. Only the functions about files work.
func Elsewhere(root string) *Lab {
	return &Lab{hosts: map[string]*Host{"mail": {Name: "mail", root: filepath.Clean(root)}}, attached: true}
}

// Furnish writes the files of a freshly installed mail server into a root that has the packages for it. The
// configuration of Postfix and the database of slapd are still to be made from them.
func (l *Lab) Furnish(o Options) error {
	authority, err := newAuthority()
	if err != nil {
		return err
	}
	h := l.Mail()
	if err := h.furnishNames(); err != nil {
		return err
	}
	if err := h.furnishServer(authority); err != nil {
		return err
	}
	if err := l.furnishMail(); err != nil {
		return err
	}
	return l.furnishUCS(o)
}
