package record

import (
	"sort"
	"sync"
	"time"

	"benchtop/lab"
	"benchtop/lab/marks"
)

// Player plays a run again: a clock of its own decides how many of the events have happened. Nothing is started and
// nothing is driven. It is safe for concurrent use; State does the folding, so an idle screen costs nothing.
//
// On its way it keeps a fold now and then, so that going back folds a part of the run again and never all of it.
type Player struct {
	mu     sync.Mutex
	events []lab.Event
	marks  []marks.Mark
	fold   *lab.Fold
	next   int        // events applied
	every  int        // events between two kept folds
	kept   []keyframe // in order
	now    func() time.Time
	since  time.Time     // when the clock was last set
	at     time.Duration // position then
	speed  float64
	paused bool
	done   chan struct{}
	once   sync.Once
}

// keyframe is the run as it was after so many events.
type keyframe struct {
	next int
	fold *lab.Fold
}

// A Player keeps at most mostKept folds, fewer for many variants: a fold takes about a megabyte per variant, and all
// kept ones together at most keptMegabytes. Runs of less than leastEvery events between two of them need none.
const (
	mostKept      = 32
	keptMegabytes = 64
	leastEvery    = 500
)

// spacing is how many events lie between two kept folds.
func spacing(events []lab.Event) int {
	variants := 1
	if run := events[0].Run; run != nil {
		variants = max(len(run.Plan.Variants), 1)
	}
	return max(len(events)/min(mostKept, max(keptMegabytes/variants, 1))+1, leastEvery)
}

// MaxSpeed is the fastest replay.
const MaxSpeed = 16

// NewPlayer starts a replay at its beginning, at speed 1. now is the clock; nil is the real one.
func NewPlayer(run *Run, now func() time.Time) *Player {
	if now == nil {
		now = time.Now
	}
	return &Player{
		events: run.Events, marks: marks.Of(run.Events), fold: lab.NewFold(), every: spacing(run.Events),
		now: now, since: now(), speed: 1, done: make(chan struct{}),
	}
}

// Marks are the moments of the run that can be jumped to, in order.
func (p *Player) Marks() []marks.Mark { return p.marks }

// State is the run as it was at the player's position.
func (p *Player) State() *lab.State {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := p.position()
	for p.next < len(p.events) && p.events[p.next].At <= int64(at) {
		p.apply()
	}
	if p.next == 0 { // the head is always known
		p.apply()
	}
	return p.fold.State()
}

// apply folds the next event in.
func (p *Player) apply() {
	p.fold.Apply(p.events[p.next])
	p.next++
	if p.next%p.every == 0 && (len(p.kept) == 0 || p.kept[len(p.kept)-1].next < p.next) {
		p.kept = append(p.kept, keyframe{p.next, p.fold.Clone()})
	}
}

// rewind goes back to the last kept fold that has at most n events, or to the beginning.
func (p *Player) rewind(n int) {
	p.fold, p.next = lab.NewFold(), 0
	for i := len(p.kept) - 1; i >= 0; i-- {
		if k := p.kept[i]; k.next <= n {
			p.fold, p.next = k.fold.Clone(), k.next
			return
		}
	}
}

// total is the length of the run.
func (p *Player) total() time.Duration { return time.Duration(p.events[len(p.events)-1].At) }

func (p *Player) position() time.Duration {
	at := p.at
	if !p.paused {
		at += time.Duration(float64(p.now().Sub(p.since)) * p.speed)
	}
	return max(0, min(at, p.total()))
}

// set makes the position the start of a new stretch of time.
func (p *Player) set(at time.Duration) {
	p.at, p.since = max(0, min(at, p.total())), p.now()
}

// Position tells where the player is, and how long the run is.
func (p *Player) Position() (at, total time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.position(), p.total()
}

// Pause stops or continues the clock.
func (p *Player) Pause(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.set(p.position())
	p.paused = on
}

// Paused reports whether the clock stands.
func (p *Player) Paused() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.paused
}

// Seek goes to a position, also backwards.
func (p *Player) Seek(at time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.set(at)
	n := sort.Search(len(p.events), func(i int) bool { return p.events[i].At > int64(p.at) })
	if n < p.next {
		p.rewind(n)
	}
}

// Speed sets how fast the clock goes, 1 to MaxSpeed.
func (p *Player) Speed(x float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.set(p.position())
	p.speed = max(1, min(x, MaxSpeed))
}

// CurrentSpeed tells how fast the clock goes.
func (p *Player) CurrentSpeed() float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.speed
}

// Turn does nothing: what happened has happened.
func (p *Player) Turn(lab.Turn) {}

// Stop ends the replay.
func (p *Player) Stop() { p.once.Do(func() { close(p.done) }) }

// Done is closed by Stop.
func (p *Player) Done() <-chan struct{} { return p.done }
