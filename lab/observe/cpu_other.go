//go:build !linux

package observe

import (
	"time"

	"github.com/shirou/gopsutil/v3/process"
)

// CPUClock names where process CPU time comes from on this system.
const CPUClock = "gopsutil"

// clockCPU is for systems whose processes' CPU clocks can be read; here Times of gopsutil is used instead.
func clockCPU(int) (nanoseconds int64, ok bool) { return 0, false }

// processStart gives when the process started, as an identity in milliseconds since 1970, and how long ago.
func processStart(pid int) (start int64, age time.Duration, exists bool) {
	start, err := (&process.Process{Pid: int32(pid)}).CreateTime() //nolint:gosec // a PID fits
	if err != nil {
		return 0, 0, false
	}
	return start, max(time.Since(time.UnixMilli(start)), 0), true
}
