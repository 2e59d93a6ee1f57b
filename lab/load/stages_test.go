package load

import (
	"context"
	"errors"
	"math"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

// stagePlans have every kind of ramp: held, growing, falling, from 0, to 0, nearly level, a pause.
var stagePlans = map[string]Stages{
	"held":      {{time.Second, 1000, 1000}},
	"up":        {{5 * time.Second, 1000, 1000}, {10 * time.Second, 1000, 5000}},
	"down":      {{2 * time.Second, 5000, 100}, {time.Second, 100, 100}},
	"from zero": {{4 * time.Second, 0, 2000}},
	"to zero":   {{4 * time.Second, 2000, 0}},
	"level":     {{10 * time.Second, 1000, 1000.000001}},
	"pause":     {{time.Second, 500, 500}, {2 * time.Second, 0, 0}, {time.Second, 300, 700}, {500 * time.Millisecond, 0, 0}},
	"jump":      {{time.Second, 10, 10}, {time.Second, 10_000, 10_000}, {time.Second, 10, 10}},
	"slow":      {{20 * time.Second, 0.1, 0.9}},
}

func all(s *Task, parts int, end int64) []int64 {
	var out []int64
	for p := range parts {
		for sc := newSchedule(s, 0, p, parts); sc.next() < end; sc.advance() {
			out = append(out, sc.next())
		}
	}
	slices.Sort(out)
	return out
}

// The i-th arrival lies where the area under the plan is i, to a nanosecond, and each stage has as many as its area.
func TestStagesClosedForm(t *testing.T) {
	for name, stages := range stagePlans {
		for _, settle := range []time.Duration{0, 250 * time.Millisecond} {
			s := &Task{Model: Open, Stages: stages, Settle: settle}
			end := int64(settle + stages.Total())
			ramps := rampsOf(s)
			got := all(s, 1, end)
			for i, at := range got {
				if i > 0 && at < got[i-1] {
					t.Fatalf("%s: arrival %d at %d comes before the one at %d", name, i, at, got[i-1])
				}
				if low, high := arrivalsBefore(ramps, at-1), arrivalsBefore(ramps, at+2); float64(i) < low-1e-6 || float64(i) > high+1e-6 {
					t.Fatalf("%s: arrival %d is due at %d, where the area is %v to %v", name, i, at, low, high)
				}
			}
			from := int64(settle)
			for k, x := range stages {
				to := from + int64(x.For)
				n := 0
				for _, at := range got {
					if at >= from && at < to {
						n++
					}
				}
				if math.Abs(float64(n)-x.requests()) > 1 {
					t.Errorf("%s: stage %d has %d arrivals, its area is %v", name, k, n, x.requests())
				}
				from = to
			}
			if three := all(s, 3, end); !slices.Equal(got, three) {
				t.Errorf("%s: three threads have %d arrivals, one has %d, or at other times", name, len(three), len(got))
			}
		}
	}
}

// A constant rate and a single held stage are the same.
func TestHeldStageIsAConstantRate(t *testing.T) {
	const end = int64(3 * time.Second)
	held := all(&Task{Model: Open, Stages: Stages{{3 * time.Second, 3000, 3000}}}, 1, end)
	if constant := all(&Task{Model: Open, Rate: 3000}, 1, end); !slices.Equal(held, constant) || len(held) != 9000 {
		t.Errorf("%d and %d arrivals", len(held), len(constant))
	}
}

// kolmogorov is the largest distance between the distribution of sorted samples and f, and the distance that is passed
// once in a hundred times when the samples are of f.
func kolmogorov(samples []float64, f func(float64) float64) (distance, limit float64) {
	n := float64(len(samples))
	for i, x := range samples {
		distance = max(distance, math.Abs(f(x)-float64(i)/n), math.Abs(f(x)-float64(i+1)/n))
	}
	return distance, 1.628 / math.Sqrt(n)
}

// Poisson arrivals on a long schedule, at a constant rate and along ramps: seen through the area under the plan the
// gaps are exponential with mean 1 (Kolmogorov-Smirnov at 1 %), the arrivals are spread evenly, neighbouring gaps are
// independent, and the seed alone decides.
func TestPoissonOnALongSchedule(t *testing.T) {
	plans := map[string]Task{
		"constant": {Rate: 2000},
		"ramps":    {Stages: Stages{{20 * time.Second, 500, 500}, {40 * time.Second, 500, 6000}, {40 * time.Second, 6000, 0}}},
	}
	for name, s := range plans {
		for _, parts := range []int{1, 3} {
			s.Model, s.Arrivals, s.Seed = Open, Poisson, 20
			end := int64(100 * time.Second)
			at := all(&s, parts, end)
			other := s
			other.Seed = 21
			if !slices.Equal(at, all(&s, parts, end)) || slices.Equal(at, all(&other, parts, end)) {
				t.Errorf("%s: the seed does not decide the times", name)
			}
			ramps := rampsOf(&s)
			total := arrivalsBefore(ramps, end)
			if off := math.Abs(float64(len(at))-total) / math.Sqrt(total); off > 3 {
				t.Errorf("%s: %d arrivals, %v expected, %v standard deviations off", name, len(at), total, off)
			}
			gaps, places := make([]float64, len(at)), make([]float64, len(at))
			last, product := 0.0, 0.0
			for i, x := range at {
				area := arrivalsBefore(ramps, x)
				gaps[i], places[i] = area-last, area/total
				if i > 0 {
					product += (gaps[i] - 1) * (gaps[i-1] - 1)
				}
				last = area
			}
			if r := product / float64(len(at)) * math.Sqrt(float64(len(at))); math.Abs(r) > 3 {
				t.Errorf("%s: neighbouring gaps are correlated, %v standard deviations", name, r)
			}
			slices.Sort(gaps)
			if d, limit := kolmogorov(gaps, func(x float64) float64 { return 1 - math.Exp(-x) }); d > limit {
				t.Errorf("%s, %d parts: gaps: distance %v, at most %v", name, parts, d, limit)
			}
			if d, limit := kolmogorov(places, func(x float64) float64 { return x }); d > limit {
				t.Errorf("%s, %d parts: places: distance %v, at most %v", name, parts, d, limit)
			}
		}
	}
	// A check that cannot fail is none: constant arrivals are not random.
	even := make([]float64, 1000)
	for i := range even {
		even[i] = 1
	}
	if d, limit := kolmogorov(even, func(x float64) float64 { return 1 - math.Exp(-x) }); d <= limit {
		t.Errorf("even gaps pass as exponential: %v, at most %v", d, limit)
	}
}

func TestStagesFigures(t *testing.T) {
	s := Stages{{5 * time.Second, 1000, 1000}, {10 * time.Second, 1000, 5000}}
	lowest, highest := s.Range()
	if s.Total() != 15*time.Second || math.Abs(s.Mean()-35_000.0/15) > 1e-9 || lowest != 1000 || highest != 5000 {
		t.Errorf("%v, %v, %v to %v", s.Total(), s.Mean(), lowest, highest)
	}
	if lowest, highest := (Stages{}).Range(); lowest != 0 || highest != 0 || (Stages{}).Mean() != 0 {
		t.Error("no stages have figures")
	}
	r, err := newRun(Task{Addr: "127.0.0.1:9", Model: Open, Stages: s, Settle: time.Second, Request: Request{Path: "/", Host: "a"}}, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		from, to time.Duration // after the window's start
		want     float64
	}{{-time.Second, 0, 1000}, {time.Second, 2 * time.Second, 1000}, {5 * time.Second, 15 * time.Second, 3000}, {14 * time.Second, 16 * time.Second, 2400}, {15 * time.Second, 16 * time.Second, 0}} {
		if got := r.offered(r.from+int64(tt.from), r.from+int64(tt.to)); math.Abs(got-tt.want) > 1e-6 {
			t.Errorf("%v to %v: %v, want %v", tt.from, tt.to, got, tt.want)
		}
	}
}

func TestStagesRefused(t *testing.T) {
	good := Stages{{time.Second, 10, 10}}
	for name, change := range map[string]func(*Task){
		"closed":    func(s *Task) { s.Model, s.Stages = Closed, good },
		"with rate": func(s *Task) { s.Stages, s.Rate = good, 5 },
		"window":    func(s *Task) { s.Stages, s.Window = good, 2*time.Second },
		"no length": func(s *Task) { s.Stages = Stages{{time.Second, 10, 10}, {0, 10, 10}} },
		"negative":  func(s *Task) { s.Stages = Stages{{time.Second, -1, 10}} },
		"too high":  func(s *Task) { s.Stages = Stages{{time.Second, 1, MaxRate + 1}} },
		"no number": func(s *Task) { s.Stages = Stages{{time.Second, 1, math.NaN()}} },
		"nothing":   func(s *Task) { s.Stages = Stages{{time.Second, 0, 0}} },
		"too many":  func(s *Task) { s.Stages = slices.Repeat(good, MaxStages+1) },
	} {
		s := base("127.0.0.1:9")
		s.Model, s.Window = Open, 0
		change(&s)
		var bad *TaskError
		if err := s.Check(); !errors.As(err, &bad) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := base("127.0.0.1:9")
	s.Model, s.Stages, s.Window = Open, good, 0
	if err := s.Check(); err != nil {
		t.Error(err)
	}
}

func TestStagesDriven(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, e engine) {
		for _, arrivals := range []string{Constant, Poisson} {
			var served atomic.Uint64
			addr := serveHTTP(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				served.Add(1)
				_, _ = w.Write([]byte("ok"))
			}))
			s := base(addr)
			s.Model, s.Connections, s.Arrivals, s.Window = Open, 0, arrivals, 0
			s.Stages = Stages{{100 * time.Millisecond, 1000, 1000}, {250 * time.Millisecond, 1000, 3000}, {50 * time.Millisecond, 0, 0}}
			sum, ticks := mustRun(t, e, s)
			consistent(t, sum, ticks)
			if sum.Total.OK != served.Load() || len(sum.Total.Errors) > 0 {
				t.Errorf("served %d: %+v", served.Load(), sum)
			}
			if arrivals == Constant && (sum.Counts.OK < 599 || sum.Counts.OK > 601 || math.Abs(sum.Offered-1500) > 3) {
				t.Errorf("%d in the window, want 600; offered %v, want 1500", sum.Counts.OK, sum.Offered)
			}
			var scheduled float64
			for _, k := range ticks {
				scheduled += k.Offered * time.Duration(k.To-k.From).Seconds()
			}
			if math.Abs(scheduled-640) > 1 { // 40 of the settle time
				t.Errorf("the ticks offer %v requests, want 640", scheduled)
			}
		}
	})
}

// A ramp that is broken off has figures of what there was.
func TestAbortInARamp(t *testing.T) {
	t.Parallel()
	f := answering(t)
	for _, name := range Engines() {
		g := startGenerator(t, Config{Engine: name})
		s := base(f.addr())
		s.Model, s.Window, s.Stages = Open, 0, Stages{{time.Minute, 100, 6100}}
		ctx, cancel := context.WithCancel(context.Background())
		rows := 0
		sum, err := g.Run(ctx, s, func(k Tick) {
			if k.Phase == "window" && k.Counts.OK > 0 {
				if rows++; rows == 2 {
					cancel()
				}
			}
		})
		cancel()
		if !errors.Is(err, context.Canceled) || sum.Counts.OK == 0 || sum.Offered <= 0 || sum.To-sum.From >= int64(time.Minute) {
			t.Errorf("%s: %v, %+v, offered %v", name, err, sum.Counts, sum.Offered)
		}
	}
}

// Whatever the rate is, the times of a schedule go up and never overflow.
func TestRareArrivals(t *testing.T) {
	t.Parallel()
	for _, rate := range []float64{1e-300, 1e-10, 1e-3, 0.5} {
		for _, arrivals := range []string{Constant, Poisson} {
			s := newSchedule(&Task{Model: Open, Rate: rate, Arrivals: arrivals, Seed: 1}, int64(time.Hour), 0, 1)
			for last := int64(0); s.next() < int64(time.Hour)+farOff && last < int64(1000*time.Hour); s.advance() {
				if s.next() < last || s.next() < int64(time.Hour) {
					t.Fatalf("%v, %s: %d after %d", rate, arrivals, s.next(), last)
				}
				last = s.next()
			}
		}
	}
	for rate, least := range map[float64]time.Duration{0.5: 2 * time.Second, 0.3: 3334 * time.Millisecond, 1e6: time.Millisecond, 1e-300: 2 * MaxWindow} {
		if got := LeastWindow(rate); got != least {
			t.Errorf("%v: least window %v, want %v", rate, got, least)
		}
	}
}
