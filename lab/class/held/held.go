// Package held keeps a folder for one process: a second one that wants it is told, and what a killed one had is free again.
package held

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// lockName is the file in the folder that is locked.
const lockName = "lock"

// Take tries so often before it says that a folder is held.
const (
	tries    = 3
	tryAgain = 10 * time.Millisecond
)

// Held reports whether a process has the folder.
func Held(dir string) bool {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR, 0o600) //nolint:gosec // of the state folder
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }() // the lock that it may have got goes with it
	return errors.Is(lock(f), ErrHeld)
}

// ErrHeld is wrapped by the error of Take for a folder that another process has.
var ErrHeld = errors.New("another process has it open")

// Take takes a folder, which is made when it is missing, until the function that it gives is called or the process ends.
func Take(dir string) (release func(), err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("taking the folder %s: %w", dir, err)
	}
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // of the state folder
	if err != nil {
		return nil, fmt.Errorf("taking the folder %s: %w", dir, err)
	}
	for range tries {
		if err = lock(f); !errors.Is(err, ErrHeld) {
			break
		}
		time.Sleep(tryAgain) // somebody may only have looked (Held)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("taking the folder %s: %w", dir, err), f.Close())
	}
	return func() { _ = f.Close() }, nil // the lock goes with it
}
