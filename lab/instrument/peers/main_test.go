package peers_test

import (
	"testing"

	"benchtop/lab/load/generator"
	"benchtop/targets/all"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/proc"
	"benchtop/targets/runfolder"
)

func TestMain(m *testing.M) {
	roles := all.Roles()
	roles[generator.Role] = generator.Main
	proc.Dispatch(roles)
	all.Register()
	suite.Main(m, runfolder.Remove)
}
