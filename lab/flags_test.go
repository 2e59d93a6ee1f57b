package lab

import (
	"slices"
	"strings"
	"testing"

	"benchtop/lab/load"
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
	if r.Scope != "" {
		t.Errorf("nothing is decided, and it holds for a machine: %q", r.Scope)
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

// busy is a run of six blocks in which b serves so many per cent of what a does, one after the other. The first ones were disturbed, in the
// words of their causes, and did not run again.
func busy(shares []uint64, causes ...string) *Fold {
	f := NewFold()
	f.Apply(Event{Run: &RunEvent{Plan: Plan{Blocks: 6, Order: Interleaved, Baseline: "a", Metric: "rps", SmallestEffect: 0.02, Variants: []Variant{{ID: "a"}, {ID: "b"}}}}})
	index := 0
	for block := 1; block <= 6; block++ {
		for _, id := range []string{"a", "b", "b", "a"} {
			index++
			n := uint64(1000 + index%3)
			if id == "b" {
				n = n * shares[block%len(shares)] / 100
			}
			counts := load.Counts{Requests: n, OK: n}
			f.Apply(Event{Slice: &Slice{Index: index, Block: block, Attempt: 1, Variant: id, To: 1e9, Load: load.Summary{To: 1e9, Counts: counts, Edge: &load.Edge{Ended: n, Answered: n, OK: n}}}})
		}
		e := &BlockEvent{Block: block, Attempt: 1, Outcome: BlockKept}
		if block <= len(causes) {
			e.Outcome, e.Reasons = BlockFlagged, []string{"a: " + causes[block-1]}
		}
		f.Apply(Event{Block: e})
	}
	f.Apply(Event{End: &EndEvent{How: EndComplete}})
	return f
}

// A decision that rests mostly on disturbed blocks says for which machine it holds.
func TestADecisionOfABusyMachineSaysSo(t *testing.T) {
	for want, causes := range map[string][]string{
		"": {foreignWords + "98 % of a core", foreignWords + "98 % of a core", foreignWords + "98 % of a core"},
		foreignWords + "95 to 102 % of a core in 4 of 6 blocks: this holds for a machine as busy as that":                             {foreignWords + "95 % of a core", foreignWords + "98 % of a core", foreignWords + "102 % of a core", foreignWords + "99 % of a core"},
		stealWords + "9 % in 5 of 6 blocks: this holds for a machine that loses as much to others":                                    {stealWords + "9 %", stealWords + "9 %", stealWords + "9 %", stealWords + "9 %", stealWords + "9 %"},
		speedWords + "12 % faster or slower than in its pair in 4 of 6 blocks: this holds for a machine whose speed varies like that": {speedWords + "12 % faster or slower than in its pair", speedWords + "12 % faster or slower than in its pair", speedWords + "12 % faster or slower than in its pair", speedWords + "12 % faster or slower than in its pair"},
		"throttled by a CPU quota for 90 ms in 4 of 6 blocks: this holds for a machine in the same state":                             {"throttled by a CPU quota for 90 ms", "throttled by a CPU quota for 90 ms", "throttled by a CPU quota for 90 ms", "throttled by a CPU quota for 90 ms", stealWords + "9 %"},
	} {
		for _, share := range []uint64{141, 100} { // higher, and no difference
			r := busy([]uint64{share}, causes...).Result()
			if r.Scope != want {
				t.Errorf("%d %% and %q: %q, want %q (%+v)", share, causes, r.Scope, want, r.Comparisons)
			}
		}
	}
}

// More blocks are no advice to a run of which most blocks were disturbed, and the log says once what is.
func TestMoreBlocksCureNoBusyCore(t *testing.T) {
	cause := foreignWords + "98 % of a core"
	f := busy([]uint64{70, 150}, cause, cause, cause, cause)
	reason := f.Result().Comparisons[0].Reason
	if f.Result().Comparisons[0].Verdict != "inconclusive" || strings.Contains(reason, "more blocks") || !strings.Contains(reason, "quieter machine") {
		t.Errorf("%q", reason)
	}
	n := 0
	for _, line := range f.State().Log {
		if line.Text == busyAdvice {
			n++
		}
		if strings.Contains(line.Text, "was disturbed") && !strings.Contains(line.Text, "counts") {
			t.Errorf("it sounds as if nothing counted: %q", line.Text)
		}
	}
	if n != 1 {
		t.Errorf("said %d times in %+v", n, f.State().Log)
	}
}
