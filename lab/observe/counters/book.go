package counters

import (
	"fmt"
	"maps"
	"slices"
)

// Bounds of what is open at once: each counter is a descriptor.
const (
	mostThreads = 256  // of a process
	mostOpen    = 4096 // of all
)

// tries is how often the threads of a process are counted anew when some came while their counters were opened: whether such
// a one is in the counter of the thread that started it is not known.
const tries = 10

// Process is one whose events are counted.
type Process struct {
	PID   int
	Start int64  // tells it from another one under a reused PID
	Gone  bool   // it has ended, so that no counter can be opened any more
	Never string // why it cannot be counted
}

// Uncounted is a process whose events are not counted, and why not.
type Uncounted struct {
	PID    int
	Reason string
}

// Book counts the events of several processes. It is of one goroutine at a time; a nil one counts nothing.
type Book struct {
	source    Source
	events    []string
	entries   map[int]*entry // by PID
	uncounted []Uncounted    // not yet told
}

type entry struct {
	Process
	set set // nil: not counted
}

// NewBook counts the events that the source has.
func NewBook(source Source) *Book {
	return &Book{source: source, events: Available(source.Here()), entries: map[int]*entry{}}
}

// Watch opens the counters of processes that are new, and closes those of processes that are not in the list.
func (b *Book) Watch(list []Process) {
	if b == nil {
		return
	}
	listed := make(map[int]bool, len(list))
	for _, p := range list {
		listed[p.PID] = true
		e := b.entries[p.PID]
		if e != nil && e.Start == p.Start {
			continue
		}
		if e != nil {
			e.set.close()
		}
		e = &entry{Process: p}
		b.entries[p.PID] = e
		if p.Gone {
			continue
		}
		var err error
		if e.set, err = b.open(p); err != nil {
			b.uncounted = append(b.uncounted, Uncounted{p.PID, err.Error()})
		}
	}
	for pid, e := range b.entries {
		if !listed[pid] {
			e.set.close()
			delete(b.entries, pid)
		}
	}
}

func (b *Book) open(p Process) (set, error) {
	if p.Never != "" {
		return nil, fmt.Errorf("%s", p.Never)
	}
	others := 0
	for _, e := range b.entries {
		others += e.set.open()
	}
	before, err := b.source.Threads(p.PID)
	for range tries {
		if err != nil {
			return nil, err
		}
		n := len(before)
		switch {
		case n > mostThreads:
			return nil, fmt.Errorf("it has %d threads, and those of at most %d are counted", n, mostThreads)
		case others+n*len(b.events) > mostOpen:
			return nil, fmt.Errorf("its %d threads need %d counters, and of %d at once %d are taken", n, n*len(b.events), mostOpen, others)
		}
		s, failed := b.openAll(before)
		var after []int
		if after, err = b.source.Threads(p.PID); err == nil && failed == nil && !came(before, after) {
			return s, nil
		}
		s.close()
		if failed != nil && !came(after, before) { // nor did one end meanwhile
			return nil, failed
		}
		before = after
	}
	return nil, fmt.Errorf("its threads come and go too fast")
}

// came reports whether there are threads now that were not there before.
func came(before, after []int) bool {
	return slices.ContainsFunc(after, func(tid int) bool { return !slices.Contains(before, tid) })
}

// openAll opens every event of some threads, as many as it can before one fails.
func (b *Book) openAll(threads []int) (set, error) {
	s := make(set, len(b.events))
	for _, tid := range threads {
		for _, event := range b.events {
			c, err := b.source.Open(event, tid)
			if err != nil {
				return s, fmt.Errorf("counting %s of its thread %d: %w", event, tid, err)
			}
			s[event] = append(s[event], c)
		}
	}
	return s, nil
}

// Read reads the counters of all processes that have some, by PID.
func (b *Book) Read() map[int]Reading {
	if b == nil {
		return nil
	}
	out := make(map[int]Reading, len(b.entries))
	for pid, e := range b.entries {
		if e.set != nil {
			out[pid] = e.set.read()
		}
	}
	return out
}

// Uncounted are the processes that are not counted since it was last asked.
func (b *Book) Uncounted() []Uncounted {
	if b == nil {
		return nil
	}
	out := b.uncounted
	b.uncounted = nil
	return out
}

// Close closes every counter.
func (b *Book) Close() {
	if b == nil {
		return
	}
	for e := range maps.Values(b.entries) {
		e.set.close()
	}
	clear(b.entries)
}
