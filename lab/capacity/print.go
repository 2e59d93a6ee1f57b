package capacity

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"benchtop/lab/figure"
	"benchtop/lab/stats"
)

// Line is one point as a line of progress.
func Line(p *Point) string {
	state := "holds"
	if !p.Met {
		state = "fails: " + p.Why
	}
	return fmt.Sprintf("%-9s %9s req/s  p50 %s  p99 %s  %s", p.Round, figure.Lines.Rate(p.Rate), p.P50.micros(), p.P99.micros(), state)
}

// Headline is the outcome in one sentence.
func Headline(o Objective, r *Result) string {
	switch {
	case r.Capacity != nil:
		return fmt.Sprintf("capacity %s req/s (interval %s to %s) at %s", figure.Lines.RateOf(r.Capacity),
			figure.Lines.Rate(r.Interval[0]), figure.Lines.Rate(r.Interval[1]), o)
	case r.Interval != nil:
		return fmt.Sprintf("no capacity (%s): %s; the last interval was %s to %s req/s", r.Ending, r.Reason,
			figure.Lines.Rate(r.Interval[0]), figure.Lines.Rate(r.Interval[1]))
	}
	return fmt.Sprintf("no capacity (%s): %s", r.Ending, r.Reason)
}

// Write writes the outcome, the curve as a table and as a chart.
func Write(w io.Writer, name string, o Objective, r *Result) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s: %s\n\n", name, Headline(o, r))
	points := slices.Clone(r.Points)
	slices.SortStableFunc(points, func(a, b Point) int { return cmp.Compare(a.Rate, b.Rate) })
	fmt.Fprintf(&b, "  %-9s  %10s  %10s  %10s  %9s  %9s  %8s  %s\n", "stage", "asked", "offered", "achieved", "p50", "p99", "errors", "")
	for i := range points {
		p := &points[i]
		state := "holds"
		if !p.Met {
			state = "fails: " + p.Why
		}
		if p.Limited != "" {
			state += " (generator: " + p.Limited + ")"
		}
		p99 := p.P99.micros()
		if p.P99.measured() && !slices.Contains(p.Trusted, "p99") {
			p99 = "(" + p99 + ")"
		}
		fmt.Fprintf(&b, "  %-9s  %10s  %10s  %10s  %9s  %9s  %8s  %s\n", p.Round, figure.Lines.Rate(p.Rate), figure.Lines.Rate(p.Offered),
			figure.Lines.Rate(p.Achieved), p.P50.micros(), p99, p.ErrorShare.percent(), state)
	}
	b.WriteString("  (p99) rests on fewer than 1,000 requests\n")
	if note := busyNote(points); note != "" {
		b.WriteString("  ! " + note + "\n")
	}
	b.WriteString("\n")
	for _, line := range chart(points, o) {
		b.WriteString("  " + line + "\n")
	}
	_, err := w.Write(b.Bytes())
	return err
}

// busyNote says that the number of connections may be what limits: they were all busy at every rate that failed.
func busyNote(points []Point) string {
	failed := 0
	for i := range points {
		if !points[i].Met && points[i].Round != Coarse {
			failed++
			if !points[i].AllBusy {
				return ""
			}
		}
	}
	if failed == 0 {
		return ""
	}
	return "at every rate that failed all connections were busy at some time; if the server could do more at once, raise -c"
}

// chartWidth is the width of the bars, in cells.
const chartWidth = 44

// chart draws the curve: a bar of p99 per rate on a logarithmic scale, the limit of the objective's first latency term
// as a bar of its own. Points must be sorted by rate; those of one rate share a line with their median.
func chart(points []Point, o Objective) []string {
	type bar struct{ rate, value float64 }
	metric := "p99"
	limit := math.NaN()
	if t, ok := o.Latency(); ok {
		metric, limit = t.Metric, t.Limit
	}
	var bars []bar
	low, high := limit, limit
	for i := 0; i < len(points); {
		j := i
		var values []float64
		for ; j < len(points) && points[j].Rate == points[i].Rate; j++ {
			if v := float64(points[j].value(metric)); v > 0 {
				values = append(values, v)
			}
		}
		if v := stats.Median(values); !math.IsNaN(v) {
			bars = append(bars, bar{points[i].Rate, v})
			low, high = least(low, v), most(high, v)
		}
		i = j
	}
	if len(bars) == 0 {
		return nil
	}
	low /= 1.5
	cells := func(v float64) int {
		return int(math.Round(chartWidth * math.Log(v/low) / math.Log(high/low)))
	}
	title := metric + " by rate, logarithmic scale"
	if !math.IsNaN(limit) {
		title += ", | is " + figure.Lines.Micros(limit)
	}
	out := []string{title}
	for _, b := range bars {
		row := []byte(strings.Repeat(" ", chartWidth+1))
		for i := range cells(b.value) {
			row[i] = '#'
		}
		if !math.IsNaN(limit) {
			row[cells(limit)] = '|'
		}
		out = append(out, strings.TrimRight(fmt.Sprintf("%10s req/s  %9s  %s", figure.Lines.Rate(b.rate), figure.Lines.Micros(b.value), row), " "))
	}
	return out
}

func least(a, b float64) float64 {
	if math.IsNaN(a) {
		return b
	}
	return min(a, b)
}

func most(a, b float64) float64 {
	if math.IsNaN(a) {
		return b
	}
	return max(a, b)
}
