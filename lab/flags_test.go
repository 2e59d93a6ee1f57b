package lab

import (
	"slices"
	"testing"
)

// The flags of a run name a cause once, with how many slices and blocks it met.
func TestFlagsNameACauseOnce(t *testing.T) {
	f := NewFold()
	f.Apply(Event{Run: &RunEvent{Plan: Plan{Blocks: 4, Order: Interleaved, Baseline: "w1", Metric: "rps", Variants: []Variant{{ID: "w1"}, {ID: "w2"}}}}})
	for block := 1; block <= 4; block++ {
		for i, id := range []string{"w1", "w2"} {
			s := &Slice{Index: 2*block + i, Block: block, Attempt: 1, Variant: id}
			if block != 2 {
				s.Void = "the generator stood still for " + []string{"80", "0", "301", "95"}[block-1] + " ms"
			}
			f.Apply(Event{At: int64(2*block + i), Slice: s})
		}
		f.Apply(Event{At: int64(20 + block), Block: &BlockEvent{Block: block, Attempt: 1, Outcome: BlockFlagged, Reasons: []string{"w2: steal was " + []string{"9", "7", "8", "30"}[block-1] + " %"}}})
	}
	f.Apply(Event{At: 100, End: &EndEvent{How: EndComplete}})
	r := f.Result()
	if want := "steal was 7 to 30 %"; r.DisturbedBy != want {
		t.Errorf("disturbed by %q, want %q", r.DisturbedBy, want)
	}
	flags := r.Flags
	for _, want := range []string{
		"6 slices of w1 and w2 do not count (blocks 1, 3 and 4): the generator stood still for 80 to 301 ms",
		"4 of 4 blocks were disturbed and 2 of their 8 slices count: steal was 7 to 30 % (w2, blocks 1 to 4)",
	} {
		if !slices.Contains(flags, want) {
			t.Errorf("no %q in %q", want, flags)
		}
	}
	if at := slices.Index(flags, "6 slices of w1 and w2 do not count (blocks 1, 3 and 4): the generator stood still for 80 to 301 ms"); at != len(flags)-1 {
		t.Errorf("single slices stand before the whole run: %q", flags)
	}
}
