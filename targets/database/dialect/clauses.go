package dialect

import "strings"

// reserved are the words that are no alias and begin no expression.
var reserved = set(`select from where group having order by limit offset union intersect except on using join left right inner outer full cross
	natural set values returning into as and or window fetch for when then else end desc asc conflict do nothing update default distinct all
	nulls first last collate with recursive insert delete is in like between not isnull notnull filter over partition rows range`)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

// deepest is how far parentheses may be nested.
const deepest = 200

// deeper counts the nesting; false: it is too deep.
func (p *parser) deeper() bool {
	if p.depth++; p.depth > deepest {
		p.fail(fault(TooComplex, "a statement with more than 200 levels of parentheses"))
	}
	return p.err == nil
}

// statement walks to the end of the statement, or to the parenthesis that closes it, and gives its columns.
func (p *parser) statement() []Column {
	defer func() { p.depth-- }()
	if !p.deeper() {
		return nil
	}
	var columns, target []Column // of the result; of an INSERT
	for first := p.at; p.err == nil && p.at < len(p.tokens) && !p.symbol(0, ")"); {
		var found []Column
		switch {
		case p.is(0, "with"):
			p.with()
		case p.is(0, "select"):
			p.pass()
			found = p.selected(target)
		case p.is(0, "returning"):
			p.pass()
			target, columns = nil, nil
			found = p.selected(nil)
		case p.is(0, "values"):
			p.pass()
			found = p.rows(target)
		case p.is(0, "insert"):
			target = p.insert()
		case p.is(0, "limit", "offset"):
			p.pass()
			p.want(p.expr(0), Int8)
		case p.is(0, "where", "on", "having", "set", "by", "and"):
			p.pass()
			p.list()
		case p.is(0, "for") && p.is(1, "update", "share", "no", "key"):
			p.at, p.writes = len(p.tokens), true // a lock on rows is the lock on the database
		case p.symbol(0, "("):
			if begins := p.at == first; begins {
				found = p.parentheses()
			} else {
				p.parentheses()
			}
		case p.symbol(0, ","), p.peek().kind == word && reserved[p.peek().low]:
			p.pass()
		default:
			p.list()
		}
		if columns == nil && target == nil { // those of an INSERT's own query go into the table
			columns = found
		}
	}
	return columns
}

// parentheses walks over what stands in them: a query, whose columns it gives, or something else.
func (p *parser) parentheses() []Column {
	p.pass()
	p.nested = p.nested || p.is(0, "select", "with", "values")
	columns := p.statement()
	if !p.symbol(0, ")") {
		p.fail(fault(SyntaxError, "syntax error at end of input"))
	}
	p.pass()
	return columns
}

// with walks over the queries of WITH, and learns the names and types of their columns.
func (p *parser) with() {
	p.pass()
	if p.is(0, "recursive") {
		p.pass()
	}
	for p.err == nil {
		p.pass() // its name
		var names []string
		if p.symbol(0, "(") {
			p.pass()
			for !p.symbol(0, ")") && p.peek().kind != end {
				if t := p.peek(); t.kind == word || t.kind == quoted {
					names = append(names, t.low)
				}
				p.pass()
			}
			p.pass()
		}
		for p.is(0, "as", "not", "materialized") {
			p.pass()
		}
		if !p.symbol(0, "(") {
			p.fail(unexpected(p.peek().text))
			return
		}
		for i, c := range p.parentheses() {
			if i < len(names) {
				p.derived[names[i]] = c.Type
			}
		}
		if !p.symbol(0, ",") {
			return
		}
		p.pass()
	}
}

// insert walks over INSERT INTO and the names of its columns, which it gives; never nil.
func (p *parser) insert() []Column {
	p.pass()
	if p.is(0, "into") {
		p.pass()
	}
	if p.is(0, "public") && p.symbol(1, ".") {
		p.skip(2)
	}
	table := p.scope[strings.ToLower(p.peek().low)]
	name := p.peek().low
	p.pass()
	if p.is(0, "as") {
		p.pass()
		p.pass()
	}
	if !p.symbol(0, "(") || p.is(1, "select", "values", "with") {
		return append([]Column{}, table...)
	}
	p.pass()
	target := []Column{}
	for p.err == nil && !p.symbol(0, ")") && p.peek().kind != end {
		if t := p.peek(); t.kind == word || t.kind == quoted {
			target = append(target, Column{Name: t.low, Type: p.column(name, t.low)})
		}
		p.pass()
	}
	p.pass()
	return target
}

// rows walks over the rows of VALUES.
func (p *parser) rows(target []Column) []Column {
	var columns []Column
	for p.err == nil {
		if !p.symbol(0, "(") {
			p.fail(unexpected(p.peek().text))
			return columns
		}
		p.pass()
		for i, e := range p.list() {
			if i < len(target) {
				p.want(e, target[i].Type)
			}
			if i == len(columns) {
				columns = append(columns, Column{Name: "column" + itoa(i+1), Type: p.typeOf(e)})
			}
		}
		if !p.symbol(0, ")") {
			p.fail(unexpected(p.peek().text))
		}
		p.pass()
		if !p.symbol(0, ",") {
			break
		}
		p.pass()
	}
	return columns
}

// selected walks over the list of SELECT or RETURNING.
func (p *parser) selected(target []Column) []Column {
	if p.is(0, "all", "distinct") {
		if p.is(1, "on") {
			p.fail(fault(NotSupported, "DISTINCT ON is not supported"))
		}
		p.pass()
	}
	columns := []Column{}
	for p.err == nil {
		columns = append(columns, p.item(target, len(columns)))
		if !p.symbol(0, ",") {
			break
		}
		p.pass()
	}
	return columns
}

// item walks over one item of a list of SELECT.
func (p *parser) item(target []Column, i int) Column {
	if p.symbol(0, "*") {
		p.pass()
		return Column{star: true}
	}
	if k := p.peek().kind; (k == word || k == quoted) && p.symbol(1, ".") && p.symbol(2, "*") {
		table := p.peek().low
		p.pass()
		p.pass()
		p.pass()
		return Column{star: true, table: table}
	}
	e := p.expr(0)
	if i < len(target) {
		p.want(e, target[i].Type)
	}
	c := Column{Name: e.name, Type: p.typeOf(e)}
	if c.Name == "" {
		c.Name = "?column?"
	}
	as := p.is(0, "as")
	if as {
		p.pass()
	}
	if t := p.peek(); t.kind == quoted || t.kind == word && (as || !reserved[t.low]) {
		c.Name = t.low
		p.derived[strings.ToLower(t.low)] = c.Type
		if !as {
			p.raw(" AS")
		}
		p.pass()
	}
	if _, known := p.derived[c.Name]; !known {
		p.derived[c.Name] = c.Type
	}
	return c
}

// list walks over expressions with commas between them.
func (p *parser) list() []expr {
	var out []expr
	for p.err == nil {
		out = append(out, p.expr(0))
		if !p.symbol(0, ",") {
			return out
		}
		p.pass()
	}
	return out
}
