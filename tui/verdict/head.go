package verdict

import (
	"strings"

	"benchtop/lab/answer"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/lab/report"
	"benchtop/tui/chart"
	"benchtop/tui/theme"
)

// leastText is the width that the sentence beside the digits needs.
// In large type it is the shortest badge in large letters.
const (
	leastText      = 30
	leastLargeText = 27
)

// lettered is the width from which a badge stands in large letters on the ordinary page too.
const lettered = 150

// figure is what stands in large digits, in the colour of the variant that it is a change of, where that is decided.
func (x *hero) figure() (string, theme.Ink) {
	c := x.Comparison
	switch {
	case x.Badge == answer.Refused || c.Ratio == nil:
		return "x", x.Look.Bad
	case x.Badge == answer.Decided:
		return largeChange(x.ratioOf(c).Ratio), x.InkOf(x.IndexOf(c.Variant))
	case x.Badge == answer.NoDifference:
		return largeChange(x.ratioOf(c).Ratio), x.Look.Strong
	}
	return largeChange(x.ratioOf(c).Ratio), x.Look.Muted
}

// largeChange is a ratio as it is written in large digits: +14.8% or 2.31x.
func largeChange(ratio float64) string { return strings.ReplaceAll(figure.Change(ratio), " ", "") }

// badgeInks are the inks of a badge: on a ground of its own, and in large letters.
func (p *pen) badgeInks(b answer.Badge) (ground, letters theme.Ink) {
	switch b {
	case answer.Decided:
		return p.Look.Done, p.Look.Good
	case answer.NoDifference:
		return p.Look.Same, p.Look.Accent
	case answer.CannotTell:
		return p.Look.Open, p.Look.Strong
	case answer.Refused:
		return p.Look.Failed, p.Look.Bad
	case answer.Disturbed:
		return p.Look.Badge, p.Look.Warn
	}
	return p.Look.Badge, p.Look.Strong
}

// fitsWide reports whether digits of a scale leave room for the sentence beside them.
func (x *hero) fitsWide(scale int) bool {
	least := leastText
	if x.large {
		least = leastLargeText
	}
	return x.w-chart.LargeWidth(x.digits, scale)-4 >= least
}

// head is the answer: large digits, beside them the badge, the sentence and what it rests on.
func (x *hero) head(f fittings) []string {
	at := 0
	var digits []string
	if x.digits != "" {
		digits = chart.Large(x.digits, f.scale, x.Tier)
		at = chart.LargeWidth(x.digits, f.scale) + 4
	}
	texts := x.texts(x.w-at, f)
	rows := max(len(digits), len(texts))
	blankD, blankT := (rows-len(digits))/2, (rows-len(texts))/2
	out := make([]string, rows)
	for k := range out {
		l := theme.NewLine(x.w)
		if n := k - blankD; n >= 0 && n < len(digits) {
			l.Put(x.ink, digits[n])
		}
		l.To(at)
		if n := k - blankT; n >= 0 && n < len(texts) {
			l.Join(texts[n])
		}
		out[k] = l.Done()
	}
	return out
}

// texts are what stands beside the digits.
func (x *hero) texts(w int, f fittings) []*theme.Line {
	var out []*theme.Line
	put := func(ink theme.Ink, text string) {
		for _, part := range theme.Wrap(text, w) {
			out = append(out, theme.NewLine(w).Put(ink, part))
		}
	}
	badge := string(x.Badge)
	ground, letters := x.badgeInks(x.Badge)
	switch large := chart.LargeWidth(badge, 1); {
	case badge == "":
	case (x.large || x.w >= lettered) && large <= w:
		for _, row := range chart.Large(badge, 1, x.Tier) {
			out = append(out, theme.NewLine(w).Put(letters, row))
		}
		out = append(out, theme.NewLine(w))
	default:
		l := theme.NewLine(w).Put(ground, " "+badge+" ")
		if c := x.Comparison; c != nil && theme.Width(metric.Words(c.Metric))+2 <= l.Free() { // the sentence below has it as well
			l.Space(2).Put(x.Look.Muted, metric.Words(c.Metric))
		}
		out = append(out, l)
	}
	put(x.Look.Strong, x.sentence())
	if why := x.Unfinished(); why != "" && !strings.Contains(x.Reason, why) && x.Comparison == nil {
		put(x.Look.Text, why)
	}
	if x.Badge == answer.Refused || f.reason && x.Badge != answer.NoDifference {
		put(x.Look.Text, x.Reason)
	}
	switch {
	case x.Comparison == nil:
	case f.facts:
		out = append(out, x.facts(w)...)
	case x.large:
		put(x.Look.Text, x.interval())
	}
	return out
}

// sentence is the answer as a sentence stands alone. The id of a variant stays as it is.
func (x *hero) sentence() string {
	s := x.Sentence
	if c := x.Comparison; s != "" && (c == nil || !strings.HasPrefix(s, c.Variant)) {
		s = strings.ToUpper(s[:1]) + s[1:]
	}
	return s + "."
}

// facts are the basis on lines of w cells; each of them stays in one piece.
func (x *hero) facts(w int) []*theme.Line {
	out := []*theme.Line{theme.NewLine(w)}
	for _, fact := range x.basis() {
		l := out[len(out)-1]
		switch {
		case l.Used() == 0:
		case l.Used()+3+theme.Width(fact) > w:
			l = theme.NewLine(w)
			out = append(out, l)
		default:
			l.Put(x.Look.Faint, " · ")
		}
		l.Put(x.Look.Muted, fact)
	}
	return out
}

// interval is that of the answer in figures, empty where there is none.
func (x *hero) interval() string {
	if c := x.Comparison; c.CI95 != nil && x.Badge != answer.Refused {
		return "95 % CI " + figure.Changes(c.CI95)
	}
	return ""
}

// basis is what the answer rests on.
func (x *hero) basis() []string {
	c, r := x.Comparison, x.State.Result
	var in []string
	if known := x.interval(); known != "" {
		in = append(in, known)
	}
	in = append(in, figure.Screen.Counted(c.Pairs, "pair"))
	if r.NoiseFloor != nil {
		in = append(in, "noise floor "+figure.Floor(*r.NoiseFloor))
	}
	switch {
	case r.Generator.Busy == nil:
		in = append(in, "generator not measured")
	case r.Generator.Saturated:
		in = append(in, "generator "+report.Busy(&r.Generator)+", "+trouble(&r.Generator))
	default:
		in = append(in, "generator "+report.Busy(&r.Generator)+", fine")
	}
	if x.Chosen != "" {
		in = append(in, x.Chosen)
	}
	return in
}
