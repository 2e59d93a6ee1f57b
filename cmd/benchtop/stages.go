package main

import (
	"math"
	"strconv"
	"strings"
	"time"

	"benchtop/lab"
	"benchtop/lab/load"
)

// stagesForm says how --stages is written.
const stagesForm = "allowed: DURATION:RATE or DURATION:RATE-RATE, several with commas, such as 5s:1000,10s:1000-5000"

// readStages reads --stages into the load; they make it open and take the place of --rate and --duration.
func (f *loadFlags) readStages(l *lab.Load) error {
	if f.stages == "" {
		return nil
	}
	switch {
	case f.rate != 0:
		return usage("--stages together with --rate: the stages are the rate; leave one of them out")
	case f.timed:
		return usage("--stages together with --duration: the stages say how long they take; leave --duration out")
	}
	parts := strings.Split(f.stages, ",")
	if len(parts) > load.MaxStages {
		return usage("--stages has %d stages; at most %d are allowed", len(parts), load.MaxStages)
	}
	for _, part := range parts {
		s, problem := parseStage(strings.TrimSpace(part))
		if problem != "" {
			return usage("--stages: %q: %s; %s", part, problem, stagesForm)
		}
		l.Stages = append(l.Stages, s)
	}
	if l.Stages.Mean() == 0 {
		return usage("--stages %q: no stage has a rate above 0; %s", f.stages, stagesForm)
	}
	total := l.Stages.Total()
	if total < minDuration || total > maxDuration {
		return usage("--stages take %v together; allowed: %v to %v", total, minDuration, maxDuration)
	}
	l.Model, f.duration = load.Open, total
	return nil
}

// parseStage reads one stage; problem is empty when it could.
func parseStage(text string) (s load.Stage, problem string) {
	length, rates, ok := strings.Cut(text, ":")
	if !ok {
		return s, "there is no colon between duration and rate"
	}
	d, err := time.ParseDuration(length)
	if err != nil || d < time.Millisecond || d > maxDuration {
		return s, "the duration is " + strconv.Quote(length) + ", allowed are 1ms to 2h"
	}
	from, to, ramp := strings.Cut(rates, "-")
	if !ramp {
		to = from
	}
	s.For = d
	for _, x := range []struct {
		text string
		into *float64
	}{{from, &s.Rate}, {to, &s.To}} {
		v, err := strconv.ParseFloat(x.text, 64)
		if err != nil || math.IsNaN(v) || v < 0 || v > maxRate {
			return s, "the rate is " + strconv.Quote(x.text) + ", allowed are 0 to 1000000 requests per second"
		}
		*x.into = v
	}
	return s, ""
}
