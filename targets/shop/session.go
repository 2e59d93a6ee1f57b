package shop

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"benchtop/targets/endpoint"
	"benchtop/targets/printable"
	"benchtop/targets/proc"
)

// session is a connection in the hands of a handler. Each of its calls waits as the concurrency model of the worker has it.
type session struct {
	db     *database
	await  func(call func())
	conn   *pgx.Conn
	waited time.Duration // for the connection
	leaks  bool          // it is not given back
}

// refused is a response that is no success.
type refused struct {
	status int
	text   string
}

func (r *refused) Error() string { return r.text }

// session carries out what a handler does with a connection, and responds with what went wrong, if something did.
func (s *Shop) session(x *endpoint.Exchange, do func(*session) error) (done bool) {
	if s == nil || s.db == nil {
		row := endpoint.Endpoint{Path: "this endpoint", Services: []string{Database}}
		x.Fail(http.StatusNotImplemented, row.Lacks(func(string) bool { return false }))
		return false
	}
	err := s.db.session(x.Worker.Await, do)
	if err != nil {
		s.fail(x, err)
	}
	return err == nil
}

// session takes a connection, and gives it back when do is done with it.
func (d *database) session(await func(func()), do func(*session) error) error {
	c := &session{db: d, await: await}
	var giveBack func()
	var err error
	since := proc.Now()
	await(func() { c.conn, giveBack, err = d.acquire() })
	if err != nil {
		return err
	}
	c.waited = time.Duration(proc.Now() - since)
	err = do(c)
	switch {
	case c.leaks:
		d.leak(c.conn)
	case d.pool == nil:
		await(giveBack) // which closes it
	default:
		giveBack()
	}
	return err
}

// read makes a query and calls scan for each row.
func (c *session) read(sql string, scan func(pgx.Rows) error, args ...any) (err error) {
	c.await(func() {
		err = c.db.timed(c.waited, func(ctx context.Context) error {
			rows, err := c.conn.Query(ctx, sql, args...)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				if err := scan(rows); err != nil {
					return err
				}
			}
			return rows.Err()
		})
	})
	return err
}

// one makes a query for one row and reports whether there was one.
func (c *session) one(sql string, into []any, args ...any) (found bool, err error) {
	err = c.read(sql, func(rows pgx.Rows) error {
		found = true
		return rows.Scan(into...)
	}, args...)
	return found, err
}

// batch makes the same query for each argument, all of them in one round trip.
func (c *session) batch(sql string, scan func(pgx.Rows) error, args []int64) (err error) {
	b := &pgx.Batch{}
	for _, arg := range args {
		b.Queue(sql, arg)
	}
	c.await(func() {
		err = c.db.timed(c.waited, func(ctx context.Context) (err error) {
			results := c.conn.SendBatch(ctx, b)
			defer func() { err = errors.Join(err, results.Close()) }()
			for range args {
				rows, err := results.Query()
				if err != nil {
					return err
				}
				for rows.Next() {
					if err := scan(rows); err != nil {
						rows.Close()
						return err
					}
				}
				if rows.Close(); rows.Err() != nil {
					return rows.Err()
				}
			}
			return nil
		})
	})
	return err
}

// transaction carries do out between BEGIN and COMMIT, or ROLLBACK when it fails.
func (c *session) transaction(do func() error) error {
	if err := c.exec("BEGIN"); err != nil {
		return err
	}
	if err := do(); err != nil {
		_ = c.exec("ROLLBACK") // what went wrong first is what matters
		return err
	}
	return c.exec("COMMIT")
}

func (c *session) exec(sql string) (err error) {
	c.await(func() {
		err = c.db.timed(c.waited, func(ctx context.Context) error {
			_, err := c.conn.Exec(ctx, sql)
			return err
		})
	})
	return err
}

// fail responds with what went wrong.
func (s *Shop) fail(x *endpoint.Exchange, err error) {
	var response *refused
	var said *pgconn.PgError
	switch settings := &s.db.settings; {
	case errors.As(err, &response):
		x.Fail(response.status, response.text)
	case errors.Is(err, errBusy):
		x.Fail(http.StatusServiceUnavailable, fmt.Sprintf("no free connection within %v", settings.AcquireTimeout))
	case errors.Is(err, errSlow):
		x.Fail(http.StatusGatewayTimeout, fmt.Sprintf("no response of the database within %v", settings.QueryTimeout))
	case errors.As(err, &said) && said.Code != tooMany && said.Code[:2] != adminShutdown[:2]:
		x.Fail(http.StatusInternalServerError, fmt.Sprintf("database: %s (SQLSTATE %s)", printable.Line(said.Message), said.Code))
	default:
		x.Fail(http.StatusServiceUnavailable, "database: "+printable.Line(err.Error()))
	}
}

// adminShutdown is the SQLSTATE of a server that is going away; those that begin as it does mean that it is not there for us.
const adminShutdown = "57P01"
