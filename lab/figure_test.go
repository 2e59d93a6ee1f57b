package lab

import (
	"math"
	"slices"
	"testing"
	"time"

	"benchtop/lab/load"
	"benchtop/lab/metric"
)

// skewed is a finished run in which half of A's slices are ten times as slow, B's in part of the others, and one slice of
// B does not count: B's median is far above A's, and the ratio over pairs below 1.
func skewed(t *testing.T) *State {
	t.Helper()
	f := NewFold()
	seq := uint64(0)
	emit := func(e Event) {
		seq++
		e.Seq = seq
		f.Apply(e)
	}
	emit(Event{Kind: KindRun, Run: &RunEvent{Benchtop: FormatVersion, Plan: Plan{
		ID: "x", Blocks: 6, Slice: time.Second, Baseline: "a", Metric: "rps", SmallestEffect: 0.02,
		Variants: []Variant{{ID: "a"}, {ID: "b"}}, Expect: []string{"p99(b) < 1s"}, Mechanism: []string{"connections_per_request(b) > 0"},
	}}})
	index := 0
	put := func(id string, block int, ok uint64, p99 time.Duration, void string) {
		index++
		latency := histogramOf(t, map[time.Duration]int64{time.Millisecond: int64(ok) * 9 / 10, p99: int64(ok) / 10})
		emit(Event{Kind: KindSlice, Slice: &Slice{
			Index: index, Variant: id, Block: block, Attempt: 1, From: 0, To: int64(time.Second), Void: void,
			Load: load.Summary{
				To: int64(time.Second), Latency: latency, Counts: load.Counts{Requests: ok, OK: ok, Sent: ok},
				Total: load.Counts{Requests: ok, Connects: uint64(index)},
			},
		}})
	}
	for block := 1; block <= 6; block++ {
		put("a", block, 10000, 5*time.Millisecond, "")
		put("b", block, 11000, 280*time.Millisecond, map[bool]string{true: "a worker died"}[block == 3])
		put("b", block, []uint64{11000, 900}[block%2], []time.Duration{2, 220}[block%2]*time.Millisecond, "")
		put("a", block, 10000, 290*time.Millisecond, "")
		emit(Event{Kind: KindBlock, Block: &BlockEvent{Block: block, Attempt: 1, Outcome: BlockKept}})
	}
	emit(Event{Kind: KindEnd, End: &EndEvent{How: EndComplete}})
	return f.State()
}

// The figures of two variants never contradict the change that stands between them.
func TestTheFiguresBesideAChangeAreTheChange(t *testing.T) {
	st := skewed(t)
	r := st.Result
	if a, b := *r.Variants[0].RPS.Median, *r.Variants[1].RPS.Median; b <= a || *r.Comparisons[0].Ratio >= 1 {
		t.Fatalf("the medians %v and %v agree with the ratio %v: this run shows nothing", a, b, *r.Comparisons[0].Ratio)
	}
	if len(r.Comparisons) < 4 {
		t.Fatalf("%d comparisons", len(r.Comparisons))
	}
	for _, c := range r.Comparisons {
		if c.Ratio == nil {
			continue
		}
		if c.Pairs != 11 {
			t.Errorf("%s: %d pairs", c.Metric, c.Pairs)
		}
		b, a := r.Figure("b", c.Metric), r.Figure("a", c.Metric)
		if a == nil || b == nil || math.Abs(*b / *a / *c.Ratio - 1) > 1e-12 || *b != c.Means[0] || *a != c.Means[1] {
			t.Errorf("%s: %v over %v stands beside %v", c.Metric, *b, *a, *c.Ratio)
		}
	}
	if c := st.Compare[0]; math.Abs(c.Means[0]/c.Means[1]/c.Ratio.Ratio-1) > 1e-12 {
		t.Errorf("while it runs: %v beside %v", c.Means, c.Ratio.Ratio)
	}
}

// An expectation, the mechanism and the figures of a variant have one value for a metric: the mean over its slices.
func TestAMetricHasOneValue(t *testing.T) {
	r := skewed(t).Result
	b := &r.Variants[1]
	if got := r.Expectations[0].Measured; got == nil || *got != *b.Mean("p99") || *got == *b.Latency.P99 {
		t.Errorf("p99 is %v for the expectation and %v in the table (merged %v)", *got, *b.Mean("p99"), *b.Latency.P99)
	}
	counter := "connections_per_request"
	if got := r.Mechanism[0].Measured; got == nil || *got != b.Mechanism[counter] || *got != *b.Mean(counter) {
		t.Errorf("%s is %v for the plan's line, %v as a counter and %v in the table", counter, *got, b.Mechanism[counter], *b.Mean(counter))
	}
}

// Results walk the table of metrics: one that it has just got is measured in every slice, compared, and a counter.
func TestAMetricOfTheTableIsInTheResult(t *testing.T) {
	defer metric.Register(metric.Metric{
		Name: "toys", Unit: metric.Plain, Words: "toys", Kind: metric.Mechanism, In: metric.Compared,
		Of: func(s *metric.Slice) (float64, bool) { return float64(s.Load.Counts.OK) / 2, true },
	})()
	st := skewed(t)
	v := &st.Result.Variants[0]
	if got := v.Slices("toys"); len(got) != 12 || got[0] == nil || *got[0] != 5000 {
		t.Errorf("values of slices: %v", got)
	}
	if v.Mechanism["toys"] == 0 || !slices.ContainsFunc(st.Result.Comparisons, func(c Comparison) bool { return c.Metric == "toys" && c.Ratio != nil }) {
		t.Errorf("counters %v, comparisons %+v", v.Mechanism, st.Result.Comparisons)
	}
}
