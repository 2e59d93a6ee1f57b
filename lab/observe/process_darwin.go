package observe

import (
	"runtime"
	"sync"
	"unsafe"

	"github.com/shirou/gopsutil/v3/process"
	"golang.org/x/sys/unix"
)

// CPUClock names where process CPU time comes from on this system. Without cgo gopsutil starts ps(1) for the times, the memory
// and the threads of a process, each time that it is asked. The call of the kernel that libproc(3) makes needs neither.
const CPUClock = "proc_info"

// Numbers of <sys/proc_info.h>.
const (
	callPIDInfo = 2 // PROC_INFO_CALL_PIDINFO
	listFDs     = 1 // PROC_PIDLISTFDS
	taskOf      = 4 // PROC_PIDTASKINFO

	fdSize = 8 // bytes of struct proc_fdinfo
)

// taskInfo is struct proc_taskinfo of <sys/proc_info.h>.
type taskInfo struct {
	Virtual, Resident                                            uint64 // bytes
	User, System                                                 uint64 // ticks of mach_absolute_time, of all threads, those that ended included
	LivingUser, LivingSystem                                     uint64
	Policy, Faults, Pageins, Copies, Sent, Received, Mach, Calls int32
	Switches, Threads, Running, Priority                         int32
}

// procInfo asks the kernel about a process and gives how many bytes it wrote, or would write without a place; false: the
// process has ended, or is somebody else's.
func procInfo(pid, flavor int, to unsafe.Pointer, size uintptr) (int, bool) {
	n, _, errno := unix.Syscall6(unix.SYS_PROC_INFO, callPIDInfo, uintptr(pid), uintptr(flavor), 0, uintptr(to), size) //nolint:gosec // what it points to lives until it returns
	return int(n), errno == 0
}

func task(pid int) (t taskInfo, ok bool) {
	n, ok := procInfo(pid, taskOf, unsafe.Pointer(&t), unsafe.Sizeof(t)) //nolint:gosec // as above
	return t, ok && n == int(unsafe.Sizeof(t))
}

// nanosecondsPerTick of mach_absolute_time: 1 on Intel, 125/3 on Apple's processors, whose times a program for Intel gets too.
var nanosecondsPerTick = sync.OnceValue(func() float64 {
	const apple = 125.0 / 3
	if translated, err := unix.SysctlUint32("sysctl.proc_translated"); err == nil && translated == 1 {
		return apple
	}
	if frequency, err := unix.SysctlUint64("hw.tbfrequency"); err == nil && frequency > 0 {
		return 1e9 / float64(frequency)
	}
	if runtime.GOARCH == "arm64" {
		return apple
	}
	return 1
})

// clockCPU is the CPU time of a process in nanoseconds, user and system of all its threads.
func clockCPU(pid int) (nanoseconds int64, ok bool) {
	t, ok := task(pid)
	return int64(float64(t.User+t.System) * nanosecondsPerTick()), ok
}

// resident is the memory of a process in bytes.
func resident(p *process.Process) *int64 {
	if t, ok := task(int(p.Pid)); ok {
		return value(int64(t.Resident)) //nolint:gosec // no machine has 2^63 bytes
	}
	return nil
}

// threadsAndSwitches gives the number of threads and the context switches since the start.
func threadsAndSwitches(p *process.Process) (threads, switches *int64) {
	t, ok := task(int(p.Pid))
	if !ok {
		return nil, nil
	}
	return value(int64(t.Threads)), value(int64(t.Switches))
}

// descriptors is how many a process has open. Asked without a place the kernel says how long the list may be, which is more.
func descriptors(p *process.Process) *int64 {
	pid := int(p.Pid)
	most, ok := procInfo(pid, listFDs, nil, 0)
	if !ok || most <= 0 {
		return nil
	}
	list := make([]byte, most)
	n, ok := procInfo(pid, listFDs, unsafe.Pointer(&list[0]), uintptr(most)) //nolint:gosec // as above
	if !ok {
		return nil
	}
	return value(int64(n / fdSize))
}
