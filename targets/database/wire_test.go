package database

import (
	"encoding/binary"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"

	"benchtop/targets/fixture/suite"
	"benchtop/targets/routine"
	"benchtop/targets/shop/schema"
)

var (
	parseMessage   = pgproto3.Parse{Query: "SELECT id FROM items ORDER BY id LIMIT 3"}
	bindMessage    = pgproto3.Bind{DestinationPortal: "p"}
	executeMessage = pgproto3.Execute{Portal: "p", MaxRows: 2}
	syncMessage    pgproto3.Sync
)

// startup is the first message of a client, with a limit for each statement.
func startup(timeout string) []byte {
	m := pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersion30, Parameters: map[string]string{
		"user": schema.User, "database": schema.Database, "options": "-c statement_timeout=" + timeout,
	}}
	b, err := m.Encode(nil)
	if err != nil {
		panic(err)
	}
	return b
}

// spoken sends bytes to a service that serves the other end of a pipe, and gives what came back until one of both hung up: the service,
// or else this client when everything was sent.
func spoken(t testing.TB, s *service, hangUp bool, bytes ...[]byte) []byte {
	t.Helper()
	client, server := net.Pipe()
	if !s.begin(server) {
		t.Fatal("no place for one more connection")
	}
	var serving routine.Group
	serving.Go(func() {
		defer func() { _ = server.Close() }()
		s.answer(server)
	})
	heard := make(chan []byte, 1)
	serving.Go(func() {
		b, _ := io.ReadAll(client) // until somebody hangs up
		heard <- b
	})
	for _, b := range bytes {
		if _, err := client.Write(b); err != nil {
			break // the service has hung up
		}
	}
	if hangUp {
		_ = client.Close()
	}
	serving.Wait()
	_ = client.Close()
	return <-heard
}

// starts is how many connections have not said yet who they are.
func (s *service) starts() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.starting)
}

func quiet(f *testing.F) *service {
	s, err := newService(f.TempDir(), Settings{Rows: 10, Slots: 4})
	if err != nil {
		f.Fatal(err)
	}
	return s
}

// Bytes before and after the start of a session end in an error or in nothing, never in a panic, and leave no session behind.
func FuzzWire(f *testing.F) {
	f.Add([]byte{}, []byte("Q\x00\x00\x00\x0dSELECT 1\x00"))
	f.Add([]byte{0, 0, 0, 8, 4, 210, 22, 47}, []byte("X\x00\x00\x00\x04"))
	f.Add([]byte{0, 0, 0, 16, 4, 210, 22, 46, 0, 0, 0, 1, 0, 0, 0, 0}, []byte{})
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"), []byte{})
	f.Add([]byte{}, []byte("P\x00\x00\x00\x11\x00SELECT $1\x00\x00\x00B\x00\x00\x00\x14\x00\x00\x00\x00\x00\x01\x00\x00\x00\x01x\x00\x00E\x00\x00\x00\x09\x00\x00\x00\x00\x00S\x00\x00\x00\x04"))
	f.Add([]byte{}, []byte("D\x00\x00\x00\x06S\x00S\x00\x00\x00\x04H\x00\x00\x00\x04C\x00\x00\x00\x06P\x00F\x00\x00\x00\x04"))
	f.Add([]byte{}, []byte("Q\x7f\xff\xff\xff"))
	s := quiet(f)
	f.Fuzz(func(t *testing.T, before, after []byte) {
		if len(before) > 0 {
			spoken(t, s, true, before, after)
		} else {
			spoken(t, s, true, startup("100"), after)
		}
		if st := s.status(); st.Open != 0 || s.starts() != 0 {
			t.Errorf("%d sessions and %d starting are left", st.Open, s.starts())
		}
	})
}

// Whatever text is sent as a statement, the response ends, and the session serves the next one.
func FuzzSQL(f *testing.F) {
	for _, sql := range []string{
		"SELECT id, name FROM users WHERE id = 1", "SELECT * FROM users u JOIN posts p ON p.user_id = u.id WHERE u.id = ANY('{1,2}'::bigint[])",
		"INSERT INTO users (id, name, country) VALUES (100, 'x', 'y') ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING *",
		"BEGIN; SAVEPOINT a; UPDATE items SET stock = 1; ROLLBACK TO a; RELEASE a; COMMIT", "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT * FROM n",
		"SELECT CASE WHEN 1 = 2 THEN $1 ELSE E'\\n' END, CAST('1' AS bigint), -1::int, x'00', $$a$$, now() AT TIME ZONE 'UTC'", "SHOW a; SET a = 1; RESET a",
		"CREATE TABLE t (a int PRIMARY KEY); DROP TABLE t; TRUNCATE users", "((((((((((SELECT 1))))))))))", "SELECT hex(zeroblob(100000000))", "/* /* */ SELECT", "SELECT \"",
	} {
		f.Add(sql)
	}
	s := quiet(f)
	f.Fuzz(func(t *testing.T, sql string) {
		if strings.IndexByte(sql, 0) >= 0 {
			t.Skip("a text of the protocol ends with it")
		}
		q := &pgproto3.Query{String: sql}
		p := &pgproto3.Parse{Query: sql}
		var script []byte
		for _, m := range []pgproto3.FrontendMessage{
			q, &pgproto3.Query{String: "ROLLBACK"}, p, &pgproto3.Describe{ObjectType: 'S'}, &pgproto3.Sync{}, &pgproto3.Query{String: "SELECT 'the last one'"}, &pgproto3.Terminate{},
		} {
			b, err := m.Encode(script)
			if err != nil {
				t.Skip()
			}
			script = b
		}
		if got := string(spoken(t, s, false, startup("100"), script)); len(script) < longestMessage && len(got) > 0 && !strings.Contains(got, "the last one") {
			t.Errorf("no last response: %.200q", got[max(0, len(got)-200):])
		}
	})
}

// A message that says it is longer than is allowed is refused before anything of it is kept; connections that say nothing are
// bounded, and those that do get in.
func TestGarbageIsBounded(t *testing.T) {
	s, addr := running(t, Settings{Rows: 10})
	long := binary.BigEndian.AppendUint32([]byte{'Q'}, longestMessage+5)
	if got := string(spoken(t, s, false, startup("0"), long)); !strings.Contains(got, "C"+protocolViolation) {
		t.Errorf("%q", got)
	}
	var silent []net.Conn
	for range mostStarting {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		silent = append(silent, c)
	}
	one, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	_ = one.SetDeadline(time.Now().Add(suite.Deadline))
	if b, err := io.ReadAll(one); len(b) > 0 { // it was closed
		t.Errorf("%q, %v", b, err)
	}
	for _, c := range append(silent, one) {
		_ = c.Close()
	}
	for s.starts() > 0 {
	}
	connect(t, addr, pgx.QueryExecModeExec)
}
