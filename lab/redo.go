package lab

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// redoBlocks is the most blocks that a scenario may have.
const redoBlocks = 200

// Redo is the plan that does again what was done in a free run: its variants and its load as they were at the beginning,
// and every turn as a step at its time. The order is the one that it had last, labels are those that it ended with. Without a turn it is a measurement with the blocks of the plan that was run
// freely. Lesson, questions and expectations were about another run and are left out.
func Redo(st *State) (*Plan, error) {
	if st == nil || st.Plan == nil || !st.Plan.Free {
		return nil, fmt.Errorf("saving a run as a scenario: this is no free run; `benchtop show --source ID` prints the scenario of a measured one")
	}
	from := st.Plan
	if slices.ContainsFunc(from.Variants, func(v Variant) bool { return len(v.Sealed) > 0 }) {
		return nil, errors.New("settings of this run are sealed until its fault is named, so no file can do it again")
	}
	p := &Plan{
		ID: redoID(from.ID), Title: "Free run: " + strings.TrimPrefix(from.Title, "Free run: "), Baseline: from.Baseline,
		Variants: slices.Clone(from.Variants), Warmup: from.Warmup, Slice: from.Slice, Settle: from.Settle, Blocks: from.Blocks,
		Order: from.Order, Metric: from.Metric, SmallestEffect: from.SmallestEffect, ErrorLimit: from.ErrorLimit, Seed: from.Seed,
	}
	if p.Order == Sequential {
		p.Order = Interleaved // a free run takes turns
	}
	undone := map[string]bool{}
	for _, k := range st.Turns {
		if k.Undone != "" {
			undone[k.Remove] = true
		}
	}
	for i := range st.Turns {
		p.redo(&st.Turns[i], undone)
	}
	p.keepBaseline()
	if len(p.Steps) > 0 {
		p.stretch(st)
	}
	return p, nil
}

// redo adds one turn as a step.
func (p *Plan) redo(k *Turn, undone map[string]bool) {
	s := Step{At: k.After}
	switch {
	case k.Refused != "", k.Undone != "", k.Order != "", k.Add != nil && undone[k.Add.ID]:
		return
	case k.Rename != "":
		if v := p.Variant(k.Rename); v != nil {
			v.Label = k.Label
		}
		return
	case k.Add != nil:
		p.Variants = append(p.Variants, *k.Add)
		s.Start = []string{k.Add.ID}
	case k.Remove != "":
		s.Stop = []string{k.Remove}
	default:
		s.Set = slices.Clone(k.settings())
	}
	p.Steps = append(p.Steps, s)
}

// keepBaseline chooses another baseline where the one of the plan went away: a variant that is there to the end.
func (p *Plan) keepBaseline() {
	gone := map[string]bool{}
	for i := range p.Steps {
		for _, id := range p.Steps[i].Stop {
			gone[id] = true
		}
	}
	if !gone[p.Baseline] {
		return
	}
	for i := range p.Variants {
		if !gone[p.Variants[i].ID] {
			p.Baseline = p.Variants[i].ID
			return
		}
	}
}

// stretch gives the plan the slices of the free run, and as many blocks as that was long. A long one gets longer slices,
// because blocks are limited; whether it is too long for a scenario is for the format to say.
func (p *Plan) stretch(st *State) {
	p.Slice = p.freeWindow()
	last := p.Steps[len(p.Steps)-1].At
	p.Blocks = max(1, (st.Rounds+1)/2)
	if p.Blocks > redoBlocks && !p.Staged() {
		p.Slice = time.Duration(float64(p.Slice) * float64(p.Blocks) / redoBlocks).Round(stepGrain)
	}
	p.Blocks = min(p.Blocks, redoBlocks)
	for p.Counted() <= last && p.Blocks < redoBlocks {
		p.Blocks++
	}
	for p.Counted() <= last && !p.Staged() {
		p.Slice += stepGrain
	}
}

// redoID is the id of the plan: small letters, digits and hyphens, at most as long as the format allows.
func redoID(id string) string {
	const most = 40
	if strings.HasSuffix(id, redoSuffix) {
		return id
	}
	return strings.Trim(id[:min(len(id), most-len(redoSuffix))], "-") + redoSuffix
}

const redoSuffix = "-free"
