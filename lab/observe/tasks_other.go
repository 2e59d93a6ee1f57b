//go:build !linux

package observe

import "github.com/shirou/gopsutil/v3/process"

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
