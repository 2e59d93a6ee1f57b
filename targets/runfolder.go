package targets

import (
	"fmt"
	"os"
	"path/filepath"
)

// longestSocketName is the longest name that a socket gets in a run folder, in bytes.
const longestSocketName = len("/s15.sock")

// runFolder makes a folder that only this user can enter, for the sockets of one target, and gives it with the
// function that removes it. Its path is short enough for the path of a socket in it.
func runFolder() (dir string, remove func(), err error) {
	const name = "benchtop-"
	parent := os.TempDir()
	if len(parent)+len("/"+name+"4294967295")+longestSocketName > maxSocketPath {
		parent = "/tmp"
	}
	if dir, err = os.MkdirTemp(parent, name); err != nil { // with 0700
		return "", nil, fmt.Errorf("making a folder for sockets: %w", err)
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return "", nil, fmt.Errorf("making a folder for sockets: %w", err)
	}
	return dir, func() { _ = os.RemoveAll(dir) }, nil
}
