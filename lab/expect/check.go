package expect

import (
	"fmt"
	"math"
	"strconv"

	"benchtop/lab/metric"
)

// check holds the two sides against each other: one of them is measured, and both have the same unit.
func (e *Expr) check() *SyntaxError {
	switch {
	case e.left.isNumber && e.right.isNumber:
		return &SyntaxError{
			Offset: e.left.offset, Length: e.right.offset + e.right.length - e.left.offset,
			Msg: "two numbers: nothing is measured; one side has to be a metric of a variant, like rps(kept)",
		}
	case e.left.isNumber:
		return e.checkNumber(e.right, e.left)
	case e.right.isNumber:
		return e.checkNumber(e.left, e.right)
	case e.left.unit != e.right.unit:
		return &SyntaxError{Offset: e.right.offset, Length: e.right.length, Msg: fmt.Sprintf(
			"%s is %s and %s is %s; both sides need the same unit", e.left, e.left.unit.Words(), e.right, e.right.unit.Words())}
	}
	return e.checkEqual()
}

// checkNumber checks a number against the measured side.
func (e *Expr) checkNumber(side, number term) *SyntaxError {
	fail := func(format string, args ...any) *SyntaxError {
		return &SyntaxError{Offset: number.offset, Length: number.length, Msg: fmt.Sprintf(format, args...)}
	}
	name := side.measured.Name
	switch {
	case side.quotient && number.suffix != "" && number.suffix != "%":
		return fail("a quotient has no unit: the units of %s and %s cancel; compare it with a plain number like 1.03", name, side.divisor.Name)
	case side.quotient: // plain, or per cent
	case side.unit == metric.Share && number.number > 1:
		err := fail("%s is a share from 0 to 1, and %s is more than 1; allowed is %s", name, number, metric.Share.Allowed(false))
		if number.suffix == "" && number.written <= 100 {
			err.Suggest = number.String() + "%"
		}
		return err
	case side.unit == metric.Share && (number.suffix == "" || number.suffix == "%"):
	case number.suffix == "" && !side.bare && (side.unit == metric.Duration || side.unit == metric.Bytes):
		return fail("%s needs a number with its unit: %s, as in %s", name, side.unit.Allowed(false), side.unit.Example(number.String()))
	case number.suffix == "" && side.unit == metric.Count && number.number != math.Trunc(number.number):
		return fail("%s is a count, and %s is not a whole number", name, number)
	case number.suffix != "" && number.unit != side.unit:
		return fail("%s is %s, and %s is not; allowed is %s", name, side.unit.Words(), number, side.unit.Allowed(side.bare))
	}
	return e.checkEqual()
}

// checkEqual refuses == on what is only known with an interval: no interval ever equals one number, so that such an
// expectation could be refuted but never confirmed.
func (e *Expr) checkEqual() *SyntaxError {
	if e.op != "==" || e.exact() {
		return nil
	}
	return &SyntaxError{
		Offset: e.opOffset, Length: len(e.op),
		Msg: "== is for counts (errors, db_round_trips_per_request); a measured value has an interval and never equals a number: use <= and >=, in two expectations if need be",
	}
}

func (e *Expr) exact() bool {
	return (e.left.exact || e.left.isNumber) && (e.right.exact || e.right.isNumber)
}

// Refs lists the metrics of variants in the expectation in the order in which they stand. The caller, who knows the
// scenario, checks that the variants exist.
func (e *Expr) Refs() []Ref {
	var refs []Ref
	for _, t := range []term{e.left, e.right} {
		if t.isNumber {
			continue
		}
		refs = append(refs, t.above)
		if t.quotient {
			refs = append(refs, t.below)
		}
	}
	return refs
}

// String is the expectation in its usual spelling; parsing it again gives the same expectation.
func (e *Expr) String() string { return e.left.String() + " " + e.op + " " + e.right.String() }

func (t term) String() string {
	switch {
	case t.isNumber:
		format := byte('f')
		if t.written != 0 && (t.written < 1e-6 || t.written >= 1e15) {
			format = 'e'
		}
		return strconv.FormatFloat(t.written, format, -1, 64) + t.suffix
	case t.quotient:
		return t.above.String() + " / " + t.below.String()
	}
	return t.above.String()
}

// String is the reference as it stands in an expectation.
func (r Ref) String() string {
	if r.Service != "" {
		return r.Metric + "(" + r.Variant + "." + r.Service + ")"
	}
	return r.Metric + "(" + r.Variant + ")"
}
