package observe

import (
	"time"

	"golang.org/x/sys/unix"

	"benchtop/targets/procfs"
)

// CPUClock names where process CPU time comes from on this system.
const CPUClock = "clock_gettime"

// clockCPU is the CPU time of a process in nanoseconds, user and system of all its threads, those that ended
// included, from the kernel's CPU clock of the process. The clock's id is made as in clock_getcpuclockid(3).
func clockCPU(pid int) (nanoseconds int64, ok bool) {
	const scheduler = 2 // CPUCLOCK_SCHED, of the whole process
	var ts unix.Timespec
	id := int32(^pid)<<3 | scheduler //nolint:gosec // a PID fits: Linux allows at most 2^22
	if pid <= 0 || unix.ClockGettime(id, &ts) != nil {
		return 0, false
	}
	return ts.Nano(), true
}

// processStart gives when the process started, as an identity in clock ticks since boot, and how long ago. A process
// that has ended but was not waited for yet does not exist. Without a /proc of this PID namespace start and age are 0.
func processStart(pid int) (start int64, age time.Duration, exists bool) {
	if procfs.Own() != nil {
		_, running := clockCPU(pid)
		return 0, 0, running
	}
	st, ok := procfs.ReadStat(pid)
	if !ok || st.Zombie() {
		return 0, 0, false
	}
	var boot unix.Timespec
	if unix.ClockGettime(unix.CLOCK_BOOTTIME, &boot) != nil {
		return st.Start, 0, true
	}
	age = time.Duration(boot.Nano() - st.Start*int64(time.Second/procfs.TicksPerSecond))
	return st.Start, max(age, 0), true
}
