package guest

import (
	"fmt"
	"sync"

	"benchtop/lab"
	"benchtop/lab/class"
	"benchtop/lab/record"
)

// watched is the trainer's run as far as a spectator has it.
type watched struct {
	mu   sync.Mutex
	run  string
	seq  uint64 // of the last event
	fold *lab.Fold
	sink lab.Sink
}

func (w *watched) last() uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seq
}

func (w *watched) nonce() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.run
}

// Live has the trainer's run.
func (g *Guest) Live() *lab.Fold {
	g.live.mu.Lock()
	defer g.live.mu.Unlock()
	return g.live.fold
}

// watch takes a part of the trainer's run. What is missing before it is asked for with the next beat, and this part then comes again.
func (g *Guest) watch(data []byte) {
	b, err := class.Unpack(data)
	if err == nil {
		err = g.live.take(b, g.config.Watching)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if err != nil {
		g.remark(err.Error())
	}
	g.tell()
}

// take folds the events in that come next.
func (w *watched) take(b *class.Batch, watching func(*lab.Fold) lab.Sink) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if b.Run != w.run {
		if b.First != 1 {
			return nil // the beginning of the run comes before this
		}
		w.run, w.seq, w.fold, w.sink = b.Run, 0, lab.NewFold(), func(lab.Event) {}
		if watching != nil {
			w.sink = watching(w.fold)
		}
	}
	for i, line := range b.Events {
		if seq := b.First + uint64(i); seq != w.seq+1 { //nolint:gosec // an index
			continue // known, or not its turn
		}
		e, err := record.Event(line)
		if err == nil && e.Seq != w.seq+1 {
			err = fmt.Errorf("event %d stands where event %d belongs", e.Seq, w.seq+1)
		}
		if err == nil && (e.Run != nil) != (e.Seq == 1) {
			err = fmt.Errorf("event %d of a run cannot be of kind %q", e.Seq, e.Kind)
		}
		if err != nil {
			return fmt.Errorf("the trainer's run: %w", err)
		}
		w.seq = e.Seq
		w.fold.Apply(*e)
		w.sink(*e)
	}
	return nil
}
