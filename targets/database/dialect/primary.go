package dialect

import (
	"strconv"
	"strings"
)

// unary walks over an operand with what stands before it and the casts behind it.
func (p *parser) unary() expr {
	switch {
	case p.is(0, "not"):
		start := len(p.out)
		p.pass()
		p.expr(strengthNot)
		return expr{typ: Bool, start: start}
	case p.symbol(0, "-"), p.symbol(0, "+"):
		start := len(p.out)
		p.pass()
		e := p.expr(strengthUnary)
		return expr{typ: p.typeOf(e), start: start}
	}
	e := p.primary()
	for {
		switch {
		case p.symbol(0, "::"):
			p.skip(1)
			e = p.cast(e, p.typeName())
		case p.is(0, "collate"):
			p.fail(fault(NotSupported, "COLLATE is not supported"))
			return e
		case p.symbol(0, "["):
			p.fail(fault(NotSupported, "elements of arrays are not supported: SQLite has no arrays"))
			return e
		default:
			return e
		}
	}
}

// primary walks over an operand. It always takes a token.
func (p *parser) primary() expr {
	start := len(p.out)
	t := p.peek()
	switch t.kind {
	case number:
		p.pass()
		return expr{typ: numeric(t.text), start: start}
	case text:
		p.pass()
		return expr{literal: &t.text, start: start}
	case param:
		p.pass()
		for len(p.params) < t.n {
			p.params = append(p.params, 0)
		}
		return expr{param: t.n, start: start}
	case word:
		if e, ok := p.keyword(t); ok {
			e.start = start
			return e
		}
		return p.named(start)
	case quoted:
		return p.named(start)
	case symbol:
		if t.text == "(" {
			return p.enclosed(start)
		}
	}
	if t.kind != end {
		p.fail(unexpected(t.text))
	}
	p.fail(fault(SyntaxError, "syntax error at end of input"))
	return expr{start: start}
}

func numeric(s string) OID {
	switch n, err := strconv.ParseInt(s, 10, 64); {
	case err != nil:
		return Float8
	case n > 1<<31-1:
		return Int8
	}
	return Int4
}

// enclosed walks over parentheses: a query with one column, an expression, or a row.
func (p *parser) enclosed(start int) expr {
	e := expr{start: start}
	if p.is(1, "select", "with", "values") {
		if columns := p.parentheses(); len(columns) > 0 {
			e.typ, e.name = columns[0].Type, columns[0].Name
		}
		return e
	}
	p.pass()
	if list := p.list(); len(list) == 1 {
		e.typ, e.param, e.literal, e.name = list[0].typ, list[0].param, list[0].literal, list[0].name
	}
	p.close()
	return e
}

// keyword walks over an expression that begins with a keyword; false: it does not.
func (p *parser) keyword(t token) (expr, bool) {
	switch t.low {
	case "null":
		p.pass()
		return expr{}, true
	case "true", "false":
		p.pass()
		return expr{typ: Bool, name: "bool"}, true
	case "default":
		p.fail(fault(NotSupported, "DEFAULT as a value is not supported: leave the column out"))
	case "case":
		return p.caseOf(), true
	case "cast":
		if p.symbol(1, "(") {
			return p.castCall(), true
		}
	case "exists":
		p.pass()
		p.parentheses()
		return expr{typ: Bool, name: "exists"}, true
	case "array", "row", "interval":
		if next := p.ahead(1); next.kind == text || next.text == "[" || next.text == "(" {
			p.fail(fault(NotSupported, strings.ToUpper(t.low)+" is not supported here: SQLite has no such values"))
		}
	case "current_timestamp", "current_date", "current_user", "session_user", "user", "current_catalog", "current_role":
		if !p.symbol(1, ".") && !p.symbol(1, "(") {
			p.skip(1)
			p.raw(" " + constants[t.low].call)
			return expr{typ: constants[t.low].typ, name: t.low}, true
		}
	}
	return expr{}, false
}

// constants are functions that are called without parentheses.
var constants = map[string]struct {
	call string
	typ  OID
}{
	"current_timestamp": {"now()", Timestamptz}, "current_date": {"date('now')", Date}, "current_catalog": {"current_database()", Name},
	"current_user": {"pg_user()", Name}, "session_user": {"pg_user()", Name}, "user": {"pg_user()", Name}, "current_role": {"pg_user()", Name},
}

// caseOf walks over CASE ... END.
func (p *parser) caseOf() expr {
	p.pass()
	var subject, result expr
	if !p.is(0, "when") {
		subject = p.expr(0)
	}
	for p.err == nil && p.is(0, "when", "then", "else") {
		isResult := !p.is(0, "when")
		p.pass()
		e := p.expr(0)
		switch {
		case !isResult:
			p.unify(subject, e)
		case result.typ == 0:
			result = expr{typ: p.typeOf(e)}
			if e.literal != nil {
				result.typ = Text
			}
		default:
			p.unify(result, e)
		}
	}
	if !p.is(0, "end") {
		p.fail(unexpected(p.peek().text))
	}
	p.pass()
	return expr{typ: result.typ, name: "case"}
}

// named walks over a column or the call of a function.
func (p *parser) named(start int) expr {
	if p.is(0, "public", "pg_catalog", "information_schema") && p.symbol(1, ".") {
		if !p.is(0, "public") && !p.symbol(3, "(") {
			p.fail(fault(NotSupported, "there is no system catalog here: this is SQLite behind the PostgreSQL protocol"))
		}
		p.skip(2)
	}
	if p.peek().kind == word && p.symbol(1, "(") {
		return p.call(start)
	}
	first := p.peek()
	table, name := "", first.low
	p.pass()
	for p.symbol(0, ".") {
		p.pass()
		if k := p.peek().kind; k != word && k != quoted {
			p.fail(unexpected(p.peek().text))
			break
		}
		table, name = name, p.peek().low
		p.pass()
	}
	return expr{typ: p.column(strings.ToLower(table), strings.ToLower(name)), name: name, start: start}
}

// call walks over the call of a function.
func (p *parser) call(start int) expr {
	name := p.peek().low
	f := functions[name]
	if f.refused != "" {
		p.fail(fault(NotSupported, name+"() is not supported: "+f.refused))
	}
	p.pass()
	p.pass()
	var args []expr
	switch {
	case p.symbol(0, "*"):
		p.pass()
	case !p.symbol(0, ")"):
		if p.is(0, "distinct", "all") {
			p.pass()
		}
		args = p.list()
	}
	if p.is(0, "order") {
		p.pass()
		p.pass() // BY
		for p.list(); p.is(0, "asc", "desc", "nulls", "first", "last") || p.symbol(0, ","); {
			p.pass()
		}
	}
	p.close()
	for i, a := range args {
		if i < len(f.args) {
			p.want(a, f.args[i])
		}
	}
	if p.is(0, "filter") && p.symbol(1, "(") {
		p.pass()
		p.parentheses()
	}
	if p.is(0, "over") {
		p.pass()
		if p.symbol(0, "(") {
			p.parentheses()
		} else {
			p.pass()
		}
	}
	e := expr{typ: f.result, name: name, start: start}
	if f.same {
		e.typ = p.same(args)
	}
	if f.sums {
		e.typ = arithmetic(p.same(args), Int8)
	}
	return e
}

// same is the type that all of the expressions have.
func (p *parser) same(args []expr) OID {
	typ := OID(0)
	for _, a := range args {
		if t := p.typeOf(a); typ == 0 {
			typ = t
		}
	}
	for _, a := range args {
		if p.want(a, typ); typ == 0 && a.literal != nil {
			typ = Text
		}
	}
	return typ
}

// function is what is known of one.
type function struct {
	result  OID
	args    []OID
	same    bool   // the result has the type of its arguments
	sums    bool   // the result is a sum of its arguments
	refused string // why it is
}

var functions = map[string]function{
	"count": {result: Int8}, "sum": {sums: true}, "avg": {result: Float8}, "min": {same: true}, "max": {same: true},
	"coalesce": {same: true}, "nullif": {same: true}, "abs": {same: true}, "round": {result: Float8}, "floor": {result: Float8}, "ceil": {result: Float8},
	"length": {result: Int4, args: []OID{Text}}, "octet_length": {result: Int4, args: []OID{Text}},
	"lower": {result: Text, args: []OID{Text}}, "upper": {result: Text, args: []OID{Text}}, "trim": {result: Text, args: []OID{Text}},
	"ltrim": {result: Text, args: []OID{Text, Text}}, "rtrim": {result: Text, args: []OID{Text, Text}},
	"replace": {result: Text, args: []OID{Text, Text, Text}}, "substr": {result: Text, args: []OID{Text, Int4, Int4}},
	"concat": {result: Text, args: []OID{Text, Text, Text, Text}}, "string_agg": {result: Text, args: []OID{Text, Text}},
	"row_number": {result: Int8}, "rank": {result: Int8}, "dense_rank": {result: Int8}, "lag": {same: true}, "lead": {same: true},
	"first_value": {same: true}, "last_value": {same: true},
	"version": {result: Text}, "now": {result: Timestamptz}, "current_database": {result: Name}, "current_schema": {result: Name},
	"pg_user": {result: Name}, "pg_backend_pid": {result: Int4}, "pg_is_in_recovery": {result: Bool},
	"pg_sleep": {result: Void, args: []OID{Float8}}, "pg_advisory_unlock_all": {result: Void},
	"current_setting": {result: Text, args: []OID{Text, Bool}}, "set_config": {result: Text, args: []OID{Text, Text, Bool}},
	"random": {refused: "SQLite's gives whole numbers"}, "like": {refused: "write a LIKE b"}, "glob": {refused: "it is SQLite's own"},
	"load_extension": {refused: "nothing is loaded"}, "to_char": {refused: "SQLite has none"}, "date_trunc": {refused: "SQLite has none"},
	"extract": {refused: "SQLite has none"}, "unnest": {refused: "SQLite has no arrays"}, "array_agg": {refused: "SQLite has no arrays"},
	"generate_series": {refused: "write WITH RECURSIVE"},
}
