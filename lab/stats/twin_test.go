package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Against Welch's formula written out on the samples themselves.
func TestRatioOfRatiosIsWelchs(t *testing.T) {
	draw := rand.New(rand.NewPCG(7, 11))
	for range 50 {
		n, m := 2+draw.IntN(20), 2+draw.IntN(20)
		sample := func(n int, effect, spread float64) (logs, variant, baseline []float64) {
			for range n {
				l := effect + spread*draw.NormFloat64()
				logs = append(logs, l)
				variant, baseline = append(variant, 1000*math.Exp(l)), append(baseline, 1000)
			}
			return logs, variant, baseline
		}
		a, va, ba := sample(n, 0.15, 0.02+0.1*draw.Float64())
		b, vb, bb := sample(m, 0.09, 0.02+0.1*draw.Float64())
		got := RatioOfRatios(PairedRatio(va, ba), PairedRatio(vb, bb))

		meanA, deviationA := meanDeviation(a)
		meanB, deviationB := meanDeviation(b)
		wa, wb := deviationA*deviationA/float64(n), deviationB*deviationB/float64(m)
		df := math.Floor((wa + wb) * (wa + wb) / (wa*wa/float64(n-1) + wb*wb/float64(m-1)))
		half := TQuantile(0.975, int(df)) * math.Sqrt(wa+wb)
		want := Interval{math.Exp(meanA - meanB - half), math.Exp(meanA - meanB + half)}
		if math.Abs(got.Ratio-math.Exp(meanA-meanB)) > 1e-9 || math.Abs(got.CI95[0]/want[0]-1) > 1e-6 || math.Abs(got.CI95[1]/want[1]-1) > 1e-6 {
			t.Errorf("%d and %d pairs: %v, want %v to %v", n, m, got, want[0], want[1])
		}
		if got.Pairs != min(n, m) || got.CI99[0] >= got.CI95[0] || got.CI99[1] <= got.CI95[1] {
			t.Errorf("pairs %d, 99 %% %v around 95 %% %v", got.Pairs, got.CI99, got.CI95)
		}
	}
}

func TestRatioOfRatiosWithoutSpread(t *testing.T) {
	exact := func(r float64) Ratio { return Ratio{Ratio: r, CI95: Interval{r, r}, CI99: Interval{r, r}, Pairs: 12} }
	if got := RatioOfRatios(exact(1.2), exact(1.1)); !close9(got.Ratio, 1.2/1.1) || got.CI95[0] != got.CI95[1] || !close9(got.CI95[0], 1.2/1.1) {
		t.Errorf("without spread: %v", got)
	}
	nothing := Ratio{Ratio: 1.1, CI95: Interval{math.NaN(), math.NaN()}, CI99: Interval{math.NaN(), math.NaN()}, Pairs: 1}
	for _, pair := range [][2]Ratio{{nothing, exact(1)}, {exact(1), nothing}, {exact(1), {}}} {
		if got := RatioOfRatios(pair[0], pair[1]); !math.IsNaN(got.CI95[0]) || !math.IsNaN(got.CI95[1]) {
			t.Errorf("%v: %v, want no interval", pair, got)
		}
	}
}
