package procfs

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
)

// Own reports whether /proc numbers processes as this process does, with an error that says why not. In a PID
// namespace without a /proc of its own, the numbers there are those of other processes: strangers would be measured,
// or killed.
func Own() error { return ownProc() }

var ownProc = sync.OnceValue(func() error {
	self, err := os.Readlink("/proc/self")
	if err != nil {
		return fmt.Errorf("no /proc to look at: %w", err)
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return fmt.Errorf("no /proc to look at: %w", err)
	}
	return checkProc(self, status, os.Getpid())
})

// checkProc compares the name and the status of /proc/self with what the kernel says about this process. The numbers
// can be equal by chance, but a /proc of an outer namespace gives more than one of them (NSpid in proc_pid_status(5)).
func checkProc(self string, status []byte, pid int) error {
	const advice = "it belongs to another PID namespace; mount one of this namespace (unshare --mount-proc)"
	if self != strconv.Itoa(pid) {
		return fmt.Errorf("/proc calls this process %.20q and not %d: %s", self, pid, advice)
	}
	for line := range bytes.Lines(status) {
		if numbers, found := bytes.CutPrefix(line, []byte("NSpid:")); found && len(bytes.Fields(numbers)) != 1 {
			return fmt.Errorf("/proc gives this process the numbers %s: %s", bytes.Join(bytes.Fields(numbers), []byte(" and ")), advice)
		}
	}
	return nil
}

// Dir is the folder of a process in /proc; an error when there is no such process, or no /proc of this namespace.
func Dir(pid int) (string, error) {
	if err := Own(); err != nil {
		return "", err
	}
	if pid <= 0 {
		return "", os.ErrNotExist
	}
	return "/proc/" + strconv.Itoa(pid), nil
}

// PIDs lists the processes of this namespace, in no order.
func PIDs() ([]int, error) {
	if err := Own(); err != nil {
		return nil, err
	}
	folder, err := os.Open("/proc")
	if err != nil {
		return nil, err
	}
	defer func() { _ = folder.Close() }()
	names, err := folder.Readdirnames(-1)
	if err != nil && len(names) == 0 {
		return nil, err
	}
	pids := make([]int, 0, len(names))
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids, nil
}

// readProc reads a file of a process in /proc.
func readProc(pid int, name string) ([]byte, error) {
	dir, err := Dir(pid)
	if err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, name)) //nolint:gosec // a folder of /proc
}

// Proportional is the memory of a process in bytes, in which a page that several share counts for each with its share of it (PSS in
// proc_pid_smaps(5)). The kernel walks through all of its pages for it: some 0.5 ms for 50 MB.
func Proportional(pid int) (bytes int64, ok bool) {
	table, err := readProc(pid, "smaps_rollup")
	if err != nil {
		return 0, false // it ended, belongs to someone else, or the kernel is older than 4.14
	}
	return proportional(table)
}

// proportional finds the line of the sum in such a table; its unit is always kB.
func proportional(table []byte) (sum int64, ok bool) {
	for line := range bytes.Lines(table) {
		if fields := bytes.Fields(line); len(fields) == 3 && string(fields[0]) == "Pss:" {
			kilobytes, err := strconv.ParseInt(string(fields[1]), 10, 64)
			return kilobytes << 10, err == nil
		}
	}
	return 0, false
}

// namespace names the PID namespace of this process, empty when it cannot be read: ids mean something only within it.
var namespace = sync.OnceValue(func() string {
	name, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return ""
	}
	return name
})
