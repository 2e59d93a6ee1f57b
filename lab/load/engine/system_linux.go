package engine

import (
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"
)

func engines() []Engine { return []Engine{epollEngine{}, netEngine{}} }

// processCPU is the CPU time of this process, user and system, in nanoseconds.
func processCPU() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &ts); err != nil {
		return 0
	}
	return ts.Nano()
}

// threadCPU is the CPU time of the calling thread in nanoseconds; the caller must be locked to it.
func threadCPU() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &ts); err != nil {
		return 0
	}
	return ts.Nano()
}

// bindSource binds a socket to a source address and leaves the port to the connect, so that a port counts per pair
// of addresses.
func bindSource(fd int, a netip.Addr) error {
	// Without the option the bind takes a port for itself; the connect still works, until those are used up.
	_ = unix.SetsockoptInt(fd, unix.SOL_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1)
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: a.As4()}); err != nil {
		return fmt.Errorf("bind to %v: %w", a, err)
	}
	return nil
}

// wakeAt makes a reader of a socket sleep until so many bytes have come, or the end. Unix sockets wake at the first one
// whatever it is.
func wakeAt(fd uintptr, bytes int) {
	_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVLOWAT, bytes)
}
