package histogram

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Samples count exactly like an HdrHistogram, and what they are encoded to decodes to the same.
func TestSamplesAreAHistogram(t *testing.T) {
	for seed, tt := range []struct {
		name string
		n    int
		draw func(*rand.Rand) int64
	}{
		{"none", 0, nil},
		{"one nanosecond", 3, func(*rand.Rand) int64 { return 1 }},
		{"below the range", 3, func(*rand.Rand) int64 { return -5 }},
		{"two", 5, func(r *rand.Rand) int64 { return 1 + 2*r.Int64N(2) }},
		{"the end of the range", 3, func(*rand.Rand) int64 { return maxValue }},
		{"beyond it", 3, func(*rand.Rand) int64 { return math.MaxInt64 }},
		{"edges", 4000, func(r *rand.Rand) int64 { return int64(1)<<r.IntN(37) + r.Int64N(3) - 1 }},
		{"wide", 20000, func(r *rand.Rand) int64 { return int64(math.Exp(25 * r.Float64())) }},
		{"narrow", 20000, func(r *rand.Rand) int64 { return 1e6 + r.Int64N(1e4) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(uint64(seed), 3)) //nolint:gosec // a seed
			want := New()
			a, b := NewSamples(), NewSamples()
			var enc Encoder
			for range 2 { // the second round uses what was emptied
				for i := range tt.n {
					v := tt.draw(rng)
					record(want, v)
					[]*Samples{a, b}[i%2].Record(v)
				}
				a.Add(b)
				a.Add(nil)
				if got := a.Histogram(); !got.Equals(want) {
					t.Fatalf("%d samples of %d", got.TotalCount(), want.TotalCount())
				}
				text, err := enc.Encode(a)
				if err != nil {
					t.Fatal(err)
				}
				back, err := Decode(text)
				if err != nil {
					t.Fatal(err)
				}
				if !back.Equals(want) || (text == "") != (tt.n == 0) {
					t.Fatalf("decoded %d samples of %d", back.TotalCount(), want.TotalCount())
				}
				a.Reset()
				b.Reset()
				want.Reset()
			}
		})
	}
}

// record adds nanoseconds, clamped to the range.
func record(h *hdrhistogram.Histogram, ns int64) {
	_ = h.RecordValue(min(max(ns, minValue), maxValue))
}

func TestHistogramRange(t *testing.T) {
	h := New()
	for _, v := range []int64{-5, 0, 1, 2047, 501_000_000, maxValue, maxValue * 2} {
		record(h, v)
	}
	if h.TotalCount() != 7 {
		t.Errorf("%d of 7 values", h.TotalCount())
	}
	text, err := Encode(h)
	if err != nil {
		t.Fatal(err)
	}
	back, err := Decode(text)
	if err != nil || !back.Equals(h) {
		t.Errorf("decoded: %v", err)
	}
	if _, err := Decode("nonsense"); err == nil {
		t.Error("nonsense was decoded")
	}
	if empty, err := Encode(nil); empty != "" || err != nil {
		t.Error(empty, err)
	}
}

func TestSampleCountsAreAll(t *testing.T) {
	if n := len(New().Export().Counts); n != sampleCounts {
		t.Errorf("an HdrHistogram has %d counters, samples have %d", n, sampleCounts)
	}
}

// Once its memory is there an encoder leaves only the text behind.
func TestEncoderKeepsItsMemory(t *testing.T) {
	s := NewSamples()
	rng := rand.New(rand.NewPCG(1, 1))
	for range 10000 {
		s.Record(int64(1e5 + 1e6*rng.ExpFloat64()))
	}
	var enc Encoder
	allocs := testing.AllocsPerRun(20, func() {
		if _, err := enc.Encode(s); err != nil {
			t.Error(err)
		}
	})
	if allocs > 4 {
		t.Errorf("%v allocations", allocs)
	}
}

func BenchmarkEncode(b *testing.B) {
	s := NewSamples()
	rng := rand.New(rand.NewPCG(1, 1))
	for range 10000 {
		s.Record(int64(1e5 + 1e6*rng.ExpFloat64()))
	}
	b.Run("samples", func(b *testing.B) {
		b.ReportAllocs()
		var enc Encoder
		for b.Loop() {
			if _, err := enc.Encode(s); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("library", func(b *testing.B) {
		b.ReportAllocs()
		h := s.Histogram()
		for b.Loop() {
			if _, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase); err != nil {
				b.Fatal(err)
			}
		}
	})
}
