//go:build !linux

package load

import "golang.org/x/sys/unix"

// processCPU is the CPU time of this process, user and system, in nanoseconds.
func processCPU() int64 {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return u.Utime.Nano() + u.Stime.Nano()
}
