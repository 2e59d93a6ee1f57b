// Command benchtop is a performance lab in the terminal: it starts sample servers, drives load at them, shows them side
// by side and says, with an interval, which is better.
package main

import (
	"os"

	"benchtop/lab/load/generator"
	"benchtop/targets/all"
	"benchtop/targets/proc"
)

func main() {
	roles := all.Roles()
	roles[generator.Role] = generator.Main
	proc.Dispatch(roles) // returns only in the process that a person started
	all.Register()
	os.Exit(Main(system()))
}
