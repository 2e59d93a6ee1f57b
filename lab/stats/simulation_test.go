package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// The rule is tried on synthetic slices: blocks of A B B A on a machine whose slices carry log-normal noise of their
// own and, in the drifting kinds, a speed that wanders from slice to slice as a shared machine's does.

const trials = 4000

// machine gives the logarithm of the speed of the next slice.
type machine func(rng *rand.Rand, noise float64) func() float64

var machines = []struct {
	name string
	run  machine
}{
	{"steady", func(rng *rand.Rand, noise float64) func() float64 {
		return func() float64 { return noise * rng.NormFloat64() }
	}},
	// Each block runs at its own speed, three times the slices' noise, and the machine slows by as much as the noise
	// over every ten slices: what warming up and neighbours do.
	{"block drift", func(rng *rand.Rand, noise float64) func() float64 {
		slice, block := 0, 0.0
		return func() float64 {
			if slice%4 == 0 {
				block = 3 * noise * rng.NormFloat64()
			}
			slice++
			return block - noise*float64(slice)/10 + noise*rng.NormFloat64()
		}
	}},
	// A random walk whose steps are half the noise.
	{"wandering", func(rng *rand.Rand, noise float64) func() float64 {
		level := 0.0
		return func() float64 {
			level += noise / 2 * rng.NormFloat64()
			return level + noise*rng.NormFloat64()
		}
	}},
	// One slice in twenty is hit by something else and loses six times the noise.
	{"outliers", func(rng *rand.Rand, noise float64) func() float64 {
		return func() float64 {
			v := noise * rng.NormFloat64()
			if rng.Float64() < 0.05 {
				v -= 6 * noise * rng.Float64()
			}
			return v
		}
	}},
}

// run plays one run of pairs/2 blocks in which B is effect times A, and gives B against A and the noise floor.
func run(speed func() float64, pairs int, effect float64) (r Ratio, floor float64) {
	var a, b [2][]float64
	for range pairs / 2 {
		a1, b1, b2, a2 := speed(), speed(), speed(), speed()
		a[0], a[1] = append(a[0], math.Exp(a1)), append(a[1], math.Exp(a2))
		b[0], b[1] = append(b[0], effect*math.Exp(b1)), append(b[1], effect*math.Exp(b2))
	}
	floor = NoiseFloor(map[string][2][]float64{"a": a, "b": b})
	return PairedRatio(append(b[0], b[1]...), append(a[0], a[1]...)), floor
}

func TestVerdictRatesBySimulation(t *testing.T) {
	t.Log("rates over", trials, "runs; smallest effect 2 %")
	t.Logf("%-12s %6s %6s %8s | %7s %7s %7s %7s | %s", "machine", "noise", "pairs", "effect", "higher", "lower", "no diff", "inconcl", "median floor")
	for m, kind := range machines {
		for _, noise := range []float64{0.01, 0.04, 0.09} {
			for _, pairs := range []int{12, 20} {
				for _, effect := range []float64{1, 1.05} {
					rates, floor := simulate(t, uint64(m), kind.run, noise, pairs, effect)
					t.Logf("%-12s %5.0f%% %6d %8.2f | %6.2f%% %6.2f%% %6.2f%% %6.2f%% | %.2f%%", kind.name, 100*noise, pairs, effect,
						100*rates[Higher], 100*rates[Lower], 100*rates[NoDifference], 100*rates[Inconclusive], 100*floor)
					name := fmt.Sprintf("%s, noise %v, %d pairs, effect %v", kind.name, noise, pairs, effect)
					holdToBars(t, name, rates, noise, effect)
				}
			}
		}
	}
}

// holdToBars: the bars are the rule's promises with room for the chance of 4000 runs (a standard error of 0.16 % at 1 %).
func holdToBars(t *testing.T, name string, rates map[Verdict]float64, noise, effect float64) {
	t.Helper()
	if effect == 1 {
		if wrong := rates[Higher] + rates[Lower]; wrong > 0.015 {
			t.Errorf("%s: %.2f %% false verdicts, allowed 1.5 %%", name, 100*wrong)
		}
		return
	}
	if wrong := rates[Lower] + rates[NoDifference]; wrong > 0.01 {
		t.Errorf("%s: %.2f %% deny the effect, allowed 1 %%", name, 100*wrong)
	}
	if noise == 0.01 && rates[Higher] < 0.9 {
		t.Errorf("%s: found in %.1f %%, wanted 90 %%", name, 100*rates[Higher])
	}
}

// An effect of four times the run's usual noise floor is found nine times in ten, however noisy the machine is.
func TestFourNoiseFloorsAreFound(t *testing.T) {
	for m, kind := range machines {
		for _, noise := range []float64{0.01, 0.04, 0.09} {
			for _, pairs := range []int{12, 20} {
				_, floor := simulate(t, uint64(m), kind.run, noise, pairs, 1)
				effect := 1 + 4*floor
				rates, _ := simulate(t, uint64(m)+100, kind.run, noise, pairs, effect)
				t.Logf("%-12s noise %.0f%%, %d pairs: +%.1f%% found in %.1f%%", kind.name, 100*noise, pairs, 100*(effect-1), 100*rates[Higher])
				if rates[Higher] < 0.9 {
					t.Errorf("%s, noise %v, %d pairs: +%.1f %% found in %.1f %%, wanted 90 %%", kind.name, noise, pairs, 100*(effect-1), 100*rates[Higher])
				}
			}
		}
	}
}

// Where the truth is exactly the smallest effect, it is denied no more often than a 95 % interval misses on one side.
func TestSmallestEffectIsSeldomDenied(t *testing.T) {
	for _, pairs := range []int{12, 20, 60} {
		rates, _ := simulate(t, 7, machines[0].run, 0.01, pairs, 1.02)
		if rates[NoDifference] > 0.033 || rates[Lower] > 0 {
			t.Errorf("%d pairs: no_difference in %.2f %%, lower in %.2f %%", pairs, 100*rates[NoDifference], 100*rates[Lower])
		}
	}
}

func simulate(t *testing.T, seed uint64, m machine, noise float64, pairs int, effect float64) (rates map[Verdict]float64, floor float64) {
	t.Helper()
	const smallest = 0.02
	rng := rand.New(rand.NewPCG(seed, uint64(1000*noise)+uint64(pairs)<<32))
	rates = map[Verdict]float64{}
	var floors []float64
	for range trials {
		r, f := run(m(rng, noise), pairs, effect)
		verdict := Decide(r, smallest)
		if verdict == NoDifference && (r.CI95[1] > 1+smallest+1e-9 || r.CI95[0] < 1/(1+smallest)-1e-9) {
			t.Fatalf("no_difference with the interval %v", r.CI95)
		}
		rates[verdict] += 1.0 / trials
		floors = append(floors, f)
	}
	return rates, Median(floors)
}
