//go:build !linux && !darwin

package observe

import "github.com/shirou/gopsutil/v3/process"

// CPUClock names where process CPU time comes from on this system.
const CPUClock = "gopsutil"

// clockCPU is for systems whose processes' CPU clocks can be read; here Times of gopsutil is used instead.
func clockCPU(int) (nanoseconds int64, ok bool) { return 0, false }

// threadsAndSwitches gives the number of threads and the context switches since the start; nil where the system
// does not tell.
func threadsAndSwitches(p *process.Process) (threads, switches *int64) {
	if n, err := p.NumThreads(); err == nil {
		threads = value(int64(n))
	}
	if s, err := p.NumCtxSwitches(); err == nil && s != nil {
		switches = value(s.Voluntary + s.Involuntary)
	}
	return threads, switches
}
