package answer

import (
	"fmt"
	"slices"
	"strings"

	"benchtop/lab"
	"benchtop/lab/expect"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/lab/pooled"
	"benchtop/lab/stats"
)

// Asked is what a class measures: the ratio of a variant over the baseline.
type Asked struct {
	Metric, Variant, Baseline string
	Smallest                  float64          // effect that counts, as a share
	Conclusions               []lab.Conclusion // what the lesson says of the outcomes; nil: sealed, or not known
}

// Together is what the machines of a class came to, in words: on the trainer's screen, on a seat's and on paper alike.
type Together struct {
	Badge    Badge
	Sentence string // with its interval
	Spread   string // how far the machines differ from each other, beside how exactly each is measured
	Depends  bool   // on the machine
	Next     string // where the next machine would land; empty under three
}

// All is what several machines came to.
func All(of Asked, all *pooled.Result) Together {
	t := Together{Badge: BadgeOf(all.Verdict, false), Depends: all.Depends, Spread: spread(of, all)}
	interval := glued("95 % CI " + figure.Interval(all.CI95[0], all.CI95[1]))
	switch all.Verdict {
	case stats.Higher, stats.Lower:
		t.Sentence = metric.Named(of.Metric).Says(of.Variant, of.Baseline, all.Ratio) + ", " + interval
	case stats.NoDifference:
		t.Sentence = fmt.Sprintf("%s and %s do not differ by what counts, %s", of.Variant, of.Baseline, interval)
	default:
		t.Sentence = fmt.Sprintf("All together cannot tell %s from %s: %s, %s", of.Variant, of.Baseline, glued(figure.Change(all.Ratio)), interval)
	}
	if n := all.Next; n != nil {
		t.Next = "The next laptop would land at " + glued(figure.Interval(n[0], n[1])) + ", with " + glued("95 %") + "."
	}
	return t
}

// BadgeOf is the badge of a verdict, of a machine that was disturbed or of one that was not.
func BadgeOf(v stats.Verdict, disturbed bool) Badge {
	switch {
	case v == stats.Higher, v == stats.Lower:
		return Decided
	case v == stats.NoDifference:
		return NoDifference
	case v == stats.Refused, v == stats.NotApplicable:
		return Refused
	case disturbed:
		return Disturbed
	}
	return CannotTell
}

// NotCounted stands in place of the figures of a machine that is not joined with the others.
const NotCounted = "not counted"

// Joined says how many of the rows of a class are joined.
func Joined(all *pooled.Result, rows int) string {
	if all.Seats == rows {
		return figure.Lines.Counted(rows, "machine")
	}
	return fmt.Sprintf("%d of %d rows", all.Seats, rows)
}

// Spread is a standard deviation of log ratios as people read it: 6.2 %, or a factor.
func Spread(tau float64) string {
	ratio := pooled.Factor(tau)
	text, times := figure.Much(ratio)
	if times {
		return figure.Change(ratio)
	}
	return text
}

// spread sets what the machines differ by beside how exactly each is measured. A share of the one in both (I²) is left out: it
// is large wherever the machines are measured exactly, also where they hardly differ.
func spread(of Asked, all *pooled.Result) string {
	apart, each := glued("about "+Spread(all.Tau)), "each is typically measured to "+glued("about "+Typically(all.Each))
	switch {
	case all.Depends:
		return fmt.Sprintf("It depends on the machine: the machines differ from each other by %s, and %s.", apart, each)
	case all.Tau == 0:
		return fmt.Sprintf("The machines agree: they differ by no more than measuring explains, and %s.", each)
	case pooled.Factor(all.Tau) < 1+of.Smallest:
		return fmt.Sprintf("The machines differ from each other by %s, less than the %s that count; %s.", apart, glued(figure.Declared(of.Smallest)), each)
	}
	return fmt.Sprintf("The machines may differ from each other by %s; that can still be chance, as %s.", apart, each)
}

// Typically is how exactly machines are measured, by the one in the middle, or the two, as people read it: 0.6 %, or 0.6 to 0.9 %.
func Typically(each [2]float64) string {
	low, high := Spread(each[0]), Spread(each[1])
	if low == high {
		return low
	}
	if strings.HasSuffix(high, " %") {
		low = strings.TrimSuffix(low, " %")
	}
	return low + " to " + high
}

// Again says which seats count once, empty where all count.
func Again(of pooled.Repeated) string {
	show, middle := "show", ""
	if of.Parts {
		show, middle = "show parts of", ", by the middle one"
	}
	switch of.Runs {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("%d rows %s one and the same recorded run, as in a rehearsal; together they count once%s.", of.Shown, show, middle)
	}
	return fmt.Sprintf("%d rows %s %d recorded runs, as in a rehearsal; each of these counts once%s.", of.Shown, show, of.Runs, middle)
}

// glued keeps a text on one line where it is wrapped.
func glued(text string) string { return strings.ReplaceAll(text, " ", "\u00a0") }

// Meaning is what the lesson says of what its machines came to together: its first conclusion that holds for the verdict of them
// all. Nil where a conclusion that comes first depends on more than that, or none holds.
func Meaning(of Asked, v stats.Verdict) *lab.Conclusion {
	if BadgeOf(v, false) == Refused {
		return nil
	}
	for i := range of.Conclusions {
		c := &of.Conclusions[i]
		open := false
		against := slices.ContainsFunc(c.When, func(line string) bool {
			is, err := expect.ParseCase(line)
			known := err == nil && is.Expr == nil && is.Variant == of.Variant
			open = open || !known
			return known && is.Verdict != v
		})
		switch {
		case against:
		case open:
			return nil
		default:
			return c
		}
	}
	return nil
}

// Case is what a conclusion holds for, in words; as it stands in the file where it is about more than a verdict.
func Case(line string, of Asked) string {
	c, err := expect.ParseCase(line)
	if err != nil || c.Expr != nil {
		return line
	}
	words := metric.Words(of.Metric)
	switch c.Verdict {
	case stats.Higher:
		return fmt.Sprintf("%s of %s: higher than of %s", words, c.Variant, of.Baseline)
	case stats.Lower:
		return fmt.Sprintf("%s of %s: lower than of %s", words, c.Variant, of.Baseline)
	case stats.NoDifference:
		return fmt.Sprintf("%s of %s: no difference from %s that counts", words, c.Variant, of.Baseline)
	}
	return fmt.Sprintf("%s of %s: the run cannot tell it from %s", words, c.Variant, of.Baseline)
}
