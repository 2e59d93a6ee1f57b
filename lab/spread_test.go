package lab

import (
	"math"
	"math/rand/v2"
	"testing"

	"benchtop/lab/load/histogram"
	"benchtop/lab/metric"
)

// A Spread counts every value in the bar in which it lies, as the histogram's own walk over its bars finds it.
func TestSpread(t *testing.T) {
	if s := spread(nil); s != nil {
		t.Errorf("nothing gives %+v", s)
	}
	if s := spread(&histogram.Sparse{}); s != nil {
		t.Errorf("an empty histogram gives %+v", s)
	}
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a reproducible sample, no secret
	h := histogram.New()
	for range 5000 {
		if err := h.RecordValue(int64(math.Exp(r.Float64()*25)) + 1); err != nil { // 1 ns to 72 s
			t.Fatal(err)
		}
	}
	encoded, err := histogram.Encode(h)
	if err != nil {
		t.Fatal(err)
	}
	got := spread(metric.Histogram(encoded))
	want := make([]uint32, len(got.Counts))
	for _, bar := range h.Distribution() {
		if bar.Count > 0 {
			at := int(math.Floor(math.Log10(max(float64(bar.From)*usPerNs, 1e-3)) * SpreadPerDecade))
			want[min(max(at-got.First, 0), len(want)-1)] += uint32(bar.Count) //nolint:gosec // 5,000 in all
		}
	}
	total := uint32(0)
	for i := range want {
		total += got.Counts[i]
		if got.Counts[i] != want[i] {
			t.Errorf("bar %d: %d, want %d", i, got.Counts[i], want[i])
		}
	}
	if total != 5000 {
		t.Errorf("%d of 5000 values", total)
	}
}
