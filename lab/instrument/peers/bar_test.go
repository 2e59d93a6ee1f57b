package peers

import (
	"strings"
	"testing"
)

func ratio(r, low, high float64, pairs int) Ratio {
	return Ratio{Ratio: &r, CI95: &[2]float64{low, high}, Pairs: pairs}
}

func TestDecide(t *testing.T) {
	for _, c := range []struct {
		name    string
		ratio   Ratio
		limit   float64
		atLeast bool
		want    Verdict
	}{
		{"inside", ratio(0.88, 0.86, 0.90, 20), 0.92, false, Met},
		{"touches", ratio(0.90, 0.88, 0.92, 20), 0.92, false, Met},
		{"crosses", ratio(0.90, 0.87, 0.93, 20), 0.92, false, Inconclusive},
		{"outside", ratio(0.96, 0.93, 0.99, 20), 0.92, false, Missed},
		{"begins at the limit", ratio(0.95, 0.92, 0.98, 20), 0.92, false, Inconclusive},
		{"at least, inside", ratio(1.05, 1.0, 1.1, 20), 1, true, Met},
		{"at least, crosses", ratio(1.01, 0.99, 1.03, 20), 1, true, Inconclusive},
		{"at least, outside", ratio(0.9, 0.85, 0.99, 20), 1, true, Missed},
		{"few pairs", ratio(0.5, 0.49, 0.51, minPairs-1), 0.92, false, Inconclusive},
		{"no interval", Ratio{Pairs: 20}, 0.92, false, Inconclusive},
	} {
		if got := decide(c.ratio, c.limit, c.atLeast); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestBarsOfEachPeer(t *testing.T) {
	good := map[string]Ratio{cpuMetric: ratio(0.3, 0.29, 0.31, 20), rpsMetric: ratio(1.2, 1.1, 1.3, 20)}
	for peer, want := range map[string][]string{
		"wrk":    {"CPU per request <= 0.92x wrk at 64", "RPS >= 1.00x wrk at 64"},
		"h2load": {"CPU per request <= 0.90x h2load at 64"},
		"hey":    {"CPU per request <= 0.40x hey at 64"},
		"ab":     nil,
	} {
		got := judge(peer, 64, good)
		if len(got) != len(want) {
			t.Fatalf("%s has the bars %v", peer, got)
		}
		for i, b := range got {
			if !strings.HasPrefix(b.Text, want[i]) || b.Verdict != Met {
				t.Errorf("%s: %q is %s, want %q met", peer, b.Text, b.Verdict, want[i])
			}
		}
	}
}

func TestWorst(t *testing.T) {
	with := func(verdicts ...Verdict) *Result {
		row := &Row{}
		for _, v := range verdicts {
			row.Bars = append(row.Bars, Bar{Verdict: v})
		}
		return &Result{Tables: []*Table{{Rows: []*Row{row}}}}
	}
	for _, c := range []struct {
		r    *Result
		want Verdict
	}{
		{with(), Met},
		{with(Met, Met), Met},
		{with(Met, Inconclusive), Inconclusive},
		{with(Inconclusive, Missed, Met), Missed},
		{&Result{Syscalls: &Syscalls{Verdict: Missed}}, Missed},
		{&Result{Syscalls: &Syscalls{Verdict: Missed, NotRun: "x"}}, Met},
	} {
		if got := c.r.Worst(); got != c.want {
			t.Errorf("%v, want %v", got, c.want)
		}
	}
}
