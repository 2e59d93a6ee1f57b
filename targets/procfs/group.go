package procfs

import (
	"errors"
	"os"
	"path/filepath"
	"time"
)

// groupPoll is how often it is tried whether a control group is empty.
const groupPoll = 10 * time.Millisecond

// RemoveGroup removes a control group of version 2 that this program made. What lives in it may end by itself until the
// first time is over; it is killed then, and the second time is for it to be gone. A group that is gone is no error.
func RemoveGroup(path string, quiet, patience time.Duration) error {
	began := time.Now()
	for {
		err := os.Remove(path)
		if err == nil || errors.Is(err, os.ErrNotExist) {
			return nil
		}
		waited := time.Since(began)
		switch {
		case waited > quiet+patience:
			return err
		case waited >= quiet:
			killGroup(path)
		}
		time.Sleep(groupPoll)
	}
}

// killGroup kills every process of a control group. Before Linux 5.14 no group can be told so.
func killGroup(path string) {
	f, err := os.OpenFile(filepath.Join(path, "cgroup.kill"), os.O_WRONLY, 0)
	if err != nil {
		return
	}
	_, _ = f.WriteString("1") // tried again until the group is gone
	_ = f.Close()
}
