package guard

import (
	"syscall"
	"time"

	"benchtop/targets/posix"
)

// stop asks the first process to stop and plans what follows.
func (k *keeper) stop(grace time.Duration) {
	if k.stopping {
		return
	}
	k.stopping = true
	now := time.Now()
	k.killAt = now.Add(grace)
	if k.spec.Then != 0 {
		k.thenAt = now.Add(grace / 2)
	}
	if k.firstEnded {
		k.askAll(syscall.Signal(k.spec.Stop))
		return
	}
	k.askFirst(syscall.Signal(k.spec.Stop))
	k.wakeGroup()
}

// orphaned stops the component because the lab is gone, with less patience than the lab would have had.
func (k *keeper) orphaned() {
	k.stop(orphanGrace)
	if at := time.Now().Add(orphanGrace); at.Before(k.killAt) {
		k.killAt = at
	}
	if !k.thenAt.IsZero() {
		k.thenAt = time.Now().Add(orphanGrace / 2)
	}
}

// advance does what is due.
func (k *keeper) advance(now time.Time) {
	if !k.thenAt.IsZero() && !now.Before(k.thenAt) {
		k.thenAt = time.Time{}
		k.askFirst(syscall.Signal(k.spec.Then))
	}
	if !k.killAt.IsZero() && !now.Before(k.killAt) {
		if k.killing.IsZero() {
			k.killing = now
		}
		k.killAt = now.Add(killEvery)
		k.killAll()
	}
}

// next says how long nothing is due.
func (k *keeper) next(now, lookAt time.Time) time.Duration {
	at := lookAt
	for _, t := range []time.Time{k.thenAt, k.killAt} {
		if !t.IsZero() && t.Before(at) {
			at = t
		}
	}
	return max(at.Sub(now), time.Millisecond)
}

// askFirst sends a signal to the first process while it is ours: not reaped, so its id is not another's.
func (k *keeper) askFirst(s syscall.Signal) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.reaped {
		_ = posix.Kill(k.first.PID, s) // it may be a zombie
	}
}

// wakeGroup lets stopped processes take in what was asked of them.
func (k *keeper) wakeGroup() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.reaped {
		_ = posix.Kill(-k.first.PID, posix.SIGCONT)
	}
}
