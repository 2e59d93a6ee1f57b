package lab

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"sync"
	"time"

	"benchtop/lab/figure"
	"benchtop/lab/load"
	"benchtop/lab/metric"
	"benchtop/lab/observe"
	"benchtop/lab/observe/counters"
	"benchtop/targets"
	"benchtop/targets/proc"
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
			CountersHere: counted(a.Counters, b.Counters),
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

// counted is what was counted by name since an earlier mark. What counts less than before has begun again, and counts whole.
func counted(now, before map[string]uint64) map[string]uint64 {
	out := maps.Clone(now)
	for name, n := range out {
		if old := before[name]; old <= n {
			out[name] = n - old
		}
	}
	return out
}

// gauges are the levels that the processes of the targets report, about every 250 ms.
type gauges struct {
	sync.Mutex
	here map[int][]reading // by process, since the slice began
	news map[int]map[string]int64
}

type reading struct {
	at     int64 // proc.Now
	levels map[string]int64
}

// take is told every status.
func (g *gauges) take(s targets.WorkerStatus) {
	if len(s.Levels) == 0 {
		return
	}
	g.Lock()
	defer g.Unlock()
	if g.here == nil {
		g.here, g.news = map[int][]reading{}, map[int]map[string]int64{}
	}
	if last := g.here[s.PID]; len(last) == 0 || !maps.Equal(last[len(last)-1].levels, s.Levels) {
		g.news[s.PID] = s.Levels
	}
	g.here[s.PID] = append(g.here[s.PID], reading{s.At, s.Levels})
}

// begin forgets all but the last reading of each process.
func (g *gauges) begin() {
	g.Lock()
	defer g.Unlock()
	for pid, all := range g.here {
		g.here[pid] = slices.Clone(all[len(all)-1:])
	}
}

// changed are the levels of the processes that have other ones than they had before, nil when none has.
func (g *gauges) changed() map[int]map[string]int64 {
	g.Lock()
	defer g.Unlock()
	if len(g.news) == 0 {
		return nil
	}
	out := g.news
	g.news = map[int]map[string]int64{}
	return out
}

// mean are the levels of a process on average between two times of proc.Now, nil when it reported none then.
func (g *gauges) mean(pid int, from, to int64) map[string]float64 {
	g.Lock()
	defer g.Unlock()
	sums, n := map[string]float64{}, 0.0
	for _, r := range g.here[pid] {
		if r.at < from || r.at > to {
			continue
		}
		n++
		for name, v := range r.levels {
			sums[name] += float64(v)
		}
	}
	if n == 0 {
		return nil
	}
	for name := range sums {
		sums[name] /= n
	}
	return sums
}

// void says why a slice cannot count: a worker died in it or could not be asked, or the generator's count differs by more
// than the requests that failed on the way from the count of the processes that responded: the proxy's if there is one.
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
	late := r.late[s.Variant] // responses to requests that were given up in an earlier slice
	if r.late == nil {
		r.late = map[string]uint64{}
	}
	r.late[s.Variant] = most + late - min(served, most+late)
	if served < answered || served > most+late {
		return fmt.Sprintf("the generator counted %d responses and %d lost, the %s counted %d", answered, most-answered, who, served)
	}
	return ""
}

// How long the lab and the generator may stand still in a slice. The lab only reads and draws meanwhile; what the generator
// does not do is in every figure. A machine under load delays both by some milliseconds.
const (
	labStall       = 250 * time.Millisecond
	generatorStall = 75 * time.Millisecond
)

// stalled says that a slice cannot count because the generator or the lab stood still in it; empty when neither did. gap is by how
// much the wall clock went ahead of the monotonic one.
func stalled(gap time.Duration, lab, generator proc.Stall) string {
	switch {
	case gap.Abs() > time.Second:
		return "the clock jumped by " + figure.Duration(gap) + ": the machine slept"
	case lab.Longest >= labStall:
		return stoodStill("the lab", lab)
	case generator.Longest >= generatorStall:
		return stoodStill("the generator", generator)
	}
	return ""
}

func stoodStill(who string, s proc.Stall) string {
	return who + " stood still for " + figure.Duration(s.Longest) + " at the longest: it or the machine was stopped, or it had no core to run on"
}

// Limits of the rule that calls a slice dirty, fixed beforehand.
const (
	dirtySteal   = 0.05 // of the machine
	dirtyForeign = 0.15 // of a core
	dirtySibling = 0.03 // of a core, a process of a variant that should be idle; a Python worker that waits uses up to 0.016
	dirtySpeed   = 0.10 // apart, between the slices of a pair
)

// How the reasons of that rule begin that are about the machine.
const (
	foreignWords = "other programs used "
	stealWords   = "steal was "
	speedWords   = "the machine ran "
)

// dirty gives the reasons of the fixed rule against a slice. Variants that are under load together are not idle.
func dirty(s *Slice, together bool) []string {
	var out []string
	h := &s.Usage.Host
	if h.Steal != nil && *h.Steal > dirtySteal {
		out = append(out, stealWords+figure.Whole(*h.Steal))
	}
	if h.Throttled != nil && *h.Throttled > 0 {
		out = append(out, "throttled by a CPU quota for "+figure.Duration(time.Duration(*h.Throttled)))
	}
	if !h.Unknown && h.Foreign > dirtyForeign {
		out = append(out, foreignWords+figure.Whole(h.Foreign)+" of a core")
	}
	if !together {
		busiest, _ := idle(s)
		for id, share := range busiest {
			if share > dirtySibling {
				out = append(out, fmt.Sprintf("%s should be idle and a process of it used %.1f %% of a core", id, 100*share))
			}
		}
	}
	slices.Sort(out)
	return out
}

// idle is what the variants that were not under load used in a slice, in shares of a core: the busiest process of each,
// and all of them together.
func idle(s *Slice) (busiest map[string]float64, all float64) {
	busiest = map[string]float64{}
	for i := range s.Usage.Procs {
		p := &s.Usage.Procs[i]
		if p.Variant == "" || p.Variant == s.Variant || p.Wall <= 0 {
			continue
		}
		share := float64(p.CPU) / float64(p.Wall)
		busiest[p.Variant] = max(busiest[p.Variant], share)
		all += share
	}
	return busiest, all
}

// speedReasons compares the machine's speed around the slices that are paired: each variant's first with the
// baseline's first, its second with the second.
func speedReasons(block []*Slice, baseline string) []string {
	speeds := map[string][]float64{}
	for _, s := range block {
		speeds[s.Variant] = append(speeds[s.Variant], (float64(s.Speed[0])+float64(s.Speed[1]))/2)
	}
	var out []string
	base := speeds[baseline]
	for id, speed := range speeds {
		for i := 0; id != baseline && i < min(len(speed), len(base)); i++ {
			if speed[i] <= 0 || base[i] <= 0 {
				continue
			}
			if apart := math.Abs(speed[i]/base[i] - 1); apart > dirtySpeed {
				out = append(out, fmt.Sprintf("%s: %s%s faster or slower than in its pair", id, speedWords, figure.Whole(apart)))
			}
		}
	}
	slices.Sort(out)
	return out
}

// medianSpeed is the lower median over the cores, in nanoseconds. Times come sorted. The slowest core alone would
// not do: any interruption of the 2 ms of work makes it slow.
func medianSpeed(speed []int64) int64 {
	if len(speed) == 0 {
		return 0
	}
	return speed[(len(speed)-1)/2]
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// settles is how long the slices of a variant settle, by its warm-up.
func (r *runner) settles(v *Variant, s *Slice) time.Duration {
	if v.Load.RateShare > 0 {
		return r.plan.Settle
	}
	p99, _ := s.decoded().Values().Of("p99")
	return max(r.plan.Settle, time.Duration(3*p99)*time.Microsecond)
}

// unmeasurable tells why slices of the plan cannot measure a variant with such a warm-up, nil if they can. A free run goes on.
func (r *runner) unmeasurable(v *Variant, s *Slice) error {
	c := &s.Load.Total
	median, _ := s.decoded().Values().Of("p50")
	switch p50 := time.Duration(median) * time.Microsecond; {
	case r.plan.Free:
	case c.OK == 0 && s.Load.Seen().Answered == 0 && c.Requests > 0:
		return refusedRun(ClassNoResponse, "%s gave no response to any of the %s of its warm-up (%s): nothing can be measured at it%s",
			v.ID, plural(int(c.Requests), "request"), load.ErrorWords(c.Errors, s.Load.Reasons), v.Load.elsewhere()) //nolint:gosec // a count
	case r.plan.Slice < 10*p50 && v.Load.RateShare == 0:
		return refusedRun(ClassWindowTooShort, "a slice of %v is shorter than 10 times the median latency of %s, %v: "+
			"set plan.slice to at least %v or use fewer connections", r.plan.Slice, v.ID, p50.Round(time.Millisecond),
			(10*p50 + 99*time.Millisecond).Truncate(100*time.Millisecond))
	}
	return nil
}

// variantIndex is the place of a variant that is there, -1 for one that is not.
func (r *runner) variantIndex(id string) int {
	return slices.IndexFunc(r.plan.Variants, func(v Variant) bool { return v.ID == id })
}

// count has the servers' processes counted, where the plan asks for it, and says what of it is not available here.
func (r *runner) count() {
	if !r.plan.Counters {
		return
	}
	for _, line := range counters.Limits(r.machine.Counters) {
		r.note("warning", "", "%s", line)
	}
	r.observer.Count(counters.NewBook(r.opt.counters()))
}

// tellUncounted says which processes are not counted although they were to be.
func (r *runner) tellUncounted() {
	for _, u := range r.observer.Uncounted() {
		for i := range r.listed {
			for _, p := range r.listed[i] {
				if p.PID == u.PID {
					r.note("warning", r.plan.Variants[i].ID, "nothing is counted of its %s with the PID %d: %s", p.Role, p.PID, u.Reason)
				}
			}
		}
	}
}

// countedIn says what was counted in slices that are over.
func (r *runner) countedIn(u *observe.Usage) {
	r.observer.EndCounts(u)
	r.tellShared(u)
}

// tellShared says once which counters had to take turns, because the processor has fewer of them.
func (r *runner) tellShared(u *observe.Usage) {
	least, shared := 1.0, []string{}
	for i := range u.Procs {
		for event, c := range u.Procs[i].Counts {
			if c.Share == 0 {
				continue
			}
			if least = min(least, c.Share); !slices.Contains(shared, event) {
				shared = append(shared, event)
			}
		}
	}
	if len(shared) == 0 || r.shared {
		return
	}
	r.shared = true
	slices.Sort(shared)
	r.note("warning", "", "the processor has fewer counters than were asked of it: %s were counted in turns, in %s of the time at least, and scaled up",
		counters.Words(shared), figure.Whole(least))
}
