package guard

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// attributes of the component: a group of its own, and its end when the guard is gone.
func attributes(as *Account) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL, Credential: as.credential()}
}

// reap waits for every child, which includes what lost its parent. When there is no child left there is no
// descendant either: each has a chain of living or unreaped parents that ends here.
func (k *keeper) reap() {
	defer close(k.gone)
	for {
		err := unix.Waitid(unix.P_ALL, 0, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return // no child
		}
		k.mu.Lock()
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, unix.WNOHANG, nil)
		if err == nil && pid == k.first.PID && !k.reaped {
			k.reaped = true
			k.exited <- endingOf(syscall.WaitStatus(status))
		}
		k.mu.Unlock()
	}
}

// look lists the tree.
func (k *keeper) look() []member { return look(os.Getpid(), k.tree) }

// askAll sends a signal to every process that is left.
func (k *keeper) askAll(s syscall.Signal) {
	for _, m := range descendants(os.Getpid()) {
		_ = m.Signal(s) // it may have ended
	}
}

// killAll kills the group, at one blow, and then whatever is left one by one.
func (k *keeper) killAll() {
	left := descendants(os.Getpid())
	for _, m := range left {
		k.killed[m.Identity] = true
	}
	k.mu.Lock()
	if !k.reaped {
		_ = syscall.Kill(-k.first.PID, syscall.SIGKILL)
	}
	k.mu.Unlock()
	for _, m := range left {
		_ = m.Signal(syscall.SIGKILL)
	}
}
