package selftest

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"

	"benchtop/lab"
	"benchtop/lab/instrument/pty"
	"benchtop/targets/routine"
)

// lit is what one pair of slices of the same target came to, with the screen and without.
type lit struct{ rps, cpu [2]float64 } // [0] with

// half is one slice of a pair.
type half struct{ rps, cpu float64 }

// screenRun follows a run in which the screen is on in some slices. In every block each target has two slices; the
// screen is on in one of them, and which one changes from block to block. With more than two variants it is always on.
type screenRun struct {
	variants int
	fold     *lab.Fold
	screen   toggledScreen
	place    int             // of the slice in the run, from 0
	first    map[string]half // by variant: the slice that waits for its pair

	pairs []lit
	cost  []float64 // of the lab process in the slices with the screen, in per cent of a core
}

// run measures once. On is the whole program on a terminal of its own that is read and thrown away; off is no program
// at all.
func (t *screenTest) run(variants int, seed uint64) (*screenRun, error) {
	term, err := pty.Open(screenColumns, screenRows)
	if err != nil {
		return nil, err
	}
	defer func() { _ = term.Close() }()
	routine.Go(func() { _, _ = io.Copy(io.Discard, term.Outer) }) // ends when the terminal is closed

	fold := lab.NewFold()
	r := &screenRun{
		variants: variants, fold: fold, first: map[string]half{},
		screen: toggledScreen{ctx: t.ctx, show: t.Show, fold: fold, term: term.Inner},
	}
	err = lab.Run(t.ctx, t.plan(variants, seed), lab.Options{Sink: r.event, Version: t.Version})
	r.screen.set(false)
	switch result := fold.Result(); {
	case err != nil:
		return nil, err
	case t.ctx.Err() != nil:
		return nil, t.ctx.Err()
	case r.screen.err != nil:
		return nil, r.screen.err
	case result.Ended != lab.EndComplete:
		return nil, fmt.Errorf("the run ended %s: %s", result.Ended, result.Reason)
	}
	return r, nil
}

// on reports whether the screen is on in the present slice.
func (r *screenRun) on() bool { return r.variants > 2 || screenOn(r.place, r.variants) }

func (r *screenRun) event(e lab.Event) {
	r.fold.Apply(e)
	if e.Phase != nil && e.Phase.Phase == lab.PhaseSlice {
		r.place = e.Phase.Index - 1
		r.screen.set(r.on())
	}
	if e.Block != nil {
		clear(r.first) // a slice that could not count leaves its pair incomplete
	}
	if e.Slice != nil && !e.Slice.Warmup {
		r.take(e.Slice)
	}
}

// take takes a slice in, and its pair when it is the second one.
func (r *screenRun) take(s *lab.Slice) {
	on := r.on()
	for _, p := range s.Usage.Procs {
		if on && p.Role == "lab" && p.Wall > 0 {
			r.cost = append(r.cost, 100*float64(p.CPU)/float64(p.Wall))
		}
	}
	dot := lastDot(r.fold.State(), s)
	if dot == nil || dot.Void != "" {
		return
	}
	var this half
	this.rps, _ = dot.Metrics.Of("rps")
	this.cpu, _ = dot.Metrics.Of("target_cpu_us_per_request")
	other, second := r.first[s.Variant]
	if !second {
		r.first[s.Variant] = this
		return
	}
	delete(r.first, s.Variant)
	if len(s.Dirty) > 0 {
		return
	}
	with, without := other, this
	if on {
		with, without = this, other
	}
	r.pairs = append(r.pairs, lit{rps: [2]float64{with.rps, without.rps}, cpu: [2]float64{with.cpu, without.cpu}})
}

// screenOn reports whether the screen is on in the slice at this place of the run, counted from 0. A block is A B B A: on,
// off, on, off gives each target one of both, and the next block has them the other way round.
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

// Shown is a run for a screen to show: leaving the screen ends the showing, not the run.
type Shown struct {
	fold *lab.Fold
	done chan struct{}
	once sync.Once
}

// NewShown shows what the fold has.
func NewShown(fold *lab.Fold) *Shown { return &Shown{fold: fold, done: make(chan struct{})} }

// State is the newest snapshot.
func (s *Shown) State() *lab.State { return s.fold.State() }

// Turn does nothing.
func (s *Shown) Turn(lab.Turn) {}

// Stop ends the showing.
func (s *Shown) Stop() { s.once.Do(func() { close(s.done) }) }

// Done is closed when the showing is over.
func (s *Shown) Done() <-chan struct{} { return s.done }

// toggledScreen is the screen, on or off.
type toggledScreen struct {
	ctx  context.Context //nolint:containedctx // it lives for one run
	show func(context.Context, *os.File, *Shown) error
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
	shown := NewShown(s.fold)
	routine.Go(func() { gone <- s.show(ctx, s.term, shown) })
	s.off = func() {
		shown.Stop()
		cancel()
		if err := <-gone; err != nil && s.err == nil {
			s.err = fmt.Errorf("the screen: %w", err)
		}
	}
}
