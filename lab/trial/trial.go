// Package trial carries a scenario out and holds what the run shows against what the scenario teaches.
package trial

import (
	"fmt"
	"time"

	"benchtop/lab"
	"benchtop/lab/expect"
	"benchtop/lab/report"
	"benchtop/lab/stats"
)

// The short form in which a scenario is tried: six pairs, which is the least that a verdict may rest on.
const (
	shortBlocks = 3
	shortSlice  = time.Second
	shortWarmup = time.Second
)

// Short is the plan as it is tried: never longer than the file says.
func Short(p lab.Plan) lab.Plan {
	blocks, slice := shortBlocks, p.Slice
	if len(p.Timed()) > 0 { // only what is measured after the last of them is compared
		blocks *= 2
	}
	if !p.Staged() { // stages say themselves how long a slice is
		slice = min(p.Slice, shortSlice)
	}
	p.Resize(min(p.Blocks, blocks), slice)
	p.Warmup = min(p.Warmup, shortWarmup)
	return p
}

// Run measures a plan in its short form, or as the file says when full. form says in words how measure gets it.
func Run(p lab.Plan, full bool, measure func(p lab.Plan, form string) (*lab.Result, error)) (*lab.Result, error) {
	if full {
		return measure(p, "as the file says")
	}
	short := Short(p)
	r, err := measure(short, "short form")
	if err == nil && r.Ended == lab.EndRefused && short.Slice < p.Slice {
		// The windows were too short for what it measures; as long as the file has them they should do.
		short.Resize(short.Blocks, p.Slice)
		return measure(short, "short form, with slices as long as the file says")
	}
	return r, err
}

// Lesson is what came out of what a scenario teaches.
type Lesson struct {
	Lines   []string // one for each expectation and each line of the mechanism, and the conclusion
	Outcome lab.Outcome

	confirmed, refuted, undecided, unmeant int    // lines; unmeant: not applicable
	why                                    string // there is no answer, although some lines may have one
	mute                                   bool   // there is an answer, and no conclusion of the plan holds
}

// Taught holds a result against what its scenario states. A refuted line of the mechanism contradicts the lesson as
// much as a refuted expectation: what it explains is not what happened. So does an outcome of which no conclusion speaks.
func Taught(p *lab.Plan, r *lab.Result) *Lesson {
	t := &Lesson{}
	t.take("", r.Expectations)
	t.take("mechanism: ", r.Mechanism)
	switch outcome := r.Outcome(); {
	case outcome == lab.OutcomeFailed:
		t.Outcome, t.why = outcome, "the environment failed: "+r.Reason
	case outcome == lab.OutcomeInterrupted:
		t.Outcome, t.why = outcome, "stopped before its end"
	case t.refuted > 0:
		t.Outcome = lab.OutcomeRefuted
	case !r.Complete:
		t.Outcome, t.why = lab.OutcomeInconclusive, r.Ended+": "+r.Reason
	case t.undecided+t.unmeant > 0:
		t.Outcome = lab.OutcomeInconclusive
	case outcome != lab.OutcomeConfirmed:
		t.Outcome, t.why = lab.OutcomeInconclusive, refused(r)
	default:
		t.Outcome = outcome
	}
	if c := r.Conclusion; c != nil {
		t.Lines = append(t.Lines, fmt.Sprintf("%-14s %s %s", "conclusion", c.Means, c.Do))
	} else if r.Concludes() && len(p.Conclusions) > 0 {
		t.mute, t.Outcome = true, lab.OutcomeRefuted
	}
	return t
}

func (t *Lesson) take(what string, list []lab.Expectation) {
	for i := range list {
		e := &list[i]
		t.Lines = append(t.Lines, fmt.Sprintf("%-14s %s%s%s", report.Words(e.Verdict), what, e.Expr, report.Measured(e)))
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

// refused says why the verdict of a run is refused whose lines all have an answer.
func refused(r *lab.Result) string {
	for i := range r.Comparisons {
		if c := &r.Comparisons[i]; c.Primary && c.Reason != "" && (c.Verdict == stats.Refused || c.Verdict == stats.NotApplicable) {
			return "the verdict is " + report.Words(c.Verdict) + ": " + c.Reason
		}
	}
	return "the verdict is refused"
}

// Summary is the last line about a scenario, which was carried out in full or in its short form.
func (t *Lesson) Summary(full bool) string {
	n := t.confirmed + t.refuted + t.undecided + t.unmeant
	longer := "; --full runs it as long as the file says"
	if full {
		longer = "; more blocks, or a quieter machine, may"
	}
	switch {
	case t.why != "":
		return "no answer, " + t.why
	case t.refuted > 0:
		return fmt.Sprintf("CONTRADICTED: %d of %d lines are refuted, %d confirmed, %d not decided", t.refuted, n, t.confirmed, t.undecided+t.unmeant)
	case t.mute:
		return "no conclusion speaks of this outcome; write a last one without when"
	case t.Outcome == lab.OutcomeInconclusive:
		return fmt.Sprintf("not decided: %d of %d lines are confirmed, none refuted%s", t.confirmed, n, longer)
	case n == 0:
		return "it states nothing, so there is nothing to hold it to; write expect: and mechanism:"
	}
	return fmt.Sprintf("shows what it teaches, %d of %d lines are confirmed", t.confirmed, n)
}
