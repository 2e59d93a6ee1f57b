package selftest

import (
	"context"
	"fmt"
	"math"
	"time"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/lab/stats"
	"benchtop/targets"
)

// Shape of the terminal and the bars of the screen.
const (
	screenColumns, screenRows = 120, 34
	screenCost2, screenCost4  = 3.0, 5.0 // per cent of a core, lab process, two and four variants
)

var (
	screenCPU = stats.Interval{0.98, 1.02} // target CPU per request, screen on / off
	screenRPS = stats.Interval{0.99, 1.01}
)

// screenTest holds the screen against its promise not to change what it shows.
type screenTest struct {
	*bench
	ctx    context.Context //nolint:containedctx // of the one group of rows that it lives for
	blocks int             // of a round
	rounds int             // at most
	slice  time.Duration
}

// screen measures the rows of the screen. In short form there are none: they need minutes.
func screen(ctx context.Context, b *bench) error {
	switch {
	case b.Quick:
		b.row(Row{
			Name: "the screen does not change what it shows", Figure: "-", Bar: "ratios on / off, cost, first number, verdict",
			State: NotRun, Note: "takes minutes: run `benchtop selftest --only screen`",
		})
		return nil
	case b.Show == nil:
		return notHere("there is no screen to measure")
	}
	rows, err := (&screenTest{bench: b, ctx: ctx, blocks: 15, rounds: 4, slice: time.Second}).rows()
	for _, r := range rows {
		b.row(r)
	}
	return err
}

// rows measures with two variants, then the cost alone with four.
func (t *screenTest) rows() ([]Row, error) {
	var two screenRun
	var cpu, rps stats.Ratio
	for round := range t.rounds {
		t.Progress(fmt.Sprintf("screen on against screen off, round %d of at most %d", round+1, t.rounds))
		m, err := t.run(2, uint64(round+1)) //nolint:gosec // a handful of rounds
		if err != nil {
			return nil, err
		}
		two.pairs, two.cost = append(two.pairs, m.pairs...), append(two.cost, m.cost...)
		cpu, rps = ratios(two.pairs)
		if ratioSpan(cpu).judge(screenCPU[0], screenCPU[1]) != Inconclusive && ratioSpan(rps).judge(screenRPS[0], screenRPS[1]) != Inconclusive {
			break
		}
	}
	t.Progress("cost of the screen with four variants")
	four, err := t.run(4, 1)
	if err != nil {
		return nil, err
	}
	t.Progress("first number and verdict on the screen")
	prompt, err := t.prompt()
	if err != nil {
		return nil, err
	}
	return append([]Row{
		ratioRow("target CPU per request, screen on / off", cpu, screenCPU),
		ratioRow("requests per second, screen on / off", rps, screenRPS),
		costRow("lab process with the screen, two variants", two.cost, screenCost2),
		costRow("lab process with the screen, four variants", four.cost, screenCost4),
	}, prompt...), nil
}

// plan is the same server so many times over, as the noise scenario has it.
func (t *screenTest) plan(variants int, seed uint64) lab.Plan {
	p := lab.Plan{
		ID: "screen", Title: "Does the screen change what it shows?", Baseline: "a",
		Warmup: time.Second, Slice: t.slice, Settle: 250 * time.Millisecond, Blocks: t.blocks,
		Order: lab.Interleaved, Metric: "rps", SmallestEffect: 0.02, ErrorLimit: 0.01, Seed: seed,
	}
	if variants > 2 {
		p.Blocks = max(1, t.blocks/4)
	}
	for i := range variants {
		id := string(rune('a' + i))
		p.Variants = append(p.Variants, lab.Variant{
			ID: id, Label: id, Target: targets.Spec{Server: "builtin", Endpoint: "/hello"},
			Load: lab.Load{Model: load.Closed, Connections: 64, KeepAlive: true, Timeout: 5 * time.Second},
		})
	}
	return p
}

func ratios(pairs []lit) (cpu, rps stats.Ratio) {
	var c, r [2][]float64
	for _, p := range pairs {
		for k := range 2 {
			c[k], r[k] = append(c[k], p.cpu[k]), append(r[k], p.rps[k])
		}
	}
	return stats.PairedRatio(c[0], c[1]), stats.PairedRatio(r[0], r[1])
}

// ratioSpan is a ratio with its 95 % interval.
func ratioSpan(r stats.Ratio) span { return span{r.Ratio, r.CI95[0], r.CI95[1]} }

func ratioRow(name string, r stats.Ratio, bar stats.Interval) Row {
	row := Row{
		Name: name, Figure: fmt.Sprintf("%.3f (%.3f to %.3f), %d pairs", r.Ratio, r.CI95[0], r.CI95[1], r.Pairs),
		Bar:   fmt.Sprintf("%.2f to %.2f", bar[0], bar[1]),
		State: ratioSpan(r).judge(bar[0], bar[1]),
	}
	if !math.IsNaN(r.Ratio) {
		row.Values = map[string]float64{"ratio": r.Ratio, "pairs": float64(r.Pairs)}
	}
	return row
}

func costRow(name string, cost []float64, limit float64) Row {
	mean, low, high, n := stats.LinearInterval(cost, 0.95)
	return Row{
		Name: name, Figure: fmt.Sprintf("%.2f %% of a core (%.2f to %.2f), %d slices", mean, low, high, n),
		Bar:   fmt.Sprintf("<= %.0f %% at %dx%d", limit, screenColumns, screenRows),
		State: span{mean, low, high}.judge(math.Inf(-1), limit),
	}
}
