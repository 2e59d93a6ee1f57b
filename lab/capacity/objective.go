// Package capacity finds the highest rate of an open model at which an objective still holds: coarse steps up, bisection,
// then repeated slices at the candidate, which have to hold, and 5 % above, which have to fail. The search is pure: it
// asks a function for a point of the throughput-latency curve. Prober is such a function over a real generator.
package capacity

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"benchtop/lab/metric"
)

// Metrics of an objective are the quantiles of the latency, from the scheduled send, in microseconds, and errors, a share of
// the requests, 0 to 1.
const errorsMetric = "errors"

// Term is one requirement: the metric has to be below the limit, or at most the limit (OrEqual).
type Term struct {
	Metric  string  // p50 p90 p95 p99 p999 max errors
	OrEqual bool    // <= instead of <
	Limit   float64 // microseconds, or a share for errors
	text    string
}

// Objective is a list of requirements, all of which have to hold.
type Objective struct {
	Terms []Term
	text  string
}

// String is the objective as it was written.
func (o Objective) String() string { return o.text }

// Latency gives the first latency term, which charts mark; ok reports whether there is one.
func (o Objective) Latency() (t Term, ok bool) {
	for _, t := range o.Terms {
		if t.Metric != errorsMetric {
			return t, true
		}
	}
	return Term{}, false
}

// SyntaxError is an objective that cannot be read.
type SyntaxError struct {
	Text    string
	Column  int    // of the first byte that does not fit, from 1
	Problem string // what was found
	Allowed string
}

// Error shows the text with a caret under the place.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("objective, column %d: %s; allowed: %s\n  %s\n  %s^", e.Column, e.Problem, e.Allowed, e.Text,
		strings.Repeat(" ", e.Column-1))
}

const example = `for example "p99 < 50ms, errors < 0.1%"`

// ParseObjective reads requirements separated by commas, each `metric < number unit` or `metric <= number unit`: p50,
// p90, p95, p99, p999 and max with us, ms or s; errors with % or, without a unit, a share of 0 to 1. Every error is a
// *SyntaxError.
func ParseObjective(text string) (Objective, error) {
	s := scanner{text: text}
	o := Objective{text: strings.Join(strings.Fields(text), " ")}
	seen := map[string]bool{}
	for {
		t, err := s.term(seen)
		if err != nil {
			return Objective{}, err
		}
		o.Terms = append(o.Terms, t)
		s.space()
		switch {
		case s.at == len(s.text):
			return o, nil
		case s.text[s.at] != ',':
			return Objective{}, s.fail(s.at, "found "+s.found(), "a comma and another requirement, or the end")
		}
		s.at++
	}
}

type scanner struct {
	text string
	at   int
}

func (s *scanner) space() {
	for s.at < len(s.text) && (s.text[s.at] == ' ' || s.text[s.at] == '\t') {
		s.at++
	}
}

// while takes bytes of a set.
func (s *scanner) while(in func(byte) bool) string {
	from := s.at
	for s.at < len(s.text) && in(s.text[s.at]) {
		s.at++
	}
	return s.text[from:s.at]
}

func (s *scanner) found() string {
	if s.at >= len(s.text) {
		return "the end"
	}
	rest := s.text[s.at:]
	if i := strings.IndexAny(rest, " ,\t"); i > 0 {
		rest = rest[:i]
	}
	return fmt.Sprintf("%.20q", rest)
}

func (s *scanner) fail(at int, problem, allowed string) error {
	return &SyntaxError{Text: s.text, Column: at + 1, Problem: problem, Allowed: allowed}
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
func digit(c byte) bool  { return c >= '0' && c <= '9' }

func (s *scanner) term(seen map[string]bool) (Term, error) {
	s.space()
	from := s.at
	name := s.while(func(c byte) bool { return letter(c) || digit(c) || c == '_' || c == '.' })
	if !known(name) {
		s.at = from
		return Term{}, s.fail(from, "found "+s.found()+" as a metric", strings.Join(metric.Names(metric.Latencies()), ", ")+", errors; "+example)
	}
	if seen[name] {
		return Term{}, s.fail(from, name+" is there twice", "each metric once")
	}
	seen[name] = true
	t := Term{Metric: name}
	s.space()
	operator := s.at
	switch op := s.while(func(c byte) bool { return strings.IndexByte("<>=!", c) >= 0 }); op {
	case "<":
	case "<=":
		t.OrEqual = true
	default:
		s.at = operator
		return Term{}, s.fail(operator, "found "+s.found()+" after "+name, "< or <=")
	}
	s.space()
	if err := s.limit(&t); err != nil {
		return Term{}, err
	}
	t.text = strings.Join(strings.Fields(s.text[from:s.at]), " ")
	return t, nil
}

func known(name string) bool {
	return name == errorsMetric || slices.Contains(metric.Names(metric.Latencies()), name)
}

// longest is the largest latency that is measured, in microseconds.
const longest = 120e6

func (s *scanner) limit(t *Term) error {
	from := s.at
	number := s.while(func(c byte) bool { return digit(c) || c == '.' })
	x, err := strconv.ParseFloat(number, 64)
	if err != nil {
		s.at = from
		return s.fail(from, "found "+s.found()+" instead of a number", "digits with a decimal point, such as 50 or 0.1")
	}
	s.space()
	unit := s.at
	word := s.while(func(c byte) bool { return letter(c) || c == '%' || c >= 0x80 })
	if t.Metric == errorsMetric {
		switch word {
		case "%":
			x /= 100
		case "":
		default:
			return s.fail(unit, fmt.Sprintf("%.20q is no unit of errors", word), "% or none (a share of 0 to 1)")
		}
		if x > 1 || x == 0 && !t.OrEqual {
			return s.fail(from, "errors "+s.text[from:s.at]+" is not between none and all", "above 0 up to 100 %, or <= 0")
		}
		t.Limit = x
		return nil
	}
	_, of, scale, ok := metric.Suffix(word)
	if !ok || of != metric.Duration {
		problem := fmt.Sprintf("%.20q is no unit of time", word)
		if word == "" {
			problem = "the unit is missing"
		}
		return s.fail(unit, problem, "us, ms, s")
	}
	x *= scale
	if x <= 0 || x > longest {
		return s.fail(from, s.text[from:s.at]+" is out of range", "above 0 up to 120 s")
	}
	t.Limit = x
	return nil
}

// value is the point's figure for a metric, in the unit of limits.
func (p *Point) value(name string) Figure {
	if name == errorsMetric {
		return p.ErrorShare
	}
	q := metric.Named(name).Quantile
	for _, l := range p.latencies() {
		if l.quantile == q {
			return *l.figure
		}
	}
	return unmeasured
}

// holds reports whether the point meets the term. What was not measured meets none.
func (t Term) holds(p *Point) bool {
	v := float64(p.value(t.Metric))
	return v < t.Limit || t.OrEqual && v <= t.Limit
}
