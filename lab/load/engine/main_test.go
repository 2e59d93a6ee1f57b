package engine

import (
	"testing"

	"go.uber.org/goleak"

	"benchtop/targets/fixture/suite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(suite.Crowd(m)) }
