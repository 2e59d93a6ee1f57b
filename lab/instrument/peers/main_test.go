package peers_test

import (
	"testing"

	"go.uber.org/goleak"

	"benchtop/lab/load"
	"benchtop/targets/all"
	"benchtop/targets/proc"
)

func TestMain(m *testing.M) {
	roles := all.Roles()
	roles[load.Role] = load.Loader
	proc.Dispatch(roles)
	all.Register()
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("benchtop/targets/proc.runSpawner"))
}
