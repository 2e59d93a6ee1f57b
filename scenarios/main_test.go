package scenarios

import (
	"os"
	"testing"

	"benchtop/targets/all"
)

// schemaOfProgram is the schema as the program prints it, without the doubles of these tests.
var schemaOfProgram []byte

func TestMain(m *testing.M) {
	all.Register() // the servers decide which keys a target has; nothing is started here
	schemaOfProgram = Schema()
	registerDoubles()
	os.Exit(m.Run())
}
