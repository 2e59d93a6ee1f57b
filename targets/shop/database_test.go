package shop_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"benchtop/targets/database"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/shop"
	"benchtop/targets/shop/schema"
)

func off() *bool { return new(bool) }

// What a request costs the database, as the worker counts it and as the database does.
func TestWhatARequestCosts(t *testing.T) {
	type cost struct{ statements, trips int64 }
	for _, test := range []struct {
		request       string
		first, second cost // with the statement cache
		parsed        cost // each time without it
	}{
		{"/user", cost{1, 2}, cost{1, 1}, cost{1, 1}},
		{"/users?n=4", cost{5, 7}, cost{5, 5}, cost{5, 5}},
		{"/users?how=join", cost{1, 2}, cost{1, 1}, cost{1, 1}},
		{"/users?how=any", cost{2, 4}, cost{2, 2}, cost{2, 2}},
		{"/items?n=5", cost{5, 6}, cost{5, 5}, cost{5, 5}},
		{"/items?n=5&how=any", cost{1, 2}, cost{1, 1}, cost{1, 1}},
		{"/items?n=5&how=batch", cost{5, 2}, cost{5, 1}, cost{5, 1}},
		{"/report", cost{1, 2}, cost{1, 1}, cost{1, 1}},
		{"/order", cost{3, 4}, cost{3, 3}, cost{3, 3}},
	} {
		for _, cached := range []bool{true, false} {
			w := open(t, &shop.DB{Pool: 1, StatementCache: &cached}, nil)
			for i := range 3 {
				want := test.parsed
				if cached {
					want = []cost{test.first, test.second, test.second}[i]
				}
				before, thereBefore := w.counts(), countsOf(t, database.Role)
				if got := w.ask(test.request); !strings.HasPrefix(got, "200 ") {
					t.Error(got)
				}
				after, thereAfter := w.counts(), countsOf(t, database.Role)
				got := cost{after["db_statements"] - before["db_statements"], after["db_round_trips"] - before["db_round_trips"]}
				if got != want {
					t.Errorf("%s, statement cache %v, time %d: %+v, want %+v", test.request, cached, i, got, want)
				}
				if n := thereAfter["round_trips"] - thereBefore["round_trips"]; n != want.trips {
					t.Errorf("%s, statement cache %v, time %d: the database counts %d round trips, want %d", test.request, cached, i, n, want.trips)
				}
			}
			w.expect(t, map[string]int64{"db_acquires": 3, "db_connects": 1, "db_open": 1, "db_idle": 1, "db_in_use": 0})
		}
	}
}

// A statement is parsed once by a connection that keeps it, and each time by one that does not.
func TestStatementCache(t *testing.T) {
	for _, cached := range []bool{true, false} {
		w := open(t, &shop.DB{Pool: 1, StatementCache: &cached}, nil)
		before := countsOf(t, database.Role)["parses"]
		for range 4 {
			w.ask("/items?n=5")
		}
		want := int64(20)
		if cached {
			want = 1
		}
		if n := countsOf(t, database.Role)["parses"] - before; n != want {
			t.Errorf("statement cache %v: %d statements were parsed, want %d", cached, n, want)
		}
	}
}

// Connections are opened and closed as the settings say.
func TestConnections(t *testing.T) {
	const requests = 7
	for _, test := range []struct {
		db             *shop.DB
		connects, open int64
	}{
		{&shop.DB{}, 1, 1},
		{&shop.DB{PerRequest: true}, requests, 0},
		{&shop.DB{Pool: 1, MaxUses: 3}, 3, 1},
		{&shop.DB{Pool: 1, MaxUses: 1}, requests, 0},
	} {
		w := open(t, test.db, nil)
		before := countsOf(t, database.Role)["connections"]
		for range requests {
			w.want(t, "/user?id=1000000", "404 no user 1000000\n")
		}
		w.expect(t, map[string]int64{"db_acquires": requests, "db_connects": test.connects, "db_in_use": 0, "db_refused": 0, "db_leaked": 0})
		if n := countsOf(t, database.Role)["connections"] - before; n != test.connects {
			t.Errorf("%+v: the database counts %d connections, want %d", test.db, n, test.connects)
		}
		suite.Eventually(t, "the connections that are not needed are closed", func() bool { return w.counts()["db_open"] == test.open })
	}
}

// A pool holds as many idle connections as it was told to, whether or not somebody asks.
func TestMinIdle(t *testing.T) {
	w := open(t, &shop.DB{Pool: 4, MinIdle: 3}, nil)
	suite.Eventually(t, "three connections are idle", func() bool { return w.counts()["db_idle"] == 3 })
}

// A handler that fails gives its connection back unless it leaks.
func TestFailuresGiveTheirConnectionBack(t *testing.T) {
	w := open(t, &shop.DB{Pool: 1}, nil)
	for i := range 9 {
		want := "200 "
		if i%3 == 2 {
			want = "503 failed as asked\n"
		}
		if got := w.ask("/broken?every=3&status=503"); !strings.HasPrefix(got, want) {
			t.Errorf("request %d: %q", i, got)
		}
	}
	w.expect(t, map[string]int64{"db_acquires": 9, "db_connects": 1, "db_in_use": 0, "db_leaked": 0})
}

// A query that takes longer than it may is given up, with its connection; the database is told to cancel it.
func TestQueryTimeout(t *testing.T) {
	w := open(t, &shop.DB{Pool: 1, QueryTimeout: 20 * time.Millisecond, StatementCache: off()}, nil)
	before := countsOf(t, database.Role)["cancelled"]
	w.want(t, "/slow?for=1m", "504 no response of the database within 20ms\n")
	w.expect(t, map[string]int64{"db_query_timeouts": 1, "db_in_use": 0, "db_acquire_timeouts": 0})
	suite.Eventually(t, "the connection is closed", func() bool { return w.counts()["db_open"] == 0 })
	suite.Eventually(t, "the database does not go on with it", func() bool {
		now := countsOf(t, database.Role)
		return now["active"] == 0 && now["cancelled"] > before
	})
}

// Queries that take longer than slow_log are counted.
func TestSlowLog(t *testing.T) {
	for slow, want := range map[time.Duration]int64{0: 0, time.Millisecond: 1, time.Hour: 0} {
		w := open(t, &shop.DB{SlowLog: slow, SlowLogFrom: shop.SlowFromSent}, nil)
		w.want(t, "/slow?for=5ms", "200 waited 5ms\n")
		w.expect(t, map[string]int64{"db_slow": want})
	}
}

// The time that a query takes includes the wait for its connection where the log is told so.
func TestSlowLogFromAcquire(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]int64{shop.SlowFromAcquire: 2, shop.SlowFromSent: 1} {
		w := open(t, &shop.DB{Pool: 1, SlowLog: time.Second, SlowLogFrom: from}, nil)
		done := make(chan string)
		go func() { done <- w.ask("/slow?for=2s") }()
		suite.Eventually(t, "the one connection is in use", func() bool { return w.counts()["db_in_use"] == 1 })
		w.want(t, "/user?id=1000000", "404 no user 1000000\n")
		if got := <-done; got != "200 waited 2s\n" {
			t.Error(got)
		}
		w.expect(t, map[string]int64{"db_slow": want})
	}
}

// A database whose slots are all taken refuses, and so does one that is not there; both are counted.
func TestRefused(t *testing.T) {
	suite.Eventually(t, "the slots are free", func() bool { return countsOf(t, database.Role)["connections_open"] == 0 })
	for i := 0; ; i++ {
		conn, err := pgx.Connect(t.Context(), "postgres://"+schema.User+"@"+there.Spec().Addresses[shop.Database]+"/"+schema.Database+"?sslmode=disable")
		if err != nil {
			var said *pgconn.PgError
			if !errors.As(err, &said) || said.Code != "53300" || i != slots {
				t.Fatalf("connection %d: %v", i, err)
			}
			break
		}
		defer func() { _ = conn.Close(t.Context()) }()
	}
	before := countsOf(t, database.Role)["connections_refused"]
	for _, db := range []*shop.DB{nil, {PerRequest: true}} {
		w := open(t, db, nil)
		for range 3 {
			if got := w.ask("/user"); !strings.HasPrefix(got, "503 database: ") || !strings.Contains(got, "too many clients") {
				t.Error(got)
			}
		}
		w.expect(t, map[string]int64{"db_refused": 3, "db_connects": 0, "db_acquires": 0, "db_in_use": 0, "db_open": 0})
	}
	if n := countsOf(t, database.Role)["connections_refused"] - before; n != 6 {
		t.Errorf("the database refused %d connections", n)
	}
	w := openAt(t, nil, nil, map[string]string{shop.Database: "unix:" + filepath.Join(t.TempDir(), ".s.PGSQL.5432")})
	if got := w.ask("/user"); !strings.HasPrefix(got, "503 database: ") {
		t.Error(got)
	}
	w.expect(t, map[string]int64{"db_refused": 1, "db_acquire_timeouts": 0})
}
