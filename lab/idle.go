package lab

import (
	"fmt"
	"math"
)

// idle is what the variants that were not under load used in a slice, in shares of a core: the busiest process of each,
// and all of them together.
func idle(s *Slice) (busiest map[string]float64, all float64) {
	busiest = map[string]float64{}
	for i := range s.Usage.Procs {
		p := &s.Usage.Procs[i]
		if p.Variant == "" || p.Variant == s.Variant || p.Wall <= 0 {
			continue
		}
		share := float64(p.CPU) / float64(p.Wall)
		busiest[p.Variant] = max(busiest[p.Variant], share)
		all += share
	}
	return busiest, all
}

// toldIdle is the share of a core from which a result tells what its idle variants used.
const toldIdle = 0.01

// idleMost is the most that the idle variants used together in a slice that counts, in cores; nil where all variants are
// under load at the same time, or nothing was measured.
func (f *Fold) idleMost() *float64 {
	if f.st.Plan.Order == Together {
		return nil
	}
	var most *float64
	for i := range f.st.Variants {
		dots := f.st.Variants[i].Slices
		for k := range dots {
			if d := &dots[k]; !d.Discarded && d.Index > 0 && (most == nil && !math.IsNaN(d.Idle) || most != nil && d.Idle > *most) {
				most = &d.Idle
			}
		}
	}
	return most
}

// idleWords say what the idle variants took from the one under load, empty when it was next to nothing.
func idleWords(most *float64) string {
	if most == nil || *most < toldIdle {
		return ""
	}
	return fmt.Sprintf("idle variants used up to %.1f %% of a core meanwhile", 100**most)
}
