//go:build !linux

package observe

import (
	"time"

	"github.com/shirou/gopsutil/v3/process"
)

// processStart gives when the process started, as an identity in milliseconds since 1970, and how long ago. On macOS it is
// one call of sysctl(3).
func processStart(pid int) (start int64, age time.Duration, exists bool) {
	start, err := (&process.Process{Pid: int32(pid)}).CreateTime() //nolint:gosec // a PID fits
	if err != nil {
		return 0, 0, false
	}
	return start, max(time.Since(time.UnixMilli(start)), 0), true
}
