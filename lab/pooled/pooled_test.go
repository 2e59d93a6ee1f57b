package pooled

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"benchtop/lab/stats"
)

// known are log ratios with variances that are as good as known: from so many pairs that Student's t is a normal one.
func known(logs, errors []float64) []Ratio {
	const pairs = 200001
	z := stats.TQuantile(0.975, pairs-1)
	out := make([]Ratio, len(logs))
	for i, y := range logs {
		out[i] = Ratio{math.Exp(y), [2]float64{math.Exp(y - z*errors[i]), math.Exp(y + z*errors[i])}, pairs}
	}
	return out
}

// Eighteen trials of psychotherapies, with what R's meta 4.19 printed for method.tau = "REML", hakn = TRUE: Harrer, Cuijpers,
// Furukawa & Ebert, Doing Meta-Analysis with R (2021), chapters 4.2.1 and 5.1.
func TestPublishedExample(t *testing.T) {
	r := Of(known(
		[]float64{0.7091362, 0.3548641, 1.7911700, 0.1824552, 0.4218509, 0.6300000, 0.7248838, 0.5286638, 0.2840000, 1.2750682, 0.1036082, 0.3883906, 0.5407398, 0.4261593, 0.5153969, 1.4797260, 0.6125782, 0.6000000},
		[]float64{0.2608202, 0.1963624, 0.3455692, 0.1177874, 0.1448128, 0.1960000, 0.2246641, 0.2104609, 0.1680000, 0.3371997, 0.1947275, 0.2307689, 0.2443133, 0.2579379, 0.3512737, 0.3152817, 0.2266834, 0.2490000},
	), 0.02)
	for _, c := range []struct {
		what        string
		got, want   float64
		significant float64
	}{
		{"mean", math.Log(r.Ratio), 0.5771, 0.00005},
		{"lower end", math.Log(r.CI95[0]), 0.3782, 0.00005},
		{"upper end", math.Log(r.CI95[1]), 0.7760, 0.00005},
		{"tau", r.Tau, 0.2863, 0.00005},
		{"tau²", r.Tau * r.Tau, 0.0820, 0.00005},
		{"I²", r.I2, 0.626, 0.0005},
		{"P", r.P, 0.0002, 0.00005},
		{"Q", 17 / (1 - r.I2), 45.50, 0.005},
	} {
		if math.Abs(c.got-c.want) > c.significant {
			t.Errorf("%s: %.5f, published %v", c.what, c.got, c.want)
		}
	}
	if !r.Depends || r.Verdict != stats.Higher || r.Seats != 18 {
		t.Errorf("%+v", r)
	}
}

// Nine laboratories that measured one thing (Kacker 2004), with what metafor gives for test = "knha" at the tau² of
// DerSimonian and Laird: statsmodels, stats/tests/results/results_meta.py, exk1_dl_hksj.
func TestIntervalAtAGivenTau(t *testing.T) {
	var m machines
	variances := []float64{0.2025, 1.2100, 0.0900, 0.2025, 0.3844, 0.5625, 0.0676, 0.0225, 1.8225}
	for i, y := range []float64{61.00, 61.40, 62.21, 62.30, 62.34, 62.60, 62.70, 62.84, 65.90} {
		m = append(m, machine{y, variances[i], math.Inf(1)})
	}
	mean, se := m.mean(0.288049246973751)
	if math.Abs(mean-62.3901386044504) > 1e-12 || math.Abs(se-0.29477605699879) > 1e-12 {
		t.Errorf("mean %v, standard error %v", mean, se)
	}
	if low, want := mean-se*stats.TQuantile(0.975, 8), 61.710383798052; math.Abs(low-want) > 1e-8 {
		t.Errorf("lower end %v, want %v", low, want)
	}
}

// The maximum of the restricted likelihood is found wherever it lies, at zero too.
func TestTauIsTheMostLikely(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a reproducible draw, no secret
	for range 200 {
		m := draw(rng, 2+rng.IntN(20), 0.06*rng.Float64()*float64(rng.IntN(2)), 3)
		got := m.tau2()
		best := m.likelihood(got)
		for i := range 400 {
			tau := float64(i) / 400 * 0.5
			if l := m.likelihood(tau * tau); l > best+1e-9 {
				t.Fatalf("tau %v has %v, tau %v has %v", math.Sqrt(got), best, tau, l)
			}
		}
	}
}

// Machines as they are: the noise of a pair is 2 to 10 %, and they have 8 to 20 pairs, or all the same.
func draw(rng *rand.Rand, k int, tau float64, pairs int) machines {
	m := make(machines, k)
	for i := range m {
		n := pairs
		if n == 0 {
			n = 8 + 2*rng.IntN(7)
		}
		sigma := 0.02 * math.Exp(math.Log(5)*rng.Float64()) / math.Sqrt(float64(n))
		squares := 0.0
		for range n - 1 {
			z := rng.NormFloat64()
			squares += z * z
		}
		df := float64(n - 1)
		m[i] = machine{tau*rng.NormFloat64() + sigma*rng.NormFloat64(), sigma * sigma * squares / df, df}
	}
	return m
}

// rates of many classes of k machines: how often the 95 % interval of the mean holds it, the same with the guard against one
// that is narrower than that of machines which have the same ratio, how often the interval for one more machine holds it, and
// how often the ratio is said to depend on the machine.
type rates struct{ covered, guarded, next, depends float64 }

func simulate(k int, tau float64, pairs, classes int, seed uint64) (r rates) {
	rng := rand.New(rand.NewPCG(seed, uint64(k))) //nolint:gosec // a reproducible draw, no secret
	quantile, wider := stats.TQuantile(0.975, k-1), stats.TQuantile(0.975, max(k-2, 1))
	each := 1 / float64(classes)
	for range classes {
		m := draw(rng, k, tau, pairs)
		_, p := m.welch()
		m = m.steadied()
		tau2 := m.tau2()
		mean, se := m.mean(tau2)
		_, weights, _ := m.weighted(tau2)
		another := tau * rng.NormFloat64()
		if math.Abs(mean) <= quantile*se {
			r.covered += each
		}
		if math.Abs(mean) <= quantile*math.Max(se, 1/math.Sqrt(weights)) {
			r.guarded += each
		}
		if math.Abs(mean-another) <= wider*math.Sqrt(tau2+se*se) {
			r.next += each
		}
		if depends(p, math.Sqrt(tau2), 0.02) {
			r.depends += each
		}
	}
	return r
}

// The 95 % interval covers in 93 to 97 % of the classes, whether the machines have the same ratio or not; of machines that
// have, one class in a hundred is told that it depends; of machines that differ by more than they are measured to, most are.
func TestCoverage(t *testing.T) {
	t.Log("machines   tau   covers  guarded  next one  depends")
	for i, k := range []int{5, 10, 20} {
		for j, tau := range []float64{0, 0.01, 0.05} {
			r := simulate(k, tau, 0, 2000, uint64(10*i+j))
			t.Logf("%8d  %4.0f %%  %5.1f %%  %5.1f %%  %6.1f %%  %5.1f %%", k, 100*tau, 100*r.covered, 100*r.guarded, 100*r.next, 100*r.depends)
			if r.covered < 0.93 || r.covered > 0.97 {
				t.Errorf("%d machines, tau %v: the interval covers in %.1f %%", k, tau, 100*r.covered)
			}
			if tau == 0 && r.depends > 0.012 {
				t.Errorf("%d machines with the same ratio are told apart in %.1f %%", k, 100*r.depends)
			}
			if tau == 0.05 && k >= 10 && r.depends < 0.9 {
				t.Errorf("%d machines with tau 5 %% are told apart in %.1f %% only", k, 100*r.depends)
			}
		}
	}
}

// BenchmarkCoverage is the same with 20,000 classes each, few pairs too: go test ./lab/pooled -run none -bench Coverage -benchtime 1x -v.
func BenchmarkCoverage(b *testing.B) {
	for range b.N {
		for i, k := range []int{2, 3, 5, 10, 20} {
			for j, tau := range []float64{0, 0.01, 0.05} {
				for _, pairs := range []int{0, 6, 20} {
					r := simulate(k, tau, pairs, 20_000, uint64(10*i+j))
					b.Logf("k %2d  tau %.2f  pairs %2d (0: 8 to 20)  covers %.2f %%  guarded %.2f %%  next %.2f %%  depends %.2f %%", k, tau, pairs, 100*r.covered, 100*r.guarded, 100*r.next, 100*r.depends)
				}
			}
		}
	}
}

// What cannot be joined is left out, and nothing is joined of one machine.
func TestWhatIsJoined(t *testing.T) {
	good := Ratio{1.1, [2]float64{1.05, 1.15}, 10}
	nan := math.NaN()
	bad := []Ratio{{}, {1.1, [2]float64{1.1, 1.1}, 10}, {1.1, [2]float64{1.05, 1.15}, 1}, {nan, [2]float64{1, 2}, 10}, {1.1, [2]float64{nan, nan}, 10}, {1, [2]float64{0, 2}, 9}, {-1, [2]float64{-2, 2}, 9}}
	if r := Of(append(bad, good), 0.02); r != nil {
		t.Errorf("one machine: %+v", r)
	}
	r := Of(append(bad, good, good), 0.02)
	if r == nil || r.Seats != 2 || math.Abs(r.Ratio-1.1) > 1e-9 || r.Next != nil || r.Depends || r.Tau != 0 {
		t.Fatalf("%+v", r)
	}
	three := Of([]Ratio{good, good, {1.5, [2]float64{1.4, 1.6}, 10}}, 0.02)
	if three.Next == nil || !three.Depends || three.Next[0] > three.CI95[0] || three.Next[1] < three.CI95[1] || three.Verdict != stats.Inconclusive {
		t.Errorf("%+v", three)
	}
}

// Turned upside down, every ratio is one over what it was, and so is the result.
func TestSwapped(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // a reproducible draw, no secret
	var there, back []Ratio
	for range 8 {
		r := math.Exp(0.2 + 0.05*rng.NormFloat64())
		there = append(there, Ratio{r, [2]float64{r / 1.04, r * 1.04}, 12})
		back = append(back, Ratio{1 / r, [2]float64{1 / r / 1.04, 1 / r * 1.04}, 12})
	}
	a, b := Of(there, 0.02), Of(back, 0.02)
	if math.Abs(a.Ratio*b.Ratio-1) > 1e-9 || math.Abs(a.CI95[0]*b.CI95[1]-1) > 1e-6 || a.Depends != b.Depends || a.Verdict != stats.Higher || b.Verdict != stats.Lower {
		t.Errorf("%+v\n%+v", a, b)
	}
}

func ExampleOf() {
	r := Of([]Ratio{{1.15, [2]float64{1.11, 1.19}, 20}, {1.12, [2]float64{1.06, 1.18}, 20}, {1.18, [2]float64{1.12, 1.24}, 20}}, 0.02)
	fmt.Printf("%.3f (%.3f to %.3f), depends: %v\n", r.Ratio, r.CI95[0], r.CI95[1], r.Depends)
	// Output:
	// 1.150 (1.087 to 1.218), depends: false
}

// A recorded run counts once, whichever parts of it the seats show and in whatever order; what machines measured counts each, also
// where it is alike.
func TestARecordedRunCountsOnce(t *testing.T) {
	of := func(ratio float64, recorded string) Shown {
		return Shown{Ratio{ratio, [2]float64{ratio / 1.1, ratio * 1.1}, 8}, recorded}
	}
	for _, c := range []struct {
		all   []Shown
		want  []float64
		again Repeated
	}{
		{[]Shown{of(1.2, ""), of(1.2, ""), of(1.3, "a")}, []float64{1.2, 1.2, 1.3}, Repeated{}},
		{[]Shown{of(1.5, "a"), of(1.2, ""), of(1.3, "a"), of(1.4, "a")}, []float64{1.4, 1.2}, Repeated{3, 1, true}},
		{[]Shown{of(1.3, "a"), of(1.4, "a"), of(1.5, "a"), of(1.2, "")}, []float64{1.4, 1.2}, Repeated{3, 1, true}},
		{[]Shown{of(1.3, "a"), of(1.4, "b"), of(1.3, "a"), of(1.4, "b")}, []float64{1.3, 1.4}, Repeated{4, 2, false}},
	} {
		distinct, again := Distinct(c.all)
		var got []float64
		for _, r := range distinct {
			got = append(got, r.Ratio)
		}
		if !slices.Equal(got, c.want) || again != c.again {
			t.Errorf("%v: %v %+v, want %v %+v", c.all, got, again, c.want, c.again)
		}
	}
}

// How exactly a machine is typically measured is that of the one in the middle: neither one narrow interval nor a wide one sets it.
func TestOneNarrowIntervalSetsNothing(t *testing.T) {
	const ordinary = 0.03
	logs := []float64{0.1, 0.13, 0.08, 0.11, 0.12}
	for _, odd := range []float64{1e-5, 3} {
		r := Of(known(logs, []float64{ordinary, odd, ordinary, ordinary, ordinary}), 0.02)
		if math.Abs(r.Each[0]-ordinary) > 1e-6 || math.Abs(r.Each[1]-ordinary) > 1e-6 {
			t.Errorf("one is measured to %v: typically %v", odd, r.Each)
		}
	}
	if r := Of(known(logs[:2], []float64{0.001, 0.05}), 0.02); math.Abs(r.Each[0]-0.001) > 1e-6 || math.Abs(r.Each[1]-0.05) > 1e-6 {
		t.Errorf("two machines: %v", r.Each)
	}
}
