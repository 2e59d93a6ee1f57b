package histogram

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// A histogram that was read gives the quantiles of an HdrHistogram, whatever its precision was.
func TestSparseSaysWhatTheHistogramSays(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a reproducible sample, no secret
	for _, n := range []int{0, 1, 2, 3, 100, 5000} {
		for digits := 1; digits <= precision; digits++ {
			from := hdrhistogram.New(minValue, maxValue, digits)
			for range n {
				if err := from.RecordValue(int64(math.Exp(r.Float64()*25)) - 1); err != nil { // 0 ns to 72 s
					t.Fatal(err)
				}
			}
			want := New() // where every one of them is merged into
			want.Merge(from)
			text, err := Encode(from)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Read(text)
			if err != nil {
				t.Fatal(err)
			}
			same(t, got, want)
			var sum Sum
			sum.Add(got)
			sum.Add(Join(got, nil, got))
			sum.Remove(got)
			want.Merge(from)
			same(t, sum.Sparse(), want)
			if again, h := sum.Histogram(), sum.Sparse(); again.TotalCount() != h.TotalCount() || again.Max() != h.Max() {
				t.Errorf("the sum as a histogram has %d, %d", again.TotalCount(), again.Max())
			}
		}
	}
}

func same(t *testing.T, got *Sparse, want *hdrhistogram.Histogram) {
	t.Helper()
	if got.TotalCount() != want.TotalCount() || got.Max() != want.Max() || got.Min() != want.Min() {
		t.Fatalf("%d samples, %d to %d, want %d, %d to %d", got.TotalCount(), got.Min(), got.Max(), want.TotalCount(), want.Min(), want.Max())
	}
	if a, b := got.Mean(), want.Mean(); math.Abs(a-b) > 1e-9*b {
		t.Fatalf("mean %v, want %v", a, b)
	}
	for _, q := range []float64{0.01, 1, 50, 90, 95, 99, 99.9, 99.99, 100} {
		if a, b := got.ValueAtQuantile(q), want.ValueAtQuantile(q); a != b {
			t.Fatalf("p%v of %d is %d, want %d", q, got.TotalCount(), a, b)
		}
	}
}

// A histogram is text from a file: whatever stands there is read in bounded memory, or refused.
func FuzzRead(f *testing.F) {
	h := New()
	for i := range 50 {
		record(h, int64(i)*1_000_003)
	}
	text, err := Encode(h)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("")
	f.Add(text)
	f.Add(text[:len(text)/2])
	f.Add("HISTEwAAAAA=")
	f.Add(strings.Replace(text, "A", "B", 3))
	f.Fuzz(func(t *testing.T, s string) {
		h, err := Read(s)
		if err != nil {
			return
		}
		want, err := Decode(s)
		if err != nil {
			t.Fatalf("%q is read, and is no histogram: %v", s, err)
		}
		if h.TotalCount() != want.TotalCount() {
			t.Fatalf("%q has %d samples, want %d", s, h.TotalCount(), want.TotalCount())
		}
		var sum Sum
		sum.Add(h)
		_, _, _, _ = h.ValueAtQuantile(99), h.Mean(), h.Min(), sum.Histogram()
	})
}
