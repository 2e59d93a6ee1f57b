package mystery

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"benchtop/lab"
	"benchtop/lab/answer"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/lab/progress"
)

// Key is that of the case in a Progress.
func (c *Case) Key() string { return strconv.FormatUint(c.Seed, 10) }

// Judge says what a guess came to, of the run that measured its repair.
func (c *Case) Judge(f *Fault, r *lab.Result, at time.Time) progress.Try {
	t := progress.Try{Fault: f.ID, At: at, Right: f.ID == c.Answer().ID, Metric: f.Metric}
	for i := range r.Comparisons {
		if o := &r.Comparisons[i]; o.Primary {
			t.Ratio, t.CI95, t.Verdict, t.Shows = o.Ratio, o.CI95, string(o.Verdict), o.Verdict == f.Better()
		}
	}
	return t
}

// Told is what a try came to, in lines.
func (c *Case) Told(t *progress.Try, m *progress.Mystery, r *lab.Result) []string {
	said := repair(r)
	if !t.Right {
		return []string{"No, it is not " + t.Fault + ". " + said, fmt.Sprintf("Tries so far: %d. The settings stay sealed.", len(m.Tries))}
	}
	f := c.Answer()
	lines := []string{fmt.Sprintf("Yes, it is %s: %s. %s", f.ID, f.Label, said)}
	if !t.Shows {
		lines = append(lines, "That the repair does not show halves the points, and leaves the answer as it is.")
	}
	if before, after := c.sign(r, Service), c.sign(r, Repaired); before != "" && after != "" {
		lines = append(lines, fmt.Sprintf("Its sign, %s: %s as it was, %s repaired.", words(f.Sign), before, after))
	}
	return append(lines, points(m))
}

// Found is what is kept of a fault that was found, in lines; nil: it is still to be found.
func (c *Case) Found(m *progress.Mystery, now time.Time) []string {
	if m.Solved() == nil {
		return nil
	}
	f := c.Answer()
	return []string{fmt.Sprintf("Found %s: it is %s, %s.", figure.When(m.Solved().At, now), f.ID, f.Label), points(m)}
}

// points are those of a fault that is found, and what they are for.
func points(m *progress.Mystery) string {
	took := "without a look before"
	if d := m.Solved().At.Sub(m.Begun).Round(time.Second); d > 0 {
		took = "in " + figure.Duration(d)
	}
	return fmt.Sprintf("%s: %s, %s.", figure.Lines.Counted(m.Points(), "point"), tries(m), took)
}

// repair is what the verdict of a trial says of the repair: a figure only where it decides.
func repair(r *lab.Result) string {
	a := answer.Of(r)
	switch {
	case a.Comparison == nil:
		return "Its repair was not measured."
	case a.Badge != answer.Decided && a.Badge != answer.NoDifference:
		why := cmp.Or(a.Reason, a.Sentence)
		if a.Badge == answer.Disturbed && a.Reason != "" { // else the sentence has it
			why += "; " + r.DisturbedWords()
		}
		return fmt.Sprintf("This machine could not show what its repair does: %s, %s.", a.Badge, why)
	case a.Comparison.CI95 == nil:
		return "Its repair: " + a.Sentence + "."
	}
	ci := a.Comparison.CI95
	return fmt.Sprintf("Its repair: %s (95 %% CI %s).", a.Sentence, figure.Interval(ci[0], ci[1]))
}

func tries(m *progress.Mystery) string {
	n := 1 + slices.IndexFunc(m.Tries, func(t progress.Try) bool { return t.Right })
	if n == 1 {
		return "with the first try"
	}
	return fmt.Sprintf("with try %d", n)
}

// sign is the counter of the fault in a variant, empty where it was not measured.
func (c *Case) sign(r *lab.Result, variant string) string {
	for i := range r.Variants {
		if v := &r.Variants[i]; v.ID == variant {
			if s, ok := v.Metrics[c.Answer().Sign]; ok && s.Median != nil {
				return row(c.Answer().Sign).Write(figure.Lines, s.Median)
			}
		}
	}
	return ""
}

// row is that of a metric, perhaps of one service.
func row(key string) metric.Metric {
	name, _, _ := strings.Cut(key, "(")
	return metric.Named(name)
}

func words(key string) string {
	_, service, of := strings.Cut(strings.TrimSuffix(key, ")"), "(")
	if !of {
		return metric.Words(key)
	}
	return row(key).Words + ", of " + service
}

// Counters writes what was counted in a look, those that are 0 left out.
func Counters(out io.Writer, r *lab.Result) error {
	v := &r.Variants[0]
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "COUNTER\tMEDIAN OF THE SLICES")
	for _, m := range metric.Mechanisms() {
		if s, ok := v.Metrics[m.Name]; ok && s.Median != nil && *s.Median != 0 {
			fmt.Fprintf(w, "%s\t%s\n", m.Words, m.Write(figure.Lines, s.Median))
		}
	}
	return w.Flush()
}

// Candidates writes the faults of which the service has one.
func (c *Case) Candidates(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for i := range c.Faults {
		fmt.Fprintf(w, "  %s\t%s\n", c.Faults[i].ID, c.Faults[i].Label)
	}
	return w.Flush()
}
