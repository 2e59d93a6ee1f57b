package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// With equal numbers of pairs the ratio is that of the pairs, and without luck of a start the interval is about as wide.
func TestStartedRatio(t *testing.T) {
	variant, baseline := []float64{2, 2.2, 1.8, 2, 2.1, 1.9}, []float64{1, 1, 1, 1, 1, 1}
	paired := PairedRatio(variant, baseline)
	r, s := StartedRatio(variant, baseline, []int{0, 0, 1, 1, 2, 2})
	if math.Abs(r.Ratio-paired.Ratio) > 1e-12 || r.Pairs != 6 || s.Starts != 3 || math.Abs(r.Means[0]/r.Means[1]-r.Ratio) > 1e-12 {
		t.Errorf("%+v, %+v, paired %+v", r, s, paired)
	}
	r, s = StartedRatio([]float64{2, 2, 3, 3}, []float64{1, 1, 1, 1}, []int{0, 0, 1, 1}) // everything comes with the start
	if s.Share != 1 || !(r.CI99[1]/r.CI99[0] > 100) {
		t.Errorf("%+v, %+v", r, s)
	}
	for _, none := range [][]int{nil, {0, 0, 0, 0, 0, 0}} {
		if r, s := StartedRatio(variant, baseline, none); !math.IsNaN(r.CI95[0]) || s.Share != 0 {
			t.Errorf("%v: %+v, %+v", none, r, s)
		}
	}
}

// Where processes differ from start to start, the pairs' interval denies it and the starts' does not; the share is found.
func TestStartsOfProcessesBySimulation(t *testing.T) {
	const trials, starts, each, luck, noise = 4000, 10, 6, 0.03, 0.03
	rng := rand.New(rand.NewPCG(5, 16))
	wrong, denied, share := 0, 0, 0.0
	for range trials {
		var variant, baseline []float64
		var start []int
		for s := range starts {
			once := luck * rng.NormFloat64()
			for range each {
				variant, baseline, start = append(variant, math.Exp(once+noise*rng.NormFloat64())), append(baseline, 1), append(start, s)
			}
		}
		r, found := StartedRatio(variant, baseline, start)
		if r.CI99.Excludes(1) {
			wrong++
		}
		if PairedRatio(variant, baseline).CI99.Excludes(1) {
			denied++
		}
		share += found.Share / trials
	}
	t.Logf("99 %% intervals that miss: %.2f %% over starts, %.2f %% over pairs; share of the variance %.2f, declared 0.50", 100*float64(wrong)/trials, 100*float64(denied)/trials, share)
	if wrong > trials*15/1000 || math.Abs(share-0.5) > 0.06 {
		t.Errorf("%d of %d intervals miss, the share is %.2f", wrong, trials, share)
	}
}
