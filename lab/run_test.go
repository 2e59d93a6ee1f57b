package lab_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/lab/load/generator"
	"benchtop/lab/load/histogram"
	"benchtop/lab/observe"
	"benchtop/lab/profile"
	"benchtop/lab/profile/take"
	"benchtop/targets"
	"benchtop/targets/proc"
)

// fakeTarget is a real HTTP server in this process that stands in for a target's processes.
type fakeTarget struct {
	spec   targets.Spec
	server *httptest.Server
	done   chan struct{}
	mu     sync.Mutex
	served uint64
	pid    int
	err    error
	told   []string // signals, part=NAME
	deaf   string   // the signal that it does not take
}

func (t *fakeTarget) Signal(to, name string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if name == t.deaf {
		return errors.New("the fake is deaf to it")
	}
	t.told = append(t.told, to+"="+name)
	return nil
}

func (t *fakeTarget) Spec() targets.Spec { return t.spec }
func (t *fakeTarget) Addr() string       { return t.server.Listener.Addr().String() }
func (t *fakeTarget) Processes() []targets.Process {
	return []targets.Process{{PID: t.pid, Role: "worker", State: "serving"}}
}

func (t *fakeTarget) Mark(context.Context) ([]targets.WorkerStatus, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return []targets.WorkerStatus{{PID: t.pid, At: proc.Now(), Served: t.served}}, nil
}

func (t *fakeTarget) Stop(context.Context) error { t.server.Close(); return nil }
func (t *fakeTarget) Done() <-chan struct{}      { return t.done }
func (t *fakeTarget) Err() error                 { return t.err }

// bench is a pair of fakes: a generator whose slices come out as rates say, and the targets that they belong to.
type bench struct {
	mu      sync.Mutex
	targets map[string]*fakeTarget // by address
	hooks   map[string]targets.Hooks
	rates   map[string]float64 // by variant, requests per second
	errors  map[string]float64 // by variant, share of 5xx
	miss    uint64             // responses that the workers did not count
	rng     *rand.Rand
	noise   float64
	onSlice func(n int, s load.Task) error
	slices  int
	done    chan struct{}
	headers map[string]string // by variant, another body
	zipped  string            // the variant whose body is compressed
	seen    []load.Task
	starts  []targets.Spec
	refuse  func(targets.Spec) bool // true: the target does not start
	deaf    string                  // the signal that no target takes
	take    func(context.Context, take.Wish) *profile.Profile
}

func newBench(rates map[string]float64) *bench {
	return &bench{
		targets: map[string]*fakeTarget{}, hooks: map[string]targets.Hooks{}, rates: rates, errors: map[string]float64{},
		rng: rand.New(rand.NewPCG(1, 2)), noise: 0.005, done: make(chan struct{}),
	}
}

func (b *bench) start(_ context.Context, spec targets.Spec, hooks targets.Hooks) (targets.Target, error) {
	t := &fakeTarget{spec: spec, done: make(chan struct{}), pid: os.Getpid(), deaf: b.deaf}
	t.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Benchtop-Run", spec.Nonce+"."+spec.Variant)
		w.Header().Set("Content-Type", "text/plain")
		var out io.Writer = w
		if spec.Variant == b.zipped {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			defer func() { _ = z.Close() }()
			out = z
		}
		fmt.Fprint(out, "hello", b.headers[spec.Variant])
	}))
	t.server.Config.Protocols = spec.Protocols()
	if spec.TLS == nil {
		t.server.Start()
	} else {
		t.server.StartTLS()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refuse != nil && b.refuse(spec) {
		t.server.Close()
		return nil, errors.New("the fake does not start like this")
	}
	b.starts = append(b.starts, spec)
	b.targets[t.Addr()] = t
	b.hooks[spec.Variant] = hooks
	return t, nil
}

func (b *bench) PID() int                   { return os.Getppid() }
func (b *bench) Done() <-chan struct{}      { return b.done }
func (b *bench) Stop(context.Context) error { return nil }

func (b *bench) Run(ctx context.Context, s load.Task, onTick func(load.Tick)) (load.Summary, error) {
	b.mu.Lock()
	n := b.slices
	b.slices++
	b.seen = append(b.seen, s)
	t := b.targets[s.Addr]
	b.mu.Unlock()
	if b.onSlice != nil {
		if err := b.onSlice(n, s); err != nil {
			return load.Summary{}, err
		}
	}
	from := s.Start + int64(s.Settle)
	to := from + int64(s.Window)
	select {
	case <-ctx.Done():
		return load.Summary{}, ctx.Err()
	case <-time.After(time.Duration(to - proc.Now())):
	}
	b.mu.Lock()
	rate := b.rates[t.spec.Variant] * (1 + b.noise*b.rng.NormFloat64())
	b.mu.Unlock()
	requests := uint64(rate * s.Window.Seconds())
	h := histogram.New()
	mean := float64(s.Connections) / rate * 1e9 // Little's law holds in a closed loop
	for i := range 1000 {
		if err := h.RecordValue(int64(mean * (0.5 + float64(i)/1000))); err != nil {
			return load.Summary{}, err
		}
	}
	encoded, err := histogram.Encode(h)
	if err != nil {
		return load.Summary{}, err
	}
	counts := load.Counts{Sent: requests, Requests: requests, OK: requests}
	if bad := uint64(float64(requests) * b.errors[t.spec.Variant]); bad > 0 {
		counts.OK -= bad
		counts.Errors = map[string]uint64{load.ErrStatus5xx: bad}
	}
	t.mu.Lock()
	t.served += requests - b.miss
	t.mu.Unlock()
	total := counts
	total.Connects = uint64(s.Connections)
	onTick(load.Tick{
		Slice: s.ID, Row: load.Row{From: from, To: to, Phase: "window", Counts: counts}, Latency: encoded, Gauges: load.Gauges{Open: s.Connections},
	})
	pid := strconv.Itoa(t.pid)
	sum := load.Summary{
		Slice: s.ID, Engine: "fake", Threads: 1, From: from, To: to, Ended: to, Counts: counts, Total: total, Latency: encoded,
		Workers: map[string]uint64{pid: requests}, TotalWorkers: map[string]uint64{pid: requests - b.miss}, Busy: 0.3,
	}
	if s.Model == load.Open {
		sum.Offered = s.Rate
	}
	return sum, nil
}

func plan(ids ...string) lab.Plan {
	p := lab.Plan{
		ID: "test", Title: "A test", Baseline: ids[0], Warmup: 20 * time.Millisecond, Slice: 20 * time.Millisecond,
		Settle: 2 * time.Millisecond, Blocks: 4, Order: lab.Interleaved, Metric: "rps", SmallestEffect: 0.02, ErrorLimit: 0.01, Seed: 7,
	}
	for _, id := range ids {
		p.Variants = append(p.Variants, lab.Variant{
			ID: id, Label: id, Target: targets.Spec{Server: "fake", Workers: 1, Endpoint: "/hello"},
			Load: lab.Load{Model: load.Closed, Connections: 4, KeepAlive: true, Timeout: time.Second},
		})
	}
	return p
}

// carryOut runs the plan on the bench and gives the events and the live fold's result.
func carryOut(t *testing.T, ctx context.Context, p lab.Plan, b *bench) ([]lab.Event, *lab.Result) { //nolint:revive // t first is the custom
	t.Helper()
	fold := lab.NewFold()
	var events []lab.Event
	err := lab.Run(ctx, p, lab.Options{
		Sink: func(e lab.Event) {
			fold.Apply(e)
			events = append(events, e)
		},
		Version: "test", StartTarget: b.start, TakeProfile: b.take,
		StartGenerator: func(context.Context, generator.Config) (lab.Generator, error) { return b, nil },
		Describe:       func(v string) observe.Machine { return observe.Machine{OS: "test", Benchtop: v} },
	})
	if err != nil {
		t.Fatal(err)
	}
	return events, fold.Result()
}

// fromFile is an event as it comes back from a file.
func fromFile(t *testing.T, e lab.Event) (back lab.Event) {
	t.Helper()
	line, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(line, &back); err != nil {
		t.Fatal(err)
	}
	return back
}

func TestARunFoldsToTheSameBytesFromItsFile(t *testing.T) {
	t.Parallel()
	events, live := carryOut(t, context.Background(), plan("a", "b"), newBench(map[string]float64{"a": 10000, "b": 12000}))
	fold := lab.NewFold()
	for i, e := range events {
		back := fromFile(t, e)
		if back.Seq != uint64(i+1) {
			t.Fatalf("event %d has number %d", i+1, back.Seq)
		}
		fold.Apply(back)
	}
	want, _ := json.Marshal(live)
	got, _ := json.Marshal(fold.Result())
	if !bytes.Equal(want, got) {
		t.Errorf("from the file:\n%s\nlive:\n%s", got, want)
	}
	if !live.Complete || live.Ended != lab.EndComplete {
		t.Errorf("the run is %s: %s", live.Ended, live.Reason)
	}
	c := live.Comparisons[0]
	if !c.Primary || c.Metric != "rps" || c.Ratio == nil || *c.Ratio < 1.15 || *c.Ratio > 1.25 {
		t.Errorf("primary comparison %+v", c)
	}
	if got, want := len(live.Variants[0].RPS.Slices), len(live.Variants[1].RPS.Slices); got != want || got < 8 {
		t.Errorf("%d and %d slices, expected as many of each and at least 8", got, want)
	}
}

func TestSlicesFollowEachOtherInterleaved(t *testing.T) {
	p := plan("a", "b", "c")
	for block, want := range map[int]string{0: "b c a a c b", 1: "c a b b a c", 2: "a b c c b a"} {
		if got := strings.Join(p.OrderOf(block), " "); got != want {
			t.Errorf("block %d: %s, expected %s", block, got, want)
		}
	}
	p.Order = lab.Sequential
	p.Blocks = 1
	if got := strings.Join(p.OrderOf(0), " "); got != "a a b b c c" {
		t.Errorf("sequential: %s", got)
	}
}

func TestVerdictsAreRefusedWithTheReason(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		prepare func(*bench, *lab.Plan)
		verdict string
		reason  string
	}{
		{"errors over the limit", func(b *bench, _ *lab.Plan) { b.errors["b"] = 0.05 }, "refused", "status_5xx"},
		{"a mechanism that did not engage", func(_ *bench, p *lab.Plan) {
			p.Mechanism = []string{"connections_per_request(b) > 5"}
		}, "not_applicable", "did not engage"},
		{"workers counted less than the generator", func(b *bench, _ *lab.Plan) { b.miss = 3 }, "inconclusive", "0 pairs"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b, p := newBench(map[string]float64{"a": 10000, "b": 12000}), plan("a", "b")
			test.prepare(b, &p)
			_, r := carryOut(t, context.Background(), p, b)
			c := r.Comparisons[0]
			if string(c.Verdict) != test.verdict || !strings.Contains(c.Reason, test.reason) {
				t.Errorf("verdict %s: %s", c.Verdict, c.Reason)
			}
		})
	}
}

func TestADeadGeneratorEndsTheRun(t *testing.T) {
	t.Parallel()
	b := newBench(map[string]float64{"a": 10000, "b": 12000})
	b.onSlice = func(n int, _ load.Task) error {
		if n == 5 {
			return fmt.Errorf("%w: killed", generator.ErrDied)
		}
		return nil
	}
	_, r := carryOut(t, context.Background(), plan("a", "b"), b)
	if r.Ended != lab.EndFailed || r.Outcome() != lab.OutcomeFailed {
		t.Errorf("the run ended %s (%s)", r.Ended, r.Reason)
	}
	if c := r.Comparisons[0]; c.Verdict != "refused" || c.Reason != "generator died" {
		t.Errorf("verdict %s: %s", c.Verdict, c.Reason)
	}
}

func TestAnInterruptedRunKeepsWhatItHas(t *testing.T) {
	t.Parallel()
	for _, cause := range []error{nil, lab.ErrTerminated} {
		ctx, cancel := context.WithCancelCause(context.Background())
		b := newBench(map[string]float64{"a": 10000, "b": 12000})
		b.onSlice = func(n int, _ load.Task) error {
			if n == 2+3*4+1 { // two blocks at most are repeated, so one is kept by then
				cancel(cause)
			}
			return nil
		}
		_, r := carryOut(t, ctx, plan("a", "b"), b)
		want := lab.EndInterrupted
		if cause != nil {
			want = lab.EndTerminated
		}
		if r.Ended != want || r.Complete {
			t.Errorf("cause %v: the run ended %s", cause, r.Ended)
		}
		if c := r.Comparisons[0]; c.Verdict != "refused" || c.Pairs == 0 || c.CI95 == nil {
			t.Errorf("cause %v: %d pairs, %s (%s), interval %v", cause, c.Pairs, c.Verdict, c.Reason, c.CI95)
		}
	}
}

func TestAWorkerThatDiesVoidsItsSliceAndFlagsTheRun(t *testing.T) {
	t.Parallel()
	b := newBench(map[string]float64{"a": 10000, "b": 12000})
	once := sync.Once{}
	b.onSlice = func(n int, s load.Task) error {
		if n > 4 {
			once.Do(func() {
				v := b.targets[s.Addr].spec.Variant
				b.hooks[v].OnEvent(targets.Event{Kind: targets.WorkerGone, PID: 4242, Role: "worker", Text: "killed by signal 9"})
			})
		}
		return nil
	}
	events, r := carryOut(t, context.Background(), plan("a", "b"), b)
	repeated := false
	for _, e := range events {
		repeated = repeated || e.Block != nil && e.Block.Outcome == lab.BlockRepeated && strings.Contains(strings.Join(e.Block.Reasons, " "), "1 worker died")
	}
	if !repeated {
		t.Error("the block in which a worker died was not repeated")
	}
	if !strings.Contains(strings.Join(r.Flags, "\n"), "killed by signal 9") {
		t.Errorf("the flags do not tell: %q", r.Flags)
	}
}

func TestOtherWorkIsTold(t *testing.T) {
	t.Parallel()
	b := newBench(map[string]float64{"a": 10000, "b": 10000})
	b.headers = map[string]string{"b": "!"}
	_, r := carryOut(t, context.Background(), plan("a", "b"), b)
	if !strings.Contains(strings.Join(r.Flags, "\n"), "do not do the same work") {
		t.Errorf("flags: %q", r.Flags)
	}
}

// A response that is packed is compared by what it is when it is unpacked.
func TestCompressionIsNoOtherWork(t *testing.T) {
	t.Parallel()
	b := newBench(map[string]float64{"a": 10000, "b": 10000})
	b.zipped = "b"
	p := plan("a", "b")
	for i := range p.Variants {
		p.Variants[i].Load.Header = [][2]string{{"Accept-Encoding", "gzip"}}
	}
	_, r := carryOut(t, context.Background(), p, b)
	if flags := strings.Join(r.Flags, "\n"); strings.Contains(flags, "do not do the same work") {
		t.Errorf("flags: %q", flags)
	}
}

func TestAWindowShorterThanTenMediansIsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(map[string]float64{"a": 1000, "b": 1000}) // 4 connections: 4 ms each, the window is 20 ms
	_, r := carryOut(t, context.Background(), plan("a", "b"), b)
	if r.Ended != lab.EndRefused || !strings.Contains(r.Reason, "10 times the median") {
		t.Errorf("the run ended %s: %s", r.Ended, r.Reason)
	}
}

// A machine that stood still while a target warmed up is no reason to refuse a run.
func TestAWarmUpOfAStalledMachineIsRepeated(t *testing.T) {
	t.Parallel()
	p := plan("a", "b")
	p.Slice = 100 * time.Millisecond
	b := newBench(map[string]float64{"a": 10000, "b": 100}) // 40 ms a request
	b.onSlice = func(n int, _ load.Task) error {
		if n == 2 {
			b.rates["b"] = 10000
		}
		return nil
	}
	events, r := carryOut(t, context.Background(), p, b)
	said := 0
	for _, e := range events {
		if e.Note != nil && e.Note.Variant == "b" && strings.Contains(e.Note.Text, "its warm-up is repeated") {
			said++
		}
	}
	if r.Ended != lab.EndComplete || said != 1 || b.seen[2].Addr != b.seen[1].Addr {
		t.Errorf("the run ended %s: %s, and told %d times of a repeated warm-up", r.Ended, r.Reason, said)
	}
}

func TestTheRateIsDrawnFromTheSlowestVariant(t *testing.T) {
	t.Parallel()
	p := plan("a", "b")
	p.Metric = "target_cpu_us_per_request"
	for i := range p.Variants {
		p.Variants[i].Load.Model, p.Variants[i].Load.RateShare = load.Open, 0.6
	}
	b := newBench(map[string]float64{"a": 10000, "b": 20000})
	b.noise = 0
	events, r := carryOut(t, context.Background(), p, b)
	for _, s := range b.seen[2:] {
		if s.Model != load.Open || s.Rate < 5800 || s.Rate > 6200 {
			t.Fatalf("a slice was driven %s at %v", s.Model, s.Rate)
		}
	}
	if b.seen[0].Model != load.Closed {
		t.Errorf("the capacity was measured %s", b.seen[0].Model)
	}
	if o := r.Variants[0].Offered; o == nil || *o < 5800 || *o > 6200 {
		t.Errorf("offered %v", o)
	}
	found := false
	for _, e := range events {
		found = found || e.Rate != nil
	}
	if !found {
		t.Error("no event tells the rate")
	}
}

func TestAFreeRunTakesTurns(t *testing.T) {
	t.Parallel()
	p := plan("a", "b")
	p.Free = true
	ctx, cancel := context.WithCancel(context.Background())
	b := newBench(map[string]float64{"a": 10000, "b": 12000})
	asked := make(chan lab.Turn, 1)
	b.onSlice = func(n int, s load.Task) error {
		switch {
		case n == 2:
			asked <- lab.Turn{Key: "connections", Value: 9}
		case n >= 3 && s.Connections != 9:
			return errors.New("the next slice has the old setting")
		case n == 4:
			cancel()
		}
		return nil
	}
	fold := lab.NewFold()
	err := lab.Run(ctx, p, lab.Options{
		Sink: fold.Apply, StartTarget: b.start, Turns: asked,
		StartGenerator: func(context.Context, generator.Config) (lab.Generator, error) { return b, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	s := fold.State()
	if s.End == nil || s.End.How != lab.EndComplete || len(s.Turns) != 1 || s.Variants[0].Load.Connections != 9 {
		t.Errorf("end %+v, asked %v, connections %d", s.End, s.Turns, s.Variants[0].Load.Connections)
	}
	if len(s.Result.Comparisons) != 0 {
		t.Error("a free run decides nothing")
	}
}
