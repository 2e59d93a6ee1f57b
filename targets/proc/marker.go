package proc

import (
	"crypto/rand"
	"encoding/hex"
	"os"
	"sync"

	"benchtop/targets/procfs"
)

// RunEnv is the environment variable that marks every child, and whatever it starts, as belonging to one run.
const RunEnv = "BENCHTOP_RUN"

var runMarker = sync.OnceValue(func() string {
	if v := os.Getenv(RunEnv); v != "" {
		return v
	}
	return Nonce()
})

// RunMarker is the value of RunEnv that the children of this process carry: inherited, or drawn once per process.
func RunMarker() string { return runMarker() }

// Marked lists the living processes, other than this one, whose environment at their start had this value of RunEnv.
// Processes of other users are not seen, and neither are zombies.
func Marked(marker string) ([]int, error) {
	found, err := procfs.Carrying(RunEnv + "=" + marker)
	var pids []int
	for _, i := range found {
		pids = append(pids, i.PID)
	}
	return pids, err
}

// Nonce gives 96 random bits in hexadecimal.
func Nonce() string {
	b := make([]byte, 12)
	_, _ = rand.Read(b) // never fails, it ends the program instead
	return hex.EncodeToString(b)
}
