// Package dialect translates statements from PostgreSQL's SQL to SQLite's. It finds what SQLite does not say: the types of
// parameters and of columns. It does not check statements; that is SQLite's part. What would mean something else in SQLite is refused.
package dialect

import (
	"strconv"
	"strings"
)

// Catalog knows the columns of the tables, by their names in small letters.
type Catalog map[string][]Column

// Column is a column of a table or of a result.
type Column struct {
	Name string
	Type OID // 0: nothing says it

	star  bool   // of a result: all columns of a table, or of all tables
	table string // of a star; empty: all
}

// NewColumn is a column of a table with the type as it was declared.
func NewColumn(name, decl string) Column { return Column{Name: name, Type: declared(decl)} }

// Statement is a statement that was taken apart.
type Statement struct {
	Verb    string   // its first word in small letters, of one with WITH the word behind it; empty: the statement is empty
	Tag     string   // of its completion, where that is no count
	Words   []string // all its tokens, small letters where they are words; of statements without SQL only
	SQL     string   // for SQLite; empty: the statement is none of SQLite's, or is empty
	Params  []OID    // of $1, $2, ...
	Columns []Column // of its result
	Writes  bool     // it changes something, or locks rows
	Changes bool     // it changes tables themselves

	parser *parser
}

// Resolve gives the columns of the result by the names that SQLite gives to them; stars become the columns they stand for.
func (s *Statement) Resolve(names []string) []Column {
	fixed, stars := 0, 0
	for _, c := range s.Columns {
		if c.star {
			stars++
		} else {
			fixed++
		}
	}
	out := make([]Column, 0, len(names))
	for _, c := range s.Columns {
		if !c.star {
			out = append(out, c)
			continue
		}
		width := len(names) - fixed
		if stars > 1 {
			width = len(s.parser.scope[c.table])
		}
		for range width {
			if len(out) < len(names) {
				name := names[len(out)]
				out = append(out, Column{Name: name, Type: s.parser.column(c.table, strings.ToLower(name))})
			}
		}
	}
	for len(out) < len(names) {
		out = append(out, Column{Name: names[len(out)]})
	}
	return out[:len(names)]
}

// Split takes a text apart into its statements. The last one is empty where the text ends in a semicolon.
func Split(sql string) ([]Source, error) {
	tokens, err := lex(sql)
	if err != nil {
		return nil, err
	}
	var out []Source
	start := 0
	for i, t := range tokens {
		if t.kind == symbol && t.text == ";" {
			out = append(out, Source{tokens[start:i]})
			start = i + 1
		}
	}
	return append(out, Source{tokens[start:]}), nil
}

// Source is one statement of a text.
type Source struct{ tokens []token }

// Empty reports whether it says nothing.
func (s Source) Empty() bool { return len(s.tokens) == 0 }

// Verb is as that of a Statement.
func (s Source) Verb() string {
	switch {
	case s.Empty():
		return ""
	case s.tokens[0].kind == symbol && s.tokens[0].text == "(":
		return "select"
	case s.tokens[0].low == "with":
		return s.behindWith()
	}
	return s.tokens[0].low
}

// Translate translates it. The types that the client gives to parameters count; where it gives none they are found.
func (s Source) Translate(catalog Catalog, given []OID) (*Statement, error) {
	st := &Statement{Verb: s.Verb()}
	switch st.Verb {
	case "select", "values", "insert", "update", "delete":
		p := newParser(s.tokens, catalog, given)
		return p.translate(st)
	case "create", "drop", "alter", "truncate":
		return s.definition(st)
	}
	for _, t := range s.tokens {
		w := t.low
		if t.kind != word && t.kind != quoted {
			w = t.text
		}
		st.Words = append(st.Words, w)
	}
	return st, nil
}

// behindWith is the verb behind the queries of WITH.
func (s Source) behindWith() string {
	depth := 0
	for _, t := range s.tokens {
		switch {
		case t.kind == symbol && t.text == "(":
			depth++
		case t.kind == symbol && t.text == ")":
			depth--
		case depth == 0 && t.kind == word:
			switch t.low {
			case "select", "values", "insert", "update", "delete":
				return t.low
			}
		}
	}
	return "select"
}

// definition translates a statement that changes tables.
func (s Source) definition(st *Statement) (*Statement, error) {
	st.Writes, st.Changes = true, true
	p := newParser(s.tokens, nil, nil)
	for i, t := range s.tokens {
		switch {
		case t.kind == param:
			return nil, fault("42P02", "there is no parameter "+t.text)
		case t.kind == symbol && t.text == "[":
			return nil, fault(NotSupported, "columns of arrays are not supported: SQLite has none")
		case i == 0 && t.low == "truncate":
			p.raw(" DELETE FROM")
			continue
		case i == 1 && st.Verb == "truncate" && t.low == "table":
			continue
		}
		p.put(t)
	}
	if st.Verb == "create" && !s.names(1, "table", "index", "unique", "view") || st.Verb == "drop" && !s.names(1, "table", "index", "view") || st.Verb == "alter" && !s.names(1, "table") {
		return nil, fault(NotSupported, strings.ToUpper(st.Verb)+" knows tables, indexes and views here")
	}
	if st.Verb == "create" && s.names(1, "table") && s.primary() {
		p.raw(" WITHOUT ROWID") // the table is its primary key's index, so that a row is found in one tree
	}
	if st.Verb == "truncate" {
		st.Changes = false
	}
	st.SQL, st.Tag = string(p.out), strings.ToUpper(st.Verb)
	if st.Verb != "truncate" {
		st.Tag += " " + strings.ToUpper(s.tokens[1].low)
	}
	return st, nil
}

// names reports whether the token is one of these words.
func (s Source) names(at int, words ...string) bool {
	for _, w := range words {
		if at < len(s.tokens) && s.tokens[at].kind == word && s.tokens[at].low == w {
			return true
		}
	}
	return false
}

func (s Source) primary() bool {
	for i := range s.tokens {
		if s.names(i, "primary") && s.names(i+1, "key") {
			return true
		}
	}
	return false
}

// parser walks over a statement once, finds types, and writes what SQLite is to get.
type parser struct {
	tokens  []token
	at      int
	depth   int
	out     []byte
	catalog Catalog
	scope   map[string][]Column // the tables that the statement names, by name and alias
	tables  []string            // the keys of scope, in their order
	derived map[string]OID      // what the statement itself names with AS
	params  []OID
	given   []OID
	writes  bool
	nested  bool // there is a query in parentheses
	err     error
}

func newParser(tokens []token, catalog Catalog, given []OID) *parser {
	return &parser{tokens: tokens, catalog: catalog, given: given, scope: map[string][]Column{}, derived: map[string]OID{}}
}

func (p *parser) translate(st *Statement) (*Statement, error) {
	p.findTables()
	p.params = append(p.params, p.given...)
	st.Columns = p.statement()
	if p.nested && p.err == nil { // now the names that inner queries give are known to what stands before them
		p.at, p.out = 0, p.out[:0]
		st.Columns = p.statement()
	}
	if p.err == nil && p.at < len(p.tokens) {
		p.fail(unexpected(p.peek().text))
	}
	if p.err != nil {
		return nil, p.err
	}
	for i, oid := range p.params {
		if oid == 0 || oid == Unknown {
			p.params[i] = Text
		}
	}
	st.SQL, st.Params, st.parser = string(p.out), p.params, p
	st.Writes = p.writes || st.Verb == "insert" || st.Verb == "update" || st.Verb == "delete"
	p.tokens, p.out = nil, nil // only the scope is needed from here on
	return st, nil
}

// findTables collects the tables that the statement names, with their aliases.
func (p *parser) findTables() {
	for i, t := range p.tokens {
		if t.kind != word && t.kind != quoted || i == 0 {
			continue
		}
		if before := p.tokens[i-1]; before.text == "." && (i < 2 || p.tokens[i-2].low != "public") {
			continue
		}
		columns, ok := p.catalog[strings.ToLower(t.low)]
		if !ok {
			continue
		}
		p.names(t.low, columns)
		next := i + 1
		if next < len(p.tokens) && p.tokens[next].low == "as" {
			next++
		}
		if next < len(p.tokens) && (p.tokens[next].kind == quoted || p.tokens[next].kind == word && !reserved[p.tokens[next].low]) {
			p.names(p.tokens[next].low, columns)
		}
	}
}

func (p *parser) names(name string, columns []Column) {
	if _, known := p.scope[name]; !known {
		p.scope[name] = columns
		p.tables = append(p.tables, name)
	}
}

// column is the type of a column by its name.
func (p *parser) column(table, name string) OID {
	find := func(columns []Column) (OID, bool) {
		for _, c := range columns {
			if strings.EqualFold(c.Name, name) {
				return c.Type, true
			}
		}
		return 0, false
	}
	if oid, ok := find(p.scope[table]); ok {
		return oid
	}
	for _, t := range p.tables {
		if oid, ok := find(p.scope[t]); ok {
			return oid
		}
	}
	return p.derived[name]
}

func (p *parser) peek() token { return p.ahead(0) }

func (p *parser) ahead(n int) token {
	if p.err != nil || p.at+n >= len(p.tokens) {
		return token{}
	}
	return p.tokens[p.at+n]
}

// is reports whether the token ahead is this word.
func (p *parser) is(n int, words ...string) bool {
	t := p.ahead(n)
	if t.kind != word {
		return false
	}
	for _, w := range words {
		if t.low == w {
			return true
		}
	}
	return false
}

func (p *parser) symbol(n int, s string) bool {
	t := p.ahead(n)
	return t.kind == symbol && t.text == s
}

// pass writes the next token as it is.
func (p *parser) pass() {
	if p.err == nil && p.at < len(p.tokens) {
		p.put(p.tokens[p.at])
		p.at++
	}
}

func (p *parser) skip(n int) { p.at += n }

func (p *parser) put(t token) {
	switch t.kind {
	case text:
		p.raw(" " + quote(t.text))
	case param:
		p.raw(" ?" + strconv.Itoa(t.n))
	default:
		p.out = append(append(p.out, ' '), t.text...)
	}
}

func (p *parser) raw(sql string) { p.out = append(p.out, sql...) }

func (p *parser) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// Types reports whether the statement asks PostgreSQL's catalog for types as the Python driver asyncpg does.
func (s Source) Types() bool {
	return s.names(0, "with") && s.names(1, "recursive") && s.names(2, "typeinfo_tree")
}
