package load

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// poller waits on an epoll set.
type poller struct {
	events []unix.EpollEvent
	coarse bool // the kernel has no epoll_pwait2
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

// block waits for events for at most d nanoseconds, as a call that the scheduler knows of: a collection need not
// wait for it.
func (p *poller) block(epfd int, d int64) int {
	if !p.coarse {
		ts := unix.NsecToTimespec(d)
		n, _, errno := unix.Syscall6(unix.SYS_EPOLL_PWAIT2, uintptr(epfd),
			uintptr(unsafe.Pointer(&p.events[0])), uintptr(len(p.events)), //nolint:gosec // a live slice
			uintptr(unsafe.Pointer(&ts)), 0, 0) //nolint:gosec // a live value
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
	n, _, errno := unix.Syscall6(unix.SYS_EPOLL_PWAIT, uintptr(epfd),
		uintptr(unsafe.Pointer(&p.events[0])), uintptr(len(p.events)), uintptr(d/1e6), 0, 0) //nolint:gosec // a live slice
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
