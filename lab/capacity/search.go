package capacity

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"benchtop/lab/figure"
	"benchtop/lab/load"
)

// Round is the part of the search that a point belongs to.
type Round string

// The rounds, in order. Candidate and Above alternate.
const (
	Coarse    Round = "coarse"
	Bisect    Round = "bisect"
	Candidate Round = "candidate"
	Above     Round = "above"
)

// Figure is a number that may not have been measured: NaN then, and null in JSON.
type Figure float64

func (f Figure) measured() bool { return !math.IsNaN(float64(f)) }

var unmeasured = Figure(math.NaN())

// MarshalJSON is part of json.Marshaler.
func (f Figure) MarshalJSON() ([]byte, error) {
	if !f.measured() {
		return []byte("null"), nil
	}
	return json.Marshal(float64(f))
}

// micros writes a latency, a dash for one that was not measured.
func (f Figure) micros() string {
	return figure.Lines.MicrosOf((*float64)(&f))
}

// percent writes a share, a dash for one that was not measured.
func (f Figure) percent() string {
	return figure.Of(figure.Lines, (*float64)(&f), figure.Percent)
}

// Point is one measured point of the throughput-latency curve. Rates are requests per second; latencies are
// microseconds from the scheduled send.
type Point struct {
	Round      Round                  `json:"stage"`
	Rate       float64                `json:"rate"`     // asked for
	Offered    float64                `json:"offered"`  // scheduled
	Achieved   float64                `json:"achieved"` // answered while the load went on, good responses only
	P50        Figure                 `json:"p50_us"`
	P90        Figure                 `json:"p90_us"`
	P95        Figure                 `json:"p95_us"`
	P99        Figure                 `json:"p99_us"`
	P999       Figure                 `json:"p999_us"`
	Max        Figure                 `json:"max_us"`
	ErrorShare Figure                 `json:"error_share"`
	Errors     map[string]uint64      `json:"errors,omitempty"`        // by class
	Reasons    map[string]load.Reason `json:"error_reasons,omitempty"` // why, of these
	Requests   uint64                 `json:"requests"`
	Busy       float64                `json:"generator_busy"`
	Late       float64                `json:"late_us"`                        // p99 of sends that were late although a connection was free
	AllBusy    bool                   `json:"all_connections_busy,omitempty"` // at least once no connection was free
	Trusted    []string               `json:"trusted"`                        // percentiles with at least 10/(1-q) samples
	Limited    string                 `json:"limited,omitempty"`              // the generator was the bottleneck: why
	Met        bool                   `json:"met"`
	Why        string                 `json:"why,omitempty"` // of a point that did not meet the objective
}

// latencies binds the quantiles to their figures.
func (p *Point) latencies() [6]latency {
	return [...]latency{{0.50, &p.P50}, {0.90, &p.P90}, {0.95, &p.P95}, {0.99, &p.P99}, {0.999, &p.P999}, {1, &p.Max}}
}

type latency struct {
	quantile float64 // as the metrics have it
	figure   *Figure
}

// Search is how a capacity is looked for. The zero value of a field means its default.
type Search struct {
	Start      float64 // first rate, 50
	Max        float64 // highest rate that is tried, 1,000,000
	Factor     float64 // between the coarse steps, 2
	Resolution float64 // where bisecting ends, 0.025
	Above      float64 // distance of the rate that has to fail, 0.05
	Repeats    int     // slices at the candidate and above it, of which more than half decide; 3
	Keep       float64 // share of the offered rate that has to be answered while the load goes on, 0.98

	// Left reports whether the time is left for n more points of a round; nil: always.
	Left func(round Round, n int) bool
	// OnPoint is called for every point as it comes, judged; nil: nobody listens.
	OnPoint func(Point)
}

// Ending says how a search ended.
type Ending string

// The endings. Only Found gives a capacity.
const (
	Found     Ending = "found"
	Time      Ending = "time"      // it was over before the candidate was confirmed
	Saturated Ending = "generator" // the generator was the bottleneck
	TooLow    Ending = "too_low"   // the objective fails at every rate that was tried
	TooHigh   Ending = "too_high"  // it holds at every rate up to the highest
	Unsteady  Ending = "unsteady"  // the repeated slices contradict each other again and again
	Broken    Ending = "broken"    // interrupted, or a point could not be measured
)

// Result is what a search came to.
type Result struct {
	Ending   Ending      `json:"ending"`
	Reason   string      `json:"reason,omitempty"`
	Capacity *float64    `json:"capacity"` // requests per second; nil unless found
	Interval *[2]float64 `json:"interval"` // highest rate that holds, lowest above it that fails; nil when not both are known
	Points   []Point     `json:"points"`
}

func (s *Search) defaults() {
	set := func(x *float64, standard float64) {
		if *x == 0 {
			*x = standard
		}
	}
	set(&s.Start, 50)
	set(&s.Max, 1_000_000)
	set(&s.Factor, 2)
	set(&s.Resolution, 0.025)
	set(&s.Above, 0.05)
	set(&s.Keep, 0.98)
	if s.Repeats == 0 {
		s.Repeats = 3
	}
	if s.Left == nil {
		s.Left = func(Round, int) bool { return true }
	}
}

// finder is a search that is going on.
type finder struct {
	Search
	objective Objective
	probe     func(context.Context, Round, float64) (Point, error)
	result    Result
	low, high float64 // highest rate that held, lowest that failed; 0 is none
}

// ended stops a search; the result tells the rest.
type ended struct {
	ending Ending
	reason string
}

func (e *ended) Error() string { return string(e.ending) + ": " + e.reason }

func end(ending Ending, format string, args ...any) error {
	return &ended{ending, fmt.Sprintf(format, args...)}
}

// Run looks for the capacity. The error is that of probe, or of the context; the result then holds the points so far.
func (s Search) Run(ctx context.Context, o Objective, probe func(ctx context.Context, round Round, rate float64) (Point, error)) (Result, error) {
	s.defaults()
	f := &finder{Search: s, objective: o, probe: probe}
	f.result.Points = []Point{}
	err := f.coarse(ctx)
	if err == nil {
		err = f.bisect(ctx)
	}
	if err == nil {
		err = f.confirm(ctx)
	}
	if f.low > 0 && f.high > f.low {
		f.result.Interval = &[2]float64{f.low, f.high}
	}
	if e, ok := err.(*ended); ok { //nolint:errorlint // made in this file, never wrapped
		f.result.Ending, f.result.Reason = e.ending, e.reason
		return f.result, nil
	}
	if err != nil {
		f.result.Ending, f.result.Reason = Broken, err.Error()
		return f.result, err
	}
	f.result.Ending = Found
	f.result.Capacity = &f.low
	return f.result, nil
}

// spoilt is how many points in a row at one rate a saturated generator may spoil before the search ends: a single one may
// be a disturbance of the machine.
const spoilt = 3

// at measures a point and judges it. A point that a saturated generator spoilt is measured again; one that holds is not
// spoilt.
func (f *finder) at(ctx context.Context, round Round, rate float64) (bool, error) {
	for attempt := 1; ; attempt++ {
		if !f.Left(round, 1) {
			return false, end(Time, "the time was over before %s", f.missing())
		}
		p, err := f.probe(ctx, round, rate)
		if err != nil {
			return false, err
		}
		p.Round, p.Rate = round, rate
		p.Why = f.judge(&p)
		p.Met = p.Why == ""
		p.Limited = f.limited(&p)
		f.result.Points = append(f.result.Points, p)
		if f.OnPoint != nil {
			f.OnPoint(p)
		}
		if p.Met || p.Limited == "" {
			return p.Met, nil
		}
		if attempt == spoilt {
			return false, end(Saturated, "the generator was the bottleneck at %s: %s%s", perSecond(rate), p.Limited, f.atLeast())
		}
	}
}

// limited says why a point that does not meet the objective is the generator's doing: it ran out of CPU, it sent too
// little, or the latencies would hold without what its sends were late. Where they fail by more, the target does.
func (f *finder) limited(p *Point) string {
	if p.Met || p.Limited != "" || p.Late <= 0 {
		return p.Limited
	}
	on := *p
	for _, l := range on.latencies() {
		*l.figure = max(*l.figure-Figure(p.Late), 0)
	}
	if f.judge(&on) != "" {
		return ""
	}
	return "its sends were late by " + figure.Lines.Micros(p.Late) + " at p99 with connections free"
}

// judge says why a point does not meet the objective; empty when it does. A rate at which the queue grows is not kept
// up, whatever the latencies of so short a time are: in the end they would fail any limit.
func (f *finder) judge(p *Point) string {
	var why []string
	told := false // what the errors are
	for _, t := range f.objective.Terms {
		v := p.value(t.Metric)
		if v.measured() && !t.holds(p) {
			found := v.micros()
			if t.Metric == errorsMetric {
				told, found = true, figure.Percent(float64(v))+p.errors()
			}
			why = append(why, fmt.Sprintf("%s: %s", t.text, found))
		}
	}
	if p.Requests == 0 {
		why = append(why, "no request ended")
	} else if p.Offered > 0 && p.Achieved < f.Keep*p.Offered {
		of := ""
		if !told {
			of = p.errors()
		}
		why = append(why, "only "+figure.Percent(p.Achieved/p.Offered)+" of the offered rate got a response in time"+of)
	}
	return strings.Join(why, ", ")
}

// errors are the classes of its errors and why, in parentheses; empty without any.
func (p *Point) errors() string {
	if len(p.Errors) == 0 {
		return ""
	}
	return " (" + load.ErrorWords(p.Errors, p.Reasons) + ")"
}

func (f *finder) missing() string {
	switch {
	case f.high == 0:
		return "a rate failed" + f.atLeast()
	case f.low == 0:
		return "a rate held"
	}
	return fmt.Sprintf("the candidate was confirmed; it lies between %s and %s", perSecond(f.low), perSecond(f.high))
}

func (f *finder) atLeast() string {
	if f.low == 0 {
		return ""
	}
	return "; " + perSecond(f.low) + " was reached"
}

func perSecond(rate float64) string { return figure.Lines.Rate(rate) + " req/s" }

// evidentShare of the offered rate.
const evidentShare = 0.8

// lowest rate that is tried.
const lowest = 1.0

// coarse goes up in steps until a rate fails twice, or down when the first one does.
func (f *finder) coarse(ctx context.Context) error {
	rate := min(f.Start, f.Max)
	for {
		met, err := f.at(ctx, Coarse, rate)
		if err == nil && !met && !f.evident() {
			met, err = f.at(ctx, Coarse, rate) // one slice alone may have been disturbed
		}
		switch {
		case err != nil:
			return err
		case met && f.high > 0:
			f.low = rate
			return nil
		case met && rate >= f.Max:
			f.low = rate
			return end(TooHigh, "the objective holds at %s, the highest rate that is tried; raise --max-rate", perSecond(rate))
		case met:
			f.low = rate
			rate = min(rate*f.Factor, f.Max)
		case f.low > 0:
			f.high = rate
			return nil
		case f.last().ErrorShare == 1:
			return end(TooLow, "no request succeeded at %s: %s", perSecond(rate), f.last().Why)
		case rate <= lowest:
			f.high = rate
			return end(TooLow, "the objective fails even at %s: %s", perSecond(rate), f.last().Why)
		default:
			f.high = rate
			rate = max(rate/(f.Factor*f.Factor), lowest)
		}
	}
}

// evident reports whether the last point failed by so much that no short disturbance explains it.
func (f *finder) evident() bool {
	p := f.last()
	return p.Requests > 0 && p.AllBusy && p.Achieved < evidentShare*p.Offered
}

func (f *finder) last() *Point { return &f.result.Points[len(f.result.Points)-1] }

// narrow tries a rate within the range and makes it the range's lower end when it holds, the upper when it fails.
func (f *finder) narrow(ctx context.Context, rate float64) error {
	met, err := f.at(ctx, Bisect, rate)
	switch {
	case err != nil:
		return err
	case met:
		f.low = rate
	default:
		f.high = rate
	}
	return nil
}

// bisect halves the range in the logarithm.
func (f *finder) bisect(ctx context.Context) error {
	for f.high/f.low > 1+f.Resolution {
		rate := math.Sqrt(f.low * f.high)
		if err := f.narrow(ctx, rate); err != nil {
			return err
		}
	}
	return nil
}
