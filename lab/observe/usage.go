package observe

import "time"

// sameBirth is how far two estimates of one process's start may be apart; a PID is not reused that fast.
const sameBirth = int64(50 * time.Millisecond)

// Between is what happened from a to b, two samples of one observer in this order. Processes are matched by PID and
// birth. One that began in between counts from its birth; one that was first watched in between although it is older
// has no usage yet (Wall is 0); one that b does not list any more is left out.
//
// Foreign is what the host's processes used less what all watched ones did, never under 0. On Linux the host's idle
// time comes in steps of 10 ms, so it is known to about two hundredths of a core over a second and worse over less.
func Between(a, b Sample) Usage {
	u := Usage{From: a.At, To: b.At, Procs: make([]ProcUsage, 0, len(b.Procs))}
	before := make(map[int]*ProcSample, len(a.Procs))
	for i := range a.Procs {
		before[a.Procs[i].PID] = &a.Procs[i]
	}
	var ours int64
	for _, p := range b.Procs {
		usage := p.since(before[p.PID], a.At)
		ours += usage.CPU
		u.Procs = append(u.Procs, usage)
	}
	u.Host = b.Host.since(a.Host, ours)
	u.Groups = groupsBetween(a.Groups, b.Groups)
	return u
}

// since is what the process used after its earlier sample, which is nil when there is none.
func (p ProcSample) since(earlier *ProcSample, from int64) ProcUsage {
	u := ProcUsage{Proc: p.Proc, RSS: p.RSS, PSS: p.PSS, Threads: p.Threads, FDs: p.FDs, Gone: p.Gone}
	switch {
	case earlier != nil && apart(earlier.Born, p.Born) <= sameBirth:
		u.CPU = max(p.CPU-earlier.CPU, 0)
		u.Wall = max(p.At-earlier.At, 0)
		if !earlier.Gone {
			u.RSSBefore = earlier.RSS
		}
		if p.Switches != nil && earlier.Switches != nil {
			u.Switches = value(max(*p.Switches-*earlier.Switches, 0))
		}
	case p.Born >= from-sameBirth && p.Born != 0:
		u.CPU = p.CPU
		u.Wall = max(p.At-max(p.Born, from), 0)
		u.Switches = p.Switches
	}
	return u
}

func apart(a, b int64) int64 { return max(a-b, b-a) }

func (h HostSample) since(earlier HostSample, ours int64) HostUsage {
	u := HostUsage{Load1: h.Load1, Pressure: h.Pressure}
	total := h.Total - earlier.Total
	u.Unknown = total <= 0
	if wall := float64(h.At - earlier.At); wall > 0 && total > 0 {
		u.Busy = float64(max(h.Busy-earlier.Busy, 0)) / wall
		u.Foreign = float64(max(h.Foreign-earlier.Foreign-ours, 0)) / wall
	}
	if total > 0 && h.Steal != nil && earlier.Steal != nil {
		u.Steal = value(float64(max(*h.Steal-*earlier.Steal, 0)) / float64(total))
	}
	if h.Throttled != nil && earlier.Throttled != nil {
		u.Throttled = value(max(*h.Throttled-*earlier.Throttled, 0))
	}
	if h.TCP != nil && earlier.TCP != nil {
		u.TCP = h.TCP.since(earlier.TCP)
	}
	return u
}
