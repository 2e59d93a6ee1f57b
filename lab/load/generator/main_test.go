package generator

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"benchtop/targets/proc"
)

func TestMain(m *testing.M) {
	proc.Dispatch(map[string]proc.RoleFunc{Role: Main})
	// A program with the race detector sleeps for a second at its exit; the children of these tests need not.
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0 "+os.Getenv("GORACE"))
	if code := m.Run(); code != 0 {
		os.Exit(code)
	}
	if err := goleak.Find(
		// The goroutine that starts all children stays locked to its thread for the program's life.
		goleak.IgnoreTopFunction("benchtop/targets/proc.runSpawner")); err != nil {
		println(err.Error())
		os.Exit(1)
	}
}
