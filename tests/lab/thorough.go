package lab

import "os"

// Thorough reports whether the tests have hours: `make soak` sets LAB_THOROUGH. Otherwise a test with many cases of a
// kind takes a fixed sample of them, so that all tests together stay below half an hour.
func Thorough() bool { return os.Getenv("LAB_THOROUGH") != "" }
