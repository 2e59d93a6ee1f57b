package load

import (
	"math"
	"math/rand/v2"
)

// schedule gives the scheduled sends of an open slice, one after the other, in nanoseconds of proc.Now. It is a
// value: a copy runs through the same times again.
//
// Constant arrivals come from a closed form, start + i/rate, so that rounding does not add up over a run. Poisson
// arrivals add exponential gaps; the sum of the gaps of n schedules of rate/n each is a Poisson stream of the whole
// rate, so every thread has its own.
type schedule struct {
	start   int64
	rate    float64 // per second, of the whole slice
	first   uint64  // index of the first arrival of this schedule
	step    uint64  // distance of the indices: how many schedules share the slice
	i       uint64
	poisson bool
	rng     rand.PCG
	at      float64 // seconds after start of the next poisson arrival
}

func newSchedule(s *Slice, start int64, part, parts int) schedule {
	sc := schedule{
		start: start, rate: s.Rate, first: uint64(part), step: uint64(parts), //nolint:gosec // small and not negative
		poisson: s.Arrivals == "poisson",
		rng:     *rand.NewPCG(s.Seed, uint64(part)+1), //nolint:gosec // small and not negative
	}
	if sc.poisson {
		sc.at = sc.gap()
	}
	return sc
}

func (s *schedule) gap() float64 {
	// 53 random bits, shifted off zero: the logarithm is finite.
	u := (float64(s.rng.Uint64()>>11) + 0.5) / (1 << 53)
	return -math.Log(u) * float64(s.step) / s.rate
}

// next is the time of the next arrival.
func (s *schedule) next() int64 {
	if s.poisson {
		return s.start + int64(s.at*1e9)
	}
	return s.start + arrival(s.first+s.i*s.step, s.rate)
}

func (s *schedule) advance() {
	s.i++
	if s.poisson {
		s.at += s.gap()
	}
}

// arrival is i/rate in nanoseconds. A float64 holds 2^53 ns (104 days) exactly enough.
func arrival(i uint64, rate float64) int64 { return int64(float64(i) * 1e9 / rate) }

// arrivals is a schedule in use: how far it was taken, and how far time has come in it.
type arrivals struct {
	taken      schedule
	due        schedule
	takenCount int
	dueCount   int
	end        int64 // no arrivals at or after it
}

func newArrivals(r *run, part, parts int) arrivals {
	sc := newSchedule(&r.Slice, r.start, part, parts)
	return arrivals{taken: sc, due: sc, end: r.to}
}

// next is the time of the next arrival that was not taken.
func (a *arrivals) next() (t int64, ok bool) {
	t = a.taken.next()
	return t, t < a.end
}

func (a *arrivals) take() {
	a.taken.advance()
	a.takenCount++
}

// backlog counts the arrivals that are due at now and were not taken.
func (a *arrivals) backlog(now int64) int {
	for t := a.due.next(); t <= now && t < a.end; t = a.due.next() {
		a.due.advance()
		a.dueCount++
	}
	return max(a.dueCount-a.takenCount, 0)
}
