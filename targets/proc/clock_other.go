//go:build !linux

package proc

import "time"

// machineClock is the wall clock where no shared monotonic clock is at hand. It is read once per process: a step of the
// wall clock between the starts of two processes shows as an offset between them.
func machineClock() int64 { return time.Now().UnixNano() }
