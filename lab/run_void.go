package lab

import (
	"fmt"
	"slices"
	"strconv"

	"benchtop/lab/metric"
	"benchtop/targets"
)

// between subtracts the marks before a slice from those after it, and says which part of the target each is of. A process
// that was not there before counts whole.
func between(before, after []targets.WorkerStatus, processes []targets.Process) []metric.WorkerWindow {
	out := make([]metric.WorkerWindow, 0, len(after))
	for _, a := range after {
		var b targets.WorkerStatus
		for _, old := range before {
			if old.PID == a.PID && old.Role == a.Role {
				b = old
			}
		}
		w := metric.WorkerWindow{
			WorkerStatus: a, ServedHere: a.Served - b.Served, AcceptedHere: a.Accepted - b.Accepted,
			RejectedHere: a.Rejected - b.Rejected, TLSHere: a.Handshakes - b.Handshakes, ResumedHere: a.Resumed - b.Resumed,
		}
		if a.Upstream != nil {
			pool := *a.Upstream
			if old := b.Upstream; old != nil {
				pool.Requests -= old.Requests
				pool.Opened -= old.Opened
				pool.Failed -= old.Failed
				pool.Ejected -= old.Ejected
			}
			w.PoolHere = &pool
		}
		if k := slices.IndexFunc(processes, func(p targets.Process) bool { return p.PID == a.PID }); k >= 0 {
			w.Part = partOf(&processes[k])
		}
		out = append(out, w)
	}
	return out
}

// void says why a slice cannot count: the counts of whoever answers the generator, the proxy if there is one, and the
// generator's own differ by more than requests that failed on the way, a worker died, or it could not be asked.
func (r *runner) void(s *Slice, deaths, recycled int, markErr error) string {
	if n := r.deaths(s.Variant) - deaths; n > 0 {
		return plural(n, "worker") + " died in it"
	}
	if markErr != nil {
		return "a worker did not tell its counts: " + errorWords(markErr)
	}
	answered, most := s.Load.Total.Answered()
	front, who, served, counted := targets.PartServer, "workers", uint64(0), false
	for i := range s.Workers {
		if s.Workers[i].PartOf() == targets.PartProxy {
			front, who = targets.PartProxy, "proxy"
		}
	}
	for i := range s.Workers {
		w := &s.Workers[i]
		part := w.PartOf()
		if part == front {
			served += w.ServedHere
			counted = true
		}
		if got := s.Load.TotalWorkers[strconv.Itoa(w.PID)]; part == targets.PartServer && got > w.ServedHere {
			return fmt.Sprintf("the generator counted %d responses of worker %d, which itself counted %d", got, w.PID, w.ServedHere)
		}
	}
	if !counted || front == targets.PartServer && r.recycledSoFar(s.Variant) > recycled {
		return "" // nobody counts there, or a worker took its count with it when its time was over
	}
	late := r.late[s.Variant] // answers to requests that were given up in an earlier slice
	if r.late == nil {
		r.late = map[string]uint64{}
	}
	r.late[s.Variant] = most + late - min(served, most+late)
	if served < answered || served > most+late {
		return fmt.Sprintf("the generator counted %d responses and %d lost, the %s counted %d", answered, most-answered, who, served)
	}
	return ""
}
