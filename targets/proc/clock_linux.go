package proc

import (
	"time"

	"golang.org/x/sys/unix"
)

// machineClock is CLOCK_MONOTONIC in nanoseconds: one clock for all processes of the machine.
func machineClock() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		return time.Now().UnixNano()
	}
	return ts.Nano()
}
