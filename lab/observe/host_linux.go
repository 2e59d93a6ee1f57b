package observe

import (
	"bytes"
	"strconv"

	"github.com/shirou/gopsutil/v3/cpu"
)

// fill takes the times of /proc/stat, of which only those of a core that does nothing are exact: see HostSample.
func (s *HostSample) fill(t cpu.TimesStat, cores int64) {
	idle := nanoseconds(t.Idle + t.Iowait)
	steal := nanoseconds(t.Steal)
	if cores == 0 || idle == 0 {
		return // a sandbox without a /proc/stat of its own
	}
	s.Total = cores * s.At
	s.Busy = s.Total - idle - steal
	s.Foreign = s.Busy
	if t.Irq > 0 {
		// Hard interrupts are never seen by the ticks, so this kernel measures interrupts exactly and leaves them out of
		// the CPU time of the process that they interrupt. On others they are in it, the network's receive work on the
		// loopback above all, and are subtracted with our own processes.
		s.Foreign -= nanoseconds(t.Irq + t.Softirq)
	}
	s.Steal = &steal
}

// pressure is the share of the last ten seconds in which something runnable waited for a core, in percent; nil on
// a kernel without pressure stall information.
func pressure() *float64 {
	var buffer [512]byte
	content, ok := readFile("/proc/pressure/cpu", buffer[:])
	if !ok {
		return nil
	}
	return parsePressure(content)
}

// parsePressure reads "some avg10=0.00 avg60=...".
func parsePressure(content []byte) *float64 {
	_, rest, found := bytes.Cut(content, []byte("some avg10="))
	if !found {
		return nil
	}
	digits, _, _ := bytes.Cut(rest, []byte(" "))
	v, err := strconv.ParseFloat(string(digits), 64)
	if err != nil {
		return nil
	}
	return &v
}
