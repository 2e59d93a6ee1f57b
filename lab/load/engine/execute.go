package engine

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"time"

	"benchtop/lab/load"
	"benchtop/lab/load/histogram"
	"benchtop/lab/load/record"
	"benchtop/lab/load/requests"
	"benchtop/targets/pause"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
)

// Execute runs a single task, as a Driver does.
func Execute(ctx context.Context, e Engine, threads int, t load.Task, emit func(load.Tick), onDial func(netip.AddrPort)) (load.Summary, error) {
	return new(Driver).Execute(ctx, e, threads, t, emit, onDial)
}

// Driver runs tasks one after the other, and builds requests that they have in common once.
type Driver struct{ kept requests.Kept }

// Execute runs a task on an engine in this process and gives what it came to. emit gets the ticks, from one goroutine, and
// must not block for long. When ctx ends first the summary covers what there was and the error is ctx's.
func (d *Driver) Execute(ctx context.Context, e Engine, threads int, t load.Task, emit func(load.Tick), onDial func(netip.AddrPort)) (load.Summary, error) {
	r, err := d.newRun(t, proc.Now(), max(threads, 1))
	if err != nil {
		return load.Summary{Slice: t.ID}, err
	}
	r.onDial = onDial
	return r.execute(ctx, e, emit)
}

func (r *run) execute(ctx context.Context, e Engine, emit func(load.Tick)) (load.Summary, error) {
	pulse := proc.StartPulse(10 * time.Millisecond)
	defer pulse.Stop()
	r.rows = make(chan *record.Row, 4*e.recorders(r))

	var enc histogram.Encoder // of the collector, and after it of the summary
	collected := make(chan struct{})
	routine.Go(func() {
		defer close(collected)
		record.Collect(r.rows, e.recorders(r), r.start, &enc, r.ticks(), emit)
	})
	edges, stopEdges := context.WithCancel(ctx)
	cpu := make(chan int64, 1)
	routine.Go(func() { cpu <- windowCPU(edges, r) })

	h, err := e.drive(ctx, r)
	stopEdges()
	used := <-cpu
	close(r.rows)
	<-collected
	if err != nil {
		return load.Summary{Slice: r.ID}, err
	}
	sum, err := r.summary(e, h, used, &enc)
	if err != nil {
		return sum, err
	}
	sum.Stalled = pulse.Between(sum.From, max(sum.From, sum.Ended))
	if ctx.Err() != nil {
		return sum, fmt.Errorf("slice %d: %w", r.ID, ctx.Err())
	}
	return sum, nil
}

// windowCPU measures the CPU of the process between the window's edges. It may wake late, so what it measured is
// scaled to the window's length.
func windowCPU(ctx context.Context, r *run) int64 {
	if !SleepUntil(ctx, r.from) {
		return 0
	}
	from, at := processCPU(), proc.Now()
	SleepUntil(ctx, r.to)
	used, span := processCPU()-from, proc.Now()-at
	if span <= 0 {
		return 0
	}
	return int64(float64(used) * float64(min(r.to, at+span)-r.from) / float64(span))
}

// SleepUntil waits until the time t of proc.Now; false: the context ended first.
func SleepUntil(ctx context.Context, t int64) bool {
	d := t - proc.Now()
	if d <= 0 {
		return ctx.Err() == nil
	}
	return pause.For(time.Duration(d), ctx.Done())
}

// ticks gives the ticks of the slice, one after the other, without what the recorders count.
func (r *run) ticks() func(from, to int64) load.Tick {
	seq := -1
	return func(from, to int64) load.Tick {
		seq++
		return load.Tick{Slice: r.ID, Seq: seq, Row: load.Row{From: from, To: to, Phase: r.phase((from + to) / 2), Offered: r.offered(from, to)}}
	}
}

func (r *run) phase(t int64) string {
	switch {
	case t < r.from:
		return "settle"
	case t < r.to:
		return "window"
	default:
		return "drain"
	}
}

// offered is the scheduled rate between two times, in requests per second; 0 in a closed slice.
func (r *run) offered(from, to int64) float64 {
	if r.Model != load.Open || to <= from {
		return 0
	}
	before := func(t int64) float64 { return r.ramps.Before(min(max(t, r.start), r.to) - r.start) }
	return (before(to) - before(from)) / float64(to-from) * 1e9
}

// summary is what the slice came to. cpu is the CPU of the process in the window, in nanoseconds.
func (r *run) summary(e Engine, h *harvest, cpu int64, enc *histogram.Encoder) (load.Summary, error) {
	ended := proc.Now()
	s := load.Summary{
		Slice: r.ID, Engine: e.Name(), HTTP: cmp.Or(r.HTTP, load.HTTP1), Threads: r.threads, Ended: ended,
		From: r.from, To: max(r.from, min(r.to, ended)), // a slice that was broken off has a shorter window, or none
		CPU: cpu, Busy: h.busy, WrongRun: r.workers.FirstWrong(), Note: r.notes.String(), Reasons: r.reasons.named(),
	}
	if s.Busy < 0 { // not known by thread
		s.Busy = 0
		if s.To > s.From {
			s.Busy = float64(cpu) / float64(s.To-s.From) / float64(r.threads)
		}
	}
	if r.claim.Load() == bodyDone {
		s.BodyHash = r.bodySum
	}
	for name, n := range r.workers.Counts(h.connWorkers) {
		if s.ConnsPerWorker == nil {
			s.ConnsPerWorker = map[string]int{}
		}
		s.ConnsPerWorker[name] = int(n) //nolint:gosec // at most MaxConnections
	}
	return s, record.Summarize(&s, r.Model == load.Open, h.recorders, r.workers.Counts, enc)
}
