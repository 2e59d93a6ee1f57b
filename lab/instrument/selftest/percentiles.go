package selftest

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/HdrHistogram/hdrhistogram-go"

	"benchtop/lab/load/histogram"
)

// distribution draws latencies in nanoseconds.
type distribution struct {
	name string
	draw func(*rand.Rand) float64
}

func distributions() []distribution {
	return []distribution{
		{"constant 501 ms", func(*rand.Rand) float64 { return 501e6 }},
		{"bimodal", func(r *rand.Rand) float64 {
			if r.Float64() < 0.9 {
				return 1e6 * (1 + 0.05*r.NormFloat64())
			}
			return 200e6 * (1 + 0.05*r.NormFloat64())
		}},
		{"Pareto", func(r *rand.Rand) float64 { return 1e6 / math.Pow(1-r.Float64(), 1/1.5) }},
		{"uniform", func(r *rand.Rand) float64 { return 1e5 + 1e8*r.Float64() }},
		{"exponential", func(r *rand.Rand) float64 { return 5e6 * r.ExpFloat64() }},
		{"lognormal", func(r *rand.Rand) float64 { return math.Exp(math.Log(3e6) + 0.8*r.NormFloat64()) }},
	}
}

// shares are the percentiles that are compared.
var shares = []float64{0.50, 0.75, 0.90, 0.95, 0.99, 0.999, 0.9999}

// threads is over how many histograms the samples are spread, as those of a generator are.
const threads = 4

// deviation records n samples as the generator does (one histogram per thread, sent in the V2 form, merged) and gives
// the largest relative distance of a percentile from an exact sort, with the percentile.
func deviation(d distribution, n int, seed uint64) (largest, at float64, err error) {
	rng := rand.New(rand.NewPCG(seed, 7))
	exact := make([]int64, n)
	parts := make([]*hdrhistogram.Histogram, threads)
	for i := range parts {
		parts[i] = histogram.New()
	}
	for i := range exact {
		exact[i] = int64(min(max(d.draw(rng), 1), 120e9))
		if err := parts[i%threads].RecordValue(exact[i]); err != nil {
			return 0, 0, fmt.Errorf("%s: recording %d ns: %w", d.name, exact[i], err)
		}
	}
	slices.Sort(exact)
	merged := histogram.New()
	for _, p := range parts {
		text, err := histogram.Encode(p)
		if err != nil {
			return 0, 0, err
		}
		back, err := histogram.Decode(text)
		if err != nil {
			return 0, 0, err
		}
		if dropped := merged.Merge(back); dropped != 0 {
			return 0, 0, fmt.Errorf("%s: merging dropped %d samples", d.name, dropped)
		}
	}
	for _, q := range shares {
		rank := min(max(int(math.Round(q*float64(n))), 1), n)
		want := float64(exact[rank-1])
		if off := math.Abs(float64(merged.ValueAtQuantile(100*q))/want - 1); off > largest {
			largest, at = off, q
		}
	}
	return largest, at, nil
}

func percentiles(_ context.Context, b *bench) error {
	n := 1_000_000
	if b.Quick {
		n = 200_000
	}
	worstOff, where := 0.0, ""
	for i, d := range distributions() {
		off, at, err := deviation(d, n, uint64(i)) //nolint:gosec // small
		if err != nil {
			return err
		}
		if off >= worstOff {
			worstOff, where = off, fmt.Sprintf("%s at p%g", d.name, 100*at)
		}
	}
	b.row(Row{
		Name: "percentiles against an exact sort", Figure: fmt.Sprintf("%.4f %% off at most", 100*worstOff), Bar: "0.1 %, p50 to p99.99",
		State:  span{worstOff, worstOff, worstOff}.judge(0, 0.001),
		Note:   fmt.Sprintf("6 distributions of %d samples; the worst is %s", n, where),
		Values: map[string]float64{"worst": worstOff},
	})
	return nil
}
