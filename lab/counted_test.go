package lab

import (
	"slices"
	"strings"
	"testing"

	"benchtop/lab/load"
)

// disturbed is a run of two blocks that were disturbed and not repeated: change has its say about every slice of two variants.
func disturbed(change func(s *Slice)) *Result {
	return disturbedAs(Interleaved, []string{"errors(a) == 0", "errors(b) == 0"}, change)
}

// disturbedAs is one with an order and expectations.
func disturbedAs(order Order, expected []string, change func(s *Slice)) *Result {
	f := NewFold()
	f.Apply(Event{Run: &RunEvent{Plan: Plan{
		Blocks: 2, Order: order, Baseline: "a", Metric: "rps", Variants: []Variant{{ID: "a"}, {ID: "b"}}, Expect: expected,
	}}})
	index := 0
	for block := 1; block <= 2; block++ {
		for _, id := range []string{"a", "b", "b", "a"} {
			index++
			s := &Slice{Index: index, Block: block, Attempt: 1, Variant: id, To: 1e9, Load: load.Summary{To: 1e9, Counts: load.Counts{Requests: 100, OK: 100}}}
			change(s)
			f.Apply(Event{Slice: s})
		}
		f.Apply(Event{Block: &BlockEvent{Block: block, Attempt: 1, Outcome: BlockFlagged, Reasons: []string{"a: steal was 9 %"}}})
	}
	f.Apply(Event{End: &EndEvent{How: EndComplete}})
	return f.Result()
}

// What is said of disturbed blocks follows from which of their slices count.
func TestDisturbedBlocksSayWhatOfThemCounts(t *testing.T) {
	for want, void := range map[string]func(s *Slice) bool{
		"2 of 2 blocks were disturbed and count: ":                     func(*Slice) bool { return false },
		"2 of 2 blocks were disturbed and do not count: ":              func(*Slice) bool { return true },
		"2 of 2 blocks were disturbed and 4 of their 8 slices count: ": func(s *Slice) bool { return s.Variant == "a" },
	} {
		flags := disturbed(func(s *Slice) {
			if void(s) {
				s.Void = "the lab stood still"
			}
		}).Flags
		if !slices.ContainsFunc(flags, func(f string) bool { return strings.HasPrefix(f, want) }) {
			t.Errorf("no %q in %q", want, flags)
		}
	}
	if words := (&BlockEvent{Block: 1, Outcome: BlockFlagged}).Words(); strings.Contains(words, "kept") {
		t.Errorf("while it runs it is not known what counts: %q", words)
	}
}

// Nothing is confirmed of a variant of which no slice counts.
func TestNothingIsConfirmedWithoutASlice(t *testing.T) {
	r := disturbed(func(s *Slice) {
		if s.Variant == "a" {
			s.Void = "the generator stood still"
		}
	})
	if x := r.Expectations[0]; x.Verdict != "not_applicable" || x.Measured != nil || x.Reason != "errors(a) was not counted" {
		t.Errorf("no slice counts: %+v", x)
	}
	if x := r.Expectations[1]; x.Verdict != "confirmed" {
		t.Errorf("all slices count: %+v", x)
	}
}

// A generator that had time left was late, and no bottleneck.
func TestWhatTheGeneratorWas(t *testing.T) {
	for want, busy := range map[string]float64{"the generator was late at a: its sends": 0.01, "the generator was the bottleneck at a: its sends": load.BusiestThread} {
		got := disturbed(func(s *Slice) {
			if s.Variant == "a" {
				s.Load.Busy, s.Limits = busy, []string{"its sends were late"}
			}
		}).Generator
		if len(got.Reasons) != 1 || !strings.HasPrefix(got.Reasons[0], want) {
			t.Errorf("%v busy: %q", busy, got.Reasons)
		}
	}
}

// Nothing is confirmed of what the lanes of a race took from each other; what each of them used itself is.
func TestARaceConfirmsNothingThatIsRefused(t *testing.T) {
	r := disturbedAs(Together, []string{"rps(a) > 1", "rps(a) / rps(b) > 0.1", "errors(a) == 0"}, func(*Slice) {})
	for i, want := range []string{"inconclusive", "inconclusive", "confirmed"} {
		if x := r.Expectations[i]; x.Verdict != want || (x.Reason == SharedMachine) != (want == "inconclusive") {
			t.Errorf("%+v", x)
		}
	}
	if c := r.Comparisons[0]; c.Verdict != "refused" || c.Reason != SharedMachine {
		t.Errorf("%+v", c)
	}
}
