package transaction_test

import (
	"fmt"
	"os"
	"testing"

	"ucs-harden/transaction"
)

// holdLock makes the test binary the other process that has the lock.
const holdLock = "TRANSACTION_TEST_HOLD_LOCK"

func TestMain(m *testing.M) {
	if path := os.Getenv(holdLock); path != "" {
		if _, err := transaction.Lock(path); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("locked")
		_, _ = os.Stdin.Read(make([]byte, 1)) // until it is closed
		os.Exit(0)
	}
	// Thousands of servers are made; in memory, where there is one, fsync costs nothing.
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		_ = os.Setenv("TMPDIR", "/dev/shm")
	}
	os.Exit(m.Run())
}
