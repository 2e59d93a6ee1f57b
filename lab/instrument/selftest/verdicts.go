package selftest

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/load"
	"benchtop/lab/stats"
	"benchtop/targets"
	"benchtop/targets/builtin"
)

// Numbers of the verdict rows.
const (
	resampled      = 200  // trials with shuffled labels
	allowedFalse   = 0.01 // of them
	smallestEffect = 0.02 // of every plan
	verdictSlice   = 400 * time.Millisecond
	verdictBlocks  = 4                // 8 pairs
	sameRuns       = 12               // of A against A
	plantedRuns    = 54               // at most: with 35, all of which find it, the share is known to be above 90 %
	verdictBudget  = 12 * time.Minute // for the planted effect
)

// experiment is one run of two variants through the lab.
type experiment struct {
	verdict stats.Verdict
	reason  string
	floor   float64 // NaN: unknown
	pairs   [][2]float64
	ended   string
	took    time.Duration
}

// plan is the shape of the noise scenario: the same server twice, closed, with these endpoints.
func plan(a, b string, connections, blocks int, slice time.Duration, seed uint64) lab.Plan {
	p := lab.Plan{
		ID: "selftest", Title: "selftest", Baseline: "a", Warmup: max(slice/2, 300*time.Millisecond), Slice: slice, Settle: min(slice/4, 250*time.Millisecond),
		Blocks: blocks, Order: lab.Interleaved, Metric: "rps", SmallestEffect: smallestEffect, ErrorLimit: 0.01, Seed: seed,
	}
	for _, v := range []struct{ id, endpoint string }{{"a", a}, {"b", b}} {
		p.Variants = append(p.Variants, lab.Variant{
			ID: v.id, Label: v.id, Target: targets.Spec{Server: "builtin", Workers: 1, Endpoint: v.endpoint, Own: &builtin.Settings{Engine: "nethttp"}},
			Load: lab.Load{Model: load.Closed, Connections: connections, KeepAlive: true, Timeout: 5 * time.Second},
		})
	}
	return p
}

func experimentOf(ctx context.Context, p lab.Plan) (experiment, error) {
	fold := lab.NewFold()
	began := time.Now()
	if err := lab.Run(ctx, p, lab.Options{Sink: fold.Apply, Version: "selftest"}); err != nil {
		return experiment{}, err
	}
	if ctx.Err() != nil {
		return experiment{}, ctx.Err()
	}
	r := fold.Result()
	e := experiment{ended: r.Ended, floor: math.NaN(), took: time.Since(began)}
	if r.Ended != lab.EndComplete {
		return e, fmt.Errorf("a run of the lab ended %s: %s", r.Ended, r.Reason)
	}
	if r.NoiseFloor != nil {
		e.floor = *r.NoiseFloor
	}
	for _, c := range r.Comparisons {
		if c.Primary {
			e.verdict, e.reason = c.Verdict, c.Reason
		}
	}
	a, b := r.Variants[0].RPS.Slices, r.Variants[1].RPS.Slices
	for i := range min(len(a), len(b)) {
		if a[i] != nil && b[i] != nil {
			e.pairs = append(e.pairs, [2]float64{*a[i], *b[i]})
		}
	}
	return e, nil
}

// decided reports whether a verdict claims a difference.
func decided(v stats.Verdict) bool { return v == stats.Higher || v == stats.Lower }

// shuffled gives how many of n trials claim a difference when each is made of so many pairs of real slices, drawn from
// all of them, and the labels of the two slices of each are drawn as well: then there is no difference, whatever the
// machine did.
func shuffled(pool [][2]float64, pairs, n int, rng *rand.Rand) int {
	claims := 0
	for range n {
		a, b := make([]float64, 0, pairs), make([]float64, 0, pairs)
		for _, j := range rng.Perm(len(pool))[:min(pairs, len(pool))] {
			k := rng.IntN(2)
			a, b = append(a, pool[j][k]), append(b, pool[j][1-k])
		}
		if decided(stats.Decide(stats.PairedRatio(b, a), smallestEffect)) {
			claims++
		}
	}
	return claims
}

// falseClaims judges the resampled trials: at most 1 % of 200; when there are more, by the interval of ten times as
// many.
func falseClaims(pool [][2]float64, pairs int, rng *rand.Rand) (text string, state State) {
	n := resampled
	claims := shuffled(pool, pairs, n, rng)
	state = Met
	if float64(claims) > allowedFalse*float64(n) {
		n *= 10
		claims = shuffled(pool, pairs, n, rng)
		switch s := wilson(claims, n); {
		case s.low > allowedFalse:
			state = Missed
		case s.mean > allowedFalse:
			state = Inconclusive
		}
	}
	// Few pairs have few ways to be labelled: with six, one in 32 trials has all of them on the same side.
	if state == Missed && len(pool) < 5*pairs {
		state = Inconclusive
	}
	return fmt.Sprintf("%d of %d resampled", claims, n), state
}

func verdicts(ctx context.Context, b *bench) error {
	experiments, err := same(ctx, b)
	if err != nil || b.Quick {
		if err == nil {
			b.row(Row{Name: "verdicts: a planted effect", Bar: plantedBar, State: NotRun, Note: "it takes 35 runs: not with --quick"})
		}
		return err
	}
	floor := 0.0
	for _, e := range experiments {
		floor += e.floor / float64(len(experiments))
	}
	if err := planted(ctx, b, waitEffect()); err != nil {
		return err
	}
	e, err := workEffect(floor)
	if err != nil {
		return err
	}
	return planted(ctx, b, e)
}

// same runs A against A.
func same(ctx context.Context, b *bench) ([]experiment, error) {
	blocks, slice, most := verdictBlocks, verdictSlice, sameRuns
	if b.Quick {
		blocks, slice, most = 3, 130*time.Millisecond, 2
	}
	var all []experiment
	claims, refused := 0, 0
	floor := 0.0
	var pool [][2]float64
	for i := range most {
		b.Progress(fmt.Sprintf("verdicts: A against A, run %d", i+1))
		e, err := experimentOf(ctx, plan("/hello", "/hello", verdictConnections, blocks, slice, uint64(i))) //nolint:gosec // counts up
		if err != nil {
			return nil, err
		}
		all = append(all, e)
		if decided(e.verdict) {
			claims++
		}
		if e.verdict == stats.Refused {
			refused++
		}
		if !math.IsNaN(e.floor) {
			floor = max(floor, e.floor)
		}
		pool = append(pool, e.pairs...)
	}
	b.report.NoiseFloor = &floor
	text, state := falseClaims(pool, 2*blocks, rand.New(rand.NewPCG(1, uint64(len(pool))))) //nolint:gosec // a seed
	row := Row{
		Name: "verdicts: A against A", Bar: "at most 1 % false of 200", State: state,
		Figure: fmt.Sprintf("%d false of %d real, %s", claims, len(all), text),
		Note: fmt.Sprintf("real: %d whole runs, %d pairs of slices, noise floor up to %s; resampled: %d of these pairs at a time, their labels drawn",
			len(all), len(pool), figure.Floor(floor), 2*blocks),
		Values: map[string]float64{"real": float64(len(all)), "real_false": float64(claims), "noise_floor": floor},
	}
	// One false claim in a dozen is what one in a hundred looks like every ninth time; two are not.
	switch {
	case atLeast(claims, len(all), allowedFalse) < 0.025:
		row.State = Missed
	case claims > 0:
		row.State = worst(row.State, Inconclusive)
	}
	if refused > 0 {
		row.Note += fmt.Sprintf("; %d refused (%s)", refused, all[len(all)-1].reason)
	}
	b.row(row)
	return all, nil
}

// effect is a difference that was planted: B answers more slowly than A, by a known share.
type effect struct {
	share float64 // 0.05: B takes 5 % longer for a response, or does 5 % more work
	a, b  string  // endpoints
	what  string  // that differs, for the note
	slice time.Duration
	floor float64 // noise floor that the share was chosen for; NaN: the runs' own tells

	connections int
}

// Planted differences.
const (
	quietFloor   = 0.01 // up to here the small effect has to be found
	smallEffect  = 0.05
	plantedWait  = 20 * time.Millisecond // of A; each of the 64 connections waits, so that the rate is known
	plantedUnits = 400                   // of A; a unit is the same work whatever the number
	mostEffect   = 9.0
	plantedBar   = "90 % of the time, within 60 s"

	verdictConnections = 64
	computeConnections = 8 // enough for a worker that computes; more would make answers take longer than a slice allows
)

// waitEffect is the small effect, at a server whose rate is set by a declared wait: on any machine it is quiet enough.
func waitEffect() effect {
	longer := time.Duration(float64(plantedWait) * (1 + smallEffect))
	return effect{
		share: smallEffect, a: "/wait?for=" + plantedWait.String(), b: "/wait?for=" + longer.String(),
		what: fmt.Sprintf("answers after %v against %v", plantedWait, longer), slice: 300 * time.Millisecond, floor: math.NaN(),
		connections: verdictConnections,
	}
}

// workEffect is an effect of computing: the small one where the machine is quiet, else four times the noise floor, as a
// ratio: four times its logarithm.
func workEffect(floor float64) (effect, error) {
	share := smallEffect
	if !(floor <= quietFloor) {
		share = math.Pow(1+floor, 4) - 1
	}
	if math.IsNaN(share) || share > mostEffect {
		return effect{}, fmt.Errorf("the noise floor is %s: four times that is more than could be planted", figure.Floor(floor))
	}
	units := int(math.Round(plantedUnits * (1 + share)))
	return effect{
		share: share, a: fmt.Sprintf("/work?units=%d", plantedUnits), b: fmt.Sprintf("/work?units=%d", units),
		what: fmt.Sprintf("%d units of work against %d", plantedUnits, units), slice: verdictSlice, floor: floor,
		connections: computeConnections,
	}, nil
}

// planted runs A against a B that is slower by a known share, until it is known whether that is found 90 % of the time.
func planted(ctx context.Context, b *bench, e effect) error {
	deadline := time.Now().Add(verdictBudget)
	found, runs := 0, 0
	missed := map[stats.Verdict]int{}
	var floors []float64
	var took time.Duration
	var s span
	for runs < plantedRuns && (runs < 3 || time.Until(deadline) > took && s.judge(0.9, 1) == Inconclusive) {
		b.Progress(fmt.Sprintf("verdicts: a planted %.0f %%, %s, run %d", 100*e.share, e.what, runs+1))
		x, err := experimentOf(ctx, plan(e.a, e.b, e.connections, verdictBlocks, e.slice, uint64(runs))) //nolint:gosec // counts up
		if err != nil {
			return err
		}
		runs++
		took = max(took, x.took)
		if !math.IsNaN(x.floor) {
			floors = append(floors, x.floor)
		}
		if x.verdict == stats.Lower && x.took <= time.Minute {
			found++
		} else {
			missed[x.verdict]++
		}
		s = wilson(found, runs)
	}
	floor := e.floor
	if math.IsNaN(floor) {
		floor = stats.Median(floors)
	}
	row := Row{
		Name:   fmt.Sprintf("verdicts: a planted %.0f %%", 100*e.share),
		Figure: fmt.Sprintf("found in %d of %d (%.0f to %.0f %%)", found, runs, 100*s.low, 100*s.high), Bar: plantedBar,
		State: s.judge(0.9, 1),
		Note:  fmt.Sprintf("%s; noise floor %s; the longest run took %v", e.what, figure.Floor(floor), took.Round(time.Second)),
		Values: map[string]float64{
			"found": float64(found), "runs": float64(runs), "effect": e.share, "noise_floor": floor,
		},
	}
	if len(missed) > 0 {
		row.Note += fmt.Sprintf("; not found: %v", missed)
	}
	// The small effect is promised where the noise floor is small.
	if row.State == Missed && e.share == smallEffect && !(floor <= quietFloor) {
		row.State = Inconclusive
	}
	b.row(row)
	return nil
}
