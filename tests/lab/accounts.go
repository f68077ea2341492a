package lab

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// mailUID is the user and group ID of the mailboxes: mail-lab.
const mailUID = 5000

// addUser appends a system user and its group to the host's files.
func (h *Host) addUser(name string, id int) error {
	for path, line := range map[string]string{
		"/etc/passwd": fmt.Sprintf("%s:x:%d:%d::/var/mail-lab:/usr/sbin/nologin\n", name, id, id),
		"/etc/group":  fmt.Sprintf("%s:x:%d:\n", name, id),
	} {
		old, err := h.ReadFile(path)
		if err != nil {
			return err
		}
		if err := h.WriteFile(path, append(old, line...), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// userID looks a user up in the host's /etc/passwd.
func (h *Host) userID(name string) (int, error) {
	content, err := h.ReadFile("/etc/passwd")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(content)) {
		if fields := strings.Split(line, ":"); len(fields) > 2 && fields[0] == name {
			return strconv.Atoi(fields[2])
		}
	}
	return 0, fmt.Errorf("no user %s on host %s", name, h.Name)
}

func chownAll(dir string, id int) error {
	return filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, id, id)
	})
}
