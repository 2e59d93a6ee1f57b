package metric

import (
	"benchtop/lab/observe"
	"benchtop/lab/observe/counters"
)

// counting are the metrics of what the kernel and the processor count of the server's processes, where the plan asks for it.
var counting = []Metric{
	{
		Name: "instructions_per_request", Unit: Plain, Lower: true, Counter: counters.Instructions,
		Doc:   "instructions that the server's processes executed per request of the load; with counters, where the machine has a PMU",
		Words: "instructions per request", Claim: "executes %s instructions per request",
		Scope: Server, Bench: "instructions/req", Of: countedPerRequest(counters.Instructions),
	},
	{
		Name: "cycles_per_request", Unit: Plain, Lower: true, Counter: counters.Cycles,
		Doc:   "cycles of the processor in which the server's processes ran per request of the load; with counters, where the machine has a PMU",
		Words: "cycles per request", Claim: "takes %s cycles per request",
		Scope: Server, Of: countedPerRequest(counters.Cycles),
	},
	{
		Name: "cache_misses_per_request", Unit: Plain, Lower: true, Counter: counters.CacheMisses,
		Doc:   "misses of the processor's last cache by the server's processes per request of the load; with counters, where the machine has a PMU",
		Words: "cache misses per request",
		Scope: Server, Kind: Mechanism, Why: 80, Of: countedPerRequest(counters.CacheMisses),
	},
	{
		Name: "context_switches_per_request", Unit: Plain, Lower: true, Counter: counters.ContextSwitches,
		Doc:   "times that a thread of the server's processes left its core per request of the load; with counters",
		Words: "context switches per request",
		Scope: Server, Kind: Mechanism, Why: 81, Of: countedPerRequest(counters.ContextSwitches),
	},
	{
		Name: "syscalls_per_request", Unit: Plain, Lower: true, Counter: counters.SystemCalls,
		Doc:   "system calls of the server's processes per request of the load; with counters, where the kernel's trace events can be read",
		Words: "system calls per request",
		Scope: Server, Kind: Mechanism, Why: 82, Of: countedPerRequest(counters.SystemCalls),
	},
}

// countedPerRequest is an event of the server's processes per request of the load, from before the first of the slice to after
// its last. It is not known where one of the processes was not counted all the time.
func countedPerRequest(event string) func(*Slice) (float64, bool) {
	return func(s *Slice) (float64, bool) {
		sum, known, lacks := 0.0, false, false
		s.processes(func(p *observe.ProcUsage) {
			if !server(PartOf(p.Part, p.Role)) || p.Gone && p.Wall == 0 {
				return
			}
			c, ok := p.Counts[event]
			sum, known, lacks = sum+c.N, known || ok, lacks || !ok
		})
		n := s.Load.Total.Requests
		return sum / float64(max(n, 1)), known && !lacks && n > 0
	}
}
