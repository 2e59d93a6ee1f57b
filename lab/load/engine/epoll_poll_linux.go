package engine

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"benchtop/lab/load"
)

// poller waits on an epoll set.
type poller struct {
	events []unix.EpollEvent
	limit  unix.Timespec // of the call that is going on
	coarse bool          // the kernel has no epoll_pwait2
	most   int64         // longest wait that is not told, in nanoseconds
	alone  bool          // while the threads wait nobody else could run: every wait has to be told
}

// poll asks for events without waiting. The call cannot block, so it is made without telling the scheduler.
func (p *poller) poll(epfd int) int {
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(epfd),
		uintptr(unsafe.Pointer(&p.events[0])), uintptr(len(p.events)), 0, 0, 0) //nolint:gosec // a live slice
	if errno != 0 {
		return 0 // EINTR
	}
	return int(n)
}

// Longest waits, in nanoseconds: of a closed slice so long that an abort is noticed, of an open one so short that the
// processor does not fall asleep deeply before the next send, from which it would wake up late. A wait that is told may
// be long in both: it is expensive.
const (
	mostClosed = int64(50e6)
	mostOpen   = int64(1e6)
)

func longestWait(m load.Model) int64 {
	if m == load.Open {
		return mostOpen
	}
	return mostClosed
}

// wait waits for events for at most d nanoseconds, or for less: the caller looks at the time anyway.
//
// The scheduler is not told, so that to it the thread looks as if it were computing. A wait that it is told of wakes the
// runtime's monitor, which then looks at the thread every 20 µs for a while: a quarter of all CPU at 1,000 requests a
// second. A collection that is to begin sends the thread a signal, which ends the wait.
func (p *poller) wait(epfd int, d int64) int {
	if p.alone {
		return p.once(epfd, min(d, mostClosed), unix.Syscall6)
	}
	return p.once(epfd, min(d, p.most), unix.RawSyscall6)
}

// once is one blocking call; 0 also when a signal ended it. What it points to lies in the heap and is kept by p.
func (p *poller) once(epfd int, d int64, call func(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, err unix.Errno)) int {
	events := uintptr(unsafe.Pointer(&p.events[0])) //nolint:gosec // a live slice
	if !p.coarse {
		p.limit = unix.NsecToTimespec(d)
		n, _, errno := call(unix.SYS_EPOLL_PWAIT2, uintptr(epfd), events, uintptr(len(p.events)),
			uintptr(unsafe.Pointer(&p.limit)), 0, 0) //nolint:gosec // a live value
		switch errno {
		case 0:
			return int(n)
		case unix.ENOSYS, unix.EPERM:
			p.coarse = true
		default:
			return 0 // EINTR
		}
	}
	// Milliseconds, rounded down: the rest of a wait is polled without waiting, which keeps the schedule sharp.
	n, _, errno := call(unix.SYS_EPOLL_PWAIT, uintptr(epfd), events, uintptr(len(p.events)), uintptr(d/1e6), 0, 0)
	if errno != 0 {
		return 0
	}
	return int(n)
}

// sharpTimers takes the slack (50 µs) off the calling thread's timers.
func sharpTimers() {
	// Without it the schedule lag grows by the slack, and is measured.
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
}

// shortTurns asks for short turns of the processor for the calling thread: one that asks for less gets its turn sooner
// when it wakes up, before a busy thread has used up its own. It is no higher share of the processor, nor a privilege.
// Linux 6.12 and later know it; others take no notice, and then sends are later while the target computes, which is
// measured.
func shortTurns() {
	attr, err := unix.SchedGetAttr(0, 0)
	if err != nil {
		return
	}
	attr.Runtime = turn
	_ = unix.SchedSetAttr(0, attr, 0)
}

// turn is the least that Linux grants (fair scheduler, sched_setattr(2)), in nanoseconds.
const turn = 100_000

// rawSend writes to a non-blocking socket; 0 is no error.
func rawSend(fd int32, p []byte) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)), //nolint:gosec // not empty
		unix.MSG_NOSIGNAL, 0, 0)
	return int(n), errno
}

// rawReceive reads from a non-blocking socket; 0 bytes and no error is the end of file.
func rawReceive(fd int32, p []byte) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)), 0, 0, 0) //nolint:gosec // not empty
	return int(n), errno
}
