package tui

import (
	"time"

	"benchtop/lab"
)

// still is a Session that shows one State.
type still struct {
	state *lab.State
	done  chan struct{}
	turns []lab.Knob
	stops int
}

func newStill(st *lab.State) *still {
	s := &still{state: st, done: make(chan struct{})}
	if st != nil && st.End != nil {
		close(s.done)
	}
	return s
}

func (s *still) State() *lab.State     { return s.state }
func (s *still) Turn(k lab.Knob)       { s.turns = append(s.turns, k) }
func (s *still) Stop()                 { s.stops++ }
func (s *still) Done() <-chan struct{} { return s.done }

// tape is a still that can be played.
type tape struct {
	still
	paused bool
	at     time.Duration
	x      float64
	marks  []lab.Mark
}

func (t *tape) Pause(b bool)         { t.paused = b }
func (t *tape) Paused() bool         { return t.paused }
func (t *tape) Seek(d time.Duration) { t.at = d }
func (t *tape) Position() (time.Duration, time.Duration) {
	return t.at, 43 * time.Second
}
func (t *tape) Speed(x float64)       { t.x = x }
func (t *tape) CurrentSpeed() float64 { return t.x }
func (t *tape) Marks() []lab.Mark     { return t.marks }

func newTape(st *lab.State) *tape {
	return &tape{still: *newStill(st), x: 4, at: 12 * time.Second}
}
