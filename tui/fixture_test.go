package tui

import (
	"fmt"
	"math"
	"time"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/lab/metric"
	"benchtop/lab/observe"
	"benchtop/lab/progress"
	"benchtop/lab/stats"
	"benchtop/targets"
)

// A fixture is a State as a run would have made it, by hand and without randomness.

func ptr[T any](v T) *T { return &v }

const second = int64(time.Second)

func fixturePlan(n int) *lab.Plan {
	p := &lab.Plan{
		ID: "workers", Title: "Does another worker serve more?", Track: "workers", Minutes: 2,
		Lesson:   fixtureLesson,
		Baseline: "one", Warmup: 2 * time.Second, Slice: 1500 * time.Millisecond, Settle: 250 * time.Millisecond, Blocks: 10,
		Order: lab.Interleaved, Metric: "rps", SmallestEffect: 0.02, ErrorLimit: 0.01, Seed: 1,
		Expect:    []string{"rps(two) / rps(one) >= 1.03", "errors(two) == 0"},
		Mechanism: []string{"worker_share_max(two) < 0.7"},
		Predict:   &lab.Predict{Ask: "How much more do two workers serve than one?", Metric: "rps", Variant: "two"},
		Claims:    []lab.Claim{{ID: "C1", Part: "throughput, not the queue"}, {ID: "C32"}},
		Quiz: []lab.Quiz{
			{
				Ask: "A service only computes, runs one worker on a machine with 8 free cores, and is too slow. What helps?",
				Options: []lab.Option{
					{Text: "A machine with 16 cores"},
					{Text: "More worker processes", Correct: true, Proof: "workers"},
					{Text: "More connections from the clients, which then wait less because there are more of them"},
				},
				Why: "One worker keeps one core busy. More cores without more workers stay idle, and more connections only wait longer.",
			},
			{
				Ask:     "64 closed connections get 2,000 answers a second. What is the mean latency?",
				Options: []lab.Option{{Text: "0.5 ms"}, {Text: "32 ms", Correct: true}, {Text: "64 ms"}},
				Why:     "Little's law.",
			},
			{
				Ask:     "What does `noise` show?",
				Options: []lab.Option{{Text: "The noise floor", Correct: true, Proof: "noise"}, {Text: "Nothing"}},
				Why:     "Both variants are the same.",
			},
		},
	}
	labels := []string{"one worker", "two workers", "four workers", "eight workers, which is more than there are cores"}
	ids := []string{"one", "two", "four", "eight"}
	for i := range n {
		if i >= len(ids) { // more than a lesson has: eight workers again, by their number
			ids, labels = append(ids, fmt.Sprintf("eight-%d", i)), append(labels, fmt.Sprintf("eight workers, copy %d", i))
		}
		p.Variants = append(p.Variants, lab.Variant{
			ID: ids[i], Label: labels[i],
			Target: targets.Spec{Server: "builtin", Workers: fixtureWorkers(i), Engine: "nethttp", Concurrency: "async", Endpoint: "/work?units=400"},
			Load:   lab.Load{Model: load.Closed, Connections: 64, KeepAlive: true, Timeout: 5 * time.Second},
		})
	}
	return p
}

func fixtureWorkers(i int) int { return 1 << min(i, 3) }

const fixtureLesson = `
A worker of this server computes on **one core** at a time. A second worker has a second core to compute on, if the
machine has one left.

## What to watch

- the *share* column: do both workers get requests?
- ` + "`CPU`" + ` of each worker, of one core
- whether the **generator** has room left

Every answer costs 400 rounds of SHA-256:

    GET /work?units=400

Then ask what a third worker would have to share.
`

// wave is a number that looks measured: around 1, within 3 %.
func wave(i, k int) float64 {
	return 1 + 0.02*math.Sin(float64(i)*1.7+float64(k)) + 0.01*math.Sin(float64(i)*0.61+2*float64(k))
}

func fixtureLive(rps, p50 float64, phase string) lab.Live {
	return lab.Live{
		Phase: phase, RPS: ptr(rps), Percentiles: metric.Percentiles{
			P50: ptr(p50), P90: ptr(1.5 * p50), P95: ptr(1.7 * p50), P99: ptr(2.1 * p50), P999: ptr(3 * p50), Max: ptr(6.4 * p50),
		},
		Trusted: map[string]bool{"p50": true, "p90": true, "p95": true, "p99": true}, Open: 64, Flight: 64,
	}
}

func fixtureBins(p50 float64) []lab.Bin {
	var out []lab.Bin
	for v := p50 / 4; v < p50*8; v *= 1.12 {
		x := math.Log(v / p50)
		n := 20000 * math.Exp(-x*x/0.12)
		if x > 0.5 {
			n += 300 * math.Exp(-(x-1.1)*(x-1.1)/0.2)
		}
		out = append(out, lab.Bin{From: v, To: v * 1.12, Count: int64(n)})
	}
	return out
}

// fixtureSpread is the distribution of one row around its median, in microseconds.
func fixtureSpread(p50 float64) lab.Spread {
	middle := int(math.Log10(p50) * lab.SpreadPerDecade)
	return lab.Spread{First: middle - 3, Counts: []uint32{4, 120, 700, 1100, 420, 60, 9, 0, 2}}
}

// live is a run of n variants in its fourth block, with slice on the given variant.
func live(n, on int) *lab.State {
	plan := fixturePlan(n)
	st := &lab.State{
		Seq: 4711, Plan: plan, Machine: observe.Machine{OS: "linux", CPUs: 4, Model: "Example CPU"},
		Started: time.Date(2025, 5, 1, 10, 0, 0, 0, time.UTC), Progress: 0.42, Left: 25 * time.Second, Total: 43 * time.Second,
		Phase:      lab.PhaseEvent{Phase: lab.PhaseSlice, Variant: plan.Variants[on].ID, Block: 4, Attempt: 1, Index: 7},
		NoiseFloor: ptr(0.013),
		Host:       observe.HostUsage{Busy: 2.4, Foreign: 0.04, Steal: ptr(0.003)},
	}
	st.Generator = lab.GeneratorState{Engine: "epoll", Busy: 0.38}
	st.Generator.PID, st.Generator.State = 20400, "serving"
	st.Lab.Percent = 1.2
	rates := []float64{8412, 15655, 24190, 25204}
	for i := len(rates); i < n; i++ {
		rates = append(rates, 25204*wave(i, i))
	}
	for i := range n {
		v := lab.VariantState{Variant: plan.Variants[i], Addr: "127.0.0.1:40123", Status: lab.StatusIdle}
		p50 := 64 / rates[i] * 1e6 * 0.97
		v.Settled = fixtureLive(rates[i], p50, "window")
		v.Now = fixtureLive(rates[i]*1.012, p50*0.99, "window")
		if i == on {
			v.Status = lab.StatusLoad
		}
		v.CPU = 92 + float64(min(i, 3))*61
		v.CPUPerRequest = ptr(109.0 - 4*float64(min(i, 3)))
		v.Errors = map[string]uint64{}
		v.Requests = uint64(rates[i]) * 12
		v.Mechanism = map[string]float64{"connections_per_request": 0.0041, "worker_share_max": 1/float64(fixtureWorkers(i)) + 0.01*min(float64(i), 1), "loop_lag_p99": 840, "queue_wait_p99": 2200}
		v.Bins = fixtureBins(p50)
		for k := range fixtureWorkers(i) {
			w := lab.ProcState{Index: k, State: "serving", Requests: ptr(v.Requests / uint64(fixtureWorkers(i))), Share: ptr(1/float64(fixtureWorkers(i)) + 0.01*float64(1-2*(k%2))*min(float64(i), 1))}
			w.PID, w.Role, w.Variant, w.Percent = 20441+100*i+k, "worker", v.ID, 92-3*float64(k)
			w.RSS, w.Threads, w.FDs = ptr(int64(21e6+3e5*float64(k))), ptr(int64(6)), ptr(int64(70))
			v.Procs = append(v.Procs, w)
		}
		st.Variants = append(st.Variants, v)
	}
	fixturePoints(st, rates)
	for i := 1; i < n; i++ {
		ratio := rates[i] / rates[0]
		if i == 1 {
			ratio = 1.148
		}
		st.Compare = append(st.Compare, lab.Provisional{Variant: plan.Variants[i].ID, Ratio: stats.Ratio{
			Ratio: ratio, CI95: stats.Interval{ratio * 0.983, ratio * 1.016}, CI99: stats.Interval{ratio * 0.976, ratio * 1.023}, Pairs: 8,
			Means: [2]float64{rates[0] * ratio, rates[0]},
		}})
	}
	st.Log = []lab.LogLine{
		{At: 0, Level: "info", Text: "the targets are ready"},
		{At: 2 * second, Level: "info", Variant: plan.Variants[0].ID, Text: "warm-up"},
	}
	return st
}

// fixturePoints fills the time charts: a warm-up of each variant, then slices in the order of the plan.
func fixturePoints(st *lab.State, rates []float64) {
	at := int64(0)
	row := second / 4
	put := func(i int, phase string, k int, factor float64) {
		v := &st.Variants[i]
		at += row
		v.Points = append(v.Points, lab.Point{
			At: at, Width: row, Phase: phase, RPS: rates[i] * wave(k, i) * factor, P50: 64 / rates[i] * 1e6, P99: 2.1 * 64 / rates[i] * 1e6 * wave(3*k, i),
			Max: 6 * 64 / rates[i] * 1e6, CPU: 92, Spread: fixtureSpread(64 / rates[i] * 1e6 * wave(k, i)),
		})
	}
	for i := range st.Variants {
		for k := range 8 {
			put(i, "warmup", k, 0.6+0.05*float64(k))
		}
	}
	index := 0
	for block := 1; block <= 4; block++ {
		for pos, id := range st.Plan.OrderOf(block) {
			i := 0
			for st.Variants[i].ID != id {
				i++
			}
			index++
			put(i, "settle", 0, 0.5)
			for k := range 6 {
				put(i, "window", 8*index+k, 1)
			}
			st.Variants[i].Slices = append(st.Variants[i].Slices, lab.SliceDot{Index: index, Block: block, Attempt: 1, Position: pos, Value: ptr(rates[i] * wave(index, i)), At: at})
		}
	}
	st.At = at
}

// ended is the same run at its end, with its Result.
func ended(n int) *lab.State {
	st := live(n, 0)
	st.Seq, st.Progress, st.Left = 9000, 1, 0
	st.Phase = lab.PhaseEvent{Phase: lab.PhaseStopping}
	st.End = &lab.EndEvent{How: lab.EndComplete}
	for i := range st.Variants {
		v := &st.Variants[i]
		v.Status = lab.StatusStopped
		for k := range v.Procs {
			v.Procs[k].State = "stopped"
		}
	}
	r := &lab.Result{
		Benchtop: 1, Complete: true, Ended: "complete", Metric: "rps", Smallest: 0.02, Blocks: 10, NoiseFloor: ptr(0.013),
		Generator: lab.GeneratorResult{Engine: "epoll", Busy: ptr(0.61)}, Host: lab.HostResult{Steal: ptr(0.003), Foreign: ptr(0.04), Speed: ptr(0.021)},
	}
	for i := range st.Variants {
		v := &st.Variants[i]
		s := v.Settled
		vr := lab.VariantResult{
			ID: v.ID, Label: v.Label, Requests: v.Requests, OK: v.Requests, Errors: map[string]uint64{}, Mechanism: v.Mechanism,
			RPS:           lab.Series{Median: s.RPS, Mean: s.RPS},
			Latency:       lab.Latency{Percentiles: s.Percentiles},
			CPUPerRequest: lab.Series{Mean: v.CPUPerRequest}, RSS: ptr(21e6), Metrics: map[string]lab.Series{
				"p50": {Mean: s.P50}, "p95": {Mean: s.P95}, "p99": {Mean: s.P99}, "target_cpu_us_per_request": {Mean: v.CPUPerRequest}, "target_rss_bytes": {Mean: ptr(21e6)},
			},
		}
		for k := range 20 {
			vr.RPS.Slices = append(vr.RPS.Slices, ptr(*s.RPS*wave(k, i)))
		}
		vr.Metrics["rps"] = vr.RPS
		for id, x := range v.Mechanism {
			vr.Metrics[id] = lab.Series{Mean: ptr(x)}
		}
		r.Variants = append(r.Variants, vr)
	}
	for i := 1; i < n; i++ {
		v, b := &st.Variants[i], &st.Variants[0]
		ratio := *v.Settled.RPS / *b.Settled.RPS
		st.Compare[i-1].Verdict, st.Compare[i-1].Pairs = stats.Higher, 20
		st.Compare[i-1].Ratio = stats.Ratio{Ratio: ratio, CI95: stats.Interval{ratio * 0.983, ratio * 1.016}, CI99: stats.Interval{ratio * 0.97, ratio * 1.03}, Pairs: 20, Means: [2]float64{*v.Settled.RPS, *b.Settled.RPS}}
		put := func(metric string, ratio float64, verdict stats.Verdict, reason string) {
			r.Comparisons = append(r.Comparisons, lab.Comparison{
				Metric: metric, Primary: metric == "rps", Variant: v.ID, Baseline: b.ID, Ratio: ptr(ratio), Pairs: 20, Means: &[2]float64{ratio * *r.Variants[0].Mean(metric), *r.Variants[0].Mean(metric)},
				CI95: &[2]float64{ratio * 0.983, ratio * 1.016}, CI99: &[2]float64{ratio * 0.97, ratio * 1.03}, Verdict: verdict, Reason: reason,
			})
		}
		put("rps", ratio, stats.Higher, "the 99 % interval excludes 1 and the effect is at least 2 %")
		for _, m := range []string{"p50", "p95", "p99"} {
			put(m, 1/ratio, stats.Exploratory, "only the primary metric decides")
		}
		put("target_cpu_us_per_request", 0.963, stats.Exploratory, "only the primary metric decides")
	}
	r.Expectations = []lab.Expectation{
		{Expr: "rps(two) / rps(one) >= 1.03", Verdict: "confirmed", Measured: ptr(1.148)},
		{Expr: "errors(two) == 0", Verdict: "confirmed", Measured: ptr(0.0)},
		{Expr: "target_cpu_us_per_request(two) / target_cpu_us_per_request(one) < 0.9", Verdict: "refuted", Measured: ptr(0.963), Reason: "the 95 % interval is 0.947 to 0.978"},
	}
	r.Mechanism = []lab.Expectation{{Expr: "worker_share_max(two) < 0.7", Verdict: "confirmed", Measured: ptr(0.52)}}
	st.Result = r
	return st
}

// close2 makes the second variant nearly equal to the first, for small differences.
func close2(st *lab.State, ratio float64, verdict stats.Verdict) *lab.State {
	st.Compare[0].Verdict = verdict
	ci := stats.Interval{ratio * 0.983, ratio * 1.016}
	st.Compare[0].Ratio = stats.Ratio{Ratio: ratio, CI95: ci, CI99: ci, Pairs: st.Compare[0].Pairs}
	base := *st.Variants[0].Settled.RPS
	st.Compare[0].Means = [2]float64{base * ratio, base}
	st.Variants[1].Settled.RPS = ptr(base * ratio)
	if st.Result != nil {
		c := &st.Result.Comparisons[0]
		c.Ratio, c.CI95, c.Verdict = ptr(ratio), (*[2]float64)(&ci), verdict
		c.Means = &[2]float64{base * ratio, base}
		st.Result.Variants[1].RPS.Mean = ptr(base * ratio)
		for k, v := range st.Result.Variants[0].RPS.Slices {
			st.Result.Variants[1].RPS.Slices[k] = ptr(*v * ratio * wave(3*k, 1))
		}
	}
	return st
}

// troubled is a live run in which a worker died and was replaced, requests failed and a slice is void.
func troubled() *lab.State {
	st := live(2, 1)
	st.Seq = 5000
	v := &st.Variants[1]
	v.Errors = map[string]uint64{load.ErrResetHeader: 12, load.ErrReadTimeout: 3}
	dead := v.Procs[0]
	dead.State, dead.Percent, dead.Share = "gone", 0, nil
	v.Procs[0].PID = 20588
	v.Procs = append(v.Procs, dead)
	v.Slices[len(v.Slices)-1].Discarded = true
	v.Slices[len(v.Slices)-1].Void = "a worker died"
	v.Now.Trusted = map[string]bool{"p50": true}
	st.Repeated = 1
	st.Phase.Attempt = 2
	st.Log = append(st.Log,
		lab.LogLine{At: st.At - 3*second, Level: "error", Variant: "two", Text: "worker 20541 died: killed"},
		lab.LogLine{At: st.At - 2*second, Level: "warning", Variant: "two", Text: "worker 20541 replaced by 20588 after 180 ms; its slice does not count and block 4 is repeated"})
	return st
}

// warming is a run in its first seconds.
func warming() *lab.State {
	st := live(2, 0)
	st.Seq, st.At, st.Progress, st.Left = 40, 2*second, 0.03, 41*time.Second
	st.Phase = lab.PhaseEvent{Phase: lab.PhaseWarmup, Variant: "one"}
	st.NoiseFloor, st.Compare = nil, nil
	for i := range st.Variants {
		v := &st.Variants[i]
		v.Settled, v.Bins, v.Mechanism, v.CPUPerRequest, v.Slices = lab.Live{}, nil, nil, nil, nil
		v.Requests = 0
		v.Status = lab.StatusIdle
		if i == 0 {
			v.Status, v.Now.Phase, v.Points = lab.StatusWarmup, "warmup", v.Points[:8]
			continue
		}
		v.Now, v.Points, v.CPU = lab.Live{}, nil, 0
		for k := range v.Procs {
			v.Procs[k].Percent, v.Procs[k].Share = 0, nil
		}
	}
	return st
}

// refused is an ended run whose generator was the limit.
func refused() *lab.State {
	st := ended(2)
	st.Seq = 9100
	r := st.Result
	reason := "the generator was the bottleneck at two: its thread was 97 % busy (in 18 of 20 slices)"
	for i := range r.Comparisons {
		if r.Comparisons[i].Metric != "target_cpu_us_per_request" {
			r.Comparisons[i].Verdict, r.Comparisons[i].Reason = stats.Refused, reason
		}
	}
	st.Compare[0].Verdict, st.Compare[0].Reason = stats.Refused, reason
	r.Generator.Busy, r.Generator.Saturated, r.Generator.Reasons = ptr(0.97), true, []string{"thread 97 % busy"}
	r.Flags = []string{"the generator was the bottleneck", "4 of 40 slices ran while the machine's speed changed by more than 10 %; they are kept and flagged"}
	st.Generator.Busy, st.Generator.Saturated = 0.97, true
	return st
}

// free is a free run with an open model and turned knobs.
func free() *lab.State {
	st := live(2, 1)
	st.Seq = 600
	p := *st.Plan
	p.Free, p.Blocks = true, 0
	st.Plan = &p
	for i := range st.Variants {
		l := &st.Variants[i].Load
		l.Model, l.Rate, l.Connections, l.Arrivals = load.Open, 5000, 128, load.Constant
	}
	st.Compare, st.NoiseFloor, st.Progress, st.Left, st.Total = nil, nil, 0, 0, 0
	st.Knobs = []lab.Knob{{Set: []string{"all.load.connections=128"}, After: 2 * time.Second}, {Set: []string{"all.load.rate=5000"}, After: 4 * time.Second}}
	st.Turned = len(st.Knobs)
	return st
}

func fixtureEntries() []Entry {
	plan := fixturePlan(3)
	named := func(id, title, track string, minutes int, missing string, done bool) Entry {
		p := *plan
		p.ID, p.Title, p.Track = id, title, track
		return Entry{ID: id, Title: title, Track: track, Minutes: minutes, Plan: &p, Missing: missing, Done: done}
	}
	return []Entry{
		named("workers", "Does another worker serve more?", "workers", 2, "", true),
		named("client-keepalive", "What does a new connection per request cost?", "connections", 2, "", false),
		named("upstream-keepalive", "Does upstream keep-alive pay?", "connections", 8, "nginx: apt-get install nginx-light", false),
		named("blocking-loop", "What does a blocking call do to an async server?", "async", 3, "", false),
		named("engines", "net/http or fasthttp?", "payload", 2, "", false),
		named("noise", "What can this machine tell apart?", "measuring", 2, "", false),
	}
}

// fixtureClaim is the text of the claims of the fixtures; one is not known.
func fixtureClaim(id string) string {
	return map[string]string{"C1": "More workers serve more requests at the same time, and the queue in front of them gets shorter."}[id]
}

// predicted is a prediction for the fixtures.
func predicted(winner string, low, high float64) *progress.Prediction {
	return &progress.Prediction{Metric: "rps", Variant: "two", Baseline: "one", Winner: winner, Low: low, High: high, Locked: time.Unix(900, 0).UTC()}
}
