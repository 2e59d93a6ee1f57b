// Package answer says what a run came to in one badge and one plain sentence, the same on the screen, in text and in HTML.
package answer

import (
	"fmt"
	"math"
	"strings"

	"benchtop/lab"
	"benchtop/lab/expect"
	"benchtop/lab/figure"
	"benchtop/lab/load"
	"benchtop/lab/metric"
	"benchtop/lab/stats"
)

// Badge is the answer in a word or two.
type Badge string

// The badges. Disturbed is a run that cannot tell, and that counts blocks which were disturbed: a decision of such a run
// stands for a machine in that state (Result.Scope), because its interval holds what the disturbance did.
const (
	Decided      Badge = "DECIDED"
	NoDifference Badge = "NO DIFFERENCE"
	CannotTell   Badge = "CANNOT TELL"
	Refused      Badge = "REFUSED"
	Disturbed    Badge = "DISTURBED"
)

// Answer is what a run, or one comparison of it, came to.
type Answer struct {
	Badge      Badge           // empty where there was nothing to decide
	Sentence   string          // plain words without a full stop; variants by their ids
	Reason     string          // why it is not decided, empty where it is
	Comparison *lab.Comparison // that it is about, nil where nothing was compared
	Chosen     string          // why it is about that one of several comparisons; empty where there is one, or none stands out
}

// rank is the order in which the comparisons of a run make its answer: one decided comparison is an answer, and "no
// difference" is one only when every variant has it.
var rank = map[Badge]int{Decided: 4, Disturbed: 3, CannotTell: 2, NoDifference: 1, Refused: 0}

// Of is the answer of a run: that of the primary comparison which its lesson asks about. Where it asks for none it is the
// one that says most, of decided ones that with the largest effect.
func Of(r *lab.Result) Answer {
	best, size, n := Answer{Sentence: "nothing was compared"}, -1.0, 0
	for i := range r.Comparisons {
		c := &r.Comparisons[i]
		if !c.Primary {
			continue
		}
		n++
		a, effect := About(r, c), 0.0
		if a.Badge == Decided {
			effect = math.Abs(math.Log(*c.Ratio))
			a.Chosen = "the largest"
		}
		switch {
		case best.Comparison != nil && best.Comparison.Variant == r.Asked:
		case c.Variant == r.Asked:
			a.Chosen = "the one that the lesson asks about"
			best = a
		case best.Comparison == nil || rank[a.Badge] > rank[best.Badge] || rank[a.Badge] == rank[best.Badge] && effect > size:
			best, size = a, effect
		}
	}
	switch {
	case best.Comparison == nil && !r.Complete:
		best.Badge, best.Sentence, best.Reason = Refused, "the run did not come to its end", r.Reason
	case n < 2:
		best.Chosen = ""
	case best.Chosen != "":
		best.Chosen = fmt.Sprintf("of %d comparisons, %s", n, best.Chosen)
	}
	return best
}

// About is the answer of one primary comparison of a run.
func About(r *lab.Result, c *lab.Comparison) Answer {
	a := Answer{Comparison: c, Reason: c.Reason}
	what := fmt.Sprintf("%s and %s", c.Variant, c.Baseline)
	words, least := metric.Words(c.Metric), figure.Declared(r.Smallest)
	switch {
	case c.Verdict == stats.Refused || c.Verdict == stats.NotApplicable:
		a.Badge = Refused
		a.Sentence = fmt.Sprintf("no verdict about the %s of %s", words, what)
	case (c.Verdict == stats.Higher || c.Verdict == stats.Lower) && c.Ratio != nil:
		a.Badge, a.Reason = Decided, ""
		a.Sentence = metric.Named(c.Metric).Says(c.Variant, c.Baseline, *c.Ratio)
	case c.Verdict == stats.NoDifference:
		a.Badge = NoDifference
		a.Sentence = fmt.Sprintf("%s do not differ in %s by %s or more", what, words, least)
	case oneSided(c.CI99) && c.Pairs >= lab.MinPairs:
		a.Badge = CannotTell
		a.Sentence = fmt.Sprintf("%s differ in %s, perhaps by less than the %s that count", what, words, least)
	case oneSided(c.CI95) && c.Pairs >= lab.MinPairs:
		a.Badge = CannotTell
		a.Sentence = fmt.Sprintf("%s and %s probably differ in %s, but that is not sure enough for a verdict", c.Variant, c.Baseline, words)
	case oneSided(c.CI95):
		a.Badge = CannotTell
		a.Sentence = fmt.Sprintf("%s and %s seem to differ in %s, but %d pairs are too few for a verdict", c.Variant, c.Baseline, words, c.Pairs)
	default:
		a.Badge = CannotTell
		a.Sentence = fmt.Sprintf("this run cannot tell whether %s differ in %s", what, words)
	}
	if a.Badge == CannotTell && r.Disturbed > 0 {
		a.Badge = Disturbed
		a.Sentence += "; " + r.DisturbedWords() + because(r, c)
	}
	return a
}

// because says what the disturbed blocks of a run have to do with it that a comparison cannot be told.
func because(r *lab.Result, c *lab.Comparison) string {
	switch {
	case c.Pairs < lab.MinPairs:
		return " as well"
	case r.MostlyDisturbed():
		return ", which is the likely reason"
	}
	return ", which may be why"
}

// oneSided reports whether an interval of a ratio lies wholly on one side of no change.
func oneSided(ci *[2]float64) bool { return ci != nil && stats.Interval(*ci).Excludes(1) }

// Conclusion is what a run means and what to do: as its scenario says, and for one without a verdict what holds for every
// scenario. Nil where there is nothing to say.
func Conclusion(r *lab.Result) *lab.Conclusion {
	a := Of(r)
	switch {
	case r.Conclusion != nil && a.Badge == Disturbed && r.MostlyDisturbed():
		do := quieter(r.Conclusion.Do)
		if a.Comparison.Pairs < lab.MinPairs {
			do = "Run it again with more blocks, so that enough pairs count. " + do
		}
		return &lab.Conclusion{When: r.Conclusion.When, Means: r.Conclusion.Means, Do: do}
	case r.Conclusion != nil || a.Badge != Refused:
		return r.Conclusion
	case !r.Complete:
		return unfinished(r)
	case a.Comparison != nil && a.Comparison.Reason == lab.SharedMachine:
		return &lab.Conclusion{
			Means: "The variants ran at the same time, and each took what the others lacked. That is a race to look at; it decides nothing.",
			Do:    "Compare them one after the other: `--order interleaved`, or `order: interleaved` in the plan. The CPU per request can be read all the same.",
		}
	}
	for i := range r.Variants {
		if r.Variants[i].Refused != "" {
			return &lab.Conclusion{
				Means: "Too many requests failed for a comparison of speed: a fast refusal is no fast response.",
				Do:    "Look at the errors of " + r.Variants[i].ID + " and at their reasons first. Mend what they name, then run it again.",
			}
		}
	}
	for i := range r.Mechanism {
		if r.Mechanism[i].Verdict == string(expect.Refuted) {
			return &lab.Conclusion{
				Means: "What this run is about did not happen in it, so its figures say nothing about that.",
				Do:    "Look at the mechanism and at what it measured, then at the settings that bring it about.",
			}
		}
	}
	if busy := r.Generator.Busy; r.Generator.Saturated && busy != nil && *busy >= load.BusiestThread {
		return &lab.Conclusion{
			Means: "The generator had no time left, so the figures would be its own and not the servers'. Nothing is decided.",
			Do:    "Give each request more work, or the run more cores, and run it again. The CPU per request can be read all the same.",
		}
	}
	return &lab.Conclusion{
		Means: "The figures would say more about this machine, or about the generator, than about the variants. Nothing is decided.",
		Do:    "Close other programs, and run it again. A machine that cannot measure it can still show the recorded run.",
	}
}

// quieter is the advice of a scenario for a run of which most blocks were disturbed: more blocks do not cure a core that is
// always busy.
func quieter(do string) string {
	do = strings.NewReplacer(
		"with more blocks, or on a quieter machine", "on a quieter machine",
		"with more blocks, on a quieter machine", "on a quieter machine",
		"on a quieter machine, or with more blocks", "on a quieter machine",
		"with more blocks", "on a quieter machine",
	).Replace(do)
	if !strings.HasPrefix(do, "Close ") {
		do = "Close what else runs. " + do
	}
	return do
}

// unfinished is the conclusion of a run that did not come to its end; nil where it had nothing to decide.
func unfinished(r *lab.Result) *lab.Conclusion {
	switch {
	case r.Ended == lab.EndFailed:
		return &lab.Conclusion{
			Means: "Something that the run needs did not start, or died. What was measured before that decides nothing.",
			Do:    "Read the reason, and the events around it. Mend what they name, then run it again.",
		}
	case r.Ended == lab.EndRefused:
		return &lab.Conclusion{
			Means: "This plan cannot be measured on this machine as it stands, so nothing was.",
			Do:    "Change what the reason names, with --set or in the file. The recorded run shows what it looks like elsewhere.",
		}
	case len(r.Comparisons) == 0: // of a free run, say
		return nil
	case r.Ended == lab.EndedCut:
		return &lab.Conclusion{
			Means: "The file ends before the run does. The verdict falls once, after the last block, so there is none.",
			Do:    "Open it again once the run has ended. If it was cut, run it again and let it come to its end.",
		}
	}
	stopped := &lab.Conclusion{
		Means: "The run was stopped. The verdict falls once, after the last block, so there is none; the figures are of what was measured.",
		Do:    "Run it again and let it come to its end.",
	}
	if n := max((r.Planned+1)/2, leastBlocks); n < r.Planned {
		stopped.Do += fmt.Sprintf(" Where that takes too long, take fewer blocks: `--blocks %d`.", n)
	}
	return stopped
}

// leastBlocks have the pairs that a verdict needs, at two a block.
const leastBlocks = (lab.MinPairs + 1) / 2
