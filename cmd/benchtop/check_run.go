package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"benchtop/lab"
	"benchtop/lab/expect"
	"benchtop/lab/report"
	"benchtop/lab/stats"
	"benchtop/scenarios"
	"benchtop/targets/printable"
)

// checker checks scenario files, and tries them.
type checker struct {
	env   *Env
	flags *checkFlags
	ctx   context.Context //nolint:containedctx // of the one command that it lives for
	// measure carries a plan out; tests give their own. nil: the real thing.
	measure func(context.Context, lab.Plan) (*lab.Result, error)
}

// The short form in which a scenario is tried: six pairs, which is the least that a verdict may rest on.
const (
	tryBlocks = 3
	trySlice  = time.Second
	tryWarmup = time.Second
)

// shortForm is the plan as it is tried: never longer than the file says.
func shortForm(p lab.Plan) lab.Plan {
	blocks, slice := tryBlocks, p.Slice
	if len(p.Steps) > 0 { // only what is measured after the last of them is compared
		blocks *= 2
	}
	if !p.Staged() { // stages say themselves how long a slice is
		slice = min(p.Slice, trySlice)
	}
	p.Shorten(min(p.Blocks, blocks), slice)
	p.Warmup = min(p.Warmup, tryWarmup)
	return p
}

// try runs a scenario, says line by line whether it shows what it teaches, and gives the exit code.
func (c *checker) try(ctx context.Context, file *scenarios.File) (code int, err error) {
	name, full := file.Plan.ID, *file.Plan
	if err := (&runFlags{allowExec: c.flags.allowExec}).permit(&full); err != nil {
		fmt.Fprintf(c.env.Stderr, "benchtop: %s: %v\n", name, err)
		return exitUsage, nil
	}
	if err := checkBudgets([]*lab.Plan{&full}); err != nil {
		fmt.Fprintf(c.env.Stderr, "benchtop: %v\n", err)
		return exitEnvironment, nil
	}
	plan, form := shortForm(full), "short form"
	if c.flags.full {
		plan, form = full, "as the file says"
	}
	r, err := c.run(ctx, name, form, plan)
	if err == nil && r.Ended == lab.EndRefused && plan.Slice < full.Slice {
		// The windows were too short for what it measures; as long as the file has them they should do.
		plan.Shorten(plan.Blocks, full.Slice)
		r, err = c.run(ctx, name, "short form, with slices as long as the file says", plan)
	}
	if err != nil {
		return 0, err
	}
	t := taught(r)
	out := c.env.text()
	for _, line := range t.lines {
		fmt.Fprintf(out, "  %s\n", line)
	}
	fmt.Fprintf(out, "%s: %s\n", printable.Line(name), t.summary(c.flags.full))
	if r.Outcome() == lab.OutcomeInterrupted {
		return exitOf(ctx, r), nil
	}
	return t.code, nil
}

func (c *checker) run(ctx context.Context, name, form string, plan lab.Plan) (*lab.Result, error) {
	fmt.Fprintf(c.env.text(), "%s: running, %s: %d blocks of %s slices, about %s\n", printable.Line(name), form, plan.Blocks, report.Short(plan.Slice), report.Short(plan.Duration()))
	if c.measure != nil {
		return c.measure(ctx, plan)
	}
	fold := lab.NewFold()
	if err := lab.Run(ctx, plan, lab.Options{Sink: fold.Apply, Version: version(), Apply: scenarios.Turn}); err != nil {
		return nil, &exitError{exitInternal, err}
	}
	r := fold.Result()
	if r == nil {
		return nil, &exitError{exitInternal, fmt.Errorf("%s: the run ended before it began", name)}
	}
	return r, nil
}

// lesson is what came out of what a scenario teaches.
type lesson struct {
	lines                                  []string
	confirmed, refuted, undecided, unmeant int // unmeant: not applicable
	code                                   int
	why                                    string // there is no answer, although some lines may have one
}

// taught holds a result against what its scenario states. A refuted line of the mechanism contradicts the lesson as
// much as a refuted expectation: what it explains is not what happened.
func taught(r *lab.Result) lesson {
	var t lesson
	for _, part := range []struct {
		what string
		list []lab.Expectation
	}{{"", r.Expectations}, {"mechanism: ", r.Mechanism}} {
		for i := range part.list {
			e := &part.list[i]
			t.lines = append(t.lines, fmt.Sprintf("%-14s %s%s%s", plainVerdict(e.Verdict), part.what, e.Expr, report.Measured(e)))
			switch expect.Verdict(e.Verdict) {
			case expect.Confirmed:
				t.confirmed++
			case expect.Refuted:
				t.refuted++
			case expect.NotApplicable:
				t.unmeant++
			default:
				t.undecided++
			}
		}
	}
	switch outcome := r.Outcome(); {
	case outcome == lab.OutcomeFailed:
		t.code, t.why = exitEnvironment, "the environment failed: "+r.Reason
	case outcome == lab.OutcomeInterrupted:
		t.code, t.why = exitInterrupt, "stopped before its end"
	case t.refuted > 0:
		t.code = exitRefuted
	case !r.Complete:
		t.code, t.why = exitInconclusive, r.Ended+": "+r.Reason
	case t.undecided+t.unmeant > 0:
		t.code = exitInconclusive
	case outcome != lab.OutcomeConfirmed:
		t.code, t.why = exitInconclusive, refusedOf(r)
	}
	return t
}

// refusedOf says why the verdict of a run is refused whose lines all have an answer.
func refusedOf(r *lab.Result) string {
	for i := range r.Comparisons {
		if c := &r.Comparisons[i]; c.Primary && c.Reason != "" && (c.Verdict == stats.Refused || c.Verdict == stats.NotApplicable) {
			return "the verdict is " + plainVerdict(string(c.Verdict)) + ": " + c.Reason
		}
	}
	return "the verdict is refused"
}

// summary is the last line about a scenario.
func (t *lesson) summary(full bool) string {
	n := len(t.lines)
	longer := "; --full runs it as long as the file says"
	if full {
		longer = "; more blocks, or a quieter machine, may"
	}
	switch {
	case t.why != "":
		return "no answer, " + t.why
	case t.refuted > 0:
		return fmt.Sprintf("CONTRADICTED: %d of %d lines are refuted, %d confirmed, %d not decided", t.refuted, n, t.confirmed, t.undecided+t.unmeant)
	case t.code == exitInconclusive:
		return fmt.Sprintf("not decided: %d of %d lines are confirmed, none refuted%s", t.confirmed, n, longer)
	case n == 0:
		return "it states nothing, so there is nothing to hold it to; write expect: and mechanism:"
	}
	return fmt.Sprintf("shows what it teaches, %d of %d lines are confirmed", t.confirmed, n)
}

// stamp puts the time of day in front of what a watch says.
func stamp(w io.Writer, now time.Time) { fmt.Fprintf(w, "\n%s\n", now.Format(time.TimeOnly)) }
