package lab

import (
	"context"
	"fmt"
	"os"
	"testing"
)

// holdVariable makes the test program bring up a lab, save its state in this file, and wait to be killed.
const holdVariable = "UCS_HARDEN_LAB_HOLD"

func TestMain(m *testing.M) {
	if path := os.Getenv(holdVariable); path != "" {
		hold(path)
	}
	os.Exit(m.Run())
}

func hold(path string) {
	l, err := Up(context.Background(), Options{})
	if err == nil {
		err = l.Save(path)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("up")
	select {}
}
