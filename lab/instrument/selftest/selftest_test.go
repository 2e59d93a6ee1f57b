package selftest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"benchtop/lab/load"
	"benchtop/lab/load/generator"
	"benchtop/lab/stats"
	"benchtop/targets"
	"benchtop/targets/all"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/proc"
	"benchtop/targets/runfolder"
)

func TestMain(m *testing.M) {
	roles := all.Roles()
	roles[generator.Role] = generator.Main
	proc.Dispatch(roles)
	all.Register()
	suite.Main(m, runfolder.Remove)
}

// Examples by hand: M >> L, and M = 20,000/s.
func TestFrozenQuantile(t *testing.T) {
	for _, tt := range []struct{ q, rate, window, freeze, drain, want float64 }{
		{0.95, 1000, 20, 2, 1e12, 1.00},
		{0.99, 1000, 20, 2, 1e12, 1.80},
		{0.999, 1000, 20, 2, 1e12, 1.98},
		{0.95, 1000, 20, 2, 20_000, 1.05},
		{0.50, 1000, 20, 2, 20_000, 0},
		{0.95, 1000, 6, 1, 1e12, 0.70},
	} {
		if got := frozenQuantile(tt.q, tt.rate, tt.window, tt.freeze, tt.drain); math.Abs(got-tt.want) > 1e-6 {
			t.Errorf("%+v: %v", tt, got)
		}
	}
}

// The formula against requests that are served one after the other.
func TestFrozenQuantileAgainstSimulation(t *testing.T) {
	const rate, window, stop, drain = 1000.0, 20.0, 2.0, 10_000.0
	var latency []float64
	free := 0.0
	for i := range int(rate * window) {
		at := float64(i) / rate
		begin := max(at, free)
		if begin >= 5 && begin < 5+stop {
			begin = 5 + stop
		}
		free = begin + 1/drain
		latency = append(latency, free-at)
	}
	slices.Sort(latency)
	for _, q := range freezeShares {
		got := latency[int(q*float64(len(latency)))]
		if want := frozenQuantile(q, rate, window, stop, drain); math.Abs(got/want-1) > 0.005 {
			t.Errorf("p%g: %v, the formula says %v", 100*q, got, want)
		}
	}
}

func TestJudge(t *testing.T) {
	for _, tt := range []struct {
		s    span
		want State
	}{
		{span{0, -0.5, 0.5}, Met},
		{span{0, -1, 1}, Met},
		{span{0.9, 0.5, 1.3}, Inconclusive},
		{span{2, 1.1, 3}, Missed},
		{span{-2, -3, -1.1}, Missed},
		{span{0, -3, 3}, Inconclusive},
		{span{0, math.NaN(), math.NaN()}, Inconclusive},
	} {
		if got := tt.s.judge(-1, 1); got != tt.want {
			t.Errorf("%+v: %s, want %s", tt.s, got, tt.want)
		}
	}
	if got := worst(Met, NotRun, Inconclusive); got != Inconclusive {
		t.Error(got)
	}
	if s := spanOf([]float64{1}, 0.1); s.low != 0.9 || s.high != 1.1 {
		t.Errorf("%+v", s)
	}
	if s := spanOf([]float64{1, 1.02, 0.98}, 0); s.low >= 0.98 || s.high <= 1.02 {
		t.Errorf("%+v", s)
	}
	// 35 of 35 are the fewest that are known to be above 90 %.
	if wilson(34, 34).judge(0.9, 1) != Inconclusive || wilson(35, 35).judge(0.9, 1) != Met || wilson(2, 10).judge(0.9, 1) != Missed {
		t.Error("when a share of trials is decided")
	}
	for _, tt := range []struct {
		k, n int
		p    float64
		want float64
	}{{0, 12, 0.01, 1}, {1, 12, 0.01, 0.113615}, {2, 12, 0.01, 0.006175}, {3, 3, 0.5, 0.125}} {
		if got := atLeast(tt.k, tt.n, tt.p); math.Abs(got-tt.want) > 1e-5 {
			t.Errorf("%+v: %v", tt, got)
		}
	}
	if s := wilson(10, 10); s.low < 0.70 || s.low > 0.75 || s.high < 0.999 {
		t.Errorf("%+v", s)
	}
}

func TestPercentilesOfEveryDistribution(t *testing.T) {
	for i, d := range distributions() {
		off, at, err := deviation(d, 50_000, uint64(i))
		if err != nil || off > 0.001 {
			t.Errorf("%s: %.5f off at %g, %v", d.name, off, at, err)
		}
	}
}

func TestCompareWithTheLedger(t *testing.T) {
	counts := func(sent, ok uint64, class string, n uint64) *load.Counts {
		c := &load.Counts{Sent: sent, Requests: sent, OK: ok}
		if n > 0 {
			c.Errors = map[string]uint64{class: n}
		}
		return c
	}
	for _, tt := range []struct {
		name             string
		class            string
		total            *load.Counts
		requests, faults uint64
		want             string
	}{
		{"equal", "bad_chunk", counts(7, 0, "bad_chunk", 7), 7, 7, ""},
		{"one is missing", "bad_chunk", counts(6, 0, "bad_chunk", 6), 7, 7, "provoked 7"},
		{"another class", "bad_chunk", counts(7, 0, "bad_header", 7), 7, 7, "other classes"},
		{"good", "", counts(7, 7, "", 0), 7, 7, ""},
		{"good, but fewer", "", counts(6, 6, "", 0), 7, 7, "answered 7"},
		{"idle", "idle_closed", counts(10, 6, "idle_closed", 4), 10, 4, ""},
		{"a bad answer counted as good", "bad_chunk", counts(7, 1, "bad_chunk", 6), 7, 6, "as good"},
		{"nothing", "bad_chunk", counts(0, 0, "", 0), 0, 0, "no request"},
	} {
		if got := compare(tt.class, tt.total, tt.requests, tt.faults); (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q", tt.name, got)
		}
	}
}

func TestShuffledLabelsClaimHardlyAnything(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var pool, apart [][2]float64
	for range 200 {
		pool = append(pool, [2]float64{1000 * (1 + 0.03*rng.NormFloat64()), 1000 * (1 + 0.03*rng.NormFloat64())})
	}
	if n := shuffled(pool, 10, 1000, rng); n > 20 {
		t.Errorf("%d of 1000", n)
	}
	if text, state := falseClaims(pool, 10, rng); state == Missed {
		t.Error(text)
	}
	// Two pairs that are 10 % apart, nearly the same each: every second trial has them on the same side.
	for i := range 20 {
		apart = append(apart, [2]float64{1000, 1100 + float64(i)/1e3})
	}
	if text, state := falseClaims(apart, 2, rng); state != Missed {
		t.Errorf("%s: %s", state, text)
	}
	if text, state := falseClaims(apart[:4], 2, rng); state != Inconclusive {
		t.Errorf("%s: %s", state, text)
	}
	if !decided(stats.Higher) || !decided(stats.Lower) || decided(stats.Inconclusive) || decided(stats.NoDifference) {
		t.Error("what a decision is")
	}
}

func TestResidents(t *testing.T) {
	var m residents
	for i := range 20 {
		m.add(100, 10e6+float64(i)*1e5)
	}
	low, high, reached := m.around(500, 1500)
	if reached != 2000 || m.past(500) != 16 || math.Abs(low-10.55e6) > 1 || math.Abs(high-11.55e6) > 1 {
		t.Errorf("%v, %v, %d, %d", low, high, reached, m.past(500))
	}
	if _, high, _ := m.around(500, 1e9); math.Abs(high-11.75e6) > 1 {
		t.Errorf("not reached: %v", high)
	}
}

func TestParseStrace(t *testing.T) {
	table := `% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 53.10    0.112233           9     12000           sendto
 40.00    0.080000           7     12100       100 recvfrom
  6.90    0.001000           5       300           epoll_pwait
------ ----------- ----------- --------- --------- ----------------
100.00    0.193233           7     24400       100 total
`
	n, most, err := parseStrace(table)
	if err != nil || n != 24400 || most != "recvfrom 12100, sendto 12000, epoll_pwait 300" {
		t.Errorf("%v, %q, %v", n, most, err)
	}
	if _, _, err := parseStrace("nothing"); err == nil {
		t.Error("an empty table is no count")
	}
}

// The rows run for real elsewhere; here only the ledger, whose figures are exact.
func TestRunAnExactRow(t *testing.T) {
	t.Parallel()
	var rows []Row
	report, err := Run(context.Background(), Options{Quick: true, Only: []string{"errors"}}, func(r Row) { rows = append(rows, r) })
	if err != nil || len(rows) != 1 || len(report.Rows) != 1 {
		t.Fatalf("%v, %+v", err, rows)
	}
	for _, r := range rows {
		t.Log(Line(r))
		if r.State == NotRun || r.Group == "" || r.Figure == "" {
			t.Errorf("%+v", r)
		}
	}
	if !strings.Contains(Closing(report), "met") {
		t.Error(Closing(report))
	}
}

// What a window counts, by the schedule of a fault that begins in the middle of it, on every engine. The blame
// is left open where the generator or the lab had no core to run on.
func TestWindows(t *testing.T) {
	t.Parallel()
	var rows []Row
	if _, err := Run(context.Background(), Options{Quick: true, Only: []string{"windows"}}, func(r Row) { rows = append(rows, r) }); err != nil || len(rows) != 1 {
		t.Fatalf("%v, %+v", err, rows)
	}
	t.Log(Line(rows[0]))
	if rows[0].State != Met && rows[0].State != Inconclusive {
		t.Errorf("%+v", rows[0])
	}
}

// A run in which a process stands still has no verdict. The reason is only told right on a machine on which nothing else
// stands still.
func TestStalls(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]func(context.Context) (State, string, error){"silent slices": silentSlices, "generator": stalledGenerator} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state, figure, err := run(context.Background())
			if t.Log(state, figure, err); err != nil && !errors.Is(err, errTooSlow) || state == Missed {
				t.Error(err)
			}
		})
	}
}

// Each case draws from a source of its own: the outcome does not depend on the order in which they run.
func TestKolmogorov(t *testing.T) {
	for seed, tt := range []struct {
		name string
		gap  func(*rand.Rand) float64
		pass bool
	}{
		{"exponential", func(r *rand.Rand) float64 { return 0.005 * r.ExpFloat64() }, true},
		{"constant", func(*rand.Rand) float64 { return 0.005 }, false},
		{"uniform", func(r *rand.Rand) float64 { return 0.01 * r.Float64() }, false},
		{"too slow", func(r *rand.Rand) float64 { return 0.006 * r.ExpFloat64() }, false},
	} {
		rng := rand.New(rand.NewPCG(uint64(seed), 6))
		gaps := make([]float64, 2000)
		for i := range gaps {
			gaps[i] = tt.gap(rng)
		}
		d := kolmogorov(gaps, 0.005)
		if got := d <= critical(2000); got != tt.pass {
			t.Errorf("%s gaps: distance %v, limit %v, pass %v", tt.name, d, critical(2000), got)
		}
	}
}

func TestFailedRows(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want State
	}{
		{notHere("strace is not installed"), NotRun},
		{fmt.Errorf("starting: %w", notHere("no")), NotRun},
		{&load.DescriptorError{Need: 2000, Have: 100}, NotRun},
		{fmt.Errorf("slice: %w", generator.ErrDied), Missed},
		{errors.New("3 requests failed"), Inconclusive},
	} {
		if r := failed(Row{}, tt.err); r.State != tt.want || r.Note == "" {
			t.Errorf("%v: %+v", tt.err, r)
		}
	}
}

func TestCheckOnly(t *testing.T) {
	if err := CheckOnly([]string{"freeze", "memory"}); err != nil {
		t.Error(err)
	}
	if err := CheckOnly([]string{"fridge"}); err == nil || !strings.Contains(err.Error(), "percentiles") {
		t.Error(err)
	}
}

func TestCapacityByTheLedger(t *testing.T) {
	status := func(pid int, served uint64, busy time.Duration) targets.WorkerStatus {
		return targets.WorkerStatus{PID: pid, Served: served, Busy: int64(busy)}
	}
	h := holds{}
	// 5 ms and 4 ms per response, whatever share of the time the workers had something to do.
	h.add([]targets.WorkerStatus{status(1, 10, time.Second), status(2, 0, 0)}, []targets.WorkerStatus{status(2, 100, 400*time.Millisecond), status(1, 110, 1500*time.Millisecond)})
	h.add([]targets.WorkerStatus{status(1, 110, 2*time.Second)}, []targets.WorkerStatus{status(1, 310, 3*time.Second), status(3, 9, time.Second)})
	if rate, err := h.capacity(2); err != nil || math.Abs(rate-450) > 1e-9 {
		t.Errorf("%v, %v", rate, err)
	}
	if _, err := h.capacity(3); err == nil {
		t.Error("a worker that told nothing has a capacity")
	}
	h.add([]targets.WorkerStatus{status(4, 7, 0)}, []targets.WorkerStatus{status(4, 7, 0)})
	if _, err := h.capacity(3); err == nil {
		t.Error("a worker that did nothing has a capacity")
	}
}
