package dialect

import (
	"strconv"
	"strings"
)

// expr is what is known of an expression.
type expr struct {
	typ     OID
	param   int     // n of a parameter that stands alone
	literal *string // the value of a string that stands alone: its type is what it meets
	name    string  // of its column, where nobody names it
	start   int     // where it begins in what was written
}

// Strengths of operators, weakest first (PostgreSQL's manual, "Operator Precedence").
const (
	strengthOr = iota + 1
	strengthAnd
	strengthNot
	strengthCompare
	strengthIn
	strengthOther
	strengthPlus
	strengthTimes
	strengthUnary
)

var strengths = map[string]int{
	"=": strengthCompare, "<": strengthCompare, ">": strengthCompare, "<=": strengthCompare, ">=": strengthCompare, "<>": strengthCompare, "!=": strengthCompare,
	"+": strengthPlus, "-": strengthPlus, "*": strengthTimes, "/": strengthTimes, "%": strengthTimes,
	"||": strengthOther, "->": strengthOther, "->>": strengthOther, "&": strengthOther, "|": strengthOther, "<<": strengthOther, ">>": strengthOther,
}

var wordStrengths = map[string]int{
	"or": strengthOr, "and": strengthAnd, "is": strengthCompare, "isnull": strengthCompare, "notnull": strengthCompare,
	"in": strengthIn, "like": strengthIn, "ilike": strengthIn, "between": strengthIn, "similar": strengthIn,
}

// operator is the strength of the operator ahead; 0: there is none.
func (p *parser) operator() int {
	t := p.peek()
	switch {
	case t.kind == symbol:
		return strengths[t.text]
	case p.is(0, "not") && p.is(1, "in", "like", "ilike", "between"):
		return strengthIn
	case t.kind == word:
		return wordStrengths[t.low]
	}
	return 0
}

// expr walks over an expression whose operators are stronger than weakest.
func (p *parser) expr(weakest int) expr {
	defer func() { p.depth-- }()
	if !p.deeper() {
		return expr{}
	}
	left := p.unary()
	for {
		strength := p.operator()
		if strength == 0 || strength <= weakest {
			return left
		}
		left = p.infix(left, strength)
	}
}

// infix walks over an operator and what stands behind it.
func (p *parser) infix(left expr, strength int) expr {
	boolean := expr{typ: Bool, start: left.start}
	switch op := p.peek(); {
	case strength == strengthIn:
		p.in(left)
		return boolean
	case p.is(0, "is"):
		p.pass()
		for p.is(0, "not", "null", "true", "false", "unknown") {
			if p.is(0, "unknown") {
				p.skip(1)
				p.raw(" NULL")
				continue
			}
			p.pass()
		}
		if p.is(0, "distinct") && p.is(1, "from") {
			p.pass()
			p.pass()
			p.unify(left, p.expr(strengthIn))
		}
		return boolean
	case p.is(0, "isnull", "notnull"):
		p.pass()
		return boolean
	case strength == strengthCompare && p.is(1, "any", "some", "all"):
		p.any(left)
		return boolean
	default:
		p.pass()
		right := p.expr(strength)
		switch {
		case strength <= strengthCompare:
			p.unify(left, right)
			return boolean
		case op.text == "||" || strings.HasPrefix(op.text, "->"):
			p.want(left, Text)
			p.want(right, Text)
			return expr{typ: Text, start: left.start}
		}
		p.unify(left, right)
		return expr{typ: arithmetic(p.typeOf(left), p.typeOf(right)), start: left.start}
	}
}

// in walks over IN, LIKE and BETWEEN.
func (p *parser) in(left expr) {
	if p.is(0, "not") {
		p.pass()
	}
	switch {
	case p.is(0, "ilike", "similar"):
		p.fail(fault(NotSupported, strings.ToUpper(p.peek().low)+" is not supported; use lower(a) LIKE lower(b)"))
	case p.is(0, "between"):
		p.pass()
		p.unify(left, p.expr(strengthIn))
		if p.is(0, "and") {
			p.pass()
			p.unify(left, p.expr(strengthIn))
		}
	case p.is(0, "like"):
		p.pass()
		p.want(left, Text)
		p.want(p.expr(strengthIn), Text)
		if p.is(0, "escape") {
			p.pass()
			p.want(p.expr(strengthIn), Text)
		}
	default:
		p.pass()
		if !p.symbol(0, "(") {
			p.fail(unexpected(p.peek().text))
			return
		}
		if p.is(1, "select", "with", "values") {
			p.parentheses()
			return
		}
		p.pass()
		for _, e := range p.list() {
			p.unify(left, e)
		}
		p.close()
	}
}

func (p *parser) close() {
	if !p.symbol(0, ")") {
		if p.peek().kind == end {
			p.fail(fault(SyntaxError, "syntax error at end of input"))
		}
		p.fail(unexpected(p.peek().text))
	}
	p.pass()
}

// any walks over = ANY(array) and <> ALL(array): SQLite has no arrays, so that an array is JSON and its elements are a query.
func (p *parser) any(left expr) {
	op, all := p.peek().text, p.is(1, "all")
	switch {
	case op == "=" && !all:
		p.raw(" IN (")
	case (op == "<>" || op == "!=") && all:
		p.raw(" NOT IN (")
	default:
		p.fail(fault(NotSupported, "of comparisons with arrays there are = ANY(...) and <> ALL(...)"))
		return
	}
	p.skip(2)
	if !p.symbol(0, "(") {
		p.fail(unexpected(p.peek().text))
		return
	}
	p.skip(1)
	switch {
	case p.is(0, "select", "with", "values"):
		p.statement()
	case p.is(0, "array") && p.symbol(1, "["):
		p.skip(2)
		for !p.symbol(0, "]") && p.err == nil {
			p.unify(left, p.expr(0))
			if p.symbol(0, ",") {
				p.pass()
			} else if !p.symbol(0, "]") {
				p.fail(unexpected(p.peek().text))
			}
		}
		p.skip(1)
		p.castAway()
	default:
		p.elements(left)
	}
	p.close()
}

// castAway leaves a cast of a list out.
func (p *parser) castAway() {
	if p.symbol(0, "::") {
		p.skip(1)
		p.typeName()
	}
}

// elements walks over an array that is a parameter or a string.
func (p *parser) elements(left expr) {
	t := p.peek()
	array := OID(0)
	if p.skip(1); p.symbol(0, "::") {
		p.skip(1)
		array = p.typeName()
	}
	if array == 0 {
		array = ArrayOf(p.typeOf(left))
	}
	p.raw(" SELECT value FROM json_each(")
	switch t.kind {
	case param:
		p.put(t)
		p.want(expr{param: t.n}, array)
	case text:
		json, err := ArrayToJSON(t.text, array)
		p.fail(err)
		p.raw(quote(json))
	default:
		p.fail(fault(NotSupported, "an array is a parameter, a string or ARRAY[...] here"))
	}
	p.raw(")")
}

// want gives an expression that has no type of its own this one.
func (p *parser) want(e expr, oid OID) {
	switch {
	case oid == 0:
	case e.param > 0:
		for len(p.params) < e.param {
			p.params = append(p.params, 0)
		}
		if known := p.params[e.param-1]; known == 0 || known == Unknown {
			p.params[e.param-1] = oid
		}
	case e.literal != nil && integral(oid):
		if _, err := strconv.ParseInt(strings.TrimSpace(*e.literal), 10, 64); err != nil {
			p.fail(Invalid(oid, *e.literal))
		}
	}
}

// Invalid is the error of a text that is no value of the type.
func Invalid(oid OID, value string) error {
	name := strconv.Itoa(int(oid))
	if t, ok := Lookup(oid); ok {
		name = t.Name
	}
	for spelled, alias := range map[string]OID{"bigint": Int8, "integer": Int4, "smallint": Int2, "double precision": Float8, "boolean": Bool} {
		if alias == oid {
			name = spelled
		}
	}
	if len(value) > 60 {
		value = value[:60] + "..."
	}
	return fault(InvalidText, "invalid input syntax for type "+name+`: "`+strings.ToValidUTF8(value, "?")+`"`)
}

// unify lets each of two expressions give the other its type.
func (p *parser) unify(a, b expr) {
	p.want(a, p.typeOf(b))
	p.want(b, p.typeOf(a))
}

// typeOf is the type of an expression as far as it is known by now.
func (p *parser) typeOf(e expr) OID {
	if e.param > 0 && e.param <= len(p.params) {
		return p.params[e.param-1]
	}
	return e.typ
}
