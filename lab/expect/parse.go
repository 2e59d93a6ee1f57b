package expect

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"

	"benchtop/lab/metric"
	"benchtop/targets/spelling"
)

// longest is the cap on the source, in bytes; a real expectation has under 120.
const longest = 1000

const oneComparison = "an expectation holds one comparison; write each on a line of its own"

// SyntaxError says what is wrong with an expectation and where.
type SyntaxError struct {
	Offset  int    // byte in the source, from 0; the length of the source when something is missing at its end
	Length  int    // bytes that the mistake covers, at least 1 unless it is at the end
	Msg     string // what was found and what is allowed
	Suggest string // what most likely was meant to stand there; empty if nothing is close
}

// Error is the message with the suggestion behind it.
func (e *SyntaxError) Error() string {
	if e.Suggest == "" {
		return e.Msg
	}
	return fmt.Sprintf("%s (did you mean %q?)", e.Msg, e.Suggest)
}

// Expr is a parsed and unit-checked expectation.
type Expr struct {
	left, right term
	op          string
	opOffset    int
}

// Ref is one use of a metric of a variant in an expectation.
type Ref struct {
	Metric  string
	Variant string
	Offset  int    // byte at which the variant's id begins
	Service string // the one that it is of; empty: it names none
	At      int    // byte at which the service's name begins
}

// term is a number or a metric of a variant, or the quotient of two of the latter.
type term struct {
	offset, length int

	isNumber bool
	number   float64 // in the base unit
	written  float64 // as it stood before its unit
	suffix   string

	quotient     bool // above / below; otherwise above alone
	above, below Ref
	measured     metric.Metric // above
	divisor      metric.Metric // below

	unit  metric.Unit // Plain for a quotient
	exact bool
	bare  bool
}

// Parse reads one expectation and checks its units. The error is a *SyntaxError.
func Parse(src string) (*Expr, error) {
	if len(src) > longest {
		return nil, &SyntaxError{Offset: longest, Length: len(src) - longest, Msg: fmt.Sprintf("the expectation has %d bytes; at most %d are allowed", len(src), longest)}
	}
	p := &parser{scan: scanner{src: src}}
	p.advance()
	e, err := p.expression()
	if err != nil {
		return nil, err
	}
	if err := e.check(); err != nil {
		return nil, err
	}
	return e, nil
}

type parser struct {
	scan scanner
	tok  token
}

func (p *parser) advance() { p.tok = p.scan.next() }

func (p *parser) expression() (*Expr, *SyntaxError) {
	if p.tok.kind == end {
		return nil, p.fail("the expectation is empty; write one like rps(kept) / rps(none) >= 1.03")
	}
	left, err := p.term()
	if err != nil {
		return nil, err
	}
	e := &Expr{left: left, op: p.tok.text, opOffset: p.tok.offset}
	if err := p.comparison(); err != nil {
		return nil, err
	}
	if e.right, err = p.term(); err != nil {
		return nil, err
	}
	switch {
	case p.tok.kind == end:
		return e, nil
	case p.tok.kind == operator:
		return nil, p.fail("a second comparison; write two expectations, each with one")
	case p.tok.text == "&" || p.tok.text == "|" || strings.EqualFold(p.tok.text, "and") || strings.EqualFold(p.tok.text, "or"):
		return nil, p.fail("%q: %s", p.tok.text, oneComparison)
	}
	if err := p.arithmetic(); err != nil {
		return nil, err
	}
	return nil, p.fail("%q after the end of the comparison", p.tok.text)
}

func (p *parser) comparison() *SyntaxError {
	switch p.tok.text {
	case "<", "<=", ">", ">=", "==":
		p.advance()
		return nil
	}
	suggest, ok := map[string]string{"=": "==", "=<": "<=", "=>": ">=", "===": "==", "≤": "<=", "≥": ">=", "<<": "<", ">>": ">"}[p.tok.text]
	switch {
	case ok:
		err := p.fail("%q is no comparison; allowed are < <= > >= ==", p.tok.text)
		err.Suggest = suggest
		return err
	case p.tok.kind == end:
		return p.fail("a comparison is missing: < <= > >= or ==, and what to compare with")
	}
	if err := p.arithmetic(); err != nil {
		return err
	}
	return p.fail("%q where a comparison should stand: < <= > >= or ==", p.tok.text)
}

// arithmetic refuses what people write although the grammar has no use for it.
func (p *parser) arithmetic() *SyntaxError {
	switch p.tok.text {
	case "*", "×":
		return p.fail("there is no multiplication; put the quotient on the left: rps(a) / rps(b) >= 1.5")
	case "+", "-":
		return p.fail("there is no addition and no subtraction; compare a metric, a quotient of two, or a number")
	case "/":
		return p.fail("a quotient is of two metrics of variants, once: rps(a) / rps(b)")
	}
	return nil
}

func (p *parser) term() (term, *SyntaxError) {
	start := p.tok.offset
	if p.tok.kind == number {
		return p.numeric()
	}
	first, measured, err := p.reference()
	if err != nil {
		return term{}, err
	}
	t := term{offset: start, above: first, measured: measured, unit: measured.Unit, exact: measured.Exact, bare: measured.Bare}
	t.length = p.lastEnd() - start
	if p.tok.text != "/" {
		return t, nil
	}
	p.advance()
	if p.tok.kind == number {
		return term{}, p.fail("a metric cannot be divided by a number; put the number on the other side of the comparison")
	}
	below := p.tok
	second, divisor, err := p.reference()
	if err != nil {
		return term{}, err
	}
	if divisor.Unit != measured.Unit {
		return term{}, &SyntaxError{Offset: below.offset, Length: len(below.text), Msg: fmt.Sprintf(
			"%s is measured in %s and %s in %s; a quotient is of two metrics with the same unit", measured.Name, measured.Unit.Words(), divisor.Name, divisor.Unit.Words())}
	}
	t.below, t.divisor, t.quotient = second, divisor, true
	t.unit, t.exact, t.bare = metric.Plain, measured.Exact && divisor.Exact, false
	t.length = p.lastEnd() - start
	return t, nil
}

// lastEnd is where the text before the current token ends.
func (p *parser) lastEnd() int {
	return len(strings.TrimRight(p.scan.src[:p.tok.offset], " \t\r\n"))
}

func (p *parser) reference() (Ref, metric.Metric, *SyntaxError) {
	name := p.tok
	if name.kind != word {
		switch {
		case name.kind == end:
			return Ref{}, metric.Metric{}, p.fail("the expectation ends where a metric of a variant or a number should stand: rps(kept), 5ms")
		case name.text == "-":
			return Ref{}, metric.Metric{}, p.fail("a number cannot be negative: nothing that is measured here is")
		}
		return Ref{}, metric.Metric{}, p.fail("%q where a metric of a variant or a number should stand: rps(kept), 5ms", name.text)
	}
	measured, ok := metric.Lookup(name.text)
	if !ok {
		names := metric.Names(metric.All())
		err := p.fail("there is no metric %q; there are %s", name.text, strings.Join(names, ", "))
		err.Suggest = spelling.Suggest(strings.ToLower(name.text), names)
		return Ref{}, metric.Metric{}, err
	}
	p.advance()
	if name.text == "p99" && p.tok.text == ".9" {
		return Ref{}, metric.Metric{}, &SyntaxError{Offset: name.offset, Length: len("p99.9"), Msg: "there is no metric \"p99.9\"", Suggest: "p999"}
	}
	id, service, err := p.variant(name.text, measured.Some != nil)
	if err != nil {
		return Ref{}, metric.Metric{}, err
	}
	return Ref{Metric: measured.Name, Variant: id.text, Offset: id.offset, Service: service.text, At: service.offset}, measured, nil
}

// checkID checks the id of what a metric is of, a variant or a service, by the form in which both are written.
func checkID(name, what, form string, id token) *SyntaxError {
	if id.text == "" {
		return &SyntaxError{Offset: id.offset, Length: 1, Msg: fmt.Sprintf("%s of which %s? write %s%s", name, what, name, form)}
	}
	for i, r := range id.text {
		if unicode.IsSpace(r) || !unicode.IsPrint(r) || strings.ContainsRune(`,"'<>`, r) || r == unicode.ReplacementChar {
			return &SyntaxError{Offset: id.offset + i, Length: 1, Msg: fmt.Sprintf("%s takes the id of one %s, without quotes, spaces or commas; found %q", name, what, id.text)}
		}
	}
	return nil
}

func (p *parser) numeric() (term, *SyntaxError) {
	start := p.tok
	value, parseErr := strconv.ParseFloat(start.text, 64)
	if parseErr != nil || math.IsInf(value, 0) {
		return term{}, p.fail("%q is not a number that can be compared; write one like 250, 1.03 or 5ms", start.text)
	}
	behind := p.scan.suffix()
	t := term{isNumber: true, offset: start.offset, number: value, written: value, unit: metric.Plain}
	if strings.EqualFold(behind.text, "and") || strings.EqualFold(behind.text, "or") {
		return term{}, &SyntaxError{Offset: behind.offset, Length: len(behind.text), Msg: fmt.Sprintf("%q: %s", behind.text, oneComparison)}
	}
	if behind.text != "" {
		canonical, unit, scale, ok := metric.Suffix(behind.text)
		if !ok {
			err := &SyntaxError{Offset: behind.offset, Length: len(behind.text), Suggest: metric.NearestSuffix(behind.text)}
			err.Msg = fmt.Sprintf("unknown unit %q; allowed are %s", behind.text, metric.Suffixes())
			return term{}, err
		}
		t.number, t.unit, t.suffix = value*scale, unit, canonical
		if math.IsInf(t.number, 0) {
			return term{}, p.fail("%q is too large to be compared", start.text+behind.text)
		}
	}
	p.advance()
	t.length = p.lastEnd() - start.offset
	switch p.tok.text {
	case "/":
		return term{}, p.fail("numbers are not divided; write the result")
	case ",":
		return term{}, p.fail("a number has a point for its fraction and nothing between its thousands: 1000, 1.5")
	}
	return t, nil
}

func (p *parser) fail(format string, args ...any) *SyntaxError {
	return &SyntaxError{Offset: p.tok.offset, Length: len(p.tok.text), Msg: fmt.Sprintf(format, args...)}
}
