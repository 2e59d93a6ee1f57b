package schedule

import (
	"math"
	"slices"
	"testing"
	"time"

	"benchtop/lab/load"
)

func TestScheduleConstant(t *testing.T) {
	for _, parts := range []int{1, 2, 3} {
		s := &load.Task{Rate: 3000}
		var got []int64
		for p := range parts {
			for sc := Of(s).schedule(s, 5, p, parts); sc.next() < 5+2e9; sc.advance() {
				got = append(got, sc.next())
			}
		}
		slices.Sort(got)
		if len(got) != 6000 {
			t.Fatalf("%d parts: %d arrivals in two seconds", parts, len(got))
		}
		for i, at := range got {
			if want := 5 + float64(i)*1e9/3000; math.Abs(float64(at)-want) > 1 {
				t.Fatalf("%d parts: arrival %d at %d, want %v", parts, i, at, want)
			}
		}
	}
}

// The gaps of Poisson arrivals are exponential (Kolmogorov-Smirnov at 1 %), also where threads share the rate, and
// the same seed gives the same times.
func TestSchedulePoisson(t *testing.T) {
	const rate, seconds = 10_000, 2
	for _, parts := range []int{1, 3} {
		times := func(seed uint64) (at []int64) {
			s := &load.Task{Rate: rate, Arrivals: "poisson", Seed: seed}
			for p := range parts {
				for sc := Of(s).schedule(s, 0, p, parts); sc.next() < seconds*1e9; sc.advance() {
					at = append(at, sc.next())
				}
			}
			slices.Sort(at)
			return at
		}
		at := times(7)
		if !slices.Equal(at, times(7)) || slices.Equal(at, times(8)) {
			t.Error("the seed does not decide the times")
		}
		gaps := make([]float64, len(at)-1)
		for i := range gaps {
			gaps[i] = float64(at[i+1]-at[i]) / 1e9
		}
		slices.Sort(gaps)
		worst := 0.0
		for i, g := range gaps {
			f := 1 - math.Exp(-rate*g)
			worst = max(worst, math.Abs(f-float64(i)/float64(len(gaps))), math.Abs(f-float64(i+1)/float64(len(gaps))))
		}
		if limit := 1.63 / math.Sqrt(float64(len(gaps))); worst > limit {
			t.Errorf("%d parts: distance %v, at most %v", parts, worst, limit)
		}
	}
}

func TestArrivalsBacklog(t *testing.T) {
	s := &load.Task{Rate: 1000}
	a := Of(s).Arrivals(s, 0, 10e6, 0, 1)
	a.Take()
	if n := a.Backlog(4.5e6); n != 4 {
		t.Errorf("%d waiting, want 4", n)
	}
	if n := a.Backlog(1e9); n != 9 {
		t.Errorf("%d waiting after the end, want 9", n)
	}
}

// stagePlans have every kind of ramp: held, growing, falling, from 0, to 0, nearly level, a pause.
var stagePlans = map[string]load.Stages{
	"held":      {{For: time.Second, Rate: 1000, To: 1000}},
	"up":        {{For: 5 * time.Second, Rate: 1000, To: 1000}, {For: 10 * time.Second, Rate: 1000, To: 5000}},
	"down":      {{For: 2 * time.Second, Rate: 5000, To: 100}, {For: time.Second, Rate: 100, To: 100}},
	"from zero": {{For: 4 * time.Second, Rate: 0, To: 2000}},
	"to zero":   {{For: 4 * time.Second, Rate: 2000, To: 0}},
	"level":     {{For: 10 * time.Second, Rate: 1000, To: 1000.000001}},
	"pause":     {{For: time.Second, Rate: 500, To: 500}, {For: 2 * time.Second, Rate: 0, To: 0}, {For: time.Second, Rate: 300, To: 700}, {For: 500 * time.Millisecond, Rate: 0, To: 0}},
	"jump":      {{For: time.Second, Rate: 10, To: 10}, {For: time.Second, Rate: 10_000, To: 10_000}, {For: time.Second, Rate: 10, To: 10}},
	"slow":      {{For: 20 * time.Second, Rate: 0.1, To: 0.9}},
}

func all(s *load.Task, parts int, end int64) []int64 {
	var out []int64
	for p := range parts {
		for sc := Of(s).schedule(s, 0, p, parts); sc.next() < end; sc.advance() {
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
			s := &load.Task{Model: load.Open, Stages: stages, Settle: settle}
			end := int64(settle + stages.Total())
			ramps := Of(s)
			got := all(s, 1, end)
			for i, at := range got {
				if i > 0 && at < got[i-1] {
					t.Fatalf("%s: arrival %d at %d comes before the one at %d", name, i, at, got[i-1])
				}
				if low, high := ramps.Before(at-1), ramps.Before(at+2); float64(i) < low-1e-6 || float64(i) > high+1e-6 {
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
				if math.Abs(float64(n)-x.Requests()) > 1 {
					t.Errorf("%s: stage %d has %d arrivals, its area is %v", name, k, n, x.Requests())
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
	held := all(&load.Task{Model: load.Open, Stages: load.Stages{{For: 3 * time.Second, Rate: 3000, To: 3000}}}, 1, end)
	if constant := all(&load.Task{Model: load.Open, Rate: 3000}, 1, end); !slices.Equal(held, constant) || len(held) != 9000 {
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
	plans := map[string]load.Task{
		"constant": {Rate: 2000},
		"ramps":    {Stages: load.Stages{{For: 20 * time.Second, Rate: 500, To: 500}, {For: 40 * time.Second, Rate: 500, To: 6000}, {For: 40 * time.Second, Rate: 6000, To: 0}}},
	}
	for name, s := range plans {
		for _, parts := range []int{1, 3} {
			s.Model, s.Arrivals, s.Seed = load.Open, load.Poisson, 20
			end := int64(100 * time.Second)
			at := all(&s, parts, end)
			other := s
			other.Seed = 21
			if !slices.Equal(at, all(&s, parts, end)) || slices.Equal(at, all(&other, parts, end)) {
				t.Errorf("%s: the seed does not decide the times", name)
			}
			ramps := Of(&s)
			total := ramps.Before(end)
			if off := math.Abs(float64(len(at))-total) / math.Sqrt(total); off > 3 {
				t.Errorf("%s: %d arrivals, %v expected, %v standard deviations off", name, len(at), total, off)
			}
			gaps, places := make([]float64, len(at)), make([]float64, len(at))
			last, product := 0.0, 0.0
			for i, x := range at {
				area := ramps.Before(x)
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

// Whatever the rate is, the times of a schedule go up and never overflow.
func TestRareArrivals(t *testing.T) {
	t.Parallel()
	for _, rate := range []float64{1e-300, 1e-10, 1e-3, 0.5} {
		for _, arrivals := range []string{load.Constant, load.Poisson} {
			task := &load.Task{Model: load.Open, Rate: rate, Arrivals: arrivals, Seed: 1}
			s := Of(task).schedule(task, int64(time.Hour), 0, 1)
			for last := int64(0); s.next() < int64(time.Hour)+farOff && last < int64(1000*time.Hour); s.advance() {
				if s.next() < last || s.next() < int64(time.Hour) {
					t.Fatalf("%v, %s: %d after %d", rate, arrivals, s.next(), last)
				}
				last = s.next()
			}
		}
	}
}
