package record

import (
	"sort"
	"sync"
	"time"

	"benchtop/lab"
)

// Player plays a run again: a clock of its own decides how many of the events have happened. Nothing is started and
// nothing is driven. It is safe for concurrent use; State does the folding, so an idle screen costs nothing.
type Player struct {
	mu     sync.Mutex
	events []lab.Event
	fold   *lab.Fold
	next   int // events applied
	now    func() time.Time
	since  time.Time     // when the clock was last set
	at     time.Duration // position then
	speed  float64
	paused bool
	done   chan struct{}
	once   sync.Once
}

// MaxSpeed is the fastest replay.
const MaxSpeed = 16

// NewPlayer starts a replay at its beginning, at speed 1. now is the clock; nil is the real one.
func NewPlayer(run *Run, now func() time.Time) *Player {
	if now == nil {
		now = time.Now
	}
	return &Player{events: run.Events, fold: lab.NewFold(), now: now, since: now(), speed: 1, done: make(chan struct{})}
}

// State is the run as it was at the player's position.
func (p *Player) State() *lab.State {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := p.position()
	for p.next < len(p.events) && p.events[p.next].At <= int64(at) {
		p.fold.Apply(p.events[p.next])
		p.next++
	}
	if p.next == 0 { // the head is always known
		p.fold.Apply(p.events[0])
		p.next = 1
	}
	return p.fold.State()
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

// Paused tells whether the clock stands.
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
		p.fold, p.next = lab.NewFold(), 0
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
func (p *Player) Turn(lab.Knob) {}

// Stop ends the replay.
func (p *Player) Stop() { p.once.Do(func() { close(p.done) }) }

// Done is closed by Stop.
func (p *Player) Done() <-chan struct{} { return p.done }
