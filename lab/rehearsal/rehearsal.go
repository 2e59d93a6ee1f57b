// Package rehearsal makes the events of a run without running anything, always the same ones: for tests of what reads
// events, which need long runs, and runs in which something goes wrong.
package rehearsal

import (
	"math"
	"strconv"
	"sync"
	"time"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/lab/load/histogram"
	"benchtop/lab/observe"
	"benchtop/targets"
	"benchtop/targets/builtin"
)

// Script says what happens in the run.
type Script struct {
	Blocks  int
	Slice   time.Duration      // counted window; 0 is 1 s
	Ratio   float64            // of every other variant's rate to the baseline's; 0 is 1.15
	Ratios  map[string]float64 // of single variants, by their ids
	Noise   float64            // of a slice, as a share; 0 is 0.01
	Trouble bool               // a worker dies in the second slice of a block, which is repeated
	In      int                // the block of the trouble, from 1; 0 is 1, and below it is every block
	Change  func(*lab.Plan)
	Alter   func(*lab.Slice) // what a slice came to
	Machine func(*observe.Machine)
}

const (
	row    = 250 * time.Millisecond
	settle = 250 * time.Millisecond
	warm   = time.Second
)

// player makes the events one after the other.
type player struct {
	script Script
	plan   lab.Plan
	at     time.Duration
	index  int
	events []lab.Event
	pids   map[string]int
	draws  uint64
}

// Started is when every rehearsed run began.
func Started() time.Time { return time.Date(2025, 5, 1, 10, 0, 0, 0, time.UTC) }

// Plan is the plan of the run: two variants, closed load, the second with two workers.
func (s Script) Plan() lab.Plan {
	targets.Register(builtin.Descriptor()) // so that a file of the run gives back what it was made of
	window := s.Slice
	if window == 0 {
		window = time.Second
	}
	of := func(id, label string, workers int) lab.Variant {
		return lab.Variant{
			ID: id, Label: label,
			Target: targets.Spec{Server: "builtin", Workers: workers, Endpoint: "/hello", Own: &builtin.Settings{Engine: "nethttp", Concurrency: "async"}},
			Load:   lab.Load{Model: load.Closed, Connections: 64, KeepAlive: true, Timeout: 5 * time.Second},
		}
	}
	p := lab.Plan{
		ID: "rehearsal", Title: "Does a rehearsal look like a run?", SHA256: "aa11", Baseline: "one",
		Variants: []lab.Variant{of("one", "one worker", 1), of("two", "two workers", 2)},
		Warmup:   warm, Slice: window, Settle: settle, Blocks: s.Blocks, Order: lab.Interleaved, Metric: "rps",
		SmallestEffect: 0.02, ErrorLimit: 0.01, Seed: 1,
		Expect: []string{"rps(two) / rps(one) >= 1.03", "errors(two) == 0"},
	}
	if s.Change != nil {
		s.Change(&p)
	}
	return p
}

// Events are the whole run.
func (s Script) Events() []lab.Event {
	if s.Ratio == 0 {
		s.Ratio = 1.15
	}
	if s.Noise == 0 {
		s.Noise = 0.01
	}
	g := &player{script: s, plan: s.Plan(), pids: map[string]int{}}
	machine := observe.Machine{OS: "linux", Arch: "amd64", CPUs: 4, Model: "Example CPU", Kernel: "6.1.0", Memory: 8e9, Go: "go1.25.0", Benchtop: "v0.1.0"}
	if s.Machine != nil {
		s.Machine(&machine)
	}
	g.put(lab.Event{Kind: lab.KindRun, Run: &lab.RunEvent{
		Benchtop: lab.FormatVersion, Started: Started(), Plan: g.plan, Machine: machine, Nonce: "rehearsed",
	}})
	g.start()
	for _, v := range g.plan.Variants {
		g.phase(lab.PhaseEvent{Phase: lab.PhaseWarmup, Variant: v.ID})
		g.rows(v.ID, warm, "window", true)
		g.put(lab.Event{Kind: lab.KindSlice, Slice: g.slice(v.ID, 0, 1, 0, true)})
	}
	for block := 1; block <= g.plan.Blocks; block++ {
		g.block(block)
	}
	g.phase(lab.PhaseEvent{Phase: lab.PhaseStopping})
	for _, v := range g.plan.Variants {
		g.process(v.ID, "stopped", "")
	}
	g.at += 100 * time.Millisecond
	g.put(lab.Event{Kind: lab.KindEnd, End: &lab.EndEvent{How: lab.EndComplete}})
	return g.events
}

func (g *player) put(e lab.Event) {
	e.Seq, e.At = uint64(len(g.events)+1), int64(g.at)
	g.events = append(g.events, e)
}

func (g *player) start() {
	g.phase(lab.PhaseEvent{Phase: lab.PhaseStarting})
	g.at += 200 * time.Millisecond
	g.put(lab.Event{Kind: lab.KindProcess, Process: &lab.ProcessEvent{PID: 900, Role: "loader", Event: "serving"}})
	for i, v := range g.plan.Variants {
		g.pids[v.ID] = 1000 + 100*i
		g.process(v.ID, "serving", "")
	}
}

func (g *player) process(variant, event, text string) {
	g.put(lab.Event{Kind: lab.KindProcess, Process: &lab.ProcessEvent{
		Variant: variant, PID: g.pids[variant], Role: "worker", Event: event, Text: text, Addr: "127.0.0.1:4000",
	}})
}

func (g *player) phase(p lab.PhaseEvent) { g.put(lab.Event{Kind: lab.KindPhase, Phase: &p}) }

// block runs one block, and once more when its first attempt is spoiled.
func (g *player) block(n int) {
	for attempt := 1; ; attempt++ {
		spoiled := g.script.Trouble && (g.script.In < 0 || n == max(g.script.In, 1)) && attempt == 1
		for position, id := range g.plan.OrderOf(n) {
			g.index++
			g.phase(lab.PhaseEvent{Phase: lab.PhaseSlice, Variant: id, Block: n, Attempt: attempt, Index: g.index})
			g.rows(id, settle, "settle", false)
			g.rows(id, g.plan.Slice, "window", false)
			slice := g.slice(id, n, attempt, position, false)
			if spoiled && position == 1 {
				g.process(id, "gone", "killed")
				g.pids[id]++
				g.process(id, "replaced", "")
				slice.Void = "a worker died"
			}
			g.put(lab.Event{Kind: lab.KindSlice, Slice: slice})
		}
		if !spoiled {
			g.put(lab.Event{Kind: lab.KindBlock, Block: &lab.BlockEvent{Block: n, Attempt: attempt, Outcome: lab.BlockKept}})
			return
		}
		g.put(lab.Event{Kind: lab.KindBlock, Block: &lab.BlockEvent{Block: n, Attempt: attempt, Outcome: lab.BlockRepeated, Reasons: []string{"a worker died"}}})
	}
}

// rate is what a variant serves in the next stretch, requests per second.
func (g *player) rate(id string) float64 {
	rate := 8000.0
	if ratio, own := g.script.Ratios[id]; own {
		rate *= ratio
	} else if id != g.plan.Baseline {
		rate *= g.script.Ratio
	}
	// A draw between -1 and 1, by a multiplicative congruential generator (Knuth's MMIX constants).
	g.draws = g.draws*6364136223846793005 + 1442695040888963407
	return rate * (1 + g.script.Noise*(float64(g.draws>>11)/(1<<52)-1))
}

// rows are the 250 ms rows of a stretch, each with a sample of the processes behind it.
func (g *player) rows(id string, long time.Duration, phase string, warmup bool) {
	for done := time.Duration(0); done < long; done += row {
		width := min(row, long-done)
		from := g.at
		g.at += width
		rate := g.rate(id)
		n := uint64(rate * width.Seconds())
		p50 := 64 / rate * 1e6
		g.put(lab.Event{Kind: lab.KindInterval, Interval: &lab.Interval{
			Variant: id, Index: g.index, Warmup: warmup,
			Row: load.Row{From: int64(from), To: int64(g.at), Phase: phase, Counts: load.Counts{Sent: n, Requests: n, OK: n}},
			P50: p50, P90: 1.4 * p50, P95: 1.6 * p50, P99: 2 * p50, Max: 5 * p50, Gauges: load.Gauges{Open: 64, InFlight: 64},
		}})
		sample := lab.SampleEvent{Usage: observe.HostUsage{Busy: 1.9, Foreign: 0.02}}
		sample.Procs = append(sample.Procs, observe.ProcSample{Proc: observe.Proc{PID: 900, Role: "loader"}, Percent: 40})
		for _, v := range g.plan.Variants {
			percent := 0.5
			if v.ID == id {
				percent = 90
			}
			rss, threads := int64(21e6), int64(6)
			sample.Procs = append(sample.Procs, observe.ProcSample{
				Proc: observe.Proc{PID: g.pids[v.ID], Role: "worker", Variant: v.ID}, Percent: percent, RSS: &rss, Threads: &threads,
			})
		}
		g.put(lab.Event{Kind: lab.KindSample, Sample: &sample})
	}
}

// slice is what the stretch behind came to.
func (g *player) slice(id string, block, attempt, position int, warmup bool) *lab.Slice {
	window := g.plan.Slice
	if warmup {
		window = g.plan.Warmup
	}
	rate := g.rate(id)
	n := uint64(rate * window.Seconds())
	from, to := int64(g.at-window), int64(g.at)
	index := g.index
	if warmup {
		index = 0
	}
	cpu := int64(0.9 * float64(window))
	out := &lab.Slice{
		Index: index, Variant: id, Warmup: warmup, Block: block, Attempt: attempt, Position: position, From: from, To: to,
		Load: load.Summary{
			Slice: index, Engine: "epoll", Threads: 1, From: from, To: to, Ended: to,
			Counts: load.Counts{Sent: n, Requests: n, OK: n, Connects: 64, Attempts: n}, Total: load.Counts{Requests: n, Connects: 64},
			Latency: latencies(64/rate*1e9, n), Workers: map[string]uint64{strconv.Itoa(g.pids[id]): n}, CPU: cpu / 3, Busy: 0.4, InFlightMean: 64,
		},
		Usage: observe.Usage{From: from, To: to, Host: observe.HostUsage{Busy: 1.9, Foreign: 0.02}, Procs: []observe.ProcUsage{
			{Proc: observe.Proc{PID: g.pids[id], Role: "worker", Variant: id}, CPU: cpu, Wall: int64(window)},
		}},
		Speed: [2]int64{2e6, 2e6}, Settings: g.plan.Variant(id).Load,
	}
	if g.script.Alter != nil {
		g.script.Alter(out)
	}
	return out
}

type spread struct {
	median float64 // ns
	n      uint64
}

// encoded are the histograms that were asked for: most rehearsals have slices like those of the one before.
var encoded sync.Map // spread -> string

// latencies is a histogram of n latencies around a median in nanoseconds, in forty steps.
func latencies(median float64, n uint64) string {
	of := spread{median, n}
	if text, ok := encoded.Load(of); ok {
		return text.(string)
	}
	h := histogram.New()
	const steps = 40
	for i := range steps {
		x := 4 * (float64(i)/(steps-1) - 0.5) // -2 to 2
		share := math.Exp(-2 * x * x)
		if err := h.RecordValues(int64(median*math.Exp(x*0.6)), int64(share*float64(n)/12)); err != nil {
			panic(err) // the values are far inside the histogram's range
		}
	}
	text, err := histogram.Encode(h)
	if err != nil {
		panic(err)
	}
	encoded.Store(of, text)
	return text
}
