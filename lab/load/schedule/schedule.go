// Package schedule has the times at which the requests of an open slice are due: constant or Poisson arrivals at a rate
// that is held or ramps.
package schedule

import (
	"math"
	"math/rand/v2"
	"time"

	"benchtop/lab/load"
)

// ramp is a stretch of a schedule in which the rate changes in a straight line. With the rate r at its beginning and
// the slope k, the number of arrivals up to x seconds into it is
//
//	n(x) = r x + k x² / 2
//
// and the time of the n-th arrival is the root of that quadratic. Of its two forms
//
//	x(n) = 2 n / (r + sqrt(r² + 2 k n))
//
// is the one that subtracts nothing that is nearly equal and needs no division by k: it holds for a rate that grows
// (k > 0, also from 0), falls (k < 0, also to 0) or stays (k = 0, where it is n / r).
type ramp struct {
	from   int64   // nanoseconds after the start of the slice
	before float64 // arrivals before it
	upto   float64 // arrivals up to its end
	rate   float64 // per second, at its beginning
	slope  float64 // per second, each second
}

// time gives when the arrival at pos is due, in nanoseconds after the start of the slice; before <= pos < upto.
func (r *ramp) time(pos float64) int64 {
	n := pos - r.before
	if r.slope == 0 {
		return r.from + int64(min(n*1e9/r.rate, farOff))
	}
	if n <= 0 {
		return r.from
	}
	// At the end of a ramp to 0 rounding could take the root's argument below 0.
	return r.from + int64(2*n*1e9/(r.rate+math.Sqrt(max(r.rate*r.rate+2*r.slope*n, 0))))
}

// Ramps are the stretches of a schedule, one after the other. They are never changed.
type Ramps []ramp

// Of lays an open slice out: one endless ramp at a constant rate; or settle at the rate that the first stage begins with,
// then the stages.
func Of(t *load.Task) Ramps {
	if len(t.Stages) == 0 {
		return Ramps{{upto: math.Inf(1), rate: t.Rate}}
	}
	first := t.Stages[0].Rate
	list := append(load.Stages{{For: t.Settle, Rate: first, To: first}}, t.Stages...)
	out := make(Ramps, 0, len(list))
	var at time.Duration
	count := 0.0
	for _, x := range list {
		r := ramp{from: int64(at), before: count, upto: count + x.Requests(), rate: x.Rate}
		if x.To != x.Rate {
			r.slope = (x.To - x.Rate) / x.For.Seconds()
		}
		out = append(out, r)
		at, count = at+x.For, r.upto
	}
	return out
}

// Before is how many arrivals there are up to the time t, nanoseconds after the start of the slice; of random arrivals,
// how many there are on average.
func (ramps Ramps) Before(t int64) float64 {
	i := len(ramps) - 1
	for i > 0 && ramps[i].from > t {
		i--
	}
	r := &ramps[i]
	x := max(float64(t-r.from)/1e9, 0)
	return min(r.before+r.rate*x+r.slope*x*x/2, r.upto)
}

// never is the time of the arrival after the last one; farOff is beyond every window, and adds up without an overflow.
const (
	never  = math.MaxInt64
	farOff = 1 << 61
)

// schedule gives the scheduled sends of an open slice, one after the other, in nanoseconds of proc.Now. It is a
// value: a copy runs through the same times again.
//
// All arrivals come from the closed form of their ramp, so that rounding does not add up over a run: constant ones
// lie at the whole numbers of the cumulative count, 0, 1, 2 ... Poisson arrivals lie at sums of exponential gaps of
// mean 1 instead, by inverse transform (-ln U, U uniform in (0, 1)): taken through the inverse of the cumulative count
// they are a Poisson process whose rate follows the ramps. The sum of n such processes of rate/n each is one of the
// whole rate, so every thread has its own.
type schedule struct {
	start   int64
	ramps   Ramps // shared by copies, never written
	ramp    int   // of the next arrival
	poisson bool
	rng     rand.PCG
	index   uint64  // of the next arrival, constant
	step    uint64  // how many schedules share the slice: the distance of the indexes, or the mean of the gaps
	pos     float64 // of the next arrival in the cumulative count
	at      int64   // its time
}

func (ramps Ramps) schedule(t *load.Task, start int64, part, parts int) schedule {
	sc := schedule{
		start: start, ramps: ramps, poisson: t.Arrivals == load.Poisson,
		index: uint64(part), step: uint64(parts), //nolint:gosec // small and not negative
		rng: *rand.NewPCG(t.Seed, uint64(part)+1), //nolint:gosec // small and not negative
	}
	if sc.poisson {
		sc.pos = sc.gap()
	} else {
		sc.pos = float64(sc.index)
	}
	sc.seek()
	return sc
}

func (s *schedule) gap() float64 {
	// 53 random bits, shifted off zero: the logarithm is finite.
	u := (float64(s.rng.Uint64()>>11) + 0.5) / (1 << 53)
	return -math.Log(u) * float64(s.step)
}

// next is the time of the next arrival; never when there is none.
func (s *schedule) next() int64 { return s.at }

func (s *schedule) advance() {
	if s.poisson {
		s.pos += s.gap()
	} else {
		s.index += s.step
		s.pos = float64(s.index)
	}
	s.seek()
}

// seek finds the time of pos.
func (s *schedule) seek() {
	for s.pos >= s.ramps[s.ramp].upto {
		if s.ramp == len(s.ramps)-1 {
			s.at = never
			return
		}
		s.ramp++
	}
	s.at = s.start + s.ramps[s.ramp].time(s.pos)
}

// Arrivals is a schedule in use: how far it was taken, and how far time has come in it.
type Arrivals struct {
	taken      schedule
	due        schedule
	takenCount int
	dueCount   int
	end        int64 // no arrivals at or after it
}

// Arrivals are those of one of several parts of a task, of times of proc.Now from start to before end.
func (ramps Ramps) Arrivals(t *load.Task, start, end int64, part, parts int) Arrivals {
	sc := ramps.schedule(t, start, part, parts)
	return Arrivals{taken: sc, due: sc, end: end}
}

// Next is the time of the next arrival that was not taken.
func (a *Arrivals) Next() (t int64, ok bool) {
	t = a.taken.next()
	return t, t < a.end
}

// Take takes the next arrival.
func (a *Arrivals) Take() {
	a.taken.advance()
	a.takenCount++
}

// Backlog counts the arrivals that are due at now and were not taken.
func (a *Arrivals) Backlog(now int64) int {
	for t := a.due.next(); t <= now && t < a.end; t = a.due.next() {
		a.due.advance()
		a.dueCount++
	}
	return max(a.dueCount-a.takenCount, 0)
}
