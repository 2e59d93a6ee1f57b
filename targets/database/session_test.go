package database

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"benchtop/targets/routine"
)

// One connection more than there are slots is refused as PostgreSQL does it, and a slot that was given back is free at once.
func TestSlots(t *testing.T) {
	s, addr := running(t, Settings{Slots: 2})
	a, _ := connect(t, addr, pgx.QueryExecModeExec), connect(t, addr, pgx.QueryExecModeExec)
	_, err := pgx.Connect(bounded(t), url(addr))
	if code(err) != tooManyClients || err.Error() == "" || s.counts.refused.Load() == 0 {
		t.Errorf("%v, %d refused", err, s.counts.refused.Load())
	}
	if err := a.Close(bounded(t)); err != nil {
		t.Fatal(err)
	}
	for s.status().Levels["connections_open"] != 1 { // the end comes a moment after the client's
	}
	connect(t, addr, pgx.QueryExecModeExec)
	for _, wrong := range []string{"postgres://nobody@" + addr + "/shop", "postgres://bench@" + addr + "/absent"} {
		if _, err := pgx.Connect(bounded(t), wrong); code(err) != wrongPassword && code(err) != noDatabase {
			t.Errorf("%s: %v", wrong, err)
		}
	}
	if n := s.counts.connections.Load(); n != 3 {
		t.Errorf("%d connections, want 3", n)
	}
}

// What is counted is exact: a list with eleven queries is eleven round trips, a batch of them is one.
func TestCounts(t *testing.T) {
	s, addr := running(t, Settings{})
	c, ctx := connect(t, addr, pgx.QueryExecModeCacheStatement), bounded(t)
	one := func(id int) {
		var title string
		if err := c.QueryRow(ctx, "SELECT title FROM posts WHERE id = $1", id).Scan(&title); err != nil {
			t.Fatal(err)
		}
	}
	counted := func(what string, roundTrips, statements, parses uint64, do func()) {
		r, st, p := s.counts.roundTrips.Load(), s.counts.statements.Load(), s.counts.parses.Load()
		do()
		if r, st, p = s.counts.roundTrips.Load()-r, s.counts.statements.Load()-st, s.counts.parses.Load()-p; r != roundTrips || st != statements || p != parses {
			t.Errorf("%s: %d round trips, %d statements, %d parses; want %d, %d, %d", what, r, st, p, roundTrips, statements, parses)
		}
	}
	counted("prepare and run", 2, 1, 1, func() { one(1) })
	counted("eleven queries", 11, 11, 0, func() {
		for i := range 11 {
			one(i + 1)
		}
	})
	counted("a batch", 1, 11, 0, func() {
		batch := &pgx.Batch{}
		for i := range 11 {
			batch.Queue("SELECT title FROM posts WHERE id = $1", i+1)
		}
		if err := c.SendBatch(ctx, batch).Close(); err != nil {
			t.Error(err)
		}
	})
	counted("simple", 1, 2, 2, func() {
		if _, err := c.PgConn().Exec(ctx, "SELECT 1; SELECT 2;").ReadAll(); err != nil {
			t.Error(err)
		}
	})
}

// The declared latency is waited once for each round trip, whatever is in it.
func TestLatency(t *testing.T) {
	const latency = 20 * time.Millisecond
	_, addr := running(t, Settings{Latency: latency})
	c, ctx := connect(t, addr, pgx.QueryExecModeExec), bounded(t)
	took := func(do func() error) time.Duration {
		from := time.Now()
		if err := do(); err != nil {
			t.Fatal(err)
		}
		return time.Since(from)
	}
	const n = 20
	batch := &pgx.Batch{}
	for i := range n {
		batch.Queue("SELECT id FROM users WHERE id = $1", i)
	}
	together := took(func() error { return c.SendBatch(ctx, batch).Close() })
	apart := took(func() error {
		for i := range n {
			if _, err := c.Exec(ctx, "SELECT id FROM users WHERE id = $1", i); err != nil {
				return err
			}
		}
		return nil
	})
	if together < latency || apart < n*latency || together > apart {
		t.Errorf("together %v, apart %v", together, apart)
	}
}

// A statement ends at once when the client cancels it, or after statement_timeout, and the session goes on.
func TestCancel(t *testing.T) {
	s, addr := running(t, Settings{})
	c := connect(t, addr, pgx.QueryExecModeSimpleProtocol)
	other := connect(t, addr, pgx.QueryExecModeSimpleProtocol)
	endless := "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
	waitsForItsTurn := "UPDATE items SET stock = 1"
	if _, err := other.Exec(bounded(t), "BEGIN; DELETE FROM items WHERE id = 1"); err != nil {
		t.Fatal(err)
	}
	for i, sql := range []string{"SELECT pg_sleep(3600)", endless, waitsForItsTurn} {
		errs := make(chan error, 1)
		routine.Go(func() {
			_, err := c.Exec(bounded(t), sql)
			errs <- err
		})
		for s.status().Levels["active"] == 0 { // a cancellation before it would do nothing
		}
		if err := c.PgConn().CancelRequest(bounded(t)); err != nil {
			t.Fatal(err)
		}
		if err := <-errs; code(err) != canceled {
			t.Errorf("%s: %v", sql, err)
		}
		for s.counts.cancelled.Load() != uint64(i+1) {
		}
	}
	follow(t, c, []step{
		{"SET statement_timeout = 20", "SET", 'I'},
		{"SELECT pg_sleep(3600)", canceled, 'I'},
		{endless, canceled, 'I'},
		{waitsForItsTurn, canceled, 'I'},
		{"SET statement_timeout TO '1min'", "SET", 'I'},
		{"SELECT pg_sleep(0.05)", "SELECT 1", 'I'},
		{"RESET ALL", "RESET", 'I'},
	})
	ctx, cancel := context.WithTimeout(bounded(t), 50*time.Millisecond)
	defer cancel()
	if _, err := c.Exec(ctx, "SELECT pg_sleep(3600)"); err == nil {
		t.Error("no error after the client's own deadline")
	}
	for s.status().Levels["connections_open"] != 1 { // the client cancels it and hangs up
	}
}

// Values come back as they went, in text and in binary.
func TestValues(t *testing.T) {
	_, addr := running(t, Settings{})
	at := time.Date(2024, 2, 29, 12, 34, 56, 789000, time.UTC)
	for _, mode := range modes {
		c, ctx := connect(t, addr, mode), bounded(t)
		for _, sql := range []string{
			"DROP TABLE IF EXISTS kinds",
			"CREATE TABLE kinds (id bigint PRIMARY KEY, small int, flag boolean, ratio double precision, amount numeric(10,2), raw bytea, at timestamptz, day date, tag uuid, note varchar(20))",
		} {
			if _, err := c.Exec(ctx, sql); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := c.Exec(ctx, "INSERT INTO kinds VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
			1<<60, 7, true, 0.25, 12.5, []byte{0, 1, 255}, at, at, "0123abcd-4567-89ab-cdef-0123456789ab", "it's"); err != nil {
			t.Fatalf("%s: %v", mode, err)
		}
		if _, err := c.Exec(ctx, "INSERT INTO kinds (id, note) VALUES ($1, $2)", 2, nil); err != nil {
			t.Fatalf("%s: %v", mode, err)
		}
		rows, err := c.Query(ctx, "SELECT * FROM kinds ORDER BY id DESC")
		if err != nil {
			t.Fatal(err)
		}
		all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (string, error) {
			var id int64
			var small *int32
			var flag *bool
			var ratio, amount *float64
			var raw []byte
			var at, day *time.Time
			var tag, note *string
			err := row.Scan(&id, &small, &flag, &ratio, &amount, &raw, &at, &day, &tag, &note)
			if note == nil {
				return fmt.Sprintln(id, small, flag, ratio, amount, hex.EncodeToString(raw), at, day, tag), err
			}
			return fmt.Sprintln(id, *small, *flag, *ratio, *amount, hex.EncodeToString(raw), at.UTC().String(), day.UTC().String(), *tag, *note), err
		})
		want := []string{
			"1152921504606846976 7 true 0.25 12.5 0001ff 2024-02-29 12:34:56.000789 +0000 UTC 2024-02-29 00:00:00 +0000 UTC 0123abcd-4567-89ab-cdef-0123456789ab it's\n",
			"2 <nil> <nil> <nil> <nil>  <nil> <nil> <nil>\n",
		}
		if err != nil || !slices.Equal(all, want) {
			t.Errorf("%s: %q: %v", mode, all, err)
		}
	}
}

func TestArrays(t *testing.T) {
	_, addr := running(t, Settings{})
	for _, mode := range modes {
		c, ctx := connect(t, addr, mode), bounded(t)
		for _, try := range []struct {
			sql  string
			arg  any
			want int64
		}{
			{"SELECT count(*) FROM items WHERE id = ANY($1)", []int64{1, 2, 2, 1000}, 2},
			{"SELECT count(*) FROM items WHERE id = ANY($1::bigint[])", []int64{1, 2}, 2},
			{"SELECT count(*) FROM items WHERE id = ANY($1)", []int64{}, 0},
			{"SELECT count(*) FROM items WHERE id <> ALL($1)", []int64{1, 2}, 98},
			{"SELECT count(*) FROM items WHERE name = ANY($1)", []string{"item 1", "item 2", `a"b\c,{}`, "NULL"}, 2},
		} {
			var n int64
			if err := c.QueryRow(ctx, try.sql, try.arg).Scan(&n); err != nil || n != try.want {
				t.Errorf("%s %s %v: %d, want %d: %v", mode, try.sql, try.arg, n, try.want, err)
			}
		}
	}
}

// Errors have the SQLSTATEs that PostgreSQL gives, and what is not supported says so.
func TestErrors(t *testing.T) {
	_, addr := running(t, Settings{})
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol} {
		c := connect(t, addr, mode)
		var steps []step
		for _, s := range [][2]string{
			{"SELECT * FROM absent", "42P01"},
			{"SELECT absent FROM users", "42703"},
			{"INSERT INTO users (id, absent) VALUES (1, 2)", "42703"},
			{"SELEC 1", "42601"},
			{"SELECT FROM WHERE", "42601"},
			{"SELECT (1", "42601"},
			{"SELECT 'x", "42601"},
			{"SELECT 1 1", "42601"},
			{"SELECT absent(1)", "42883"},
			{"INSERT INTO users VALUES (1, 'x', 'y')", "23505"},
			{"INSERT INTO users VALUES (1000, NULL, 'y')", "23502"},
			{"INSERT INTO users VALUES ('x', 'x', 'y')", "22P02"},
			{"SELECT * FROM users WHERE id = 'x'", "22P02"},
			{"SELECT 'x'::bigint", "22P02"},
			{"SELECT u.id FROM users u, posts p WHERE name = id", "42702"},
			{"CREATE TABLE users (id bigint)", "42P07"},
			{"COPY users TO STDOUT", "0A000"},
			{"EXPLAIN SELECT 1", "0A000"},
			{"SELECT relname FROM pg_catalog.pg_class", "0A000"},
			{"SELECT relname FROM pg_class", "0A000"},
			{"SELECT id FROM users WHERE id < ANY(ARRAY[1])", "0A000"},
			{"SELECT name ILIKE 'x' FROM users", "0A000"},
			{"PRAGMA journal_mode = DELETE", "42601"},
			{"ATTACH 'x' AS y", "42601"},
			{"SHOW absent", "42704"},
			{"SET TIME ZONE 'Europe/Vienna'", "0A000"},
		} {
			steps = append(steps, step{s[0], s[1], 'I'})
		}
		follow(t, c, steps)
	}
	if _, err := connect(t, addr, pgx.QueryExecModeExec).PgConn().ExecParams(bounded(t), "SELECT $1::bigint", [][]byte{[]byte("x")}, nil, nil, nil).Close(); code(err) != "22P02" {
		t.Error(err)
	}
}

// What clients ask besides their questions is answered.
func TestUtilities(t *testing.T) {
	_, addr := running(t, Settings{Slots: 7})
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol} {
		c := connect(t, addr, mode)
		follow(t, c, []step{
			{"", "", 'I'},
			{"SELECT pg_advisory_unlock_all()", "SELECT 1", 'I'},
			{"CLOSE ALL", "CLOSE CURSOR", 'I'},
			{"UNLISTEN *", "UNLISTEN", 'I'},
			{"LISTEN x", "LISTEN", 'I'},
			{"RESET ALL", "RESET", 'I'},
			{"SET application_name = 'x'", "SET", 'I'},
			{"DISCARD ALL", "DISCARD ALL", 'I'},
			{"DEALLOCATE ALL", "DEALLOCATE ALL", 'I'},
			{"TRUNCATE TABLE posts", "TRUNCATE TABLE", 'I'},
		})
		for sql, want := range map[string]string{
			"SHOW max_connections":                                 "7",
			"SELECT current_setting('server_version')":             "15.0",
			"SELECT current_setting('nothing.such', true)":         "",
			"SELECT set_config('jit', 'off', false)":               "off",
			"SELECT current_database()":                            "shop",
			"SELECT current_user":                                  "bench",
			"SELECT version()":                                     version,
			"SELECT 'a' || 'b' FROM users WHERE id = 1":            "ab",
			"SELECT (1 = 1)::text":                                 "true",
			"SHOW TRANSACTION ISOLATION LEVEL":                     "read committed",
			"SELECT string_agg(name, ',') FROM users WHERE id < 3": "user 1,user 2",
		} {
			var got string
			if err := c.QueryRow(bounded(t), sql).Scan(&got); err != nil || got != want {
				t.Errorf("%s: %q, want %q: %v", sql, got, want, err)
			}
		}
	}
}

// A pool works, and a portal is read in parts.
func TestPoolAndPortals(t *testing.T) {
	_, addr := running(t, Settings{})
	pool, err := pgxpool.New(bounded(t), url(addr))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	var asking routine.Group
	for range 50 {
		asking.Go(func() {
			var n int64
			if err := pool.QueryRow(bounded(t), "SELECT count(*) FROM posts WHERE user_id = $1", 1).Scan(&n); err != nil || n != 10 {
				t.Errorf("%d: %v", n, err)
			}
		})
	}
	asking.Wait()

	c := connect(t, addr, pgx.QueryExecModeExec).PgConn()
	if err := c.Exec(bounded(t), "BEGIN").Close(); err != nil {
		t.Fatal(err)
	}
	f := c.Frontend()
	f.SendParse(&parseMessage)
	f.SendBind(&bindMessage)
	f.SendExecute(&executeMessage)
	f.SendExecute(&executeMessage)
	f.SendSync(&syncMessage)
	if err := f.Flush(); err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for len(kinds) == 0 || kinds[len(kinds)-1] != "*pgproto3.ReadyForQuery" {
		msg, err := c.ReceiveMessage(bounded(t))
		if err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, fmt.Sprintf("%T", msg))
	}
	want := []string{
		"*pgproto3.ParseComplete", "*pgproto3.BindComplete", "*pgproto3.DataRow", "*pgproto3.DataRow", "*pgproto3.PortalSuspended",
		"*pgproto3.DataRow", "*pgproto3.CommandComplete", "*pgproto3.ReadyForQuery",
	}
	if !slices.Equal(kinds, want) {
		t.Errorf("%v, want %v", kinds, want)
	}
}
