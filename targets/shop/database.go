package shop

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"benchtop/targets"
	"benchtop/targets/gauge"
	"benchtop/targets/proc"
)

// database is how a worker talks to the service database. Its methods wait: handlers call them through a session.
type database struct {
	settings DB
	counts   *counts
	wait     *gauge.Gauge
	config   *pgx.ConnConfig
	pool     *pgxpool.Pool // nil: a connection per request

	mu     sync.Mutex
	leaked []any // connections that nobody gives back, held as whoever leaks one holds it
}

// tooMany is the SQLSTATE of a server whose slots are all taken.
const tooMany = "53300"

func openDatabase(settings DB, address string, c *counts) (*database, error) {
	d := &database{settings: settings, counts: c, wait: gauge.New()}
	config, err := pgxpool.ParseConfig("user=bench dbname=shop sslmode=disable " + placeOf(address))
	if err != nil {
		return nil, fmt.Errorf("the address of the database: %w", err)
	}
	network, where := targets.Network(address)
	conn := config.ConnConfig
	conn.DialFunc = c.dial(network, where)
	conn.ConnectTimeout = settings.AcquireTimeout
	conn.RuntimeParams = map[string]string{} // none of the environment
	conn.Password, conn.Fallbacks, conn.ValidateConnect = "", nil, nil
	conn.Tracer = tracer{c}
	if !*settings.StatementCache {
		conn.DefaultQueryExecMode = pgx.QueryExecModeExec // parsed, bound and carried out in one round trip
		conn.StatementCacheCapacity, conn.DescriptionCacheCapacity = 0, 0
	}
	d.config = conn
	if settings.PerRequest {
		return d, nil
	}
	config.MaxConns, config.MinIdleConns = int32(settings.Pool), int32(settings.MinIdle)      // #nosec G115 -- bounded by their rows
	config.ShouldPing = func(context.Context, pgxpool.ShouldPingParams) bool { return false } // it would be a round trip that no handler asked for
	d.pool, err = pgxpool.NewWithConfig(context.Background(), config)
	return d, err
}

// placeOf is an address in the words of the driver, for its messages.
func placeOf(address string) string {
	if path, ok := targets.UnixPath(address); ok {
		_, port, _ := strings.Cut(filepath.Base(path), ".s.PGSQL.")
		return "host=" + filepath.Dir(path) + " port=" + port
	}
	host, port, _ := net.SplitHostPort(address)
	return "host=" + host + " port=" + port
}

// errBusy says that there was no connection in time.
var errBusy = errors.New("no free connection")

// acquire waits for a connection. What it gives besides gives it back.
func (d *database) acquire() (*pgx.Conn, func(), error) {
	ctx, cancel := context.WithTimeout(context.Background(), d.settings.AcquireTimeout)
	defer cancel()
	since := proc.Now()
	conn, giveBack, err := d.connection(ctx)
	d.wait.Record(proc.Now() - since)
	switch {
	case err == nil:
		d.counts.acquires.Add(1)
		d.counts.inUse.Add(1)
		return conn, func() { giveBack(); d.counts.inUse.Add(-1) }, nil
	case ctx.Err() != nil:
		d.counts.acquireTimeouts.Add(1)
		err = errBusy
	}
	return nil, nil, err
}

func (d *database) connection(ctx context.Context) (*pgx.Conn, func(), error) {
	if d.pool == nil {
		conn, err := pgx.ConnectConfig(ctx, d.config)
		return conn, func() { closeConn(conn) }, err
	}
	pooled, err := d.pool.Acquire(ctx)
	if err != nil {
		return nil, nil, err
	}
	return pooled.Conn(), func() {
		if d.retired(pooled.Conn()) {
			closeConn(pooled.Conn()) // the pool drops what comes back closed
		}
		pooled.Release()
	}, nil
}

// closeTimeout bounds saying farewell to a server that does not listen.
const closeTimeout = time.Second

func closeConn(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	_ = conn.Close(ctx) // it is gone either way
}

// retired counts a use of a connection, and reports whether it was the last one.
func (d *database) retired(conn *pgx.Conn) bool {
	w, ok := conn.PgConn().Conn().(*wire)
	if !ok || d.settings.MaxUses == 0 {
		return false
	}
	w.uses++
	return w.uses >= d.settings.MaxUses
}

// leak keeps a connection that is in use for ever.
func (d *database) leak(conn *pgx.Conn) {
	d.counts.leaked.Add(1)
	d.mu.Lock()
	d.leaked = append(d.leaked, conn)
	d.mu.Unlock()
}

func (d *database) idle() int64 {
	if d.pool == nil {
		return 0
	}
	return int64(d.pool.Stat().IdleConns())
}

// timed makes a call with the limit of a query; waited is how long its request waited for the connection.
func (d *database) timed(waited time.Duration, call func(ctx context.Context) error) error {
	ctx, cancel := context.Background(), func() {}
	if d.settings.QueryTimeout > 0 {
		ctx, cancel = context.WithTimeout(ctx, d.settings.QueryTimeout)
	}
	defer cancel()
	since := proc.Now()
	err := call(ctx)
	if slow := d.settings.SlowLog; slow > 0 {
		took := time.Duration(proc.Now() - since)
		if d.settings.SlowLogFrom == SlowFromAcquire {
			took += waited
		}
		if took > slow {
			d.counts.slow.Add(1)
		}
	}
	if err != nil && ctx.Err() != nil {
		d.counts.queryTimeouts.Add(1)
		return errSlow
	}
	return err
}

// errSlow says that a query took longer than it may.
var errSlow = errors.New("no response in time")

// tracer counts what the driver does.
type tracer struct{ *counts }

// TraceQueryStart counts a statement.
func (t tracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	t.statements.Add(1)
	return ctx
}

// TraceQueryEnd is part of pgx.QueryTracer.
func (tracer) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart is part of pgx.BatchTracer.
func (tracer) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

// TraceBatchQuery counts a statement of a batch.
func (t tracer) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {
	t.statements.Add(1)
}

// TraceBatchEnd is part of pgx.BatchTracer.
func (tracer) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// TraceConnectStart is part of pgx.ConnectTracer.
func (tracer) TraceConnectStart(ctx context.Context, _ pgx.TraceConnectStartData) context.Context {
	return ctx
}

// TraceConnectEnd counts a connection, or that it was refused.
func (t tracer) TraceConnectEnd(_ context.Context, data pgx.TraceConnectEndData) {
	var said *pgconn.PgError
	switch {
	case data.Err == nil:
		t.connects.Add(1)
	case errors.As(data.Err, &said) && said.Code == tooMany, errors.Is(data.Err, syscall.ECONNREFUSED), errors.Is(data.Err, syscall.ENOENT):
		t.refused.Add(1)
	}
}
