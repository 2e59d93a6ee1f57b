package generator

import (
	"testing"

	"benchtop/targets/fixture/suite"
	"benchtop/targets/proc"
)

func TestMain(m *testing.M) {
	proc.Dispatch(map[string]proc.RoleFunc{Role: Main})
	suite.Main(m, nil)
}
