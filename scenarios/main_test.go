package scenarios

import (
	"os"
	"testing"

	"benchtop/targets/all"
)

func TestMain(m *testing.M) {
	all.Register() // the servers decide which keys a target has; nothing is started here
	registerDoubles()
	os.Exit(m.Run())
}
