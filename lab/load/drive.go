package load

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"benchtop/targets/proc"
	"benchtop/targets/routine"
)

// execute runs a slice on an engine in this process and gives what it came to. emit gets the ticks, from one
// goroutine, and must not block for long. When ctx ends first the summary covers what there was and the error is
// ctx's.
func execute(ctx context.Context, e engine, threads int, s Task, emit func(Tick), onDial func(netip.AddrPort)) (Summary, error) {
	r, err := newRun(s, proc.Now(), max(threads, 1))
	if err != nil {
		return Summary{Slice: s.ID}, err
	}
	r.onDial = onDial
	pulse := proc.StartPulse(10 * time.Millisecond)
	defer pulse.Stop()
	r.rows = make(chan *row, 4*e.recorders(r))

	var enc encoder // of the collector, and after it of the summary
	collected := make(chan struct{})
	routine.Go(func() {
		defer close(collected)
		collect(r, e.recorders(r), &enc, emit)
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
		return Summary{Slice: s.ID}, err
	}
	sum, err := r.summary(e, h, used, &enc)
	if err != nil {
		return sum, err
	}
	sum.Stalled = pulse.Between(sum.From, max(sum.From, sum.Ended))
	if ctx.Err() != nil {
		return sum, fmt.Errorf("slice %d: %w", s.ID, ctx.Err())
	}
	return sum, nil
}

// windowCPU measures the CPU of the process between the window's edges. It may wake late, so what it measured is
// scaled to the window's length.
func windowCPU(ctx context.Context, r *run) int64 {
	if !sleepUntil(ctx, r.from) {
		return 0
	}
	from, at := processCPU(), proc.Now()
	sleepUntil(ctx, r.to)
	used, span := processCPU()-from, proc.Now()-at
	if span <= 0 {
		return 0
	}
	return int64(float64(used) * float64(min(r.to, at+span)-r.from) / float64(span))
}

// sleepUntil waits until the time t of proc.Now; false: the context ended first.
func sleepUntil(ctx context.Context, t int64) bool {
	d := t - proc.Now()
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(time.Duration(d))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// collect merges the rows of the recorders into ticks: one as soon as every recorder has sent a row since the last.
// The rows of a terse slice have no histograms.
func collect(r *run, recorders int, enc *encoder, emit func(Tick)) {
	var (
		sum     tally
		latency *samples
		seen    = make([]bool, recorders)
		open    = make([]int, recorders)
		flying  = make([]int, recorders)
		done    = make([]bool, recorders)
		missing = recorders
		from    = r.start
		seq     int
	)
	if !r.Terse {
		latency = newSamples()
	}
	for p := range r.rows {
		sum.add(&p.tally)
		if latency != nil {
			latency.add(p.latency)
		}
		open[p.owner], flying[p.owner] = p.open, p.inFlight
		if !seen[p.owner] {
			seen[p.owner] = true
			missing--
		}
		done[p.owner] = p.last
		to := p.to
		p.recycle()
		if missing > 0 {
			continue
		}
		t := Tick{Slice: r.ID, Seq: seq, Row: Row{From: from, To: to, Phase: r.phase((from + to) / 2), Offered: r.offered(from, to), Counts: sum.counts()}}
		for i := range open {
			t.Open += open[i]
			t.InFlight += flying[i]
		}
		if latency != nil {
			// Compressing into memory does not fail.
			t.Latency, _ = enc.encode(latency)
			latency.reset()
		}
		emit(t)
		seq++
		from, sum, missing = to, tally{}, 0
		for i := range seen {
			if seen[i] = done[i]; !done[i] {
				missing++
			}
		}
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
	if r.Model != Open || to <= from {
		return 0
	}
	before := func(t int64) float64 { return arrivalsBefore(r.ramps, min(max(t, r.start), r.to)-r.start) }
	return (before(to) - before(from)) / float64(to-from) * 1e9
}

// summary adds the recorders up.
func (r *run) summary(e engine, h *harvest, cpu int64, enc *encoder) (Summary, error) {
	var (
		window, total         tally
		latency, service      = newSamples(), newSamples()
		connect, lag          = newSamples(), newSamples()
		byWorker, byWorkerAll []uint64
		overlap, lagMax       int64
		fastest               int64
		offered, onTime       uint64
		queued                uint64
		edge                  Edge
		split                 phases
	)
	for _, rec := range h.recorders {
		window.add(&rec.window)
		total.add(&rec.total)
		latency.add(rec.latency)
		service.add(rec.service)
		connect.add(rec.connect)
		lag.add(rec.lag)
		split.add(rec.phases)
		byWorker = addCounts(byWorker, rec.byWorker)
		byWorkerAll = addCounts(byWorkerAll, rec.byWorkerAll)
		overlap += rec.overlap
		offered += rec.offered
		onTime += rec.onTime
		queued += rec.queued
		edge.add(&rec.edge)
		if rec.fastest > 0 && (fastest == 0 || rec.fastest < fastest) {
			fastest = rec.fastest
		}
		lagMax = max(lagMax, rec.lagMax)
	}
	ended := proc.Now()
	// A slice that was broken off has a shorter window, or none.
	to := max(r.from, min(r.to, ended))
	perSecond := func(n float64) float64 {
		if to == r.from {
			return 0
		}
		return n / float64(to-r.from) * 1e9
	}
	s := Summary{
		Slice: r.ID, Engine: e.name(), Threads: r.threads, From: r.from, To: to, Ended: ended,
		Counts: window.counts(), Total: total.counts(), Edge: &edge, Handshakes: split.handshakes(), Resumed: split.resumed,
		Workers: r.workers.counts(byWorker), TotalWorkers: r.workers.counts(byWorkerAll),
		CPU: cpu, Busy: h.busy, InFlightMean: perSecond(float64(overlap) / 1e9),
		WrongRun: r.workers.firstWrong(), Note: r.notes.String(), Reasons: r.reasons.named(),
	}
	if r.claim.Load() == bodyDone {
		s.BodyHash = r.bodySum
	}
	for name, n := range r.workers.counts(h.connWorkers) {
		if s.ConnsPerWorker == nil {
			s.ConnsPerWorker = map[string]int{}
		}
		s.ConnsPerWorker[name] = int(n) //nolint:gosec // at most MaxConnections
	}
	if s.Busy < 0 {
		s.Busy = perSecond(float64(cpu)/1e9) / float64(r.threads)
	}
	if r.Model == Open {
		s.Offered, s.OnTime, s.Queued, s.Fastest = perSecond(float64(offered)), perSecond(float64(onTime)), queued, fastest
		s.LagP99, s.LagMax = lag.histogram().ValueAtQuantile(99), lagMax
	}
	for _, x := range []struct {
		to   *string
		from *samples
	}{{&s.Latency, latency}, {&s.Service, service}, {&s.Connect, connect}, {&s.TLS, split.tls}, {&s.FirstByte, split.firstByte}, {&s.Body, split.body}} {
		text, err := enc.encode(x.from)
		if err != nil {
			return s, fmt.Errorf("slice %d: %w", r.ID, err)
		}
		*x.to = text
	}
	return s, nil
}

func addCounts(sum, n []uint64) []uint64 {
	if len(n) > len(sum) {
		sum = append(sum, make([]uint64, len(n)-len(sum))...)
	}
	for i, c := range n {
		sum[i] += c
	}
	return sum
}
