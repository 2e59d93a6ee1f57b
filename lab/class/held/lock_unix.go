//go:build unix

package held

import (
	"errors"
	"os"

	"benchtop/targets/posix"
)

// lock locks a file without waiting.
func lock(f *os.File) error {
	err := posix.Lock(f)
	if errors.Is(err, posix.ErrLocked) {
		return ErrHeld
	}
	return err
}
