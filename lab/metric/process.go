package metric

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"benchtop/lab/observe"
	"benchtop/targets"
)

// PartOf is the part of its target that a process belongs to, as it was declared. Run files of versions that declared none
// have proxies, whose roles began with "proxy", and servers.
func PartOf(part, role string) string {
	switch {
	case part != "":
		return part
	case strings.HasPrefix(role, targets.PartProxy):
		return targets.PartProxy
	}
	return targets.PartServer
}

// IsService reports whether a part is neither the server nor what stands in front of it.
func IsService(part string) bool {
	return part != targets.PartServer && part != targets.PartProxy && part != targets.PartLink
}

// IsLink reports whether a part is the declared link, which stands for a network and is none of the target's.
func IsLink(part string) bool { return part == targets.PartLink }

// ByPart is the order of parts: the server, the proxy, the link, and then the services by name.
func ByPart(a, b string) int {
	rank := func(part string) int {
		switch part {
		case targets.PartServer:
			return 0
		case targets.PartProxy:
			return 1
		case targets.PartLink:
			return 2
		}
		return 3
	}
	return cmp.Or(rank(a)-rank(b), cmp.Compare(a, b))
}

// Use is what the processes of one part of the target used in the window.
type Use struct {
	Part   string
	CPU    int64  // nanoseconds
	RSS    *int64 // bytes; nil where it is not known of any of them
	Living int    // processes that were there at the end
}

// uses are what the parts of the slice's target used, those of which a process is known, in the order of ByPart.
func (s *Slice) uses() []Use {
	var out []Use
	s.processes(func(p *observe.ProcUsage) {
		part := PartOf(p.Part, p.Role)
		i := slices.IndexFunc(out, func(u Use) bool { return u.Part == part })
		if i < 0 {
			i = len(out)
			out = append(out, Use{Part: part})
		}
		out[i].add(Use{CPU: p.CPU, RSS: p.RSS})
		if !p.Gone {
			out[i].Living++
		}
	})
	slices.SortFunc(out, func(a, b Use) int { return ByPart(a.Part, b.Part) })
	return out
}

func (u *Use) add(o Use) {
	u.CPU += o.CPU
	u.Living += o.Living
	if o.RSS != nil {
		sum := *o.RSS
		if u.RSS != nil {
			sum += *u.RSS
		}
		u.RSS = &sum
	}
}

// processes are those of the slice's variant.
func (s *Slice) processes(do func(*observe.ProcUsage)) {
	for i := range s.Usage.Procs {
		if p := &s.Usage.Procs[i]; p.Variant == s.Variant {
			do(p)
		}
	}
}

// perRequest is CPU time over the requests that ended in the window, in microseconds. All of them count, whatever their
// end: the target worked for each. The stamps of the CPU readings lie within a millisecond of the window's edges; the
// requests are scaled to the time between the stamps.
func (s *Slice) perRequest(cpu int64) (us float64, ok bool) {
	wall := int64(0)
	s.processes(func(p *observe.ProcUsage) { wall = max(wall, p.Wall) })
	ended := s.Load.Seen().Ended
	if wall <= 0 || ended == 0 || s.Load.Length() == 0 {
		return 0, false
	}
	return float64(cpu) * usPerNs / (float64(ended) * float64(wall) / float64(s.Load.Length())), true
}

// Sets of parts, for metrics of their processes.
func server(part string) bool { return part == targets.PartServer }
func proxy(part string) bool  { return part == targets.PartProxy }
func whole(part string) bool  { return !IsLink(part) }

// used sums the parts of a set up. ok is false when none of their processes is known: those of a server that is not ours
// may not be.
func (s *Slice) used(in func(string) bool) (sum Use, ok bool) {
	for _, u := range s.Uses {
		if in(u.Part) {
			sum.add(u)
			ok = true
		}
	}
	return sum, ok
}

func cpuPerRequest(in func(string) bool) func(*Slice) (float64, bool) {
	return func(s *Slice) (float64, bool) {
		sum, ok := s.used(in)
		if !ok {
			return 0, false
		}
		return s.perRequest(sum.CPU)
	}
}

func memory(in func(string) bool) func(*Slice) (float64, bool) {
	return func(s *Slice) (float64, bool) {
		sum, _ := s.used(in)
		if sum.RSS == nil {
			return 0, false
		}
		return float64(*sum.RSS), true
	}
}

// memoryGrowth is the resident memory that the server's processes gained in the window, those that began or ended in it
// included, per 1,000 requests that ended in it.
func memoryGrowth(s *Slice) (bytes float64, known bool) {
	s.processes(func(p *observe.ProcUsage) {
		if !server(PartOf(p.Part, p.Role)) || p.Wall == 0 {
			return
		}
		if p.RSSBefore != nil {
			bytes -= float64(*p.RSSBefore)
			known = true
		}
		if p.RSS != nil && !p.Gone {
			bytes += float64(*p.RSS)
		}
	})
	ended := float64(s.Load.Seen().Ended)
	if !known || ended == 0 {
		return 0, false
	}
	return 1000 * bytes / ended, true
}

// proportional is the memory of the server's processes, each with its share of what several have in common.
func proportional(s *Slice) (bytes float64, ok bool) {
	unknown := false
	s.processes(func(p *observe.ProcUsage) {
		switch {
		case !server(PartOf(p.Part, p.Role)) || p.Gone:
		case p.PSS == nil:
			unknown = true
		default:
			bytes += float64(*p.PSS)
		}
	})
	return bytes, bytes > 0 && !unknown
}

// Part is what one part of a target came to in a slice. NaN is what is not known.
type Part struct {
	Name string  // server, proxy, or that of a service
	CPU  float64 // microseconds per request that ended in the window
	RSS  float64 // bytes
}

// Parts are those of a target that has more than a server; nil of one that has not.
func (s *Slice) Parts() []Part {
	if !s.divided() {
		return nil
	}
	out := make([]Part, len(s.Uses))
	for i, u := range s.Uses {
		out[i] = Part{Name: u.Part, CPU: math.NaN(), RSS: math.NaN()}
		if us, ok := s.perRequest(u.CPU); ok {
			out[i].CPU = us
		}
		if u.RSS != nil {
			out[i].RSS = float64(*u.RSS)
		}
	}
	return out
}

// divided reports whether the target has more parts than a server.
func (s *Slice) divided() bool { return len(s.Uses) > 1 || len(s.Uses) == 1 && !server(s.Uses[0].Part) }

// living are the target's processes that were there at the end of the window.
func living(s *Slice) (float64, bool) {
	sum, _ := s.used(whole)
	return float64(sum.Living), sum.Living > 0
}

// apart is a metric of a target that has more parts than a server. Of one that has not it would be another one again.
func apart(of func(*Slice) (float64, bool)) func(*Slice) (float64, bool) {
	return func(s *Slice) (float64, bool) {
		if !s.divided() {
			return 0, false
		}
		return of(s)
	}
}
