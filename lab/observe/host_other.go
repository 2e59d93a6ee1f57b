//go:build !linux

package observe

import "github.com/shirou/gopsutil/v3/cpu"

// fill takes the times as they are: this system measures them at every switch. Stolen time is not known.
func (s *HostSample) fill(t cpu.TimesStat, _ int64) {
	s.Busy = nanoseconds(t.User + t.Nice + t.System + t.Irq + t.Softirq)
	s.Foreign = s.Busy
	s.Total = s.Busy + nanoseconds(t.Idle)
}

func pressure() *float64 { return nil }

func tcpCounters() *TCP { return nil }

// quota is for control groups, which this system does not have.
type quota struct{}

func readQuota() quota { return quota{} }

func (quota) throttled() *int64 { return nil }

func (quota) cores() float64 { return 0 }
