package dialect

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

var shop = Catalog{
	"users": {NewColumn("id", "bigint"), NewColumn("name", "text")},
	"items": {NewColumn("id", "bigint"), NewColumn("price", "int"), NewColumn("ratio", "double precision"), NewColumn("flag", "boolean"), NewColumn("tag", "varchar(20)")},
}

func described(list []Column) string {
	var out []string
	for _, c := range list {
		name := c.Name
		if c.star {
			name = c.table + "*"
		}
		t, _ := Lookup(c.Type)
		out = append(out, name+":"+t.Name)
	}
	return strings.Join(out, " ")
}

func types(list []OID) string {
	var out []string
	for _, oid := range list {
		t, ok := Lookup(oid)
		if e, array := Element(oid); !ok && array {
			t.Name = e.Name + "[]"
		}
		out = append(out, t.Name)
	}
	return strings.Join(out, " ")
}

func TestTranslate(t *testing.T) {
	for _, try := range []struct{ sql, want, params, columns string }{
		{"SELECT id, u.name FROM users u WHERE id = $1", "SELECT id, u.name FROM users u WHERE id = ?1", "int8", "id:int8 name:text"},
		{"select * from public.users", "select * from users", "", "*:"},
		{"SELECT u.*, price FROM users AS u, items", "SELECT u.*, price FROM users AS u, items", "", "u*: price:int4"},
		{"SELECT $1::bigint + 1", "SELECT ?1 + 1", "int8", "?column?:int8"},
		{"SELECT CAST($1 AS double precision) AS x", "SELECT (?1) AS x", "float8", "x:float8"},
		{"SELECT name::bigint, price::text, (ratio * 2)::int FROM users, items", "SELECT CAST(name AS INTEGER), CAST(price AS TEXT), CAST(round((ratio * 2)) AS INTEGER) FROM users, items", "", "name:int8 price:text int4:int4"},
		{"SELECT flag::text, 't'::bool, price::bool FROM items", "SELECT (CASE flag WHEN 1 THEN 'true' WHEN 0 THEN 'false' END), true, (price <> 0) FROM items", "", "flag:text bool:bool price:bool"},
		{"SELECT id FROM items WHERE id = ANY($1)", "SELECT id FROM items WHERE id IN (SELECT value FROM json_each(?1))", "int8[]", "id:int8"},
		{"SELECT id FROM items WHERE tag <> ALL($1) AND id = ANY('{1,2}')", "SELECT id FROM items WHERE tag NOT IN (SELECT value FROM json_each(?1)) AND id IN (SELECT value FROM json_each('[1,2]'))", "varchar[]", "id:int8"},
		{"SELECT id = ANY(ARRAY[1,$1]::bigint[]) FROM items", "SELECT id IN (1,?1) FROM items", "int8", "?column?:bool"},
		{"SELECT id FROM items WHERE id = ANY(SELECT id FROM users)", "SELECT id FROM items WHERE id IN (SELECT id FROM users)", "", "id:int8"},
		{"INSERT INTO items (id, flag) VALUES ($1, $2), ($3, true) RETURNING flag", "INSERT INTO items (id, flag) VALUES (?1, ?2), (?3, true) RETURNING flag", "int8 bool int8", "flag:bool"},
		{"INSERT INTO users VALUES ($1, $2)", "INSERT INTO users VALUES (?1, ?2)", "int8 text", ""},
		{"INSERT INTO users SELECT $1, $2 ON CONFLICT (id) DO NOTHING", "INSERT INTO users SELECT ?1, ?2 ON CONFLICT (id) DO NOTHING", "int8 text", ""},
		{"UPDATE items SET price = price - $1, tag = $2 WHERE id IN ($3, 2) RETURNING price * 2 AS p", "UPDATE items SET price = price - ?1, tag = ?2 WHERE id IN (?3, 2) RETURNING price * 2 AS p", "int4 varchar int8", "p:int4"},
		{"DELETE FROM users WHERE id BETWEEN $1 AND $2 OR name LIKE $3", "DELETE FROM users WHERE id BETWEEN ?1 AND ?2 OR name LIKE ?3", "int8 int8 text", ""},
		{"SELECT count(*), sum(price), sum(id), avg(id), max(tag), coalesce(tag, $1) c FROM items GROUP BY 1 LIMIT $2 OFFSET $3", "SELECT count(*), sum(price), sum(id), avg(id), max(tag), coalesce(tag, ?1) AS c FROM items GROUP BY 1 LIMIT ?2 OFFSET ?3", "varchar int8 int8", "count:int8 sum:int8 sum:int8 avg:float8 max:varchar c:varchar"},
		{"SELECT pg_sleep($1), pg_catalog.version(), current_user", "SELECT pg_sleep(?1), version(), pg_user()", "float8", "pg_sleep:void version:text current_user:name"},
		{"WITH t(n) AS (SELECT count(*) FROM users) SELECT n FROM t WHERE n > $1", "WITH t(n) AS (SELECT count(*) FROM users) SELECT n FROM t WHERE n > ?1", "int8", "n:int8"},
		{"SELECT n FROM (SELECT id + 1 AS n FROM users) s", "SELECT n FROM (SELECT id + 1 AS n FROM users) s", "", "n:int8"},
		{"SELECT CASE WHEN id > $1 THEN 'a' ELSE $2 END FROM users", "SELECT CASE WHEN id > ?1 THEN 'a' ELSE ?2 END FROM users", "int8 text", "case:text"},
		{"SELECT EXISTS (SELECT 1), (SELECT max(id) FROM users), NOT flag, id IS NOT NULL FROM items", "SELECT EXISTS (SELECT 1), (SELECT max(id) FROM users), NOT flag, id IS NOT NULL FROM items", "", "exists:bool max:int8 ?column?:bool ?column?:bool"},
		{"SELECT id FROM items WHERE id = 1 FOR UPDATE", "SELECT id FROM items WHERE id = 1", "", "id:int8"},
		{"SELECT E'a\\n''b', $$c'd$$, -1, 1.5, 3000000000 -- end", "SELECT 'a\n''b', 'c''d', -1, 1.5, 3000000000", "", "?column?: ?column?: ?column?:int4 ?column?:float8 ?column?:int8"},
		{"SELECT row_number() OVER (PARTITION BY tag ORDER BY id DESC), count(*) FILTER (WHERE flag) FROM items", "SELECT row_number() OVER (PARTITION BY tag ORDER BY id DESC), count(*) FILTER (WHERE flag) FROM items", "", "row_number:int8 count:int8"},
		{"VALUES ($1::int, 'x')", "VALUES (?1, 'x')", "int4", "column1:int4 column2:"},
		{"CREATE TABLE t (id bigint PRIMARY KEY)", "CREATE TABLE t (id bigint PRIMARY KEY) WITHOUT ROWID", "", ""},
		{"TRUNCATE TABLE t", "DELETE FROM t", "", ""},
		{"SELECT $1", "SELECT ?1", "text", "?column?:"},
	} {
		sources, err := Split(try.sql)
		if err != nil {
			t.Errorf("%s: %v", try.sql, err)
			continue
		}
		st, err := sources[0].Translate(shop, nil)
		if err != nil {
			t.Errorf("%s: %v", try.sql, err)
			continue
		}
		tight := strings.NewReplacer(" ", "")
		if tight.Replace(st.SQL) != tight.Replace(try.want) || types(st.Params) != try.params || described(st.Columns) != try.columns {
			t.Errorf("%s:\n%s\n%s\n%s", try.sql, st.SQL, types(st.Params), described(st.Columns))
		}
		if writes := strings.Contains("insert update delete create truncate", st.Verb) || strings.HasSuffix(try.sql, "FOR UPDATE"); st.Writes != writes {
			t.Errorf("%s: writes %v", try.sql, st.Writes)
		}
	}
}

func TestStars(t *testing.T) {
	for sql, want := range map[string]string{
		"SELECT * FROM users":                   "id:int8 name:text",
		"SELECT 1, * FROM users":                "?column?:int4 id:int8 name:text",
		"SELECT u.*, i.* FROM users u, items i": "id:int8 name:text id:int8 price:int4 ratio:float8 flag:bool tag:varchar",
	} {
		sources, err := Split(sql)
		if err != nil {
			t.Fatal(err)
		}
		st, err := sources[0].Translate(shop, nil)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for each := range strings.FieldsSeq(want) {
			name, _, _ := strings.Cut(each, ":")
			names = append(names, name)
		}
		if got := described(st.Resolve(names)); got != want {
			t.Errorf("%s: %s", sql, got)
		}
	}
}

func TestRefused(t *testing.T) {
	for sql, want := range map[string]string{
		"SELECT 'a": SyntaxError, "SELECT \"a": SyntaxError, "SELECT $x$a": SyntaxError, "/* a": SyntaxError, "SELECT $0": "42P02", "SELECT @a": SyntaxError,
		"SELECT a ? b": SyntaxError, "SELECT 1)": SyntaxError, "SELECT (1": SyntaxError, "SELECT 'x'::int": InvalidText, "SELECT '1'::money": NotSupported,
		"SELECT id FROM items WHERE id = 'x'": InvalidText, "SELECT a[1]": NotSupported, "SELECT id < ANY($1) FROM items": NotSupported, "SELECT id = ANY(price) FROM items": NotSupported,
		"SELECT id = ANY('{1') FROM items": InvalidText, "SELECT id = ANY('{x}') FROM items": InvalidText, "SELECT DISTINCT ON (id) id FROM items": NotSupported,
		"SELECT random()": NotSupported, "CREATE DATABASE x": NotSupported, "CREATE TABLE x (a bigint[])": NotSupported, "SELECT " + strings.Repeat("(", 300): TooComplex,
		"SELECT 1 FROM pg_catalog.pg_class": NotSupported, "SELECT interval '1 day'": NotSupported, "SELECT E'\\u0041'": NotSupported,
	} {
		sources, err := Split(sql)
		if err == nil {
			_, err = sources[0].Translate(shop, nil)
		}
		var e *Error
		if !errors.As(err, &e) || e.Code != want {
			t.Errorf("%.60s: %v, want %s", sql, err, want)
		}
	}
}

func TestArrays(t *testing.T) {
	for _, try := range []struct {
		text string
		of   OID
		want string
	}{
		{"{}", Int8, "[]"},
		{"{1, 2,NULL,-3}", Int8, "[1,2,null,-3]"},
		{`{a,"b c","d\"\\,}",null,"null"}`, Text, `["a","b c","d\"\\,}",null,"null"]`},
		{"{t,f}", Bool, "[1,0]"},
		{"{1.5,1e3}", Float8, "[1.5,1000]"},
	} {
		got, err := ArrayToJSON(try.text, ArrayOf(try.of))
		if err != nil || got != try.want {
			t.Errorf("%s: %s, %v", try.text, got, err)
		}
	}
	for _, text := range []string{"", "{", "1", "{1", "{1,}", "{,1}", "{{1}}", `{"a}`, "{x}", "{1 2}", "{NaN}"} {
		if got, err := ArrayToJSON(text, ArrayOf(Int8)); err == nil {
			t.Errorf("%s: %s", text, got)
		}
	}
	if _, err := ArrayToJSON("{NaN}", ArrayOf(Float8)); err == nil {
		t.Error("NaN is no JSON")
	}
}

// Any text is translated or refused: no panic, no endless loop, and not much more comes out than went in.
func FuzzTranslate(f *testing.F) {
	for _, sql := range []string{"SELECT * FROM users WHERE id = ANY($1::bigint[])", "WITH a AS (SELECT 1) INSERT INTO users VALUES (1)", "SELECT 'a'::text::int::bool::text", "CASE", "SELECT -- x"} {
		f.Add(sql)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		sources, err := Split(sql)
		if err != nil {
			return
		}
		for _, s := range sources {
			st, err := s.Translate(shop, nil)
			if err != nil {
				continue
			}
			if len(st.SQL) > 200+100*len(sql) {
				t.Errorf("%d bytes of %d", len(st.SQL), len(sql))
			}
			st.Resolve([]string{"a", "b", fmt.Sprint(len(sql))})
		}
	})
}
