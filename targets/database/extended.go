package database

import (
	"slices"

	"github.com/jackc/pgx/v5/pgproto3"
	"zombiezen.com/go/sqlite"

	"benchtop/targets/database/dialect"
)

// prepared is a statement that was parsed and prepared.
type prepared struct {
	*dialect.Statement
	columns []dialect.Column
	stmt    *sqlite.Stmt // nil: it is none of the engine's
	user    *portal      // that runs it at the moment
}

func (p *prepared) finalize() {
	if p.stmt != nil {
		_ = p.stmt.Finalize()
		p.stmt = nil
	}
}

// portal is a statement with its parameters, ready to run or half done.
type portal struct {
	of      *prepared
	stmt    *sqlite.Stmt // of a statement that another portal runs already it is a second one
	formats []int16      // of the columns
	rows    int          // that were sent
	begun   bool
	done    bool
}

// close frees the statement.
func (p *portal) close() {
	switch {
	case p.stmt == nil:
	case p.stmt != p.of.stmt:
		_ = p.stmt.Finalize()
	default:
		_ = p.stmt.Reset() // says again what Step said
		_ = p.stmt.ClearBindings()
		p.of.user = nil
	}
	p.stmt = nil
}

// compile translates a statement and prepares it.
func (s *session) compile(source dialect.Source, given []dialect.OID) (*prepared, error) {
	s.service.counts.parses.Add(1)
	if source.Types() {
		return s.compileTypes(given)
	}
	catalog, err := s.tables()
	if err != nil {
		return nil, err
	}
	st, err := source.Translate(catalog, given)
	if err != nil {
		return nil, err
	}
	p := &prepared{Statement: st}
	if st.SQL == "" {
		p.columns, err = s.utilityColumns(st)
		return p, err
	}
	if p.stmt, err = s.prepare(st.SQL); err != nil {
		return nil, err
	}
	names := make([]string, p.stmt.ColumnCount())
	for i := range names {
		names[i] = p.stmt.ColumnName(i)
	}
	if len(names) > 0 {
		p.columns = st.Resolve(names)
	}
	if n := p.stmt.BindParamCount(); n > len(st.Params) {
		p.finalize()
		return nil, fault(dialect.SyntaxError, "SQLite finds %d parameters where %d were found", n, len(st.Params))
	}
	for _, c := range p.columns {
		if _, array := dialect.Element(c.Type); array {
			p.finalize()
			return nil, unsupported("columns of arrays are not supported: SQLite has none; arrays come as parameters alone")
		}
	}
	return p, nil
}

// prepare lets the engine prepare one statement.
func (s *session) prepare(sql string) (*sqlite.Stmt, error) {
	stmt, rest, err := s.conn.PrepareTransient(sql)
	switch {
	case err != nil:
		return nil, err
	case stmt == nil || rest > 0:
		if stmt != nil {
			_ = stmt.Finalize()
		}
		return nil, fault(dialect.SyntaxError, "SQLite does not see one statement in it")
	}
	return stmt, nil
}

// tables is what is known of the tables, as this session sees them.
func (s *session) tables() (dialect.Catalog, error) {
	if s.own != nil {
		return s.own, nil
	}
	if s.tx.changed {
		var err error
		s.own, err = readTables(s.conn)
		return s.own, err
	}
	return s.service.store.tables(s.conn)
}

func (s *session) parse(m *pgproto3.Parse) error {
	sources, err := dialect.Split(m.Query)
	if err != nil {
		return err
	}
	sources = slices.DeleteFunc(sources, func(one dialect.Source) bool { return one.Empty() })
	if len(sources) > 1 {
		return fault(dialect.SyntaxError, "cannot insert multiple commands into a prepared statement")
	}
	if m.Name != "" {
		if _, known := s.prepared[m.Name]; known {
			return fault(duplicateStatement, `prepared statement "%s" already exists`, m.Name)
		}
		if len(s.prepared) >= mostPrepared {
			return fault(tooLarge, "more than %d prepared statements in a session: close some, or DEALLOCATE ALL", mostPrepared)
		}
	}
	var source dialect.Source
	if len(sources) == 1 {
		source = sources[0]
	}
	if err := s.permitted(source.Verb()); err != nil {
		return err
	}
	p, err := s.compile(source, m.ParameterOIDs)
	if err != nil {
		return err
	}
	s.forget(m.Name)
	s.prepared[m.Name] = p
	s.out.bare(parseComplete)
	return nil
}

// forget closes a prepared statement with the portals that run it; there need be none of this name.
func (s *session) forget(name string) {
	p := s.prepared[name]
	if p == nil {
		return
	}
	for name, o := range s.portals {
		if o.of == p {
			s.closePortal(name)
		}
	}
	p.finalize()
	delete(s.prepared, name)
}

func (s *session) closePortal(name string) {
	if o := s.portals[name]; o != nil {
		o.close()
		delete(s.portals, name)
	}
}

func (s *session) closePortals() {
	for name := range s.portals {
		s.closePortal(name)
	}
}

func (s *session) find(name string) (*prepared, error) {
	if p := s.prepared[name]; p != nil {
		return p, nil
	}
	if name == "" {
		return nil, fault(noStatement, "unnamed prepared statement does not exist")
	}
	return nil, fault(noStatement, `prepared statement "%s" does not exist`, name)
}

func (s *session) bind(m *pgproto3.Bind) error {
	p, err := s.find(m.PreparedStatement)
	if err != nil {
		return err
	}
	if err := s.permitted(p.Verb); err != nil {
		return err
	}
	switch {
	case len(m.Parameters) != len(p.Params):
		return fault(protocolViolation, "bind message supplies %d parameters, but prepared statement requires %d", len(m.Parameters), len(p.Params))
	case len(m.ParameterFormatCodes) > 1 && len(m.ParameterFormatCodes) != len(m.Parameters):
		return fault(protocolViolation, "bind message has %d parameter formats but %d parameters", len(m.ParameterFormatCodes), len(m.Parameters))
	case len(m.ResultFormatCodes) > 1 && len(m.ResultFormatCodes) != len(p.columns):
		return fault(protocolViolation, "bind message has %d result formats but query has %d columns", len(m.ResultFormatCodes), len(p.columns))
	}
	for _, f := range slices.Concat(m.ParameterFormatCodes, m.ResultFormatCodes) {
		if f != 0 && f != 1 {
			return fault(protocolViolation, "unsupported format code: %d", f)
		}
	}
	if m.DestinationPortal != "" && s.portals[m.DestinationPortal] != nil {
		return fault("42P03", `cursor "%s" already exists`, m.DestinationPortal)
	}
	s.closePortal(m.DestinationPortal)
	if len(s.portals) >= mostPortals {
		return fault(tooLarge, "more than %d portals in a session: close some", mostPortals)
	}
	o, err := s.portal(p)
	if err != nil {
		return err
	}
	o.formats = append([]int16(nil), m.ResultFormatCodes...)
	for i, value := range m.Parameters {
		if o.stmt == nil {
			break
		}
		if err := bindValue(o.stmt, i+1, p.Params[i], format(m.ParameterFormatCodes, i), value); err != nil {
			o.close()
			return err
		}
	}
	s.portals[m.DestinationPortal] = o
	s.out.bare(bindComplete)
	return nil
}

// portal gives a statement to run to a new portal.
func (s *session) portal(p *prepared) (*portal, error) {
	o := &portal{of: p, stmt: p.stmt}
	switch {
	case p.stmt == nil:
	case p.user == nil:
		p.user = o
	default:
		var err error
		o.stmt, err = s.prepare(p.SQL)
		return o, err
	}
	return o, nil
}

func (s *session) describe(m *pgproto3.Describe) error {
	if m.ObjectType == 'S' {
		p, err := s.find(m.Name)
		if err != nil {
			return err
		}
		s.out.parameters(p.Params)
		s.out.columns(p.columns, nil)
		return nil
	}
	o := s.portals[m.Name]
	if o == nil {
		return fault(noCursor, `portal "%s" does not exist`, m.Name)
	}
	s.out.columns(o.of.columns, o.formats)
	return nil
}

func (s *session) execute(m *pgproto3.Execute) error {
	o := s.portals[m.Portal]
	if o == nil {
		return fault(noCursor, `portal "%s" does not exist`, m.Portal)
	}
	if o.of.Verb == "" {
		s.out.bare(emptyQuery)
		return nil
	}
	return s.perform(o, int(m.MaxRows))
}

func (s *session) closeNamed(m *pgproto3.Close) {
	if m.ObjectType == 'S' {
		s.forget(m.Name)
	} else {
		s.closePortal(m.Name)
	}
	s.out.bare(closeComplete)
}
