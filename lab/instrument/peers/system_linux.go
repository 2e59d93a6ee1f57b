package peers

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"benchtop/targets/procfs"
)

// ownGroup puts a child into a process group of its own and ends it when the thread that started it ends.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// Cores lists the cores that this process may use.
func Cores() []int {
	var set unix.CPUSet
	if unix.SchedGetaffinity(0, &set) != nil {
		return nil
	}
	var cores []int
	for core := 0; len(cores) < set.Count() && core < 64*len(set); core++ {
		if set.IsSet(core) {
			cores = append(cores, core)
		}
	}
	return cores
}

// startOn calls start with the calling thread, which is locked, on the core, so that what it starts begins there; -1: on
// any.
func startOn(core int, start func() error) error {
	if core < 0 {
		return start()
	}
	var before, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return fmt.Errorf("reading the cores of this thread: %w", err)
	}
	one.Set(core)
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		return fmt.Errorf("going to core %d: %w", core, err)
	}
	err := start()
	return errors.Join(err, unix.SchedSetaffinity(0, &before))
}

// Bind binds every thread of a process to a core; -1: nothing. Threads that begin later are where their creator is, so
// that the list is read until it holds no new one.
func Bind(pid, core int) error {
	if core < 0 {
		return nil
	}
	var one unix.CPUSet
	one.Set(core)
	bound := map[int]bool{}
	dir, err := procfs.Dir(pid)
	if err != nil {
		return fmt.Errorf("finding the threads of process %d: %w", pid, err)
	}
	for fresh := true; fresh; {
		fresh = false
		tasks, err := os.ReadDir(filepath.Join(dir, "task"))
		if err != nil {
			return fmt.Errorf("listing the threads of process %d: %w", pid, err)
		}
		for _, t := range tasks {
			id, err := strconv.Atoi(t.Name())
			if err != nil || bound[id] {
				continue
			}
			if err := unix.SchedSetaffinity(id, &one); err != nil && !errors.Is(err, unix.ESRCH) {
				return fmt.Errorf("binding thread %d of process %d to core %d: %w", id, pid, core, err)
			}
			bound[id], fresh = true, true
		}
	}
	return nil
}

// peakRSS is the highest resident memory of a living process in bytes, since its program began; 0: it is gone.
func peakRSS(pid int) int64 {
	dir, err := procfs.Dir(pid)
	if err != nil {
		return 0
	}
	status, err := os.ReadFile(filepath.Join(dir, "status"))
	if err != nil {
		return 0
	}
	_, rest, found := bytes.Cut(status, []byte("\nVmHWM:"))
	if !found {
		return 0
	}
	fields := bytes.Fields(rest)
	if len(fields) < 2 || string(fields[1]) != "kB" {
		return 0
	}
	kib, err := strconv.ParseInt(string(fields[0]), 10, 64)
	if err != nil {
		return 0
	}
	return kib << 10
}
