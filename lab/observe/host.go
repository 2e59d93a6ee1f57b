package observe

import (
	"time"

	"github.com/shirou/gopsutil/v3/cpu"
	"github.com/shirou/gopsutil/v3/load"
)

// hostReader reads the whole machine. Times are read every time, averages that the system renews slowly once a second.
type hostReader struct {
	now      func() int64
	cores    int64
	quota    quota
	slowDue  int64
	load     *float64
	pressure *float64
}

func newHostReader(now func() int64) *hostReader {
	h := &hostReader{now: now, quota: readQuota()}
	if n, err := cpu.CountsWithContext(here, true); err == nil {
		h.cores = int64(n)
	}
	return h
}

func (h *hostReader) read() HostSample {
	s := HostSample{At: h.now()}
	if times, err := cpu.TimesWithContext(here, false); err == nil && len(times) == 1 {
		s.fill(times[0], h.cores)
	}
	s.Throttled = h.quota.throttled()
	s.TCP = tcpCounters()
	if s.At >= h.slowDue {
		h.slowDue = s.At + slowEvery
		h.pressure = pressure()
		h.load = nil
		if average, err := load.AvgWithContext(here); err == nil {
			h.load = &average.Load1
		}
	}
	s.Load1, s.Pressure = h.load, h.pressure
	return s
}

// nanoseconds of the seconds that gopsutil gives; no system counts finer than a millisecond here.
func nanoseconds(seconds float64) int64 { return int64(seconds*1e3+0.5) * int64(time.Millisecond) }
