package selftest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"benchtop/lab/load"
	"benchtop/lab/load/generator"
	"benchtop/lab/observe"
	"benchtop/lab/stats"
	"benchtop/targets/proc"
)

// Bars of the memory rows, bytes.
const (
	residentBar = 40e6
	growthBar   = 1e6
)

// memory watches the generator's resident memory at 1,000 connections while requests add up.
func memory(ctx context.Context, b *bench) error {
	first, second, limit := uint64(1_000_000), uint64(10_000_000), 6*time.Minute
	if b.Quick {
		first, second, limit = 50_000, 150_000, 6*time.Second // what a slow machine can do in that time
	}
	r, err := assemble(ctx, fast)
	if err != nil {
		return err
	}
	defer r.dismantle()
	s := r.slice("/hello", 1000, 0, 500*time.Millisecond, limit)
	if err := load.CheckBudget(load.Budget(s)); err != nil {
		return err
	}
	observer := observe.New(proc.Now)
	observer.Watch([]observe.Proc{{PID: r.generator.PID(), Role: generator.Role}})
	running, cancel := context.WithCancel(ctx)
	defer cancel()
	var m residents
	_, err = r.generator.Run(running, s, func(t load.Tick) {
		sample := observer.SampleEdge()
		if len(sample.Procs) == 1 && sample.Procs[0].RSS != nil {
			m.add(t.Counts.Requests, float64(*sample.Procs[0].RSS))
		}
		if m.past(second) >= 4 {
			cancel()
		}
	})
	if err != nil && (ctx.Err() != nil || !errors.Is(err, context.Canceled)) {
		return err
	}
	if len(m.rss) == 0 {
		return notHere("the generator's memory cannot be read on this system")
	}
	b.row(Row{
		Name: "memory at 1,000 connections", Figure: fmt.Sprintf("%.1f MB resident", m.most/1e6), Bar: "40 MB", State: span{m.most, m.most, m.most}.judge(0, residentBar),
		Note: fmt.Sprintf("the most of %d readings", len(m.rss)), Values: map[string]float64{"resident_bytes": m.most},
	})
	b.row(m.growth(first, second, limit, b.Quick))
	r.dismantle()
	return many(ctx, b)
}

// growth is the row of what resident memory grew by from a number of requests to another one.
func (m *residents) growth(first, second uint64, limit time.Duration, quick bool) Row {
	low, high, reached := m.around(first, second)
	growth := high - low
	row := Row{
		Name: "memory growth", Figure: fmt.Sprintf("%+.2f MB", growth/1e6), Bar: "1 MB from request 1 M to 10 M",
		State: span{growth, growth, growth}.judge(-1e12, growthBar), Values: map[string]float64{"growth_bytes": growth, "requests": float64(reached)},
		Note: fmt.Sprintf("from request %d to %d, medians of readings", first, reached),
	}
	if quick {
		row.Note += ", with --quick"
	}
	switch {
	case m.past(first) < 8:
		row.State, row.Figure, row.Note = Inconclusive, "-", fmt.Sprintf("only %d requests ended in %v", reached, limit)
	case reached < second:
		row.Note += fmt.Sprintf("; the %v were over before %d", limit, second)
		if row.State == Met {
			row.State = Inconclusive
		}
	}
	return row
}

// residents are readings of resident memory with the requests that had ended by then.
type residents struct {
	requests []uint64
	rss      []float64
	total    uint64
	most     float64
}

func (m *residents) add(requests uint64, rss float64) {
	m.total += requests
	m.requests = append(m.requests, m.total)
	m.rss = append(m.rss, rss)
	m.most = max(m.most, rss)
}

// past counts the readings from a number of requests on.
func (m *residents) past(n uint64) int {
	count := 0
	for _, r := range m.requests {
		if r >= n {
			count++
		}
	}
	return count
}

// around gives the medians of the first few readings from a number of requests on, and of the first few from another
// one on, or the last few when that was not reached, with the requests by then. One reading alone may fall on either
// side of a collection.
func (m *residents) around(first, second uint64) (low, high float64, reached uint64) {
	const few = 4
	from := func(n uint64) int { return len(m.requests) - m.past(n) }
	a, b := from(first), from(second)
	b = max(min(b, len(m.rss)-few), 0)
	a = min(a, b)
	low = stats.Median(m.rss[a:min(a+few, len(m.rss))])
	high = stats.Median(m.rss[b:min(b+few, len(m.rss))])
	return low, high, m.total
}
