package targets

import (
	"fmt"
	"os"

	"benchtop/targets/proc"
)

// runFolder makes a folder for the sockets of one target below the run folder of this process, so that a sweep finds
// it, and gives it with the function that removes it. With the name of a socket in it its path has at most 99 bytes.
func runFolder() (dir string, remove func(), err error) {
	parent, err := proc.RunFolder()
	if err != nil {
		return "", nil, fmt.Errorf("making a folder for sockets: %w", err)
	}
	if dir, err = os.MkdirTemp(parent, "f"); err != nil { // with 0700
		return "", nil, fmt.Errorf("making a folder for sockets: %w", err)
	}
	return dir, func() { _ = os.RemoveAll(dir) }, nil
}
