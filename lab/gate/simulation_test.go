package gate_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/gate"
	"benchtop/lab/stats"
	"benchtop/scenarios/reference"
	"benchtop/targets/all"
)

// Pull requests that are simulated for each row, and what the rule is held to.
const (
	requests    = 4000
	threshold   = 0.05
	planted     = 1.10 // a request costs so many times what it did
	mostAlarms  = 1.0  // of 100 pull requests without a change
	leastFound  = 90.0 // of 100 with the planted one
	mostMinutes = 3
)

// recorded are the logarithms of the ratios of paired slices in the recorded run of two equal servers, without their mean:
// what the machine that recorded it does to a pair.
func recorded(t *testing.T) []float64 {
	t.Helper()
	all.Register() // the run's scenario names a server
	run, err := reference.Open("noise")
	if err != nil {
		t.Fatal(err)
	}
	fold := lab.NewFold()
	for _, e := range run.Events {
		fold.Apply(e)
	}
	r := fold.Result()
	var logs []float64
	sum := 0.0
	b := r.Variant("b").Slices("rps")
	for i, a := range r.Variant("a").Slices("rps") {
		if a != nil && b[i] != nil {
			logs = append(logs, math.Log(*b[i] / *a))
			sum += logs[len(logs)-1]
		}
	}
	for i := range logs {
		logs[i] -= sum / float64(len(logs))
	}
	return logs
}

// machine gives the noise of the next pair of slices, as the logarithm of its ratio.
type machine struct {
	name  string
	start float64 // spread of what comes once with the start of a process
	held  bool    // to both bars
	pair  func(*rand.Rand) func() float64
}

func machines(t *testing.T) []machine {
	logs := recorded(t)
	_, low, high, n := stats.LinearInterval(logs, 0.68)
	t.Logf("recorded: %d pairs of equal servers, which differ by %.1f %% (standard error %.2f %%)", n, 100*deviation(logs), 100*(high-low)/2)
	again := func(times float64) func(*rand.Rand) func() float64 {
		return func(rng *rand.Rand) func() float64 {
			return func() float64 { return times * logs[rng.IntN(len(logs))] }
		}
	}
	normal := func(slice float64) func(*rand.Rand) func() float64 {
		return func(rng *rand.Rand) func() float64 {
			return func() float64 { return slice * math.Sqrt2 * rng.NormFloat64() }
		}
	}
	return []machine{
		{"the recorded pairs, drawn again", 0, true, again(1)},
		{"the recorded pairs, four times as far apart", 0, true, again(4)},
		{"log-normal noise, 4 % a slice", 0, true, normal(0.04)},
		{"log-normal noise, 9 % a slice", 0, true, normal(0.09)},
		{"9 % a slice, one in twenty loses up to 54 %", 0, false, func(rng *rand.Rand) func() float64 {
			slice := func() float64 {
				v := 0.09 * rng.NormFloat64()
				if rng.Float64() < 0.05 {
					v -= 0.54 * rng.Float64()
				}
				return v
			}
			return func() float64 { return slice() - slice() }
		}},
		{"4 % a slice, and 1 % with each start of a process", 0.01, false, normal(0.04)},
	}
}

func deviation(logs []float64) float64 {
	squares := 0.0
	for _, x := range logs {
		squares += x * x
	}
	return math.Sqrt(squares / float64(len(logs)-1))
}

// pullRequest is one run of the gate, of a change that makes a request cost so many times what it did.
func pullRequest(rng *rand.Rand, m *machine, cost float64) gate.Verdict {
	variant, baseline := make([]float64, 2*gate.Blocks), make([]float64, 2*gate.Blocks)
	once, next := m.start*math.Sqrt2*rng.NormFloat64(), m.pair(rng)
	for i := range variant {
		variant[i], baseline[i] = math.Exp(once+next())/cost, 1
	}
	return gate.Judge(threshold, gate.Change{CI99: stats.PairedRatio(variant, baseline).CI99.Finite()}).Verdict
}

// The rule is tried on simulated pull requests, with noise as it was recorded and as noisy machines have it.
func TestSimulation(t *testing.T) {
	p := lab.Plan{Variants: make([]lab.Variant, 2), Warmup: 2 * time.Second, Slice: gate.Slice, Settle: gate.Settle, Blocks: gate.Blocks}
	if took := p.Duration(); took > mostMinutes*time.Minute {
		t.Errorf("a run takes %v", took)
	}
	t.Logf("a run: %d blocks, %d pairs of slices of %v, about %v; it fails when the 99 %% interval lies beyond %.0f %% worse",
		gate.Blocks, 2*gate.Blocks, gate.Slice, p.Duration().Round(time.Second), 100*threshold)
	t.Logf("%-52s %26s %26s %26s", "machine", "no change: failed of 100", "5 % worse: failed of 100", "10 % worse: failed of 100")
	for i, m := range machines(t) {
		rng := rand.New(rand.NewPCG(16, uint64(i)))
		var alarms, edge, found int
		for range requests {
			if pullRequest(rng, &m, 1) == gate.Failed {
				alarms++
			}
			if pullRequest(rng, &m, 1+threshold) == gate.Failed {
				edge++
			}
			if pullRequest(rng, &m, planted) == gate.Failed {
				found++
			}
		}
		share := func(n int) float64 { return 100 * float64(n) / requests }
		t.Logf("%-52s %11.2f (%4d of %d) %11.2f (%4d of %d) %11.2f (%4d of %d)", m.name,
			share(alarms), alarms, requests, share(edge), edge, requests, share(found), found, requests)
		if share(alarms) > mostAlarms {
			t.Errorf("%s: %.2f false alarms in 100, allowed %.0f", m.name, share(alarms), mostAlarms)
		}
		if m.start == 0 && share(edge) > mostAlarms { // not worse by more than the threshold
			t.Errorf("%s: a change at the threshold fails in %.2f of 100, allowed %.0f", m.name, share(edge), mostAlarms)
		}
		if m.held && share(found) < leastFound {
			t.Errorf("%s: %.2f of 100 found, wanted %.0f", m.name, share(found), leastFound)
		}
	}
}
