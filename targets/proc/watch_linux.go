package proc

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"benchtop/targets/procfs"
	"benchtop/targets/routine"
)

// watchRole is the role of a watcher, in front of the role and the cookie of the child that it watches over.
//
// A child that cleans up behind itself (Command.OwnEnd) cannot do so when it is stopped or killed together with its
// parent. So it has a watcher between the parent and itself: the pipes pass through it untouched, everything below is
// its descendant and becomes its child when the processes in between end, and it kills whatever is left when the child
// is gone, or when the parent is and the child has not ended in time. A watcher that was stopped continues when its
// parent ends, and so does the child when the watcher does.
const watchRole = "watch"

// Times of a watcher.
const (
	watchPatience = 2 * time.Second // for the child, once its parent is gone: 0 processes are promised after 3 s
	killPatience  = 2 * time.Second // until what cannot be killed is given up
	killEvery     = 5 * time.Millisecond
)

// watcher is the parent of the child that it watches over, and of every orphan below.
type watcher struct {
	child int

	mu     sync.Mutex // held while the child is reaped or killed
	reaped bool
	status syscall.WaitStatus
}

// watchOver starts this program again in a role, watches over it and gives the exit code.
func watchOver(role string) int {
	nameProcess("benchtop " + watchRole)
	w, err := startWatched(role)
	if err != nil {
		fmt.Fprintf(os.Stderr, "benchtop: watching over role %s: %v\n", role, err)
		return exitFailed
	}
	asked := make(chan os.Signal, 4)
	Notify(asked, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	parent, child, all := make(chan struct{}), make(chan struct{}), make(chan struct{})
	routine.Go(func() { awaitHangUp(fdDown, parent) })
	routine.Go(func() { w.reap(child, all) })
	var overdue, nextKill, giveUp <-chan time.Time
	for {
		select {
		case s := <-asked:
			w.signal(s.(syscall.Signal))
		case <-parent:
			parent = nil
			w.signal(syscall.SIGCONT)
			overdue = time.After(watchPatience)
		case <-child:
			child, overdue = nil, time.After(0)
		case <-overdue:
			overdue, giveUp, nextKill = nil, time.After(killPatience), time.After(0)
		case <-nextKill:
			w.killAll()
			nextKill = time.After(killEvery)
		case <-giveUp:
			return exitOrphan
		case <-all:
			return w.code()
		}
	}
}

func startWatched(role string) (*watcher, error) {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return nil, fmt.Errorf("becoming the reaper of orphans: %w", err)
	}
	path, err := executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program's own file: %w", err)
	}
	name, _, _ := strings.Cut(role, "/")
	w := &watcher{}
	err = Spawn(func() (err error) {
		w.child, err = syscall.ForkExec(path, []string{"benchtop", name}, &syscall.ProcAttr{
			Env:   append(os.Environ(), RoleEnv+"="+role),
			Files: []uintptr{0, 1, 2, fdDown, fdUp},
			Sys:   &syscall.SysProcAttr{Pdeathsig: syscall.SIGCONT},
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("starting it: %w", err)
	}
	return w, unix.Close(fdUp) // its end is to be the child's
}

// awaitHangUp closes gone when nobody has the writing end of a pipe any more. It reads nothing of it.
func awaitHangUp(pipe int32, gone chan<- struct{}) {
	defer close(gone)
	for {
		_, err := unix.Poll([]unix.PollFd{{Fd: pipe}}, -1)
		if !errors.Is(err, unix.EINTR) {
			return
		}
	}
}

// reap waits for everything, and closes child when the child has ended, and all when nothing is left.
func (w *watcher) reap(child, all chan<- struct{}) {
	defer close(all)
	for {
		var info unix.Siginfo
		err := unix.Waitid(unix.P_ALL, 0, &info, unix.WEXITED|unix.WNOWAIT, nil)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return // no child, so no descendant
		}
		w.mu.Lock()
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		if err == nil && pid == w.child && !w.reaped {
			w.reaped, w.status = true, status
			close(child)
		}
		w.mu.Unlock()
	}
}

// signal sends a signal to the child while its id is its own.
func (w *watcher) signal(s syscall.Signal) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.reaped {
		_ = syscall.Kill(w.child, s)
	}
}

// killAll kills the child and everything else below.
func (w *watcher) killAll() {
	w.signal(syscall.SIGKILL)
	for _, st := range procfs.Below(os.Getpid()) {
		_ = st.Identity().Signal(syscall.SIGKILL) // it may have ended
	}
}

// code is the child's exit code. When a signal killed the child, this process ends in the same way.
func (w *watcher) code() int {
	if w.status.Signaled() {
		if w.status.Signal() == syscall.SIGKILL {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
		return 128 + int(w.status.Signal())
	}
	return w.status.ExitStatus()
}

// watched is the environment's name for a role that has a watcher.
func watched(role string) string { return watchRole + "/" + role }
