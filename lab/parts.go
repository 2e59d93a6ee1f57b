package lab

import (
	"cmp"
	"math"
	"slices"

	"benchtop/lab/metric"
	"benchtop/targets"
)

// partOf is the part of its target that a process belongs to: one of a target in a single part is the server's.
func partOf(p *targets.Process) string { return cmp.Or(p.Part, targets.PartServer) }

// cpuOf is the CPU of the server's processes and of the other parts of the target, in per cent of a core, NaN of a part none of
// whose processes is known. What a request costs in those is taken over from before.
func cpuOf(procs []ProcState, before []PartState) (server float64, others []PartState) {
	server = math.NaN()
	add := func(to *float64, percent float64) {
		switch {
		case math.IsNaN(percent):
		case math.IsNaN(*to):
			*to = percent
		default:
			*to += percent
		}
	}
	for i := range procs {
		p := &procs[i]
		if p.State != "serving" && p.State != "stopped" || p.Gone {
			continue
		}
		name := metric.PartOf(p.Part, p.Role)
		if name == targets.PartServer {
			add(&server, p.Percent)
			continue
		}
		part := partIn(others, name)
		if part == nil {
			others = append(others, PartState{Name: name, CPU: math.NaN()})
			part = &others[len(others)-1]
			if old := partIn(before, name); old != nil {
				part.PerRequest = old.PerRequest
			}
		}
		add(&part.CPU, p.Percent)
	}
	slices.SortFunc(others, func(a, b PartState) int { return metric.ByPart(a.Name, b.Name) })
	return server, others
}

// partIn finds a part by its name, nil when it is not there.
func partIn(parts []PartState, name string) *PartState {
	if i := slices.IndexFunc(parts, func(p PartState) bool { return p.Name == name }); i >= 0 {
		return &parts[i]
	}
	return nil
}

// partValues are those of one part of the target.
func partValues(dots []SliceDot, name string, of func(*metric.Part) float64) []float64 {
	return valuesOf(dots, func(d *SliceDot) float64 {
		for i := range d.Parts {
			if p := &d.Parts[i]; p.Name == name {
				return of(p)
			}
		}
		return math.NaN()
	})
}

func partCPU(p *metric.Part) float64 { return p.CPU }
func partRSS(p *metric.Part) float64 { return p.RSS }

// Microseconds per nanosecond.
const usPerNs = 1e-3

// partResults are what the parts of a target of several came to.
func partResults(v *VariantState) []PartResult {
	var out []PartResult
	for i := range v.Slices {
		for _, p := range v.Slices[i].Parts {
			if !slices.ContainsFunc(out, func(r PartResult) bool { return r.Part == p.Name }) {
				out = append(out, PartResult{Part: p.Name})
			}
		}
	}
	slices.SortFunc(out, func(a, b PartResult) int { return metric.ByPart(a.Part, b.Part) })
	for i := range out {
		r := &out[i]
		r.CPUPerRequest = seriesOf(partValues(v.Slices, r.Part, partCPU))
		r.RSS = seriesOf(partValues(v.Slices, r.Part, partRSS)).Median
		for k := range v.Procs {
			if p := &v.Procs[k]; metric.PartOf(p.Part, p.Role) == r.Part && p.State != "gone" {
				r.Processes++
			}
		}
	}
	return out
}
