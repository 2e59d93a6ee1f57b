package resolution

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/stats"
)

// ran is a run of two variants whose slices scatter by a deviation, b serving more than a by a share.
func ran(random *rand.Rand, slices int, deviation, more float64) *lab.Result {
	r := &lab.Result{Metric: "rps", Ended: lab.EndComplete, Variants: []lab.VariantResult{{ID: "a"}, {ID: "b"}}}
	for i := range r.Variants {
		var s lab.Series
		for range slices {
			rate := 1000 * math.Exp(deviation*random.NormFloat64()/math.Sqrt2) * (1 + more*float64(i))
			s.Slices = append(s.Slices, &rate)
		}
		r.Variants[i].Metrics = map[string]lab.Series{"rps": s}
	}
	return r
}

// Four of five runs of a minute find the difference that is foretold.
func TestWhatIsForetoldIsFound(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const deviation = 0.05
	var foretold float64
	const many = 400
	for range many {
		found, err := Of(ran(random, 8, deviation, 0), 300*time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		foretold += found.Difference / many
	}
	decided := 0
	for range many {
		r := ran(random, int(minute/(2*slice)), deviation, foretold)
		slices := func(i int) (out []float64) {
			for _, x := range r.Variants[i].Slices("rps") {
				out = append(out, *x)
			}
			return out
		}
		if stats.PairedRatio(slices(1), slices(0)).CI95[0] > 1 {
			decided++
		}
	}
	if share := float64(decided) / many; share < 0.7 || share > 0.9 {
		t.Errorf("of a difference of %.1f %% %.0f %% are decided", 100*foretold, 100*share)
	}
}

func TestWhatCannotBeForetold(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	short, stopped, three := ran(random, lab.MinPairs-1, 0.1, 0), ran(random, 8, 0.1, 0), ran(random, 8, 0.1, 0)
	stopped.Ended = lab.EndInterrupted
	three.Variants = append(three.Variants, three.Variants[0])
	for _, r := range []*lab.Result{short, stopped, three} {
		if found, err := Of(r, time.Second); err == nil {
			t.Errorf("foretold %+v", found)
		}
	}
}
