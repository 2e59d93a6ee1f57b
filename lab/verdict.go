package lab

import (
	"fmt"
	"slices"
	"strings"

	"benchtop/lab/ablation"
	"benchtop/lab/expect"
	"benchtop/lab/figure"
	"benchtop/lab/load"
	"benchtop/lab/metric"
	"benchtop/lab/stats"
)

// MinPairs is the least number of pairs that a verdict may rest on.
const MinPairs = 6

// refusals collects why figures must not be believed, once per result.
type refusals struct {
	all       string            // refuses every verdict
	race      bool              // the variants shared the machine: what of it each got is no figure of its own
	errors    map[string]string // by variant: errors over the limit
	load      map[string]string // by variant: it was not the load that was asked for, or the generator was the bottleneck
	mechanism map[string]string // by variant: its mechanism did not engage
}

// refusals looks at the finished run.
func (f *Fold) refusals() refusals {
	p := f.st.Plan
	r := refusals{race: p.Order == Together, errors: map[string]string{}, load: map[string]string{}, mechanism: map[string]string{}}
	switch end := f.st.End; {
	case end == nil:
		r.all = "the run file ends in the middle of the run"
	case end.Class == ClassGeneratorDied:
		r.all = "generator died"
	case (end.How == EndInterrupted || end.How == EndTerminated) && f.blocks == 0:
		r.all = "stopped before the first block was complete"
	case end.How == EndInterrupted || end.How == EndTerminated:
		r.all = fmt.Sprintf("%s after %d of %d blocks; the number of blocks is decided beforehand", end.How, f.blocks, p.Blocks)
	case end.How != EndComplete:
		r.all = end.Reason
	}
	for i := range f.st.Variants {
		v := &f.st.Variants[i]
		if errors := sum(v.Errors); v.Requests > 0 && float64(errors) > p.ErrorLimit*float64(v.Requests) {
			r.errors[v.ID] = fmt.Sprintf("%s: %d of %d requests failed (%s), more than the limit of %s", v.ID, errors,
				v.Requests, load.ErrorWords(v.Errors, v.Reasons), figure.Declared(p.ErrorLimit))
		}
		if reason := f.saturation(v.ID); reason != "" {
			r.load[v.ID] = reason
		} else if reason := mostly(f.slicesOf(v.ID, false), func(s *Slice) string { return s.Short }); reason != "" {
			r.load[v.ID] = v.ID + " was not driven as asked: " + reason
		}
	}
	return r
}

// saturation says that the generator limited a variant: it did in more than a quarter of its slices, those in which it
// stood still included. It is called the bottleneck where it had no time left, and late where it had (load.Trouble).
func (f *Fold) saturation(id string) string {
	what := "late"
	reason := mostly(f.slicesOf(id, true), func(s *Slice) string {
		if len(s.Limits) > 0 && s.Load.Busy >= load.BusiestThread {
			what = "the bottleneck"
		}
		return strings.Join(s.Limits, ", ")
	})
	if reason == "" {
		return ""
	}
	return "the generator was " + what + " at " + id + ": " + reason
}

// of says why a metric of the named variants is refused, empty when it is not.
func (r *refusals) of(name string, variants ...string) string {
	if r.all != "" {
		return r.all
	}
	m := metric.Named(name)
	for _, v := range variants {
		if reason := r.errors[v]; reason != "" && !m.Failures {
			return reason
		}
	}
	for _, v := range variants {
		if reason := r.load[v]; reason != "" && m.Spoiled {
			return reason
		}
	}
	if r.race && m.Spoiled {
		return SharedMachine
	}
	return ""
}

// comparisons gives every compared metric of every variant against the baseline, the primary one first.
func (f *Fold) comparisons(r *refusals) []Comparison {
	p := f.st.Plan
	base, _ := f.variant(p.Baseline)
	out := []Comparison{}
	if base == nil || p.Free {
		return out
	}
	metrics := []string{p.Metric}
	for _, m := range f.compared() {
		if m.Name != p.Metric {
			metrics = append(metrics, m.Name)
		}
	}
	for i := range f.st.Variants {
		v := &f.st.Variants[i]
		if v.ID == base.ID {
			continue
		}
		for _, name := range metrics {
			out = append(out, f.comparison(v, base, name, name == p.Metric, r))
		}
	}
	return out
}

// SharedMachine is the reason that refuses to compare what variants under load at the same time took from each other.
const SharedMachine = "the variants were under load at the same time and shared the machine: what one of them takes the others lack, " +
	"so that this is a race and no comparison; order: interleaved compares them"

func (f *Fold) comparison(v, base *VariantState, name string, primary bool, r *refusals) Comparison {
	ratio, starts := f.ratio(v, base, name)
	c := Comparison{
		Starts: starts, Metric: name, Primary: primary, Variant: v.ID, Baseline: base.ID,
		Ratio: stats.Finite(ratio.Ratio), Pairs: ratio.Pairs, Means: stats.Interval(ratio.Means).Finite(), CI95: ratio.CI95.Finite(), CI99: ratio.CI99.Finite(),
	}
	smallest, gap := f.st.Plan.SmallestEffect, missing(v, base, name)
	switch reason := r.of(name, v.ID, base.ID); {
	case reason != "":
		c.Verdict, c.Reason = stats.Refused, reason
	case r.mechanism[v.ID] != "" || r.mechanism[base.ID] != "":
		c.Verdict, c.Reason = stats.NotApplicable, "the mechanism did not engage: "+r.mechanism[v.ID]+r.mechanism[base.ID]
	case gap != "":
		c.Verdict, c.Reason = stats.Refused, gap
	case !primary:
		c.Verdict, c.Reason = stats.Exploratory, "only the primary metric decides"
	case ratio.Pairs < MinPairs:
		c.Verdict = stats.Inconclusive
		c.Reason = fmt.Sprintf("%s; a decision needs at least %d", figure.Lines.Counted(ratio.Pairs, "pair"), MinPairs) + f.voided(v.ID, base.ID)
	default:
		c.Verdict = stats.Decide(ratio, smallest)
		c.Reason = explain(c.Verdict, ratio, smallest, f.remedy())
	}
	return c
}

// ablation gives what the fixes of the plan are worth; nil: it names none.
func (f *Fold) ablation(r *refusals) *ablation.Result {
	p := f.st.Plan
	if p.Ablation == nil || p.Free {
		return nil
	}
	out := ablation.Of(p.Ablation, f.cost)
	out.Metric = p.Metric
	if out.Reason = r.of(p.Metric, p.Ablation.Variants()...); out.Reason == "" && p.Order == Together && metric.Named(p.Metric).Spoiled {
		out.Reason = SharedMachine
	}
	return out
}

// cost is what a request cost in each slice of a variant by the primary metric (ablation.Result).
func (f *Fold) cost(id string) []float64 {
	v, _ := f.variant(id)
	if v == nil {
		return nil
	}
	out := values(v.Slices, f.st.Plan.Metric)
	if !metric.Named(f.st.Plan.Metric).Lower {
		for i, x := range out {
			out[i] = 1e6 / x
		}
	}
	return out
}

// missing says that some pairs that count are not in a ratio, because a slice of them has no figure that a ratio could be
// formed of: nothing was answered in it. Such a slice is a result, often the most important one, and a verdict from the
// others would be one about the good moments. Empty when all pairs are in it, or when the metric was not measured at all.
func missing(v, base *VariantState, name string) string {
	var dots [2][]*SliceDot
	for i := range min(len(v.Slices), len(base.Slices)) {
		if a, b := &v.Slices[i], &base.Slices[i]; !a.Discarded && !b.Discarded {
			dots[0], dots[1] = append(dots[0], a), append(dots[1], b)
		}
	}
	var who []string
	measured := false
	for k, id := range [2]string{v.ID, base.ID} {
		text, some := unanswered(id, dots[k], func(d *SliceDot) bool {
			value, ok := d.Metrics.Of(name)
			return ok && value > 0 // a ratio is one of logarithms
		})
		if measured = measured || some; text != "" {
			who = append(who, text)
		}
	}
	if len(who) == 0 || !measured {
		return ""
	}
	return strings.Join(who, " and ") + ", so that their pairs have no ratio in " + name
}

// unanswered says in how many slices of a variant nothing was answered, so that they have no figure; empty where that is in
// none. some reports whether any slice has one.
func unanswered(id string, dots []*SliceDot, has func(*SliceDot) bool) (text string, some bool) {
	n := 0
	for _, d := range dots {
		switch {
		case has(d):
			some = true
		case d.Empty:
			n++
		}
	}
	if n > 0 {
		text = fmt.Sprintf("%s answered nothing in %d of %d slices", id, n, len(dots))
	}
	return text, some
}

// voided says how many slices of two variants do not count, and why the newest of them does not; empty when all do.
func (f *Fold) voided(ids ...string) string {
	n, newest := 0, ""
	for _, s := range f.all {
		if slices.Contains(ids, s.Variant) && s.Void != "" && !f.discard[s.Index] {
			n++
			newest = s.Variant + ": " + s.Void
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("; %s did not count, the last one of %s", plural(n, "slice"), newest)
}

// explain says in plain words why the rule decided so.
func explain(v stats.Verdict, r stats.Ratio, smallest float64, remedy string) string {
	switch v {
	case stats.Higher, stats.Lower:
		return fmt.Sprintf("the 99 %% interval excludes 1 and the effect is at least %s", figure.Declared(smallest))
	case stats.NoDifference:
		return fmt.Sprintf("the 95 %% interval lies within %s of 1", figure.Declared(smallest))
	case stats.Inconclusive:
		return Undecided(r, smallest, remedy)
	}
	return ""
}

// Undecided says in plain words why the rule leaves a ratio open, and what may decide it, the remedy. An
// interval that lies wholly on one side is not called too wide.
func Undecided(r stats.Ratio, smallest float64, remedy string) string {
	switch {
	case r.CI99.Excludes(1):
		return fmt.Sprintf("there is a difference, but it may be smaller than the %s that count", figure.Declared(smallest))
	case r.CI95.Excludes(1):
		return "the 95 % interval lies wholly on one side of no difference, but the 99 % interval, which decides, is " + figure.Interval(r.CI99[0], r.CI99[1]) + " and includes no difference: " + remedy
	case r.CI95[0] >= 1-smallest && r.CI95[1] <= 1+smallest: // it looks as if it were inside
		return fmt.Sprintf("the 95 %% interval reaches beyond %s, the changes that do not count (half and twice are equally far from no difference): %s",
			figure.Changes(&[2]float64{1 / (1 + smallest), 1 + smallest}), remedy)
	}
	return "the interval is too wide to tell: " + remedy
}

// source gives measured values to the expectation grammar.
type source struct{ f *Fold }

func (s source) Slices(of expect.Ref) []float64 {
	v, _ := s.f.variant(of.Variant)
	if v == nil {
		return nil
	}
	return values(v.Slices, metric.Key(of.Metric, of.Service))
}

// Exact is a count: one of the generator over the requests of all windows, another one over the kept slices.
func (s source) Exact(of expect.Ref) (float64, bool) {
	v, _ := s.f.variant(of.Variant)
	m, _ := metric.Lookup(of.Metric)
	switch {
	case v == nil || !m.Exact || v.Requests == 0 || !slices.ContainsFunc(v.Slices, func(d SliceDot) bool { return !d.Discarded }):
		return 0, false
	case m.Scope != metric.Load:
		return m.Together(s.Slices(of))
	}
	return m.Value(&metric.Slice{Load: &load.Summary{Counts: load.Counts{
		Requests: v.Requests, OK: v.Requests - sum(v.Errors), Errors: v.Errors,
		Attempts: v.Attempts, Retried: v.Retried, AttemptErrors: v.AttemptErrors,
	}}})
}

// gap says that a latency is missing in slices in which nothing was answered, so that what is said of the others is not
// said of the variant; empty when it is there, or in none.
func (s source) gap(ref expect.Ref) string {
	v, _ := s.f.variant(ref.Variant)
	if v == nil {
		return ""
	}
	var dots []*SliceDot
	for i := range v.Slices {
		if d := &v.Slices[i]; !d.Discarded {
			dots = append(dots, d)
		}
	}
	text, some := unanswered(ref.Variant, dots, func(d *SliceDot) bool {
		_, ok := d.Metrics.Of(ref.Metric)
		return ok
	})
	if text == "" || !some {
		return ""
	}
	return text + ", which have no " + ref.Metric
}

// expectations evaluates lines of the grammar. With engage set they are mechanism lines: a refuted one makes the
// verdicts of its variants not applicable.
func (f *Fold) expectations(lines []string, r *refusals, engage bool) []Expectation {
	out := []Expectation{}
	for _, line := range lines {
		e, err := expect.Parse(line)
		if err != nil {
			out = append(out, Expectation{Expr: line, Verdict: string(expect.NotApplicable), Reason: err.Error()})
			continue
		}
		out = append(out, f.expectation(line, e, r, engage))
	}
	return out
}

func (f *Fold) expectation(line string, e *expect.Expr, r *refusals, engage bool) Expectation {
	s := source{f}
	o := e.Eval(s)
	x := Expectation{Expr: line, Verdict: string(o.Verdict), Measured: stats.Finite(o.Measured), Reason: o.Reason}
	if ci := (stats.Interval{o.Low, o.High}).Finite(); ci != nil {
		x.CI95 = ci
	}
	for _, ref := range e.Refs() {
		if engage && o.Verdict == expect.Refuted {
			r.mechanism[ref.Variant] = line
		}
		refused := r.of(ref.Metric, ref.Variant)
		if refused == "" && o.Verdict != expect.NotApplicable {
			refused = s.gap(ref)
		}
		if refused == "" && !engage && r.mechanism[ref.Variant] != "" {
			x.Verdict, x.Reason = string(expect.NotApplicable), "the mechanism did not engage: "+r.mechanism[ref.Variant]
		}
		if refused != "" && o.Verdict != expect.NotApplicable {
			x.Verdict, x.Reason = string(expect.Inconclusive), refused
		}
	}
	return x
}

// Concludes reports whether anything follows from a result: its run came to its end, and a verdict of it can be believed,
// if it has any.
func (r *Result) Concludes() bool {
	primary := func(c Comparison) bool { return c.Primary }
	believed := func(c Comparison) bool {
		return c.Primary && c.Verdict != stats.Refused && c.Verdict != stats.NotApplicable
	}
	return r.Complete && (slices.ContainsFunc(r.Comparisons, believed) || !slices.ContainsFunc(r.Comparisons, primary))
}

// conclusion gives the first conclusion of the plan that holds, nil where none does or nothing follows from the run.
func (f *Fold) conclusion(r *Result, refused *refusals) *Conclusion {
	p := f.st.Plan
	if p.Free || !r.Concludes() {
		return nil
	}
	holds := func(line string) bool {
		c, err := expect.ParseCase(line)
		switch {
		case err != nil:
			return false
		case c.Expr != nil:
			return f.expectation(line, c.Expr, refused, false).Verdict == string(expect.Confirmed)
		}
		return slices.ContainsFunc(r.Comparisons, func(o Comparison) bool { return o.Primary && o.Variant == c.Variant && o.Verdict == c.Verdict })
	}
	for i := range p.Conclusions {
		if c := &p.Conclusions[i]; !slices.ContainsFunc(c.When, func(line string) bool { return !holds(line) }) {
			return c
		}
	}
	return nil
}

func sum(m map[string]uint64) uint64 {
	var n uint64
	for _, v := range m {
		n += v
	}
	return n
}
