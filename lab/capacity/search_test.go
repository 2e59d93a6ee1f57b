package capacity

import (
	"bytes"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// queue simulates c servers with one queue, constant service times and constant or Poisson arrivals.
type queue struct {
	servers int
	hold    float64 // seconds
	jitter  float64 // relative deviation of single holds
	drift   float64 // relative deviation of all the holds of a slice
	poisson bool
	hiccup  float64 // share of slices in which the machine stands still for 150 ms
	rng     *rand.Rand
}

func (q *queue) slice(rate, settle, window float64) Point {
	free := make([]float64, q.servers)
	hold := q.hold * (1 + q.drift*q.rng.NormFloat64())
	stop := math.Inf(1)
	if q.rng.Float64() < q.hiccup {
		stop = settle + q.rng.Float64()*window
	}
	var latencies []float64
	done := 0
	at := 0.0
	for i := 0; ; i++ {
		if q.poisson {
			at += q.rng.ExpFloat64() / rate
		} else {
			at = float64(i) / rate
		}
		if at >= settle+window {
			break
		}
		first := slices.Index(free, slices.Min(free))
		begin := max(at, free[first])
		if begin < stop && begin+hold > stop {
			begin = stop + 0.15
			for j := range free {
				free[j] = max(free[j], begin)
			}
		}
		end := begin + max(hold*(1+q.jitter*q.rng.NormFloat64()), 0)
		free[first] = end
		if end >= settle && end < settle+window {
			done++
		}
		if at >= settle {
			latencies = append(latencies, (end-at)*1e6)
		}
	}
	slices.Sort(latencies)
	at1 := func(p float64) Figure {
		if len(latencies) == 0 {
			return 0
		}
		return Figure(latencies[min(int(p*float64(len(latencies))), len(latencies)-1)])
	}
	return Point{
		Offered: float64(len(latencies)) / window, Achieved: float64(done) / window, Requests: uint64(len(latencies)),
		P50: at1(0.5), P90: at1(0.9), P95: at1(0.95), P99: at1(0.99), P999: at1(0.999), Max: at1(1),
	}
}

func (q *queue) probe(_ context.Context, round Round, rate float64) (Point, error) {
	if round == Coarse {
		return q.slice(rate, 0.25, 0.7), nil
	}
	return q.slice(rate, 0.5, 2), nil
}

func objective(t *testing.T, text string) Objective {
	t.Helper()
	o, err := ParseObjective(text)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// truth is the highest rate that meets the objective, from long slices.
func (q *queue) truth(t *testing.T, o Objective) float64 {
	t.Helper()
	calm := *q
	calm.hiccup, calm.drift = 0, 0
	low, high := 1.0, 2*float64(q.servers)/q.hold
	f := finder{objective: o}
	f.defaults()
	for high/low > 1.001 {
		rate := math.Sqrt(low * high)
		p := calm.slice(rate, 5, 200)
		if f.judge(&p) == "" {
			low = rate
		} else {
			high = rate
		}
	}
	return low
}

func TestFindsTheCapacityOfKnownServers(t *testing.T) {
	for _, tt := range []struct {
		name  string
		queue queue
		slo   string
		known float64 // 0: by simulation at length
		off   float64 // how far off it may be
	}{
		{"4 x 5 ms", queue{servers: 4, hold: 5e-3}, "p99 < 150ms, errors < 0.1%", 800, 0.05},
		{"1 x 10 ms", queue{servers: 1, hold: 10e-3}, "p99 < 150ms", 100, 0.05},
		{"2 x 4 ms", queue{servers: 2, hold: 4e-3}, "p99 < 50ms", 500, 0.05},
		{"fast", queue{servers: 1, hold: 100e-6}, "p99 < 20ms", 10_000, 0.05},
		{"jitter", queue{servers: 4, hold: 5e-3, jitter: 0.1}, "p99 < 150ms", 800, 0.05},
		{"drift", queue{servers: 4, hold: 5e-3, jitter: 0.1, drift: 0.01}, "p99 < 150ms", 800, 0.05},
		{"hiccups", queue{servers: 2, hold: 4e-3, hiccup: 0.1}, "p99 < 100ms", 500, 0.05},
		// Queues of random arrivals: the objective fails well below the servers' capacity.
		{"M/D/1", queue{servers: 1, hold: 1e-3, poisson: true}, "p99 < 10ms", 0, 0.07},
		{"M/D/4", queue{servers: 4, hold: 2e-3, poisson: true}, "p95 < 5ms", 0, 0.07},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.queue.rng = rand.New(rand.NewPCG(1, 2))
			o := objective(t, tt.slo)
			known := tt.known
			if known == 0 {
				known = tt.queue.truth(t, o)
			}
			const trials = 10
			found := 0
			for range trials {
				r, err := Search{}.Run(context.Background(), o, tt.queue.probe)
				if err != nil {
					t.Fatal(err)
				}
				if r.Capacity == nil {
					t.Logf("%s: %s", r.Ending, r.Reason)
					continue
				}
				if off := *r.Capacity/known - 1; math.Abs(off) <= tt.off {
					found++
				} else {
					t.Logf("found %.0f of %.0f (%.1f %%)", *r.Capacity, known, 100*off)
				}
				if r.Interval[0] != *r.Capacity || r.Interval[1] <= *r.Capacity {
					t.Errorf("capacity %v, interval %v", *r.Capacity, *r.Interval)
				}
			}
			if found < trials-1 {
				t.Errorf("%d of %d within %.0f %% of %.0f", found, trials, 100*tt.off, known)
			}
		})
	}
}

func TestSearchEndings(t *testing.T) {
	steady := func(capacity float64) func(context.Context, Round, float64) (Point, error) {
		return func(_ context.Context, _ Round, rate float64) (Point, error) {
			p := Point{Offered: rate, Achieved: min(rate, capacity), Requests: 1000, P99: 1000}
			if rate > capacity {
				p.P99 = 1e6
			}
			return p, nil
		}
	}
	limited := func(from float64) func(context.Context, Round, float64) (Point, error) {
		return func(ctx context.Context, s Round, rate float64) (Point, error) {
			p, _ := steady(from)(ctx, s, rate)
			if rate > from {
				p.Limited = "its busiest thread used 97 % of a core"
			}
			return p, nil
		}
	}
	points := 0
	for _, tt := range []struct {
		name   string
		search Search
		probe  func(context.Context, Round, float64) (Point, error)
		want   Ending
		says   string
	}{
		{"found", Search{}, steady(1234), Found, ""},
		{"found below the first rate", Search{Start: 5000}, steady(123), Found, ""},
		{"nothing holds", Search{}, steady(0.5), TooLow, "even at 1 req/s"},
		{"everything holds", Search{Max: 3000}, steady(1e9), TooHigh, "raise --max-rate"},
		{"too near to the highest rate", Search{Max: 3000}, steady(2950), TooHigh, "above the highest rate"},
		{"generator", Search{}, limited(700), Saturated, "97 % of a core; 400 req/s was reached"},
		{"time", Search{Left: func(Round, int) bool { points++; return points < 8 }}, steady(1234), Time, "it lies between"},
		{"unsteady", Search{}, func() func(context.Context, Round, float64) (Point, error) {
			return func(ctx context.Context, s Round, rate float64) (Point, error) {
				if s == Above {
					return steady(1e9)(ctx, s, rate) // whatever was found, more holds as well
				}
				return steady(500)(ctx, s, rate)
			}
		}(), Unsteady, "contradicted"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := tt.search.Run(context.Background(), objective(t, "p99 < 10ms"), tt.probe)
			if err != nil || r.Ending != tt.want || !strings.Contains(r.Reason, tt.says) || (r.Capacity != nil) != (tt.want == Found) {
				t.Errorf("%v, %s: %s, capacity %v", err, r.Ending, r.Reason, r.Capacity)
			}
			var b bytes.Buffer
			if err := Write(&b, "x", objective(t, "p99 < 10ms"), &r); err != nil || !strings.Contains(b.String(), "p99 by rate") {
				t.Errorf("%v\n%s", err, b.String())
			}
		})
	}
	broken := errors.New("broken")
	r, err := Search{}.Run(context.Background(), objective(t, "p99 < 10ms"), func(context.Context, Round, float64) (Point, error) { return Point{}, broken })
	if !errors.Is(err, broken) || r.Ending != Broken {
		t.Errorf("%v, %+v", err, r)
	}
}

// An interval names only rates that were seen to hold and to fail, wherever the search stops.
func TestTheIntervalIsMeasured(t *testing.T) {
	o := objective(t, "p99 < 10ms")
	for stop := range 25 {
		points := 0
		s := Search{Left: func(Round, int) bool { points++; return points <= stop }}
		r, err := s.Run(context.Background(), o, func(_ context.Context, round Round, rate float64) (Point, error) {
			p := Point{Offered: rate, Achieved: rate, Requests: 1000, P99: 1000}
			if rate > 1000 || round == Candidate && rate > 900 || round == Bisect && rate > 960 {
				p.P99 = 1e6
			}
			return p, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if r.Interval == nil {
			continue
		}
		var held, fell bool
		for _, p := range r.Points {
			held = held || p.Met && p.Rate == r.Interval[0]
			fell = fell || !p.Met && p.Rate == r.Interval[1]
		}
		if !held || !fell {
			t.Errorf("stopped after %d points: %v was not measured (%v, %v)", stop, *r.Interval, held, fell)
		}
	}
}

// One slice that the generator spoilt is measured again.
func TestASingleSpoiltSliceDoesNotEndTheSearch(t *testing.T) {
	n := 0
	r, err := Search{}.Run(context.Background(), objective(t, "p99 < 10ms"), func(_ context.Context, _ Round, rate float64) (Point, error) {
		n++
		p := Point{Offered: rate, Achieved: rate, Requests: 1000, P99: 1000}
		if n == 3 {
			p.P99, p.Limited = 1e6, "late"
		} else if rate > 1000 {
			p.P99 = 1e6
		}
		return p, nil
	})
	if err != nil || r.Capacity == nil || math.Abs(*r.Capacity/1000-1) > 0.05 {
		t.Errorf("%v: %s %s", err, r.Ending, r.Reason)
	}
}

// Late sends excuse a target only as far as they go.
func TestLateSends(t *testing.T) {
	f := finder{objective: objective(t, "p99 < 10ms, p50 < 5ms")}
	f.defaults()
	for _, tt := range []struct {
		name  string
		point Point
		want  bool
	}{
		{"holds without", Point{P50: 1e3, P99: 15e3, Late: 6e3}, true},
		{"fails by far more", Point{P50: 1e3, P99: 100e3, Late: 6e3}, false},
		{"not late", Point{P50: 1e3, P99: 11e3}, false},
		{"holds", Point{P50: 1e3, P99: 9e3, Late: 6e3, Met: true}, false},
		{"out of CPU", Point{P50: 1e3, P99: 100e3, Limited: "busy"}, true},
	} {
		tt.point.Offered, tt.point.Achieved, tt.point.Requests = 100, 100, 1000
		if got := f.limited(&tt.point); (got != "") != tt.want {
			t.Errorf("%s: %q", tt.name, got)
		}
	}
}

func TestErrorsFailTheObjective(t *testing.T) {
	f := finder{objective: objective(t, "errors < 0.1%")}
	f.defaults()
	p := Point{Offered: 100, Achieved: 99.9, Requests: 1000, ErrorShare: 0.001}
	if why := f.judge(&p); why != "errors < 0.1%: 0.1 %" {
		t.Error(why)
	}
	p.ErrorShare = 0
	if why := f.judge(&p); why != "" {
		t.Error(why)
	}
	p.Achieved = 90
	if why := f.judge(&p); !strings.Contains(why, "90.0 % of the offered rate") {
		t.Error(why)
	}
}

func TestChartMarksTheLimit(t *testing.T) {
	lines := chart([]Point{{Rate: 100, P99: 1000}, {Rate: 200, P99: 2000}, {Rate: 200, P99: 4000}, {Rate: 400, P99: 90_000}}, objective(t, "p99 < 10ms"))
	if len(lines) != 4 {
		t.Fatalf("%d lines", len(lines))
	}
	where := strings.IndexByte(lines[3], '|')
	for _, l := range lines[1:] {
		if strings.IndexByte(l, '|') != where || len(l) > 80 {
			t.Errorf("%q", l)
		}
	}
	if !strings.Contains(lines[2], "3.00 ms") {
		t.Errorf("the median of two points of one rate: %q", lines[2])
	}
}

// A machine that was busy with other things while the range was looked for must not cost the search its time.
func TestAWrongRangeIsLeft(t *testing.T) {
	for _, early := range []float64{300, 1500} {
		n := 0
		r, err := Search{}.Run(context.Background(), objective(t, "p99 < 10ms"), func(_ context.Context, _ Round, rate float64) (Point, error) {
			n++
			capacity := 700.0
			if n < 14 {
				capacity = early
			}
			p := Point{Offered: rate, Achieved: min(rate, capacity), Requests: 1000, P99: 1000}
			if rate > capacity {
				p.P99 = 1e6
			}
			return p, nil
		})
		if err != nil || r.Capacity == nil || math.Abs(*r.Capacity/700-1) > 0.05 || n > 36 {
			t.Errorf("from %.0f: %v, %s %s, %v after %d points", early, err, r.Ending, r.Reason, r.Interval, n)
		}
	}
}

func TestBusyConnectionsAreTold(t *testing.T) {
	busy := []Point{{Round: Bisect, Met: true}, {Round: Bisect, AllBusy: true}, {Round: Above, AllBusy: true}}
	if busyNote(busy) == "" {
		t.Error("every failed point had all its connections busy")
	}
	if note := busyNote(append(busy, Point{Round: Above})); note != "" {
		t.Errorf("one failed with connections free: %s", note)
	}
	if note := busyNote(busy[:1]); note != "" {
		t.Errorf("nothing failed: %s", note)
	}
}
