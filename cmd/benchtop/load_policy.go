package main

import (
	"cmp"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"benchtop/lab"
	"benchtop/lab/load"
)

// policyFlags are the flags of `load` that say what the client does beside sending and waiting.
type policyFlags struct {
	think, backoff, connect, firstByte time.Duration
	pool, retries                      int
	budget                             float64
	on                                 string
	jitter, retryAfter                 bool
}

func (f *policyFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.DurationVar(&f.think, "think", 0, "closed model: pause between a response and the next request of its connection")
	flags.IntVar(&f.pool, "pool", 0, "idle connections that all users keep together (0: one per user)")
	flags.IntVar(&f.retries, "retries", 0, "try a failed request again, up to so many times; idempotent methods only")
	flags.DurationVar(&f.backoff, "retry-backoff", 0, "wait before the first retry, doubled before each further one up to 10s")
	flags.BoolVar(&f.jitter, "retry-jitter", false, "draw each of those waits evenly from 0 up to it")
	flags.Float64Var(&f.budget, "retry-budget", 0, "retries as a share of the requests, such as 0.1 (0: unlimited)")
	flags.StringVar(&f.on, "retry-on", "", "statuses that are tried again, such as 429,503 (lost connections always are)")
	flags.BoolVar(&f.retryAfter, "retry-after", false, "wait as long as the response's Retry-After says, at most 10s")
	flags.DurationVar(&f.connect, "connect-timeout", 0, "of opening a connection, its TLS handshake included (0: --timeout alone)")
	flags.DurationVar(&f.firstByte, "first-byte-timeout", 0, "from the request written to the first byte of its response (0: --timeout alone)")
}

// settings puts the flags into the load. What is out of range is found by check.
func (f *policyFlags) settings(l *lab.Load) error {
	l.Think, l.Pool = f.think, f.pool
	if f.connect != 0 || f.firstByte != 0 {
		l.Timeouts = &load.Timeouts{Connect: f.connect, FirstByte: f.firstByte}
	}
	if f.retries == 0 {
		for _, x := range []struct {
			name  string
			given bool
		}{
			{"--retry-backoff", f.backoff != 0},
			{"--retry-jitter", f.jitter},
			{"--retry-budget", f.budget != 0},
			{"--retry-on", f.on != ""},
			{"--retry-after", f.retryAfter},
		} {
			if x.given {
				return usage("%s: nothing is tried again; add --retries N", x.name)
			}
		}
		return nil
	}
	l.Retry = &load.Retry{Max: f.retries, Backoff: f.backoff, Jitter: f.jitter, Budget: f.budget, RetryAfter: f.retryAfter}
	if f.on == "" {
		return nil
	}
	for _, text := range strings.Split(f.on, ",") {
		status, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil {
			return usage("--retry-on %q: %q is not a status; for example 429,503", f.on, text)
		}
		l.Retry.On = append(l.Retry.On, status)
	}
	return nil
}

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

// flagOf is the flag behind a field of a slice.
var flagOf = map[string]string{
	"think": "--think", "pool": "--pool", "retry.max": "--retries", "retry.backoff": "--retry-backoff", "retry.jitter": "--retry-jitter",
	"retry.budget": "--retry-budget", "retry.on": "--retry-on", "retry.retry_after": "--retry-after",
	"timeouts.connect": "--connect-timeout", "timeouts.first_byte": "--first-byte-timeout",
	"request.method": "--method", "request.header": "--header", "rate": "--rate", "stages": "--stages",
}

// checkSlice refuses what a slice would refuse, in the words of the command line.
func checkSlice(s *load.Task, engine string) error {
	var bad *load.TaskError
	if err := s.Check(); errors.As(err, &bad) {
		return usage("%s: %s", cmp.Or(flagOf[bad.Field], bad.Field), bad.Msg)
	}
	if field := s.NetOnly(); engine == "epoll" && field != "" && field != "tls" {
		return usage("--engine epoll: it knows nothing of --%s and the like; leave --engine out or write --engine net", map[string]string{
			"think": "think", "pool": "pool", "retry": "retries", "timeouts": "connect-timeout",
		}[field])
	}
	return nil
}
