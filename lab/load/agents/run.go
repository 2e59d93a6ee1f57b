package agents

import (
	"context"
	"fmt"
	"time"

	"benchtop/lab/load"
	"benchtop/lab/load/generator"
)

// Times of a run.
const (
	readyWithin = 15 * time.Second
	lead        = time.Second     // from the word to go until the start
	lostAfter   = 8               // pulses without a word of an agent
	endWithin   = 6 * time.Second // after it was broken off; and beside the timeout of a request, after its time
)

// Part is what one agent drives.
type Part struct {
	Agent Agent
	Clock Clock
	Task  load.Task
}

// Outcome is what became of a part.
type Outcome struct {
	Part
	Summary load.Summary // by this machine's wall clock
	Void    string       // why it does not count; empty: it does
	Problem string       // why it was broken off although it counts
	ticks   []load.Tick  // rows of the window
	quiet   int          // pulses without a word
	heard   time.Time
	ready   bool
	over    bool
	final   bool // it refused the task, and would again
}

// noPartError is why an agent took no part, and nothing was started.
type noPartError struct {
	text  string
	final bool // it would be the same another time
}

func (e *noPartError) Error() string { return e.text }

// run is one task that a crew drives.
type run struct {
	crew  *Crew
	id    int
	parts []*Outcome
	start time.Time // when the load starts; zero: it has not been said
	ended bool      // everybody was told to end
	told  int       // merged rows
	tick  func(load.Tick)
}

// Run has agents drive their parts together. tick, which may be nil, hears the rows of the window, of all that count. When an agent is
// lost the others stop, and what they drove is the result. The error is one of before the start: nothing was driven then. When ctx
// ends, the parts are broken off.
func (w *Crew) Run(ctx context.Context, parts []Part, g generator.Config, tick func(load.Tick)) ([]*Outcome, error) {
	r, err := w.begin(ctx, parts, g, true)
	if err != nil {
		return nil, err
	}
	r.tick = tick
	r.follow(ctx)
	return r.parts, nil
}

// begin has agents make ready for their parts, and says when they start. terse: their rows come without histograms.
func (w *Crew) begin(ctx context.Context, parts []Part, g generator.Config, terse bool) (*run, error) {
	w.drain()
	w.tasks++
	r := &run{crew: w, id: w.tasks}
	for i := range parts {
		o := &Outcome{Part: parts[i], heard: w.config.Now()}
		o.Task.ID, o.Task.Terse, o.Task.Allow = r.id, terse, nil
		r.parts = append(r.parts, o)
	}
	if err := r.prepare(ctx, g); err != nil {
		r.end()
		return nil, err
	}
	r.depart()
	return r, nil
}

// prepare has every agent make ready.
func (r *run) prepare(ctx context.Context, g generator.Config) error {
	for _, o := range r.parts {
		if err := r.crew.tell(o.Agent.ID, &Order{Prepare: &Prepare{Task: o.Task, Generator: g}}); err != nil {
			return err
		}
	}
	late := time.NewTimer(readyWithin)
	defer late.Stop()
	beat := time.NewTicker(pulse)
	defer beat.Stop()
	for {
		waiting := ""
		for _, o := range r.parts {
			if o.over {
				return &noPartError{fmt.Sprintf("agent %s takes no part, so nothing was started: %s", o.Agent.Name, o.Void), o.final}
			}
			if !o.ready {
				waiting = o.Agent.Name
			}
		}
		if waiting == "" {
			return nil
		}
		select {
		case h := <-r.crew.said:
			r.take(h)
		case <-beat.C:
			r.beat()
		case <-late.C:
			return &noPartError{text: fmt.Sprintf("agent %s is not ready within %v, so nothing was started", waiting, readyWithin)}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// depart says when it starts: at one moment, by the clock of each agent.
func (r *run) depart() {
	var trip time.Duration
	for _, o := range r.parts {
		trip = max(trip, o.Clock.Trip)
	}
	r.start = r.crew.config.Now().Add(lead + trip)
	for i, o := range r.parts {
		at := r.start.Add(o.Clock.Offset).UnixNano() + stagger(&o.Task, len(r.parts), i)
		_ = r.crew.tell(o.Agent.ID, &Order{Go: &Departure{ID: r.id, At: at}}) // an agent that does not hear it is lost
	}
}

// follow waits until no part is going on.
func (r *run) follow(ctx context.Context) {
	t := &r.parts[0].Task
	late := time.NewTimer(lead + t.Settle + t.Window + t.Timeout + endWithin)
	defer late.Stop()
	beat := time.NewTicker(pulse)
	defer beat.Stop()
	asked := ctx.Done()
	for r.going() {
		select {
		case h := <-r.crew.said:
			r.take(h)
		case <-beat.C:
			r.beat()
		case <-late.C:
			for _, o := range r.parts {
				r.lose(o, "did not end in time")
			}
		case <-asked:
			asked = nil
			r.end()
			late.Reset(endWithin)
		}
		if r.lost() && !r.ended {
			r.end()
			late.Reset(endWithin)
		}
		r.rows()
	}
}

func (r *run) going() bool {
	for _, o := range r.parts {
		if !o.over {
			return true
		}
	}
	return false
}

func (r *run) lost() bool {
	for _, o := range r.parts {
		if o.Void != "" {
			return true
		}
	}
	return false
}

// end has every agent end its part.
func (r *run) end() {
	r.ended = true
	for _, o := range r.parts {
		if !o.over {
			_ = r.crew.tell(o.Agent.ID, &Order{Abort: r.id}) // who does not hear it hears no beats either
		}
	}
}

// beat says that this end is there, and loses the agents that say nothing. Whole pulses are counted, as an agent does.
func (r *run) beat() {
	for _, o := range r.parts {
		if o.over {
			continue
		}
		if o.quiet++; o.quiet > lostAfter {
			r.lose(o, "was lost")
			continue
		}
		_ = r.crew.tell(o.Agent.ID, &Order{Beat: true})
	}
}

// lose makes a part void.
func (r *run) lose(o *Outcome, how string) {
	if o.over {
		return
	}
	o.over = true
	if r.start.IsZero() {
		o.Void = how
		return
	}
	o.Void = fmt.Sprintf("%s after %.1f s", how, max(0, o.heard.Sub(r.start).Seconds()))
}

// take takes in what an agent said.
func (r *run) take(h heard) {
	var o *Outcome
	for _, p := range r.parts {
		if p.Agent.ID == h.id {
			o = p
		}
	}
	if o == nil || o.over {
		return
	}
	o.quiet, o.heard = 0, h.at
	switch m := h.report; {
	case m.Ready == r.id:
		o.ready = true
	case m.Bye:
		r.lose(o, "left")
	case m.Refused != nil && (m.Refused.ID == r.id || m.Refused.ID == 0):
		o.final = !m.Refused.Busy
		r.lose(o, "refused it ("+m.Refused.Why+")")
	case m.Tick != nil && m.Tick.Slice == r.id:
		if m.Tick.Phase == "window" && len(o.ticks) < int(2*o.Task.Window/load.TickEvery)+100 {
			m.Tick.From, m.Tick.To = m.Tick.From-int64(o.Clock.Offset), m.Tick.To-int64(o.Clock.Offset)
			o.ticks = append(o.ticks, *m.Tick)
		}
	case m.Done != nil && m.Done.Summary.Slice == r.id:
		r.done(o, m.Done)
	}
}

// done takes in the end of a part.
func (r *run) done(o *Outcome, d *Done) {
	switch n := max(1, len(o.Task.Mix)); {
	case d.Problem != "" && (!d.Aborted || !r.ended):
		r.lose(o, "ended it ("+d.Problem+")")
		return
	case len(o.Task.Mix) > 0 && len(d.Summary.Entries) != n:
		r.lose(o, "sent figures of another load")
		return
	}
	o.over, o.Summary, o.Problem = true, d.Summary, d.Problem
	for _, t := range []*int64{&o.Summary.From, &o.Summary.To, &o.Summary.Ended} {
		*t -= int64(o.Clock.Offset)
	}
}

// rows tells the rows that all have that count.
func (r *run) rows() {
	for r.tick != nil {
		var all []load.Tick
		for _, o := range r.parts {
			switch {
			case o.Void != "" || o.over && len(o.ticks) <= r.told: // one has a row less than the others where its window was cut
				continue
			case len(o.ticks) <= r.told:
				return
			}
			all = append(all, o.ticks[r.told])
		}
		if len(all) == 0 {
			return
		}
		r.tick(mergeTicks(all))
		r.told++
	}
}

// stagger is how much later the i-th of n parts starts, in nanoseconds: where a rate is split, by its share of the distance between two
// requests, if that is less than a row of what is reported.
func stagger(t *load.Task, n, i int) int64 {
	rate := t.Rate
	if len(t.Stages) > 0 {
		_, rate = t.Stages.Range()
	}
	if t.Model != load.Open || rate <= 0 || t.Arrivals == load.Poisson {
		return 0
	}
	between := 1e9 / rate // of the part's own requests
	if between > float64(load.TickEvery) {
		return 0
	}
	return int64(between * float64(i) / float64(n))
}
