package lab

import (
	"encoding/json"
	"fmt"
	"os"
)

// state is the information by which another process finds the hosts of a running lab.
type state struct {
	Switch int            `json:"switch"`
	Hosts  map[string]int `json:"hosts"` // process 1 of each host, by its PID on the machine
}

// Save writes the information that [Attach] needs to a file.
func (l *Lab) Save(path string) error {
	s := state{Switch: l.netns.pid, Hosts: map[string]int{}}
	for name, h := range l.hosts {
		s.Hosts[name] = h.pid
	}
	content, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o600)
}

// Attach returns a lab that another process brought up and saved. Down does not end that lab.
func Attach(path string) (*Lab, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("cannot find a running lab: %w", err)
	}
	var s state
	if err := json.Unmarshal(content, &s); err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", path, err)
	}
	l := &Lab{hosts: map[string]*Host{}, netns: attach("switch", s.Switch), attached: true}
	for name, pid := range s.Hosts {
		l.hosts[name] = attach(name, pid)
	}
	return l, nil
}

func attach(name string, pid int) *Host {
	return &Host{Name: name, pid: pid, root: fmt.Sprintf("/proc/%d/root", pid)}
}
