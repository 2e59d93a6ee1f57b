package database

import (
	"fmt"
	"strings"

	"benchtop/targets/database/dialect"
)

// compileTypes prepares what a client gets that asks PostgreSQL's catalog for types with the query of the Python driver asyncpg: it
// does so before it sends the first array. The catalog itself is not here; the query is known by the name of its table.
func (s *session) compileTypes(given []dialect.OID) (*prepared, error) {
	var rows []string
	for _, t := range dialect.Types {
		rows = append(rows, fmt.Sprintf("(%d, '%s', 0)", t.OID, t.Name))
		if t.Array != 0 {
			rows = append(rows, fmt.Sprintf("(%d, '_%s', %d)", t.Array, t.Name, t.OID))
		}
	}
	sql := `WITH known(oid, name, element) AS (VALUES ` + strings.Join(rows, ", ") + `),
		asked AS (SELECT * FROM known WHERE oid IN (SELECT value FROM json_each(?1)))
		SELECT oid, 'pg_catalog' AS ns, name, 'b' AS kind, NULL AS basetype, nullif(element, 0) AS elemtype, iif(element = 0, NULL, ',') AS elemdelim,
			NULL AS range_subtype, NULL AS attrtypoids, NULL AS attrnames, depth, NULL AS basetype_name,
			(SELECT e.name FROM known e WHERE e.oid = element) AS elemtype_name, NULL AS range_subtype_name
		FROM (SELECT *, 1 AS depth FROM known WHERE oid IN (SELECT element FROM asked) UNION ALL SELECT *, 0 FROM asked) ORDER BY depth DESC`
	stmt, err := s.prepare(sql)
	if err != nil {
		return nil, err
	}
	p := &prepared{Statement: &dialect.Statement{Verb: "select", SQL: sql, Params: []dialect.OID{dialect.ArrayOf(dialect.Oid)}}, stmt: stmt}
	if len(given) > 0 && given[0] != 0 {
		p.Params[0] = given[0]
	}
	for i, oid := range []dialect.OID{
		dialect.Oid, dialect.Name, dialect.Name, dialect.Char, dialect.Oid, dialect.Oid, dialect.Char, dialect.Oid, dialect.ArrayOf(dialect.Oid),
		dialect.ArrayOf(dialect.Text), dialect.Int4, dialect.Text, dialect.Text, dialect.Text,
	} {
		p.columns = append(p.columns, dialect.Column{Name: stmt.ColumnName(i), Type: oid})
	}
	return p, nil
}
