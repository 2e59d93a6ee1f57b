package procfs

import (
	"bytes"
	"errors"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// bootID is the kernel's name for the time since this machine started; empty when it cannot be read.
var bootID = sync.OnceValue(func() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
})

// Identify gives the identity of a living process; false when there is none, or no /proc to ask.
func Identify(pid int) (Identity, bool) {
	st, ok := ReadStat(pid)
	if !ok || st.Zombie() {
		return Identity{}, false
	}
	return st.Identity(), true
}

// tick is that of CPU times in /proc, in nanoseconds: USER_HZ is 100 on every architecture that Go runs Linux on.
const tick = 10_000_000

// ReadStat asks the kernel about a process; false when there is none.
func ReadStat(pid int) (Stat, bool) {
	line, err := readProc(pid, "stat")
	if err != nil {
		return Stat{}, false
	}
	// The name in parentheses may hold spaces and parentheses itself. Behind it come the state, the parent, the group, the
	// times of children and, as the twentieth, the start (proc_pid_stat(5): 3, 4, 5, 16, 17 and 22).
	fields := bytes.Fields(line[bytes.LastIndexByte(line, ')')+1:])
	if len(fields) < 20 || len(fields[0]) != 1 {
		return Stat{}, false
	}
	parent, err1 := strconv.Atoi(string(fields[1]))
	group, err2 := strconv.Atoi(string(fields[2]))
	start, err3 := strconv.ParseInt(string(fields[19]), 10, 64)
	user, err4 := strconv.ParseInt(string(fields[13]), 10, 64)
	system, err5 := strconv.ParseInt(string(fields[14]), 10, 64)
	if errors.Join(err1, err2, err3, err4, err5) != nil {
		return Stat{}, false
	}
	return Stat{PID: pid, Parent: parent, Group: group, State: fields[0][0], Start: start, Waited: (user + system) * tick}, true
}

// Signal sends a signal to this very process. The error is ESRCH when it has ended, also when its id belongs to
// another process now: what was looked at is held by a descriptor while the signal is sent.
func (i Identity) Signal(s syscall.Signal) error {
	fd, err := unix.PidfdOpen(i.PID, 0)
	switch {
	case errors.Is(err, unix.ENOSYS): // before Linux 5.3
		if !i.Alive() {
			return gone
		}
		return unix.Kill(i.PID, s)
	case err != nil:
		return err
	}
	defer func() { _ = unix.Close(fd) }()
	if !i.Alive() {
		return gone
	}
	return unix.PidfdSendSignal(fd, s, nil, 0)
}
