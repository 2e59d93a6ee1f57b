//go:build !linux

package procfs

import (
	"errors"
	"os"
)

// Carrying is not available where the environment of other processes cannot be read.
func Carrying(...string) ([]Identity, error) {
	return nil, errors.New("listing processes by their environment needs Linux's /proc")
}

// Holds cannot be told, so there is no use for the name of a pipe.
func Holds(int, map[string]bool) bool { return false }

// PipeName gives none.
func PipeName(*os.File) (string, error) { return "", nil }
