package load

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"
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

// rampsOf lays an open slice out: one endless ramp at a constant rate; or settle at the rate that the first stage
// begins with, then the stages.
func rampsOf(s *Task) []ramp {
	if len(s.Stages) == 0 {
		return []ramp{{upto: math.Inf(1), rate: s.Rate}}
	}
	first := s.Stages[0].Rate
	list := append(Stages{{For: s.Settle, Rate: first, To: first}}, s.Stages...)
	out := make([]ramp, 0, len(list))
	var at time.Duration
	count := 0.0
	for _, x := range list {
		r := ramp{from: int64(at), before: count, upto: count + x.requests(), rate: x.Rate}
		if x.To != x.Rate {
			r.slope = (x.To - x.Rate) / x.For.Seconds()
		}
		out = append(out, r)
		at, count = at+x.For, r.upto
	}
	return out
}

// arrivalsBefore is how many arrivals ramps have up to the time t, nanoseconds after the start of the slice; of
// random arrivals, how many there are on average.
func arrivalsBefore(ramps []ramp, t int64) float64 {
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

// LeastWindow is the shortest window in which a request is due at the rate, to the millisecond; never above twice
// MaxWindow.
func LeastWindow(rate float64) time.Duration {
	return min(time.Duration(min(math.Ceil(1e3/rate), 1e9))*time.Millisecond, 2*MaxWindow)
}

// tooRare says what is wrong with a rate at which no request is due in a window; empty: nothing is.
func tooRare(rate float64, window time.Duration) string {
	least := LeastWindow(rate)
	switch {
	case rate*window.Seconds() >= 1:
		return ""
	case least > MaxWindow:
		return fmt.Sprintf("%v; no request is due within the longest window, %v; allowed: from %.6f requests per second", rate, MaxWindow, 1/MaxWindow.Seconds())
	}
	return fmt.Sprintf("%v; no request is due within the window of %v; the least for one is %v", rate, window, least)
}

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
	ramps   []ramp // shared by copies, never written
	ramp    int    // of the next arrival
	poisson bool
	rng     rand.PCG
	index   uint64  // of the next arrival, constant
	step    uint64  // how many schedules share the slice: the distance of the indexes, or the mean of the gaps
	pos     float64 // of the next arrival in the cumulative count
	at      int64   // its time
}

func newSchedule(s *Task, start int64, part, parts int) schedule {
	sc := schedule{
		start: start, ramps: rampsOf(s), poisson: s.Arrivals == Poisson,
		index: uint64(part), step: uint64(parts), //nolint:gosec // small and not negative
		rng: *rand.NewPCG(s.Seed, uint64(part)+1), //nolint:gosec // small and not negative
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

// arrivals is a schedule in use: how far it was taken, and how far time has come in it.
type arrivals struct {
	taken      schedule
	due        schedule
	takenCount int
	dueCount   int
	end        int64 // no arrivals at or after it
}

func newArrivals(r *run, part, parts int) arrivals {
	sc := newSchedule(&r.Task, r.start, part, parts)
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
