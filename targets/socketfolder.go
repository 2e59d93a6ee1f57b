package targets

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"

	"benchtop/targets/runfolder"
)

// folders counts the folders that were made, for their names.
var folders atomic.Uint64

// socketFolder makes a folder for the sockets of one target, in the private run folder of this process, and gives it with
// the function that removes it. The folder of a killed process is swept with its run folder.
func socketFolder() (dir string, remove func(), err error) {
	run, err := runfolder.Path()
	if err != nil {
		return "", nil, fmt.Errorf("making a folder for sockets: %w", err)
	}
	dir = filepath.Join(run, "t"+strconv.FormatUint(folders.Add(1), 10))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", nil, fmt.Errorf("making a folder for sockets: %w", err)
	}
	return dir, func() { _ = os.RemoveAll(dir) }, nil
}
