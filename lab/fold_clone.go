package lab

import (
	"maps"
	"slices"
)

// Clone is a fold of its own that knows what this one knows: events applied to either do not change the other. A replay
// keeps some of them on its way, so that going back does not begin at the first event. It costs about a megabyte per
// variant, most of it histograms.
func (f *Fold) Clone() *Fold {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.derive()
	c := &Fold{
		st: *f.copyState(), all: slices.Clip(f.all), discard: maps.Clone(f.discard),
		acc: make([]*accumulator, len(f.acc)), flags: slices.Clip(f.flags), flagged: f.flagged, blocks: f.blocks, reasons: slices.Clip(f.reasons),
		past: maps.Clone(f.past), counted: f.counted, done: f.done, spent: f.spent, running: f.running,
	}
	for i, a := range f.acc {
		c.acc[i] = a.clone()
	}
	return c
}
