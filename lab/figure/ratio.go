package figure

import (
	"math"
	"strconv"
	"strings"
)

// style is how ratios are written that belong together: as changes in per cent, or as factors.
type style bool

const (
	percents style = false
	factors  style = true
)

// styleOf chooses: factors from twice and from half on. The middle of an interval is the geometric one, which is the
// estimate of an interval that was measured, so that the two are written alike.
func styleOf(low, high float64) style {
	const tie = 1e-9 // of the rounding in the root
	middle := math.Sqrt(low) * math.Sqrt(high)
	return style(middle >= 2*(1-tie) || middle <= 0.5*(1+tie))
}

// number is a ratio without the unit of its style. Of two pairs the ends of an interval have no meaning left, and no digits.
func (s style) number(ratio float64) string {
	const most = 1e4 // times, and per cent
	switch change := 100 * (ratio - 1); {
	case s == factors && ratio > most:
		return "over " + strconv.Itoa(most)
	case s == factors && ratio < 1/most:
		return "under 0.0001"
	case s == factors:
		return Three(ratio)
	case change > most:
		return "over +" + strconv.Itoa(most)
	case math.Abs(change) < 0.05:
		return "+0.0"
	case change > 0:
		return "+" + strconv.FormatFloat(change, 'f', 1, 64)
	default:
		return strconv.FormatFloat(change, 'f', 1, 64)
	}
}

func (s style) unit() string {
	if s == factors {
		return "x"
	}
	return " %"
}

func (s style) write(ratio float64) string { return s.number(ratio) + s.unit() }

// end is write for a ratio that somebody chose, without zeros that say nothing: +5 %, 3x.
func (s style) end(ratio float64) string {
	if math.Abs(ratio-1) < 0.0005 && s == percents {
		return "0 %"
	}
	return trim(s.number(ratio)) + s.unit()
}

// interval joins two ends: the unit of per cent stands once.
func interval(low, high string) string {
	return strings.TrimSuffix(low, " %") + " to " + high
}

// Change writes a ratio: +14.8 %, or 2.31x from twice and from half on.
func Change(ratio float64) string {
	return Column{styleOf(ratio, ratio)}.Change(ratio)
}

// Interval writes an interval of ratios, both ends alike and like its estimate: +10.9 to +13.8 %, 1.95x to 2.70x.
func Interval(low, high float64) string {
	return Column{styleOf(low, high)}.Interval(low, high)
}

// Column is how all ratios of one column are written: as changes while all of them are above half and below twice, else as
// factors, so that no change in per cent stands below a factor.
type Column struct{ style }

// ColumnOf chooses for the ratios of a column; those that are not known choose nothing.
func ColumnOf(ratios ...*float64) Column {
	for _, r := range ratios {
		if r != nil && *r > 0 && styleOf(*r, *r) == factors {
			return Column{factors}
		}
	}
	return Column{percents}
}

// Change writes a ratio of the column.
func (c Column) Change(ratio float64) string {
	if !(ratio > 0) || math.IsInf(ratio, 1) {
		return "unknown"
	}
	return c.write(ratio)
}

// Interval writes an interval of the column, both ends alike.
func (c Column) Interval(low, high float64) string {
	if !(low > 0) || !(high > 0) || math.IsInf(high, 1) {
		return "no interval"
	}
	return interval(c.write(low), c.write(high))
}

// Span writes an interval of the column that somebody chose, both ends alike.
func (c Column) Span(low, high float64) string { return interval(c.end(low), c.end(high)) }

// Changes is Interval of one that may not be known.
func Changes(ci *[2]float64) string {
	if ci == nil {
		return "no interval"
	}
	return Interval(ci[0], ci[1])
}

// Ends are the ends of an interval that somebody chose, both alike: +5 %, +25 %.
func Ends(low, high float64) [2]string {
	s := styleOf(low, high)
	return [2]string{s.end(low), s.end(high)}
}

// Span writes an interval that somebody chose: +5 to +25 %.
func Span(low, high float64) string {
	ends := Ends(low, high)
	return interval(ends[0], ends[1])
}

// Tick labels the ticks of a ratio axis, all of them alike.
func Tick(low, high float64) func(ratio float64) string {
	s := style(low < 0.5 || high > 2)
	return func(ratio float64) string {
		if ratio == 1 {
			return "same"
		}
		return s.end(ratio)
	}
}

// Much is how much more or less a ratio is, for a sentence: "14.8 %", or with times "2.31 times as".
func Much(ratio float64) (text string, times bool) {
	if s := styleOf(ratio, ratio); s == factors {
		return s.number(ratio) + " times as", true
	}
	return strings.TrimLeft(Change(ratio), "+-"), false
}

// Relation are the ends of an interval that somebody chose, as they follow "is": "50 % above", "2.5 times".
func Relation(low, high float64) [2]string {
	s := styleOf(low, high)
	var out [2]string
	for i, ratio := range [2]float64{low, high} {
		switch text := s.end(ratio); {
		case s == factors:
			out[i] = strings.TrimSuffix(text, "x") + " times"
		case text == "0 %":
			out[i] = "the same as"
		case ratio > 1:
			out[i] = strings.TrimPrefix(text, "+") + " above"
		default:
			out[i] = strings.TrimPrefix(text, "-") + " below"
		}
	}
	return out
}
