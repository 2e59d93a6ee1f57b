package lab_test

import (
	"fmt"
	"os"
	"testing"

	"benchtop/lab/load/generator"
	"benchtop/targets/all"
	"benchtop/targets/proc"
	"benchtop/targets/runfolder"
)

func TestMain(m *testing.M) {
	roles := all.Roles()
	roles[generator.Role], roles[toyRole] = generator.Main, toy
	proc.Dispatch(roles)
	all.Register()
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0 "+os.Getenv("GORACE"))
	code := m.Run()
	if err := runfolder.Remove(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}
