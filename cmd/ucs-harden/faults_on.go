//go:build faults

package main

import (
	"bufio"
	"net"
	"os"
	"strings"
	"syscall"

	"ucs-harden/transaction"
)

// stepSocket names a unix socket that is told every finished step and answers
// "go" or "die". Tests look at the machine in between, or end the process there
// as a crash would.
const stepSocket = "UCS_HARDEN_STEP_SOCKET"

func afterStep(*transaction.Machine) func(string) {
	path := os.Getenv(stepSocket)
	if path == "" {
		return nil
	}
	return func(step string) {
		conn, err := net.Dial("unix", path)
		if err != nil {
			panic(err)
		}
		defer conn.Close()
		if _, err := conn.Write([]byte(step + "\n")); err != nil {
			panic(err)
		}
		answer, err := bufio.NewReader(conn).ReadString('\n')
		if err != nil {
			panic(err)
		}
		if strings.TrimSpace(answer) == "die" {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // until the signal arrives
		}
	}
}
