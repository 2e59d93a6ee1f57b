// Package counters counts what processes do by the kernel's and the processor's own counters (perf_event_open): instructions,
// cycles, cache misses, context switches, system calls. What a machine does not have is said with its reason.
package counters

import (
	"maps"
	"strings"
)

// Events that are counted, by the names that everything else calls them by.
const (
	Instructions    = "instructions"
	Cycles          = "cycles"
	CacheMisses     = "cache_misses"
	ContextSwitches = "context_switches"
	SystemCalls     = "syscalls"
)

// Events are all of them.
func Events() []string {
	return []string{Instructions, Cycles, CacheMisses, ContextSwitches, SystemCalls}
}

// Have says of one event whether this machine counts it.
type Have struct {
	Event string `json:"event"`
	Lacks string `json:"lacks,omitempty"` // why it is not available here, and what allows it where something does
	Only  string `json:"only,omitempty"`  // what of it is counted where that is not all, and why
}

// Available are the events that are counted.
func Available(have []Have) []string {
	var out []string
	for _, h := range have {
		if h.Lacks == "" {
			out = append(out, h.Event)
		}
	}
	return out
}

// Words are names of events for people.
func Words(events []string) string {
	out := make([]string, len(events))
	for i, event := range events {
		if out[i] = strings.ReplaceAll(event, "_", " "); event == SystemCalls {
			out[i] = "system calls"
		}
	}
	return strings.Join(out, ", ")
}

// Limits says what a machine does not count, or not all of, a line for each reason.
func Limits(have []Have) []string {
	var lines []string
	told := map[string]bool{}
	for i := range have {
		text := func(h *Have) string {
			if h.Lacks != "" {
				return "not available here: " + h.Lacks
			}
			return h.Only
		}
		why := text(&have[i])
		if why == "" || told[why] {
			continue
		}
		told[why] = true
		var events []string
		for k := range have {
			if text(&have[k]) == why {
				events = append(events, have[k].Event)
			}
		}
		lines = append(lines, Words(events)+": "+why)
	}
	return lines
}

// Source opens counters. Here is what it has.
type Source interface {
	Here() []Have
	// Threads are those of a process, in any order.
	Threads(pid int) ([]int, error)
	// Open counts an event of a thread from now on, and of every thread that it starts from now on, and that those do.
	Open(event string, tid int) (Counter, error)
}

// Counter is an event of a thread. It can still be read when the thread has ended.
type Counter interface {
	Read() (Raw, error)
	Close()
}

// Raw is what a counter says: what it has counted, for how long it could have, and for how long it did. The processor has
// few counters, and where more are asked of it they take turns.
type Raw struct{ N, Enabled, Running uint64 }

// Reading is what a process has counted so far, by event.
type Reading map[string]Raw

// Count is what a process counted between two readings. Share is how much of the time it did, where that is not all: N is
// scaled up to all of it then.
type Count struct {
	N     float64 `json:"n"`
	Share float64 `json:"share,omitempty"`
}

// Between is what was counted from a to b, two readings of one process in this order. An event that one of them lacks, or
// that had no turn although the process ran, is left out: it is not 0 but unknown.
func Between(a, b Reading) map[string]Count {
	var out map[string]Count
	for event, late := range b {
		early, ok := a[event]
		if !ok || late.N < early.N || late.Enabled < early.Enabled || late.Running < early.Running {
			continue
		}
		n, enabled, running := late.N-early.N, late.Enabled-early.Enabled, late.Running-early.Running
		c := Count{N: float64(n)}
		switch {
		case running < enabled && running == 0:
			continue
		case running < enabled:
			c.Share = float64(running) / float64(enabled)
			c.N /= c.Share
		}
		if out == nil {
			out = map[string]Count{}
		}
		out[event] = c
	}
	return out
}

// set are the counters of one process.
type set map[string][]Counter

// read sums the counters up. An event of which one cannot be read is left out.
func (s set) read() Reading {
	out := make(Reading, len(s))
events:
	for event, list := range s {
		var sum Raw
		for _, c := range list {
			r, err := c.Read()
			if err != nil {
				continue events
			}
			sum = Raw{sum.N + r.N, sum.Enabled + r.Enabled, sum.Running + r.Running}
		}
		out[event] = sum
	}
	return out
}

func (s set) close() {
	for list := range maps.Values(s) {
		for _, c := range list {
			c.Close()
		}
	}
}

// open is how many counters there are.
func (s set) open() int {
	n := 0
	for list := range maps.Values(s) {
		n += len(list)
	}
	return n
}
