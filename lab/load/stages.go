package load

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// MaxStages is how many stages a slice may have.
const MaxStages = 100

// Stage is one stretch of an open slice. The rate goes in a straight line from Rate to To; where the two are equal it
// is held. Both 0: a pause.
type Stage struct {
	For  time.Duration `json:"for"`
	Rate float64       `json:"rate"` // requests per second at its beginning
	To   float64       `json:"to"`   // requests per second at its end
}

// Requests is how many arrivals the stage has: the area under its line.
func (s Stage) Requests() float64 { return (s.Rate + s.To) / 2 * s.For.Seconds() }

// Stages are the counted window of an open slice, one after the other. During settle the rate is the one that the
// first stage begins with.
type Stages []Stage

// Total is how long the stages take together.
func (s Stages) Total() time.Duration {
	var sum time.Duration
	for _, x := range s {
		sum += x.For
	}
	return sum
}

// Mean is the mean rate over all stages, in requests per second; 0 when there are none.
func (s Stages) Mean() float64 {
	var n float64
	for _, x := range s {
		n += x.Requests()
	}
	if total := s.Total(); total > 0 {
		return n / total.Seconds()
	}
	return 0
}

// Range is the lowest and the highest rate, in requests per second.
func (s Stages) Range() (lowest, highest float64) {
	for i, x := range s {
		if i == 0 {
			lowest = x.Rate
		}
		lowest = min(lowest, x.Rate, x.To)
		highest = max(highest, x.Rate, x.To)
	}
	return lowest, highest
}

// ParseStages reads stages, several with commas: DURATION:RATE holds a rate, DURATION:RATE-RATE goes from one to the other.
func ParseStages(text string) (Stages, error) {
	var out Stages
	for part := range strings.SplitSeq(text, ",") {
		s, err := parseStage(strings.TrimSpace(part))
		if err != nil {
			return nil, fmt.Errorf("%q: %w; allowed: DURATION:RATE or DURATION:RATE-RATE, several with commas, such as 5s:1000,10s:1000-5000", part, err)
		}
		out = append(out, s)
	}
	return out, nil
}

func parseStage(text string) (Stage, error) {
	var s Stage
	length, rates, ok := strings.Cut(text, ":")
	if !ok {
		return s, errors.New("there is no colon between duration and rate")
	}
	var err error
	if s.For, err = time.ParseDuration(length); err != nil || s.For < time.Millisecond || s.For > MaxWindow {
		return s, fmt.Errorf("the duration is %q, allowed are 1ms to 2h", length)
	}
	from, to, ramp := strings.Cut(rates, "-")
	if !ramp {
		to = from
	}
	for _, x := range []struct {
		text string
		into *float64
	}{{from, &s.Rate}, {to, &s.To}} {
		v, err := strconv.ParseFloat(x.text, 64)
		if err != nil || !(v >= 0 && v <= MaxRate) { // so that what is not a number is wrong too
			return s, fmt.Errorf("the rate is %q, allowed are 0 to 1000000 requests per second", x.text)
		}
		*x.into = v
	}
	return s, nil
}

// check reports what is wrong with the stages: nil, or a *TaskError.
func (s Stages) check() error {
	if len(s) > MaxStages {
		return refuse("stages", "%d of them; at most %d are allowed", len(s), MaxStages)
	}
	for i, x := range s {
		// Written so that a rate that is not a number is wrong too.
		inRange := func(rate float64) bool { return rate >= 0 && rate <= MaxRate }
		switch {
		case x.For <= 0:
			return refuse("stages", "stage %d takes %v; a stage takes longer than 0s", i+1, x.For)
		case !inRange(x.Rate) || !inRange(x.To):
			return refuse("stages", "stage %d goes from %v to %v; allowed: 0 to %d requests per second", i+1, x.Rate, x.To, MaxRate)
		}
	}
	if s.Mean() == 0 {
		return refuse("stages", "no stage has a rate above 0")
	}
	return nil
}

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
