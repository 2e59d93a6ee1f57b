package prefork

import (
	"slices"
	"time"

	"benchtop/targets"
	"benchtop/targets/routine"
)

// Scale is a rule by which a target has more workers or fewer of them than it began with, as the autoscalers of clusters
// do: as many as it takes for each to have so many requests in flight. What is in flight is what the workers said last,
// each every StatusEvery.
type Scale struct {
	Most     int           // workers; the fewest are those that the target began with
	InFlight int           // requests that each worker is to have
	Every    time.Duration // between two decisions
	Hold     time.Duration // for which the need must have been lower before workers go; 0: they go at once
}

// need is how many workers a decision found to be needed.
type need struct {
	at      time.Time
	workers int
}

// scaler decides by the rule.
type scaler struct {
	Scale
	least  int
	recent []need // within Hold
}

// wanted is how many workers there are to be with so many requests in flight: as many as are needed now, and not fewer than
// were needed within Hold.
func (s *scaler) wanted(now time.Time, inFlight int64) int {
	workers := int(inFlight+int64(s.InFlight)-1) / s.InFlight
	s.recent = slices.DeleteFunc(s.recent, func(n need) bool { return now.Sub(n.at) > s.Hold })
	s.recent = append(s.recent, need{now, min(max(workers, s.least), s.Most)})
	return slices.MaxFunc(s.recent, func(a, b need) int { return a.workers - b.workers }).workers
}

// scale keeps to the rule until the target is to stop.
func (t *target) scale() {
	s := scaler{Scale: *t.config.Scale, least: t.config.Processes}
	routine.Every(s.Every, t.running.Done(), func() {
		inFlight, have := t.load()
		change, err := s.wanted(time.Now(), inFlight)-have, error(nil)
		for ; change > 0 && err == nil; change-- {
			err = t.grow()
		}
		for ; change < 0 && err == nil; change++ {
			err = t.shrink() // of a worker that is being replaced: the next decision tries again
		}
	})
}

// load is what the workers have in flight, by what they said last, and how many there are, those that are starting included.
func (t *target) load() (inFlight int64, workers int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, n := range t.inFlight {
		inFlight += n
	}
	return inFlight, len(t.slots) + t.growing
}

// noted keeps what a worker said that it has in flight, until it has ended.
func (t *target) noted(st targets.WorkerStatus) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if slices.ContainsFunc(t.processes, func(p targets.Process) bool { return p.PID == st.PID && p.State == Serving }) {
		t.inFlight[st.PID] = st.InFlight
	}
}
