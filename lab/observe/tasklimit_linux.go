package observe

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"benchtop/targets/procfs"
)

// Tasks finds the tightest limit of processes and threads: RLIMIT_NPROC, which does not bind root, and pids.max of the
// control groups from the own one upwards. Those of other users' processes that cannot be read are not counted.
func Tasks() TaskLimit {
	tightest := TaskLimit{}
	for _, l := range append(groupTasks(), userTasks()) {
		if l.Name != "" && (tightest.Name == "" || l.Left() < tightest.Left()) {
			tightest = l
		}
	}
	return tightest
}

// userTasks is the limit of this user; none for root and for who may pass it.
func userTasks() TaskLimit {
	var limit unix.Rlimit
	if os.Getuid() == 0 || mayPass() || unix.Getrlimit(unix.RLIMIT_NPROC, &limit) != nil || limit.Cur == unix.RLIM_INFINITY {
		return TaskLimit{}
	}
	used, ok := tasksOf(os.Getuid())
	if !ok {
		return TaskLimit{}
	}
	return TaskLimit{
		Name: fmt.Sprintf("RLIMIT_NPROC of user %d", os.Getuid()), Raise: "ulimit -u", Used: used,
		Max: int64(min(limit.Cur, 1<<40)), //nolint:gosec // bounded just here
	}
}

// mayPass reports whether the kernel does not hold this process to RLIMIT_NPROC.
func mayPass() bool {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if unix.Capget(&header, &data[0]) != nil {
		return false
	}
	return data[0].Effective&(1<<unix.CAP_SYS_RESOURCE|1<<unix.CAP_SYS_ADMIN) != 0
}

// tasksOf counts the threads of all processes of a user.
func tasksOf(uid int) (n int64, ok bool) {
	pids, err := procfs.PIDs()
	if err != nil {
		return 0, false
	}
	var buffer [4096]byte
	owner := []byte("\nUid:\t" + strconv.Itoa(uid) + "\t")
	for _, pid := range pids {
		dir, err := procfs.Dir(pid)
		if err != nil {
			continue
		}
		if status, ok := readFile(dir+"/status", buffer[:]); ok && bytes.Contains(status, owner) {
			n += field(status, "\nThreads:")
		}
	}
	return n, true
}

// groupTasks are the limits of the control groups.
func groupTasks() []TaskLimit {
	membership, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return nil
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil
	}
	var limits []TaskLimit
	for _, folder := range groupFolders(string(membership), string(mounts), "pids") {
		if l, ok := tasksIn(folder); ok {
			limits = append(limits, l)
		}
	}
	return limits
}

// tasksIn reads the limit of one group; false where it has none.
func tasksIn(folder string) (TaskLimit, bool) {
	number := func(name string) (int64, bool) {
		var buffer [64]byte
		content, ok := readFile(filepath.Join(folder, name), buffer[:])
		if !ok {
			return 0, false
		}
		n, err := strconv.ParseInt(strings.TrimSpace(string(content)), 10, 64) // "max" is none
		return n, err == nil
	}
	most, ok := number("pids.max")
	used, ok2 := number("pids.current")
	if !ok || !ok2 {
		return TaskLimit{}, false
	}
	return TaskLimit{Name: "pids.max of " + folder, Raise: "TasksMax= of the service, or --pids-limit of the container", Max: most, Used: used}, true
}

// portsHeld is for how long a port cannot be used towards the same address once the client has closed a connection
// from it: TIME_WAIT is 60 s, of which net.ipv4.tcp_tw_reuse leaves one on the loopback interface (2) or everywhere (1).
func portsHeld() (seconds float64) {
	var buffer [16]byte
	if reuse, ok := readFile("/proc/sys/net/ipv4/tcp_tw_reuse", buffer[:]); ok {
		switch strings.TrimSpace(string(reuse)) {
		case "1", "2":
			return 1
		}
	}
	return 60
}
