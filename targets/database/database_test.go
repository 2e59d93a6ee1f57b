package database

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"benchtop/targets/fixture/suite"
	"benchtop/targets/shop/schema"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// running serves a database in this process.
func running(t testing.TB, settings Settings) (*service, string) {
	t.Helper()
	if settings.Rows == 0 {
		settings.Rows = 100
	}
	if settings.Slots == 0 {
		settings.Slots = defaultSlots
	}
	s, err := newService(t.TempDir(), settings)
	if err != nil {
		t.Fatal(err)
	}
	return s, suite.Serve(t, s.serve)
}

func url(addr string) string {
	return "postgres://" + schema.User + "@" + addr + "/" + schema.Database + "?sslmode=prefer"
}

func bounded(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), suite.Deadline)
	t.Cleanup(cancel)
	return ctx
}

func connect(t testing.TB, addr string, mode pgx.QueryExecMode) *pgx.Conn {
	t.Helper()
	config, err := pgx.ParseConfig(url(addr))
	if err != nil {
		t.Fatal(err)
	}
	config.DefaultQueryExecMode = mode
	c, err := pgx.ConnectConfig(bounded(t), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(context.Background()) }) // a test may have broken it
	return c
}

var modes = []pgx.QueryExecMode{
	pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec, pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol,
}

// Every way in which pgx asks gets the same rows.
func TestModes(t *testing.T) {
	_, addr := running(t, Settings{})
	for _, mode := range modes {
		t.Run(mode.String(), func(t *testing.T) {
			c, ctx := connect(t, addr, mode), bounded(t)
			for range 2 { // the second time from the client's cache
				var id int64
				var name, country string
				if err := c.QueryRow(ctx, "SELECT id, name, country FROM users WHERE id = $1", 1).Scan(&id, &name, &country); err != nil || id != 1 || name != "user 1" || country != "AT" {
					t.Errorf("%d %s %s: %v", id, name, country, err)
				}
				rows, err := c.Query(ctx, "SELECT id, price FROM items WHERE id = ANY($1) ORDER BY id", []int64{3, 1, 5, 1000})
				if err != nil {
					t.Fatal(err)
				}
				var sum int64
				n, err := pgx.ForEachRow(rows, []any{&id, new(int64)}, func() error { sum += id; return nil })
				if err != nil || n.RowsAffected() != 3 || sum != 9 {
					t.Errorf("%v, %d: %v", n, sum, err)
				}
				var stock int64
				if err := c.QueryRow(ctx, "UPDATE items SET stock = stock - 1, version = version + 1 WHERE id = $1 RETURNING stock", 2).Scan(&stock); err != nil {
					t.Error(err)
				}
				if _, err := c.Exec(ctx, "SELECT pg_sleep($1)", 0.001); err != nil {
					t.Error(err)
				}
				var count, sum2 int64
				err = c.QueryRow(ctx, "SELECT user_id, count(*), sum(length(body)) FROM posts GROUP BY user_id ORDER BY 2 DESC, 1 LIMIT 10").Scan(&id, &count, &sum2)
				if err != nil || id != 1 || count != 10 || sum2 != 1000 {
					t.Errorf("%d %d %d: %v", id, count, sum2, err)
				}
			}
		})
	}
}
