package cgroup

import (
	"os"
	"strings"
	"testing"

	"benchtop/targets"
	"benchtop/targets/builtin"
	"benchtop/targets/fixture"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/proc"
	"benchtop/targets/runfolder"
)

// controllersEnv names the controllers that a machine can give to a test, where it has not all.
const controllersEnv = "BENCHTOP_TEST_CONTROLLERS"

func TestMain(m *testing.M) {
	if names := os.Getenv(controllersEnv); names != "" {
		needed = strings.Fields(names)
	}
	targets.Register(builtin.Descriptor())
	targets.RegisterLimits(Descriptor())
	targets.RegisterComponent(Component())
	proc.Dispatch(map[string]proc.RoleFunc{builtin.Role: builtin.Worker, Role: Keeper, fixture.LabRole: fixture.Lab(targets.Start)})
	suite.Main(m, runfolder.Remove)
}
