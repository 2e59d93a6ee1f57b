package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"sync"
	"time"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/lab/selftest"
	"benchtop/lab/stats"
	"benchtop/targets"
	"benchtop/targets/routine"
	"benchtop/tui"
)

// Shape of the terminal and the bars of the screen.
const (
	screenColumns, screenRows = 120, 34
	screenCost2, screenCost4  = 3.0, 5.0 // per cent of a core, lab process, two and four variants
)

var (
	screenCPU = stats.Interval{0.98, 1.02} // target CPU per request, screen on / off
	screenRPS = stats.Interval{0.99, 1.01}
)

// screenTest holds the screen against its promise not to change what it shows.
type screenTest struct {
	ctx      context.Context
	progress func(string)
	blocks   int // of a round
	rounds   int // at most
	slice    time.Duration
}

// screenRowsOf measures the rows of the screen for `selftest`. In short form there are none: they need minutes.
func screenRowsOf(ctx context.Context, quick bool, progress func(string)) ([]selftest.Row, error) {
	if quick {
		return []selftest.Row{{
			Name: "the screen does not change what it shows", Figure: "-", Bar: "ratios on / off, cost, first number, verdict",
			State: selftest.NotRun, Note: "takes minutes: run `benchtop selftest --only screen`",
		}}, nil
	}
	return (&screenTest{ctx: ctx, progress: progress, blocks: 15, rounds: 4, slice: time.Second}).rows()
}

// lit is what one pair of slices of the same target came to, with the screen and without.
type lit struct{ rps, cpu [2]float64 } // [0] with

// measuredScreen is the pairs, and what the lab process used in the slices with the screen, in per cent of a core.
type measuredScreen struct {
	pairs []lit
	cost  []float64
}

// rows measures with two variants, then the cost alone with four.
func (t *screenTest) rows() ([]selftest.Row, error) {
	var two measuredScreen
	var cpu, rps stats.Ratio
	for round := range t.rounds {
		t.progress(fmt.Sprintf("screen on against screen off, round %d of at most %d", round+1, t.rounds))
		m, err := t.run(2, uint64(round+1)) //nolint:gosec // a handful of rounds
		if err != nil {
			return nil, err
		}
		two.pairs, two.cost = append(two.pairs, m.pairs...), append(two.cost, m.cost...)
		cpu, rps = ratios(two.pairs)
		if decidedBar(cpu.CI95, screenCPU) && decidedBar(rps.CI95, screenRPS) {
			break
		}
	}
	t.progress("cost of the screen with four variants")
	four, err := t.run(4, 1)
	if err != nil {
		return nil, err
	}
	t.progress("first number and verdict on the screen")
	prompt, err := t.prompt()
	if err != nil {
		return nil, err
	}
	return append([]selftest.Row{
		ratioRow("target CPU per request, screen on / off", cpu, screenCPU),
		ratioRow("requests per second, screen on / off", rps, screenRPS),
		costRow("lab process with the screen, two variants", two.cost, screenCost2),
		costRow("lab process with the screen, four variants", four.cost, screenCost4),
	}, prompt...), nil
}

// plan is the same server so many times over, as the noise scenario has it.
func (t *screenTest) plan(variants int, seed uint64) lab.Plan {
	p := lab.Plan{
		ID: "screen", Title: "Does the screen change what it shows?", Baseline: "a",
		Warmup: time.Second, Slice: t.slice, Settle: 250 * time.Millisecond, Blocks: t.blocks,
		Order: lab.Interleaved, Metric: "rps", SmallestEffect: 0.02, ErrorLimit: 0.01, Seed: seed,
	}
	if variants > 2 {
		p.Blocks = max(1, t.blocks/4)
	}
	for i := range variants {
		id := string(rune('a' + i))
		p.Variants = append(p.Variants, lab.Variant{
			ID: id, Label: id, Target: targets.Spec{Server: "builtin", Endpoint: "/hello"},
			Load: lab.Load{Model: load.Closed, Connections: 64, KeepAlive: true, Timeout: 5 * time.Second},
		})
	}
	return p
}

// run measures once. In every block each target has two slices; the screen is on in one of them, and which one changes
// from block to block. On is the whole program on a terminal of its own that is read and thrown away; off is no program at
// all. With more than two variants it is always on.
func (t *screenTest) run(variants int, seed uint64) (measuredScreen, error) {
	var out measuredScreen
	term, err := openTerminal(screenColumns, screenRows)
	if err != nil {
		return out, err
	}
	defer term.close()
	routine.Go(func() { _, _ = io.Copy(io.Discard, term.outer) }) // ends when the terminal is closed

	fold := lab.NewFold()
	screen := &toggledScreen{ctx: t.ctx, fold: fold, term: term.inner}
	type half struct{ rps, cpu float64 }
	first := map[string]half{}
	position := 0
	sink := func(e lab.Event) {
		fold.Apply(e)
		if e.Phase != nil && e.Phase.Phase == lab.PhaseSlice {
			position = e.Phase.Index - 1
			screen.set(variants > 2 || screenOn(position, variants))
		}
		if e.Block != nil {
			clear(first) // a slice that could not count leaves its pair incomplete
		}
		if e.Slice == nil || e.Slice.Warmup {
			return
		}
		on := variants > 2 || screenOn(position, variants)
		if on {
			for _, p := range e.Slice.Usage.Procs {
				if p.Role == "lab" && p.Wall > 0 {
					out.cost = append(out.cost, 100*float64(p.CPU)/float64(p.Wall))
				}
			}
		}
		dot := lastDot(fold.State(), e.Slice)
		if dot == nil || dot.Void != "" {
			return
		}
		rps, _ := dot.Metrics.Of("rps")
		cpu, _ := dot.Metrics.Of("target_cpu_us_per_request")
		this := half{rps, cpu}
		before, second := first[e.Slice.Variant]
		if !second {
			first[e.Slice.Variant] = this
			return
		}
		delete(first, e.Slice.Variant)
		if len(e.Slice.Dirty) > 0 {
			return
		}
		pair := lit{rps: [2]float64{before.rps, this.rps}, cpu: [2]float64{before.cpu, this.cpu}}
		if on { // the second was the one with the screen
			pair = lit{rps: [2]float64{this.rps, before.rps}, cpu: [2]float64{this.cpu, before.cpu}}
		}
		out.pairs = append(out.pairs, pair)
	}
	err = lab.Run(t.ctx, t.plan(variants, seed), lab.Options{Sink: sink, Version: version()})
	screen.set(false)
	if err != nil {
		return out, err
	}
	if t.ctx.Err() != nil {
		return out, t.ctx.Err()
	}
	if screen.err != nil {
		return out, screen.err
	}
	if r := fold.Result(); r.Ended != lab.EndComplete {
		return out, fmt.Errorf("the run ended %s: %s", r.Ended, r.Reason)
	}
	return out, nil
}

// screenOn tells whether the screen is on in the slice at this place of the run, counted from 0. A block is A B B A: on, off,
// on, off gives each target one of both, and the next block has them the other way round.
func screenOn(index, variants int) bool {
	block, place := index/(2*variants), index%(2*variants)
	return (place%2 == 0) == (block%2 == 0)
}

func lastDot(s *lab.State, of *lab.Slice) *lab.SliceDot {
	for i := range s.Variants {
		if v := &s.Variants[i]; v.ID == of.Variant && len(v.Slices) > 0 {
			return &v.Slices[len(v.Slices)-1]
		}
	}
	return nil
}

func ratios(pairs []lit) (cpu, rps stats.Ratio) {
	var c, r [2][]float64
	for _, p := range pairs {
		for k := range 2 {
			c[k], r[k] = append(c[k], p.cpu[k]), append(r[k], p.rps[k])
		}
	}
	return stats.PairedRatio(c[0], c[1]), stats.PairedRatio(r[0], r[1])
}

func decidedBar(ci, bar stats.Interval) bool {
	return ci[0] >= bar[0] && ci[1] <= bar[1] || ci[1] < bar[0] || ci[0] > bar[1]
}

func ratioRow(name string, r stats.Ratio, bar stats.Interval) selftest.Row {
	row := selftest.Row{
		Name: name, Figure: fmt.Sprintf("%.3f (%.3f to %.3f), %d pairs", r.Ratio, r.CI95[0], r.CI95[1], r.Pairs),
		Bar:   fmt.Sprintf("%.2f to %.2f", bar[0], bar[1]),
		State: barState(r.CI95, bar),
	}
	if !math.IsNaN(r.Ratio) {
		row.Values = map[string]float64{"ratio": r.Ratio, "pairs": float64(r.Pairs)}
	}
	return row
}

func costRow(name string, cost []float64, limit float64) selftest.Row {
	mean, low, high, n := stats.LinearInterval(cost, 0.95)
	return selftest.Row{
		Name: name, Figure: fmt.Sprintf("%.2f %% of a core (%.2f to %.2f), %d slices", mean, low, high, n),
		Bar: fmt.Sprintf("<= %.0f %% at %dx%d", limit, screenColumns, screenRows), State: barState(stats.Interval{low, high}, stats.Interval{math.Inf(-1), limit}),
	}
}

func barState(ci, bar stats.Interval) selftest.State {
	switch {
	case ci[0] >= bar[0] && ci[1] <= bar[1]:
		return selftest.Met
	case ci[1] < bar[0] || ci[0] > bar[1]:
		return selftest.Missed
	}
	return selftest.Inconclusive // also without an interval: NaN compares with nothing
}

// shownSession shows a run that somebody else has: leaving the screen ends the showing, not the run.
type shownSession struct {
	fold *lab.Fold
	done chan struct{}
	once sync.Once
}

func (s *shownSession) State() *lab.State     { return s.fold.State() }
func (s *shownSession) Turn(lab.Knob)         {}
func (s *shownSession) Stop()                 { s.once.Do(func() { close(s.done) }) }
func (s *shownSession) Done() <-chan struct{} { return s.done }

// toggledScreen is the screen, on or off.
type toggledScreen struct {
	ctx  context.Context //nolint:containedctx // it lives for one run
	fold *lab.Fold
	term *os.File
	off  func() // nil while it is off
	err  error
}

// set turns the screen on or off and returns when it is.
func (s *toggledScreen) set(on bool) {
	if on == (s.off != nil) {
		return
	}
	if !on {
		s.off()
		s.off = nil
		return
	}
	ctx, cancel := context.WithCancel(s.ctx)
	gone := make(chan error, 1)
	session := &shownSession{fold: s.fold, done: make(chan struct{})}
	routine.Go(func() {
		_, err := tui.Run(ctx, tui.Config{In: s.term, Out: s.term, Session: session, Theme: "dark"})
		gone <- err
	})
	s.off = func() {
		session.Stop()
		cancel()
		if err := <-gone; err != nil && s.err == nil {
			s.err = fmt.Errorf("the screen: %w", err)
		}
	}
}
