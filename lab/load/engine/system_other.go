//go:build !linux

package engine

import (
	"net/netip"

	"golang.org/x/sys/unix"
)

func engines() []Engine { return []Engine{netEngine{}} }

// processCPU is the CPU time of this process, user and system, in nanoseconds.
func processCPU() int64 {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return u.Utime.Nano() + u.Stime.Nano()
}

// bindSource does nothing: only 127.0.0.1 of 127.0.0.0/8 exists here.
func bindSource(int, netip.Addr) error { return nil }
