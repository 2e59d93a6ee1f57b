package proc

import (
	"crypto/rand"
	"encoding/hex"
	"os"
	"sync"
)

// RunEnv is the environment variable that marks every child, and whatever it starts, as belonging to one run.
const RunEnv = "BENCHTOP_RUN"

var runMarker = sync.OnceValue(func() string {
	if v := os.Getenv(RunEnv); v != "" {
		return v
	}
	return nonce()
})

// RunMarker is the value of RunEnv that the children of this process carry: inherited, or drawn once per process.
func RunMarker() string { return runMarker() }

// nonce gives 96 random bits in hexadecimal.
func nonce() string {
	b := make([]byte, 12)
	_, _ = rand.Read(b) // never fails, it ends the program instead
	return hex.EncodeToString(b)
}
