package peers

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"benchtop/lab/load"
	"benchtop/lab/load/generator"
	"benchtop/lab/load/histogram"
	"benchtop/targets/posix"
)

// Times of our own slices.
const (
	// settle is the part of a slice in which our connections are opened, one after the other. It is a part of the seconds
	// that everyone has: its requests and its CPU count, only rate and percentiles are those of the rest.
	settle      = 250 * time.Millisecond
	stopWait    = 10 * time.Second
	requestTime = 5 * time.Second
)

// Ours runs our own generator: like a peer, a process per slice.
type Ours struct {
	Engine string // epoll | net; empty: the best of this system
	Core   int    // that the generator is bound to; -1: none

	Used string // engine that ran last

	last int // id of the last slice
}

// Run drives one slice. It is charged with the CPU of the generator's process from its start to its end and with what this
// process used meanwhile.
func (o *Ours) Run(ctx context.Context, l Load) (Sample, error) {
	return o.run(ctx, l, func(int) (func() error, error) { return func() error { return nil }, nil })
}

// run is Run with a watcher: it is called with the generator's process before the load, and what it returns after it.
func (o *Ours) run(ctx context.Context, l Load, watch func(pid int) (func() error, error)) (Sample, error) {
	ownBefore, before, err := used()
	if err != nil {
		return Sample{}, err
	}
	g, err := generator.Start(ctx, generator.Config{Engine: o.Engine, Threads: 1})
	if err != nil {
		return Sample{}, err
	}
	sum, rss, err := o.drive(ctx, g, l, watch)
	stop, cancel := context.WithTimeout(context.Background(), stopWait)
	defer cancel()
	if stopErr := g.Stop(stop); err == nil && stopErr != nil {
		err = stopErr
	}
	if err != nil {
		return Sample{}, err
	}
	own, after, err := used()
	if err != nil {
		return Sample{}, err
	}
	o.Used = sum.Engine
	return sample(sum, own-ownBefore, after-before, rss)
}

// drive runs the slice on a generator that was started.
func (o *Ours) drive(ctx context.Context, g *generator.Generator, l Load, watch func(pid int) (func() error, error)) (load.Summary, int64, error) {
	if err := Bind(g.PID(), o.Core); err != nil {
		return load.Summary{}, 0, err
	}
	unwatch, err := watch(g.PID())
	if err != nil {
		return load.Summary{}, 0, err
	}
	o.last++
	sum, err := g.Run(ctx, load.Task{
		ID: o.last, Addr: l.Addr, Request: load.Request{Path: l.Path, Host: l.Addr}, Model: load.Closed, Connections: l.Connections,
		KeepAlive: true, Timeout: requestTime, Settle: settle, Window: l.For - settle, Seed: 1,
	}, nil)
	rss := peakRSS(g.PID())
	if stopErr := unwatch(); err == nil {
		err = stopErr
	}
	return sum, rss, err
}

// used is the CPU of this process, and of all children that it has waited for.
func used() (own, children time.Duration, err error) {
	self, err := posix.Used()
	waited, err2 := posix.UsedByChildren()
	if err = errors.Join(err, err2); err != nil {
		return 0, 0, fmt.Errorf("reading the CPU time of this process: %w", err)
	}
	return time.Duration(self.CPU), time.Duration(waited.CPU), nil
}

func sample(sum load.Summary, own, cpu time.Duration, rss int64) (Sample, error) {
	rate, ok := sum.Throughput()
	if sum.Total.Requests == 0 || !ok {
		return Sample{}, errors.New("it made no request")
	}
	h, err := histogram.Decode(sum.Latency)
	if err != nil {
		return Sample{}, err
	}
	s := Sample{
		RPS: rate, RSS: rss,
		CPU:      float64((own + cpu).Nanoseconds()) / 1e3 / float64(sum.Total.Requests),
		Own:      float64(own.Nanoseconds()) / 1e3 / float64(sum.Total.Requests),
		Requests: sum.Total.Requests, Errors: sum.Total.Requests - sum.Total.OK,
	}
	if h.TotalCount() > 0 {
		p50, p99 := float64(h.ValueAtQuantile(50))/1e3, float64(h.ValueAtQuantile(99))/1e3
		s.P50, s.P99 = &p50, &p99
	}
	if math.IsNaN(s.CPU) || s.CPU <= 0 {
		return Sample{}, fmt.Errorf("it used no CPU for %d requests", sum.Total.Requests)
	}
	return s, nil
}
