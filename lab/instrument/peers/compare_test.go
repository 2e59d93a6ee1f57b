package peers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"benchtop/lab/observe"
)

// fake gives samples that its function makes, and writes down who ran.
type fake struct {
	name  string
	log   *[]string
	make  func(n int) (Sample, error)
	count int
}

func (f *fake) Run(_ context.Context, l Load) (Sample, error) {
	*f.log = append(*f.log, f.name)
	if l.For == warm && f.name == "ours" && f.count == 0 {
		*f.log = (*f.log)[:len(*f.log)-1] // the one that is not counted
		f.count++
		return f.make(0)
	}
	f.count++
	return f.make(f.count)
}

// still is a machine on which nothing happens.
type still struct{}

func (still) SampleEdge() observe.Sample { return observe.Sample{} }

func of(cpu, rps float64) func(int) (Sample, error) {
	return func(n int) (Sample, error) {
		wobble := 1 + 0.002*float64(n%3)
		p50, p99 := 900.0, 1500.0
		return Sample{RPS: rps * wobble, CPU: cpu * wobble, P50: &p50, P99: &p99, RSS: 1 << 20, Requests: 1000}, nil
	}
}

func plan(pairs, most int) Plan {
	return Plan{Addr: "127.0.0.1:1", Path: "/", Connections: []int{64}, Pairs: pairs, MostPairs: most, Slice: 2 * time.Second, Seed: 1}
}

func compareFakes(ctx context.Context, t *testing.T, p Plan, ours func(int) (Sample, error), others map[string]func(int) (Sample, error)) (*Result, []string, error) {
	t.Helper()
	log := []string{}
	var list []Peer
	for _, name := range []string{"wrk", "h2load", "hey"} {
		if make, ok := others[name]; ok {
			list = append(list, Peer{Name: name, Runner: &fake{name: name, log: &log, make: make}})
		} else {
			list = append(list, Peer{Name: name, NotRun: "not installed"})
		}
	}
	r, err := Compare(ctx, p, &fake{name: "ours", log: &log, make: ours}, list, still{}, func(string) {})
	return r, log, err
}

func TestSlicesAreInterleaved(t *testing.T) {
	r, log, err := compareFakes(context.Background(), t, plan(8, 8), of(10, 100), map[string]func(int) (Sample, error){"wrk": of(20, 90), "hey": of(50, 50)})
	if err != nil {
		t.Fatal(err)
	}
	if len(log) != 4*2*4 {
		t.Fatalf("%d slices were run: %v", len(log), log)
	}
	for at := 0; at < len(log); at += 4 {
		turn := log[at : at+4]
		if turn[0] != turn[3] || turn[1] != turn[2] || turn[0] == turn[1] || turn[0] != "ours" && turn[1] != "ours" {
			t.Errorf("a turn is %v, not A B B A with ourselves", turn)
		}
	}
	rows := r.Tables[0].Rows
	if rows[1].NotRun == "" || rows[1].Ratios != nil {
		t.Errorf("h2load is not installed and has %+v", rows[1])
	}
	wrk := rows[0]
	if got := *wrk.Ratios[cpuMetric].Ratio; got < 0.49 || got > 0.51 {
		t.Errorf("ours / wrk is %v, want 0.5", got)
	}
	if wrk.Bars[0].Verdict != Met || r.Worst() != Met {
		t.Errorf("bars %+v", wrk.Bars)
	}
	if len(wrk.Ours) != 8 || len(wrk.Theirs) != 8 {
		t.Errorf("%d and %d slices with wrk, want 8", len(wrk.Ours), len(wrk.Theirs))
	}
	if r.Tables[0].NoiseFloor == nil {
		t.Error("there is no noise floor")
	}
}

// Where a bar is undecided pairs are added, up to the cap; where it is decided, none are.
func TestPairsAreAddedUpToTheCap(t *testing.T) {
	wide := func(n int) (Sample, error) {
		s, _ := of(20, 100)(n)
		s.CPU *= []float64{1, 1.5, 0.7, 1.3}[n%4]
		return s, nil
	}
	r, _, err := compareFakes(context.Background(), t, plan(6, 12), of(18.4, 101), map[string]func(int) (Sample, error){"h2load": wide, "hey": of(90, 50)})
	if err != nil {
		t.Fatal(err)
	}
	h2load, hey := r.Tables[0].Rows[1], r.Tables[0].Rows[2]
	if len(h2load.Ours) != 12 || h2load.Bars[0].Verdict != Inconclusive {
		t.Errorf("h2load has %d pairs and is %s", len(h2load.Ours), h2load.Bars[0].Verdict)
	}
	if len(hey.Ours) != 6 || hey.Bars[0].Verdict != Met {
		t.Errorf("hey has %d pairs and is %s", len(hey.Ours), hey.Bars[0].Verdict)
	}
}

func TestAPeerThatFailsIsOut(t *testing.T) {
	broken := func(n int) (Sample, error) {
		if n > 3 {
			return Sample{}, errors.New("its output has no line with the RPS")
		}
		return of(20, 100)(n)
	}
	nothing := func(int) (Sample, error) { return Sample{}, nil }
	r, log, err := compareFakes(context.Background(), t, plan(8, 8), of(10, 100), map[string]func(int) (Sample, error){"wrk": broken, "h2load": nothing, "hey": of(50, 50)})
	if err != nil {
		t.Fatal(err)
	}
	wrk, h2load, hey := r.Tables[0].Rows[0], r.Tables[0].Rows[1], r.Tables[0].Rows[2]
	if !strings.Contains(wrk.Failed, "no line") || wrk.Ratios != nil || wrk.Bars != nil {
		t.Errorf("wrk: %+v", wrk)
	}
	if !strings.Contains(h2load.Failed, "no request") {
		t.Errorf("no request is no figure: %+v", h2load)
	}
	if len(hey.Ours) != 8 {
		t.Errorf("hey has %d pairs", len(hey.Ours))
	}
	if len(r.Failures()) != 2 {
		t.Errorf("failures %v", r.Failures())
	}
	if n := strings.Count(strings.Join(log, " "), "h2load"); n != 1 {
		t.Errorf("h2load was run %d times, and had failed the first time", n)
	}
	var b bytes.Buffer
	if err := Text(&b, r); err != nil || !strings.Contains(b.String(), "! wrk failed: its output has no line") {
		t.Errorf("%v, text:\n%s", err, &b)
	}
}

func TestOurFailureEndsIt(t *testing.T) {
	for name, ours := range map[string]func(int) (Sample, error){
		"fails": func(int) (Sample, error) { return Sample{}, errors.New("generator died") },
		"fails later": func(n int) (Sample, error) {
			s, _ := of(10, 100)(n)
			return s, map[bool]error{n > 3: errors.New("generator died")}[true]
		},
		"only failures": func(int) (Sample, error) { return Sample{Requests: 9, Errors: 9, CPU: 1}, nil },
	} {
		r, _, err := compareFakes(context.Background(), t, plan(8, 8), ours, map[string]func(int) (Sample, error){"wrk": of(20, 90)})
		if err == nil || r == nil || r.Complete || !strings.Contains(r.Reason, "our own generator") {
			t.Errorf("%s: %v, %+v", name, err, r)
		}
	}
}

func TestAnInterruptKeepsWholeBlocks(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	peer := func(n int) (Sample, error) {
		if n == 6 { // in the third block
			cancel()
			return Sample{}, ctx.Err()
		}
		return of(20, 90)(n)
	}
	r, _, err := compareFakes(ctx, t, plan(8, 8), of(10, 100), map[string]func(int) (Sample, error){"wrk": peer})
	if err != nil || r.Complete {
		t.Fatalf("%v, complete %v", err, r.Complete)
	}
	row := r.Tables[0].Rows[0]
	if row.Failed != "" || len(row.Ours) != len(row.Theirs) || len(row.Ours) != 4 {
		t.Errorf("failed %q, %d and %d slices, want 4", row.Failed, len(row.Ours), len(row.Theirs))
	}
}

func TestReports(t *testing.T) {
	silent := func(n int) (Sample, error) { s, _ := of(20, 90)(n); s.P50, s.P99 = nil, nil; return s, nil }
	r, _, err := compareFakes(context.Background(), t, plan(6, 6), of(10, 100), map[string]func(int) (Sample, error){"h2load": silent})
	if err != nil {
		t.Fatal(err)
	}
	r.Syscalls = &Syscalls{Connections: 64, Requests: 1000, Calls: 2100, PerRequest: 2.1, Limit: 2.2, Verdict: Met}
	var text, md, js bytes.Buffer
	if err := errors.Join(Text(&text, r), Markdown(&md, r), JSON(&js, r)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"not run: not installed", "ours / h2load", "CPU per request <= 0.90x h2load at 64 connections: met",
		"system calls per request <= 2.2 at 64 connections: met, 2.100", "noise floor", "steal", "another rig",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the text has no %q:\n%s", want, &text)
		}
	}
	columns := -1
	for _, l := range strings.Split(md.String(), "\n") {
		if !strings.HasPrefix(l, "|") {
			continue
		}
		if n := strings.Count(l, "|"); columns < 0 {
			columns = n
		} else if n != columns {
			t.Errorf("a row of %d columns in a table of %d: %s", n-1, columns-1, l)
		}
	}
	var back Result
	if err := json.Unmarshal(js.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if x := back.Tables[0].Rows[1].Ratios; x[p50Metric].Ratio != nil || x[cpuMetric].Ratio == nil {
		t.Errorf("ratios %+v: h2load tells no percentiles", x)
	}
}
