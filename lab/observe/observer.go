package observe

import (
	"context"
	"sync"
	"time"

	"github.com/shirou/gopsutil/v3/common"
	"github.com/shirou/gopsutil/v3/process"

	"benchtop/lab/observe/counters"
	"benchtop/targets/procfs"
)

const (
	slowEvery = int64(time.Second)     // memory, threads, switches
	fdsEvery  = 5 * int64(time.Second) // descriptors: one directory entry each, thousands in a loader

	// shortest is the least time over which a percentage is worth showing: the edges of a window fall anywhere between
	// two ticks, and a percentage over 3 ms is noise.
	shortest = int64(100 * time.Millisecond)
)

// Observer reads a set of processes and the host. Its methods may be called from several goroutines; readings then
// take turns. It starts no goroutine, and keeps no descriptor open but those of counters.
type Observer struct {
	now  func() int64
	mu   sync.Mutex
	set  []*watched
	host *hostReader

	groups []Group
	counts *counters.Book // nil: nothing is counted
	begun  map[int]counters.Reading
}

// watched is one process and what is known of it.
type watched struct {
	sample ProcSample
	handle *process.Process
	start  int64 // identity: when it started, in the system's own unit
	clock  bool  // its CPU clock can be read; otherwise the slower Times of gopsutil
	closed bool  // nothing but its CPU clock can be read

	own    int64 // its own CPU time
	waited int64 // CPU time of its children that have ended; of one that reaps
	seen   int64 // what was seen of such children while they were watched
	before int64 // CPU time of its group before it was watched; of one that stands for a group

	sampled         bool // a percentage has a reference
	referenceCPU    int64
	referenceAt     int64
	slowDue, fdsDue int64
}

// here is what every question to gopsutil goes with: HOST_PROC in the environment would name the /proc of others.
var here = context.WithValue(context.Background(), common.EnvKey, common.EnvMap{common.HostProcEnvKey: "/proc"})

var cacheBootTime = sync.OnceFunc(func() { process.EnableBootTimeCache(true) })

// New makes an observer without processes. now gives monotonic nanoseconds that stamp every reading (proc.Now).
func New(now func() int64) *Observer {
	cacheBootTime()
	return &Observer{now: now, host: newHostReader(now)}
}

// Count counts the events of the processes with Proc.Counted that are watched from now on; the book is the observer's then.
func (o *Observer) Count(book *counters.Book) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.counts = book
}

// Uncounted are the processes whose events were to be counted and are not, since it was last asked.
func (o *Observer) Uncounted() []counters.Uncounted {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.counts.Uncounted()
}

// BeginCounts reads the counters before something, EndCounts after it, and says in a usage what was counted in between. Both
// are for moments at which nothing is in flight: what was counted then belongs to whole requests, however busy the machine is.
func (o *Observer) BeginCounts() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.begun = o.counts.Read()
}

// EndCounts is what BeginCounts says.
func (o *Observer) EndCounts(u *Usage) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.counts.Read()
	for i := range u.Procs {
		p := &u.Procs[i]
		p.Counts = counters.Between(o.begun[p.PID], now[p.PID])
	}
}

// Close ends the counting.
func (o *Observer) Close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.counts.Close()
}

// Watch replaces the set of processes. Those that stay, the same process and not only the same PID, keep their
// history; those left out are forgotten, so keep a process that died in the set for as long as windows that it ran in
// are being measured. A PID that does not exist is in the samples as gone.
func (o *Observer) Watch(procs []Proc) {
	o.mu.Lock()
	defer o.mu.Unlock()
	known := make(map[int]*watched, len(o.set))
	for _, w := range o.set {
		known[w.sample.PID] = w
	}
	set := make([]*watched, 0, len(procs))
	listed := make(map[int]bool, len(procs))
	for _, p := range procs {
		if listed[p.PID] {
			continue
		}
		listed[p.PID] = true
		if w := known[p.PID]; p.Group != "" {
			if w == nil || w.sample.Group != p.Group {
				w = o.beginGroup(p)
			}
			set = append(set, w)
			continue
		}
		start, age, exists := processStart(p.PID)
		if w := known[p.PID]; w != nil && (!exists || w.start == start) {
			w.sample.Proc = p
			set = append(set, w)
			continue
		}
		set = append(set, o.begin(p, start, age, exists))
	}
	o.set = set
	for pid, w := range known {
		if !listed[pid] && !w.sample.Gone {
			o.leave(w)
		}
	}
	o.countThem()
}

// countThem has the processes counted that are to be.
func (o *Observer) countThem() {
	var list []counters.Process
	for _, w := range o.set {
		if w.sample.Counted {
			p := counters.Process{PID: w.sample.PID, Start: w.start, Gone: w.sample.Gone}
			if w.sample.Group != "" {
				p.Never = "it stands for a control group, whose processes come and go"
			}
			list = append(list, p)
		}
	}
	o.counts.Watch(list)
}

// leave notes what was seen of a process that is watched no more, so that who reaps it does not count it again.
func (o *Observer) leave(w *watched) {
	for _, reaper := range o.set {
		if p := reaper.sample.Proc; p.Reaps && reaper != w && p.Variant == w.sample.Variant && p.Part == w.sample.Part {
			reaper.seen += w.sample.CPU
		}
	}
}

// begin looks at a process for the first time.
func (o *Observer) begin(p Proc, start int64, age time.Duration, exists bool) *watched {
	w := &watched{sample: ProcSample{Proc: p, At: o.now(), Gone: !exists}, start: start}
	if !exists {
		return w
	}
	w.handle = &process.Process{Pid: int32(p.PID)} //nolint:gosec // a PID fits: Linux allows at most 2^22
	w.sample.Born = w.sample.At - int64(age)
	_, w.clock = clockCPU(p.PID)
	w.closed = procfs.Own() != nil
	w.readWaited()
	w.readCPU(o.now)
	w.settle()
	return w
}

// Sample reads the CPU time of every process and of the host now, and what is slower to read when it is due.
func (o *Observer) Sample() Sample { return o.read(false) }

// SampleEdge is Sample with the memory read fresh: for the edges of a window.
func (o *Observer) SampleEdge() Sample { return o.read(true) }

func (o *Observer) read(edge bool) Sample {
	o.mu.Lock()
	defer o.mu.Unlock()
	s := Sample{At: o.now(), Procs: make([]ProcSample, len(o.set))}
	// CPU first and close together, because windows are cut here; the slow readings follow. What was waited for comes
	// before all others: one that ends meanwhile is seen to, and is not counted twice.
	for _, w := range o.set {
		w.readWaited()
	}
	lived := make([]bool, len(o.set))
	for i, w := range o.set {
		lived[i] = !w.sample.Gone
		w.readCPU(o.now)
	}
	s.Host = o.host.read()
	for _, g := range o.groups {
		s.Groups = append(s.Groups, g.read())
	}
	for i, w := range o.set {
		w.readSlow(s.At, edge)
		if lived[i] && w.sample.Gone {
			o.leave(w)
		}
	}
	for i, w := range o.set {
		w.settle()
		w.percent()
		s.Procs[i] = w.sample
	}
	return s
}

// readWaited reads what the children of a process that reaps have used which have ended.
func (w *watched) readWaited() {
	if !w.sample.Reaps || w.sample.Gone {
		return
	}
	if st, ok := procfs.ReadStat(w.sample.PID); ok {
		w.waited = st.Waited
	}
}

// settle adds to the CPU of a process that reaps what nobody has seen. It never falls: of one that is seen to have ended
// the parent may not know yet.
func (w *watched) settle() {
	w.sample.CPU = max(w.sample.CPU, w.own+w.waited-w.seen)
}

// readCPU reads the CPU time. A process that cannot be read has ended, and one that has used less than before is
// another one under a reused PID.
func (w *watched) readCPU(now func() int64) {
	if w.sample.Gone {
		return
	}
	at := now()
	cpu, ok := w.cpu()
	if !ok || cpu < w.own {
		w.sample.Gone = true
		w.sample.Percent = 0
		return
	}
	w.sample.At, w.own = at, cpu
}

func (w *watched) cpu() (nanoseconds int64, ok bool) {
	if w.sample.Group != "" {
		nanoseconds, ok = groupCPU(w.sample.Group)
		return nanoseconds - w.before, ok
	}
	if w.clock {
		return clockCPU(w.sample.PID)
	}
	times, err := w.handle.TimesWithContext(here)
	if err != nil {
		return 0, false
	}
	return int64((times.User + times.System) * 1e9), true
}

// percent renews the percentage when the time since its reference is long enough.
func (w *watched) percent() {
	if w.sample.Gone {
		return
	}
	elapsed := w.sample.At - w.referenceAt
	switch {
	case !w.sampled:
		w.sampled = true
	case elapsed < shortest:
		return
	default:
		w.sample.Percent = 100 * float64(w.sample.CPU-w.referenceCPU) / float64(elapsed)
	}
	w.referenceAt, w.referenceCPU = w.sample.At, w.sample.CPU
}

// readSlow reads what is due. Values are never changed in place: earlier samples point to them.
func (w *watched) readSlow(at int64, edge bool) {
	due := at >= w.slowDue
	if w.sample.Gone || !due && !edge {
		return
	}
	if w.sample.Group != "" {
		w.slowDue = at + slowEvery
		w.readGroupSlow()
		return
	}
	if due {
		if start, _, exists := processStart(w.sample.PID); !exists || start != w.start {
			w.sample.Gone = true
			w.sample.Percent = 0
			return
		}
	}
	// A reading that fails leaves the last value: the process is ending, or the system does not give it (then nil).
	if w.closed {
		return
	}
	if bytes := resident(w.handle); bytes != nil {
		w.sample.RSS = bytes
	}
	if edge && w.sample.Forked {
		if bytes, ok := procfs.Proportional(w.sample.PID); ok {
			w.sample.PSS = value(bytes)
		}
	}
	if !due {
		return
	}
	w.slowDue = at + slowEvery
	if threads, switches := threadsAndSwitches(w.handle); threads != nil {
		w.sample.Threads, w.sample.Switches = threads, switches
	}
	if at >= w.fdsDue {
		w.fdsDue = at + fdsEvery
		if n := descriptors(w.handle); n != nil {
			w.sample.FDs = n
		}
	}
}

func value[T any](v T) *T { return &v }
