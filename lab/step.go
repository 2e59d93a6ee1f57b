package lab

import (
	"slices"
	"time"
)

// Step changes something at a time of the run. It takes effect between two slices, at the edge that is nearest to its
// time; what is measured before it is not compared with what is measured after it.
type Step struct {
	At    time.Duration `json:"at"`              // since the first counted slice was begun
	Start []string      `json:"start,omitempty"` // ids of variants that come; before that nothing of them runs
	Set   []string      `json:"set,omitempty"`   // variant.key=value, as `run --set` takes it; all.key=value is every variant that is there
	Stop  []string      `json:"stop,omitempty"`  // ids of variants that go
}

// knobs are the step as it is carried out: who comes, what is set, who goes.
func (s *Step) knobs(p *Plan) []Knob {
	var out []Knob
	for _, id := range s.Start {
		if v := p.Variant(id); v != nil {
			copied := *v
			out = append(out, Knob{Add: &copied, After: s.At})
		}
	}
	if len(s.Set) > 0 {
		out = append(out, Knob{Set: s.Set, After: s.At})
	}
	for _, id := range s.Stop {
		out = append(out, Knob{Remove: id, After: s.At})
	}
	return out
}

// Late tells whether a variant is not there from the beginning: the first step that names it starts it.
func (p *Plan) Late(id string) bool {
	if p.Free { // it takes no steps: a person turns its knobs
		return false
	}
	for i := range p.Steps {
		switch s := &p.Steps[i]; {
		case slices.Contains(s.Start, id):
			return true
		case slices.Contains(s.Stop, id):
			return false
		}
	}
	return false
}

// Opening are the variants that are there from the beginning.
func (p *Plan) Opening() []Variant {
	return slices.DeleteFunc(slices.Clone(p.Variants), func(v Variant) bool { return p.Late(v.ID) })
}

// Shorten sets the blocks and the slice of a run that is to be a look only, and moves the steps so that they come at the
// same part of it.
func (p *Plan) Shorten(blocks int, slice time.Duration) {
	before := p.Counted()
	p.Blocks, p.Slice = blocks, slice
	if before <= 0 {
		return
	}
	share := float64(p.Counted()) / float64(before)
	p.Steps = slices.Clone(p.Steps)
	for i := range p.Steps {
		p.Steps[i].At = time.Duration(float64(p.Steps[i].At) * share).Round(stepGrain)
	}
}

// stepGrain is how finely the time of a turned knob is told. It takes effect between two slices, so that a finer one would
// say nothing.
const stepGrain = 100 * time.Millisecond
