//go:build !darwin

package observe

import "github.com/shirou/gopsutil/v3/process"

// resident is the memory of a process in bytes; nil where the system does not tell.
func resident(p *process.Process) *int64 {
	memory, err := p.MemoryInfoWithContext(here)
	if err != nil || memory == nil || memory.RSS == 0 {
		return nil
	}
	return value(int64(memory.RSS)) //nolint:gosec // no machine has 2^63 bytes
}

// descriptors is how many a process has open; nil where the system does not tell.
func descriptors(p *process.Process) *int64 {
	n, err := p.NumFDsWithContext(here)
	if err != nil {
		return nil
	}
	return value(int64(n))
}
