package dialect

import (
	"strconv"
	"strings"
)

// castCall walks over CAST(x AS type).
func (p *parser) castCall() expr {
	p.skip(2)
	start := len(p.out)
	p.raw(" (")
	e := p.expr(0)
	if !p.is(0, "as") {
		p.fail(unexpected(p.peek().text))
		return e
	}
	p.skip(1)
	oid := p.typeName()
	p.close()
	e.start = start
	return p.cast(e, oid)
}

// typeName walks over the name of a type and gives the type; nothing is written.
func (p *parser) typeName() OID {
	if p.is(0, "pg_catalog") && p.symbol(1, ".") {
		p.skip(2)
	}
	t := p.peek()
	if t.kind != word && t.kind != quoted {
		p.fail(unexpected(t.text))
		return 0
	}
	name := t.low
	p.skip(1)
	for _, more := range []string{"precision", "varying", "with time zone", "without time zone"} {
		if words := strings.Fields(more); p.is(0, words[0]) && (len(words) == 1 || p.is(1, words[1])) {
			name += " " + more
			p.skip(len(words))
		}
	}
	if p.symbol(0, "(") { // a length, which SQLite does not keep
		for p.peek().kind != end && !p.symbol(0, ")") {
			p.skip(1)
		}
		p.skip(1)
	}
	oid, ok := TypeNamed(name)
	if !ok {
		p.fail(fault(NotSupported, `type "`+name+`" is not supported here`))
	}
	if p.symbol(0, "[") && p.symbol(1, "]") {
		p.skip(2)
		return ArrayOf(oid)
	}
	return oid
}

// cast writes the cast of an expression that was written already.
func (p *parser) cast(e expr, oid OID) expr {
	out := expr{typ: oid, name: e.name, start: e.start}
	if out.name == "" {
		t, _ := Lookup(oid)
		out.name = t.Name
	}
	if _, array := Element(oid); array {
		p.want(e, oid)
		return out
	}
	from := p.typeOf(e)
	if e.param > 0 && (from == 0 || from == Unknown || from == oid) {
		p.want(e, oid)
		return out // it is bound as such a value
	}
	if e.literal != nil {
		p.checkLiteral(*e.literal, oid)
	}
	t, _ := Lookup(oid)
	switch {
	case oid == Bool && e.literal != nil:
		value, _ := ParseBool(*e.literal)
		p.out = p.out[:e.start]
		p.raw(" " + strconv.FormatBool(value))
	case oid == Bool && from != Bool:
		p.wrap(e.start, " (", " <> 0)")
	case from == Bool && t.Store == "TEXT":
		p.wrap(e.start, " (CASE", " WHEN 1 THEN 'true' WHEN 0 THEN 'false' END)")
	case integral(oid) && fractional(from):
		p.wrap(e.start, " CAST(round(", ") AS INTEGER)")
	case t.Store != "":
		p.wrap(e.start, " CAST(", " AS "+t.Store+")")
	}
	return out
}

// wrap writes something around what was written from start on.
func (p *parser) wrap(start int, before, behind string) {
	if p.err != nil {
		return
	}
	inner := string(p.out[start:])
	p.out = append(append(append(p.out[:start], before...), inner...), behind...)
}

// checkLiteral finds a string that is no value of the type.
func (p *parser) checkLiteral(value string, oid OID) {
	var err error
	switch trimmed := strings.TrimSpace(value); {
	case integral(oid):
		_, err = strconv.ParseInt(trimmed, 10, 64)
	case fractional(oid):
		_, err = strconv.ParseFloat(trimmed, 64)
	case oid == Bool:
		_, err = ParseBool(value)
	}
	if err != nil {
		p.fail(Invalid(oid, value))
	}
}

// ParseBool reads a boolean as PostgreSQL does, words and their beginnings.
func ParseBool(s string) (bool, error) {
	w := strings.ToLower(strings.TrimSpace(s))
	switch {
	case w == "":
	case w == "1", w == "on", strings.HasPrefix("true", w), strings.HasPrefix("yes", w):
		return true, nil
	case w == "0", w == "of", w == "off", strings.HasPrefix("false", w), strings.HasPrefix("no", w):
		return false, nil
	}
	return false, Invalid(Bool, s)
}
