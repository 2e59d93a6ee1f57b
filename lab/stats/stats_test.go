package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

var nan = math.NaN()

func close9(a, b float64) bool {
	return a == b || math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= 1e-9*max(math.Abs(a), math.Abs(b))
}

// Three pairs with log ratios ln 1.1, ln 1.2, ln 1.3, worked out by hand.
func TestPairedRatioByHand(t *testing.T) {
	r := PairedRatio([]float64{110, 240, 390}, []float64{100, 200, 300})
	logs := []float64{math.Log(1.1), math.Log(1.2), math.Log(1.3)}
	mean := (logs[0] + logs[1] + logs[2]) / 3
	sum := 0.0
	for _, l := range logs {
		sum += (l - mean) * (l - mean)
	}
	se := math.Sqrt(sum/2) / math.Sqrt(3)
	for name, c := range map[string][2]float64{
		"ratio":     {r.Ratio, math.Cbrt(1.1 * 1.2 * 1.3)},
		"ci95 low":  {r.CI95[0], math.Exp(mean - 4.302652729749*se)},
		"ci95 high": {r.CI95[1], math.Exp(mean + 4.302652729749*se)},
		"ci99 low":  {r.CI99[0], math.Exp(mean - 9.924843200918*se)},
		"ci99 high": {r.CI99[1], math.Exp(mean + 9.924843200918*se)},
	} {
		if !close9(c[0], c[1]) {
			t.Errorf("%s is %v, want %v", name, c[0], c[1])
		}
	}
	if r.Pairs != 3 {
		t.Errorf("%d pairs, want 3", r.Pairs)
	}
}

func TestPairedRatioDropsPairs(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		name              string
		variant, baseline []float64
		pairs             int
		ratio             float64
		interval          bool
	}{
		{"nothing", nil, nil, 0, nan, false},
		{"one pair", []float64{2}, []float64{1}, 1, 2, false},
		{"NaN on either side", []float64{2, nan, 2, 2}, []float64{1, 1, nan, 1}, 2, 2, true},
		{"zero and negative", []float64{0, 3, -1, 3}, []float64{1, 1, 1, 1}, 2, 3, true},
		{"infinite", []float64{inf, 3, 3}, []float64{1, 1, 1}, 2, 3, true},
		{"unequal lengths", []float64{3, 3, 99}, []float64{1, 1}, 2, 3, true},
		{"all discarded", []float64{nan, nan}, []float64{1, 1}, 0, nan, false},
	} {
		r := PairedRatio(c.variant, c.baseline)
		if r.Pairs != c.pairs || !close9(r.Ratio, c.ratio) {
			t.Errorf("%s: %d pairs and ratio %v, want %d and %v", c.name, r.Pairs, r.Ratio, c.pairs, c.ratio)
		}
		if !close9(r.Means[0]/r.Means[1], r.Ratio) || c.pairs > 0 && !close9(r.Means[1], 1) {
			t.Errorf("%s: means %v beside the ratio %v", c.name, r.Means, r.Ratio)
		}
		for _, end := range []float64{r.CI95[0], r.CI95[1], r.CI99[0], r.CI99[1]} {
			if math.IsNaN(end) == c.interval {
				t.Errorf("%s: intervals %v and %v", c.name, r.CI95, r.CI99)
			}
		}
	}
}

// Swapping the sides inverts the ratio and mirrors the verdict; scaling both sides changes nothing; the 99 % interval
// holds the 95 % one, which holds the ratio.
func TestRatioProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	opposite := map[Verdict]Verdict{Higher: Lower, Lower: Higher, NoDifference: NoDifference, Inconclusive: Inconclusive}
	for range 3000 {
		n := 2 + rng.IntN(20)
		noise, effect := 0.1*rng.Float64(), 0.1*rng.NormFloat64()
		a, b, scaled := make([]float64, n), make([]float64, n), make([]float64, n)
		for i := range n {
			a[i] = 1000 * math.Exp(effect+noise*rng.NormFloat64())
			b[i] = 1000 * math.Exp(noise*rng.NormFloat64())
			scaled[i] = a[i] * 1024
		}
		r, back, wide := PairedRatio(a, b), PairedRatio(b, a), PairedRatio(scaled, b)
		if !close9(r.Ratio*back.Ratio, 1) || !close9(r.CI95[0]*back.CI95[1], 1) {
			t.Fatalf("swapped: %+v and %+v", r, back)
		}
		if !close9(wide.Ratio, 1024*r.Ratio) || !close9(wide.CI99[1], 1024*r.CI99[1]) {
			t.Fatalf("scaled: %+v and %+v", r, wide)
		}
		if !(r.CI99[0] <= r.CI95[0] && r.CI95[0] <= r.Ratio && r.Ratio <= r.CI95[1] && r.CI95[1] <= r.CI99[1]) {
			t.Fatalf("not nested: %+v", r)
		}
		smallest := 0.1 * rng.Float64()
		verdict := Decide(r, smallest)
		if Decide(back, smallest) != opposite[verdict] {
			t.Fatalf("%+v is %s, mirrored %s", r, verdict, Decide(back, smallest))
		}
		if verdict == NoDifference && math.Sqrt(r.CI95[1]/r.CI95[0]) > 1+smallest+1e-9 {
			t.Fatalf("no_difference although the interval %v is wider than the smallest effect %v", r.CI95, smallest)
		}
	}
}

func TestDecide(t *testing.T) {
	const s = 0.02
	above, below := 1+s, 1/(1+s)
	for _, c := range []struct {
		name  string
		ratio float64
		ci95  Interval
		ci99  Interval
		pairs int
		want  Verdict
	}{
		{"clearly higher", 1.10, Interval{1.08, 1.12}, Interval{1.07, 1.13}, 12, Higher},
		{"clearly lower", 0.90, Interval{0.88, 0.92}, Interval{0.87, 0.93}, 12, Lower},
		{"higher at the edge of the effect", above, Interval{1.015, 1.025}, Interval{1.01, 1.03}, 12, Higher},
		{"just under the edge", above - 1e-9, Interval{1.015, 1.025}, Interval{1.01, 1.03}, 12, Inconclusive},
		{"lower at the edge, 1/1.02 and not 0.98", below, Interval{0.975, 0.985}, Interval{0.97, 0.99}, 12, Lower},
		{"just above the lower edge", below + 1e-9, Interval{0.975, 0.985}, Interval{0.97, 0.99}, 12, Inconclusive},
		{"99 touches 1", 1.05, Interval{1.01, 1.09}, Interval{1, 1.10}, 12, Inconclusive},
		{"95 excludes 1, 99 does not", 1.05, Interval{1.01, 1.09}, Interval{0.99, 1.11}, 12, Inconclusive},
		{"lower, 99 touches 1", 0.95, Interval{0.91, 0.99}, Interval{0.90, 1}, 12, Inconclusive},
		{"inside the smallest effect", 1.001, Interval{0.99, 1.01}, Interval{0.985, 1.015}, 12, NoDifference},
		{"exactly the smallest effect wide", 1, Interval{below, above}, Interval{0.97, 1.03}, 12, NoDifference},
		{"a little wider", 1, Interval{below, above + 1e-9}, Interval{0.97, 1.03}, 12, Inconclusive},
		{"a little lower", 1, Interval{below - 1e-9, above}, Interval{0.97, 1.03}, 12, Inconclusive},
		{"real but too small to count", 1.01, Interval{1.008, 1.012}, Interval{1.007, 1.013}, 12, NoDifference},
		{"wide", 1, Interval{0.9, 1.1}, Interval{0.85, 1.15}, 12, Inconclusive},
		{"no spread at all", 1, Interval{1, 1}, Interval{1, 1}, 12, NoDifference},
		{"no spread, larger", 1.3, Interval{1.3, 1.3}, Interval{1.3, 1.3}, 2, Higher},
		{"one pair", 1.5, Interval{nan, nan}, Interval{nan, nan}, 1, Inconclusive},
		{"one pair, whatever stands there", 1.5, Interval{1.4, 1.6}, Interval{1.3, 1.7}, 1, Inconclusive},
		{"no pair", nan, Interval{nan, nan}, Interval{nan, nan}, 0, Inconclusive},
	} {
		if got := Decide(Ratio{Ratio: c.ratio, CI95: c.ci95, CI99: c.ci99, Pairs: c.pairs}, s); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if got := Decide(Ratio{Ratio: 1.001, CI95: Interval{1.0005, 1.002}, CI99: Interval{1.0002, 1.003}, Pairs: 9}, 0); got != Higher {
		t.Errorf("without a smallest effect: %s, want higher", got)
	}
	if got := Decide(Ratio{Ratio: 1.1, CI95: Interval{1.08, 1.12}, CI99: Interval{1.07, 1.13}, Pairs: 9}, nan); got != Inconclusive {
		t.Errorf("smallest effect unknown: %s, want inconclusive", got)
	}
}

// A ratio whose logarithms sum to a rounding under the edge still counts.
func TestDecideForgivesRounding(t *testing.T) {
	for _, base := range []float64{1, 3, 7, 8412.37, 1e-3} {
		variant, baseline := make([]float64, 12), make([]float64, 12)
		for i := range variant {
			baseline[i] = base * float64(i+1)
			variant[i] = baseline[i] * 1.02
		}
		if r := PairedRatio(variant, baseline); Decide(r, 0.02) != Higher {
			t.Errorf("base %v: ratio %.17g is %s, want higher", base, r.Ratio, Decide(r, 0.02))
		}
		if r := PairedRatio(baseline, variant); Decide(r, 0.02) != Lower {
			t.Errorf("base %v: ratio %.17g is %s, want lower", base, r.Ratio, Decide(r, 0.02))
		}
	}
}

func TestMeanInterval(t *testing.T) {
	for _, c := range []struct {
		name            string
		values          []float64
		mean, low, high float64
		n               int
	}{
		{"nothing", nil, nan, nan, nan, 0},
		{"all NaN", []float64{nan, nan}, nan, nan, nan, 0},
		{"one", []float64{5}, 5, nan, nan, 1},
		{"equal", []float64{0.1, 0.1, 0.1}, 0.1, 0.1, 0.1, 3},
		{"all zero", []float64{0, 0, nan, 0}, 0, 0, 0, 3},
		// mean 1, deviation 1, half-width t(0.975, 2)/sqrt 3
		{"with a zero, on the values", []float64{0, 1, 2}, 1, 1 - 4.302652729749/math.Sqrt(3), 1 + 4.302652729749/math.Sqrt(3), 3},
		// logs 0, 1, 2
		{"positive, on logarithms", []float64{1, math.E, math.E * math.E}, math.E, math.Exp(1 - 4.302652729749/math.Sqrt(3)), math.Exp(1 + 4.302652729749/math.Sqrt(3)), 3},
	} {
		mean, low, high, n := MeanInterval(c.values, 0.95)
		if !close9(mean, c.mean) || !close9(low, c.low) || !close9(high, c.high) || n != c.n {
			t.Errorf("%s: %v, %v to %v over %d; want %v, %v to %v over %d", c.name, mean, low, high, n, c.mean, c.low, c.high, c.n)
		}
	}
}

func TestNoiseFloor(t *testing.T) {
	quiet := [2][]float64{{100, 101, 99}, {100, 100, 100}}
	loud := [2][]float64{{100, 120, 80}, {100, 100, 100}}
	r := PairedRatio(loud[0], loud[1])
	want := (r.CI95[1] - r.CI95[0]) / 2
	got := NoiseFloor(map[string][2][]float64{"a": quiet, "b": loud, "c": {{1}, {1}}})
	if !close9(got, want) {
		t.Errorf("noise floor %v, want the louder variant's %v", got, want)
	}
	for name, pairs := range map[string]map[string][2][]float64{
		"none": nil, "one block": {"a": {{1}, {2}}}, "discarded": {"a": {{1, nan, 2}, {nan, 3, 2}}},
	} {
		if got := NoiseFloor(pairs); !math.IsNaN(got) {
			t.Errorf("%s: noise floor %v, want NaN", name, got)
		}
	}
	if got := NoiseFloor(map[string][2][]float64{"a": {{7, 7}, {7, 7}}, "b": {{1}, {2}}}); got != 0 {
		t.Errorf("no noise at all: %v, want 0", got)
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{
		{nil, nan},
		{[]float64{nan}, nan},
		{[]float64{3}, 3},
		{[]float64{3, 1, 2}, 2},
		{[]float64{4, nan, 1, 2, 3, nan}, 2.5},
		{[]float64{math.MaxFloat64, math.MaxFloat64}, math.MaxFloat64},
	} {
		if got := Median(c.values); !close9(got, c.want) {
			t.Errorf("Median(%v) = %v, want %v", c.values, got, c.want)
		}
	}
	values := []float64{3, 1, 2}
	_ = Median(values)
	if values[0] != 3 {
		t.Errorf("Median sorted its argument: %v", values)
	}
}

func TestPercentileTrusted(t *testing.T) {
	for _, c := range []struct {
		count int64
		q     float64
		want  bool
	}{
		{20, 0.5, true},
		{19, 0.5, false},
		{100, 0.9, true},
		{99, 0.9, false},
		{200, 0.95, true},
		{199, 0.95, false},
		{1000, 0.99, true},
		{999, 0.99, false},
		{10000, 0.999, true},
		{9999, 0.999, false},
		{1e9, 1, false},
		{0, 0.5, false},
		{100, nan, false},
	} {
		if got := PercentileTrusted(c.count, c.q); got != c.want {
			t.Errorf("PercentileTrusted(%d, %v) = %v", c.count, c.q, got)
		}
	}
}
