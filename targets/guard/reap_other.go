//go:build !linux

package guard

import (
	"errors"
	"syscall"
	"time"

	"benchtop/targets/posix"
)

// groupPoll is how often it is tried whether the group still has a member.
const groupPoll = 20 * time.Millisecond

// becomeReaper does nothing: orphans go to the system's first process here, and stay in the component's group.
func becomeReaper() error { return nil }

// attributes of the component: a group of its own.
func attributes(as *Account) *syscall.SysProcAttr {
	return posix.Group(as.credential())
}

// reap waits for the first process, and then until its group is empty. What left the group is not seen.
func (k *keeper) reap() {
	defer close(k.gone)
	for {
		pid, status, err := posix.WaitAny()
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil {
			break // no child
		}
		if pid == k.first.PID {
			k.mu.Lock()
			k.reaped = true
			k.mu.Unlock()
			k.exited <- endingOf(status)
		}
	}
	for posix.Kill(-k.first.PID, 0) == nil {
		time.Sleep(groupPoll)
	}
}

// look knows of the first process only.
func (k *keeper) look() []member {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.reaped {
		return nil
	}
	return []member{k.first}
}

// askAll sends a signal to the group.
func (k *keeper) askAll(s syscall.Signal) { _ = posix.Kill(-k.first.PID, s) }

// killAll kills the group.
func (k *keeper) killAll() {
	if posix.Kill(-k.first.PID, syscall.SIGKILL) == nil {
		k.killed[k.first.Identity] = true
	}
}

// hunt kills the group of a component whose guard is gone.
func hunt(_ string, _ []member, first member) (left []member) {
	if first.PID > 1 { // 0 and 1 name other groups
		_ = posix.Kill(-first.PID, syscall.SIGKILL)
	}
	return nil
}
