package metric

import (
	"strings"

	"benchtop/lab/observe"
)

// proxyRole begins the roles of a proxy's processes: proxy, proxy-master.
const proxyRole = "proxy"

// IsProxy reports whether a process of a target with this role is a proxy in front of its server.
func IsProxy(role string) bool { return strings.HasPrefix(role, proxyRole) }

// processes are those of the slice's variant.
func (s *Slice) processes(do func(*observe.ProcUsage)) {
	for i := range s.Usage.Procs {
		if p := &s.Usage.Procs[i]; p.Variant == s.Variant {
			do(p)
		}
	}
}

// cpuPerRequest is the CPU time of a part's processes over the requests that ended in the window. All of them count,
// whatever their end: the target worked for each. The stamps of the CPU readings lie within a millisecond of the window's
// edges; the requests are scaled to the time between the stamps. None of the processes of a server that is not ours may
// be known.
func cpuPerRequest(part Scope) func(*Slice) (float64, bool) {
	return func(s *Slice) (float64, bool) {
		cpu, wall, known := int64(0), int64(0), false
		s.processes(func(p *observe.ProcUsage) {
			wall = max(wall, p.Wall)
			if IsProxy(p.Role) == (part == Proxy) {
				cpu += p.CPU
				known = true
			}
		})
		ended := s.Load.Seen().Ended
		if !known || wall <= 0 || ended == 0 {
			return 0, false
		}
		requests := float64(ended) * float64(wall) / float64(s.Load.Length())
		return float64(cpu) * usPerNs / requests, true
	}
}

// memory is what the target's processes hold, bytes.
func memory(s *Slice) (float64, bool) {
	sum, known := int64(0), false
	s.processes(func(p *observe.ProcUsage) {
		if p.RSS != nil {
			sum += *p.RSS
			known = true
		}
	})
	return float64(sum), known
}

// living are the target's processes that were there at the end of the window.
func living(s *Slice) (float64, bool) {
	n := 0
	s.processes(func(p *observe.ProcUsage) {
		if !p.Gone {
			n++
		}
	})
	return float64(n), n > 0
}
