package peers_test

import (
	"testing"

	"go.uber.org/goleak"

	"benchtop/lab/load/generator"
	"benchtop/targets/all"
	"benchtop/targets/proc"
)

func TestMain(m *testing.M) {
	roles := all.Roles()
	roles[generator.Role] = generator.Main
	proc.Dispatch(roles)
	all.Register()
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("benchtop/targets/proc.runSpawner"))
}
