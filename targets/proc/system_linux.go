package proc

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"benchtop/targets/routine"
)

// spawner runs every fork of this process on one OS thread that never ends. The parent-death signal is sent when the
// *thread* that forked ends, and Go ends threads: on a goroutine of its own that stays locked for the program's life,
// this can only happen when the whole process ends.
var spawner = sync.OnceValue(func() chan<- func() {
	jobs := make(chan func())
	routine.Go(func() { runSpawner(jobs) })
	return jobs
})

func runSpawner(jobs <-chan func()) {
	runtime.LockOSThread()
	for job := range jobs {
		job()
	}
}

// Spawn calls start on a thread that lives as long as this process. Whatever start forks with a parent-death signal
// gets it when this process ends, not earlier.
func Spawn(start func() error) error {
	done := make(chan error, 1)
	spawner() <- func() { done <- start() }
	return <-done
}

// childAttributes puts a child into a process group of its own and lets the kernel kill it when this process ends. One
// that has to clean up behind itself then is made to continue instead, should it be stopped.
func childAttributes(ownEnd bool) *syscall.SysProcAttr {
	if ownEnd {
		return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGCONT}
	}
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// StartIn makes what is started with these attributes begin in a control group, so that at no moment it is outside; an
// empty one changes nothing. The caller lets the group go after the start.
func StartIn(group string, attributes *syscall.SysProcAttr) (let func(), err error) {
	if group == "" {
		return func() {}, nil
	}
	folder, err := os.Open(group)
	if err != nil {
		return nil, fmt.Errorf("opening the control group: %w", err)
	}
	attributes.UseCgroupFD, attributes.CgroupFD = true, int(folder.Fd())
	return func() { _ = folder.Close() }, nil
}

// executable is the file of this very program, also after it was replaced or removed.
func executable() (string, error) {
	const self = "/proc/self/exe"
	if _, err := os.Stat(self); err == nil {
		return self, nil
	}
	return os.Executable()
}

// awaitExit waits until the process has ended without reaping it, so that its process group's id stays reserved. It
// reports whether it could.
func awaitExit(pid int) bool {
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			return err == nil
		}
	}
}

// nameProcess sets the name that ps and top show, at most 15 bytes; started through /proc/self/exe it would be "exe".
func nameProcess(name string) {
	_ = os.WriteFile("/proc/self/comm", []byte(name), 0o600) // a nicety: without it only the name is wrong
}

// newPipe gives the reading and the writing end of a pipe whose ends can have deadlines.
func newPipe() (*os.File, *os.File, error) { return os.Pipe() }
