package main

import (
	"errors"
	"slices"
	"strings"

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
		s, err := load.ParseStage(strings.TrimSpace(part))
		if err != nil {
			return usage("--stages: %q: %w; %s", part, err, stagesForm)
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

// flagOf is the flag behind a field of a task.
func (f *settingFlags) flagOf(field string) string {
	switch field {
	case "request.method", "request.header":
		return "--" + strings.TrimPrefix(field, "request.")
	case "rate", "stages":
		return "--" + field
	}
	for _, v := range f.given {
		if strings.Join(append(slices.Clone(v.groups), v.row.Key), ".") == field {
			return "--" + v.name
		}
	}
	return field
}

// check refuses what a task would refuse, in the words of the command line.
func (f *loadFlags) check(s *load.Task) error {
	var bad *load.TaskError
	if err := s.Check(); errors.As(err, &bad) {
		return usage("%s: %s", f.settings.flagOf(bad.Field), bad.Msg)
	}
	if field := s.NetOnly(); f.engine == "epoll" && field != "" && field != "tls" {
		return usage("--engine epoll: it knows nothing of --%s and the like; leave --engine out or write --engine net", map[string]string{
			"think": "think", "pool": "pool", "retry": "retries", "timeouts": "connect-timeout",
		}[field])
	}
	return nil
}
