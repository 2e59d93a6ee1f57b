package postgres

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"benchtop/targets"
	"benchtop/targets/component"
	"benchtop/targets/proc"
	"benchtop/targets/shop/schema"
)

// askTimeout bounds a question for the counts.
const askTimeout = 2 * time.Second

// reader asks a PostgreSQL as its administrator, in another database than the clients and on a connection that is not
// one of theirs: what it does is in no count.
type reader struct {
	socket     string
	statements bool // the server counts them
	turn       component.Turn
	session    *session // of who has the turn; nil: none is open

	before map[string]uint64 // counts of the time before the clients; written before the target is given out
}

func newReader(socket string, statements bool) *reader {
	return &reader{socket: socket, statements: statements, turn: component.NewTurn()}
}

// ping asks whether it responds.
func (r *reader) ping(ctx context.Context) error {
	return r.turn.Do(ctx, func() error { _, err := r.ask(ctx, "SELECT 1"); return err })
}

// do runs statements one after the other, each in a transaction of its own.
func (r *reader) do(ctx context.Context, statements ...string) error {
	return r.turn.Do(ctx, func() error {
		for _, sql := range statements {
			if _, err := r.ask(ctx, sql); err != nil {
				return err
			}
		}
		return nil
	})
}

// ask sends SQL; the turn is held. A session on which it failed is over.
func (r *reader) ask(ctx context.Context, sql string) (rows [][]string, err error) {
	if r.session == nil {
		if r.session, err = dial(ctx, r.socket, admin, adminDatabase); err != nil {
			return nil, err
		}
	}
	if rows, err = r.session.run(ctx, sql); err != nil {
		r.close()
	}
	return rows, err
}

func (r *reader) close() {
	if r.session != nil {
		_ = r.session.conn.Close()
		r.session = nil
	}
}

// end closes the session when nobody uses it.
func (r *reader) end() {
	_ = r.turn.Do(context.Background(), func() error { r.close(); return nil }) // it cannot fail
}

// questions are the columns of the counts. PostgreSQL knows at once how many clients are connected and how many statements
// have run; of transactions and sessions it tells up to a second later, or ten once its clients rest
// (PGSTAT_MIN_INTERVAL, PGSTAT_IDLE_INTERVAL).
const (
	openNow    = "(SELECT count(*) FROM pg_stat_activity a WHERE a.datid = d.datid AND backend_type = 'client backend')"
	activeNow  = "(SELECT count(*) FROM pg_stat_activity a WHERE a.datid = d.datid AND backend_type = 'client backend' AND state = 'active')"
	statements = "(SELECT coalesce(sum(calls), 0) FROM pg_stat_statements(false) s WHERE s.dbid = d.datid)"
)

// status asks for the counts.
func (r *reader) status(ctx context.Context) (st targets.WorkerStatus, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, askTimeout, fmt.Errorf("no response within %v", askTimeout))
	defer cancel()
	columns := "sessions, xact_commit + xact_rollback, " + openNow + ", " + activeNow
	if r.statements {
		columns += ", " + statements
	}
	var rows [][]string
	err = r.turn.Do(ctx, func() error {
		rows, err = r.ask(ctx, "SELECT "+columns+" FROM pg_stat_database d WHERE datname = '"+schema.Database+"'")
		return err
	})
	if err == nil && len(rows) != 1 {
		err = fmt.Errorf("%d rows, expected 1", len(rows))
	}
	if err != nil {
		return st, fmt.Errorf("asking PostgreSQL for its counts: %w", err)
	}
	return r.statusOf(rows[0])
}

// statusOf reads the columns.
func (r *reader) statusOf(row []string) (targets.WorkerStatus, error) {
	n := make([]uint64, len(row))
	for i, text := range row {
		var err error
		if n[i], err = strconv.ParseUint(text, 10, 64); err != nil {
			return targets.WorkerStatus{}, fmt.Errorf("reading the counts of PostgreSQL: %w", err)
		}
	}
	st := targets.WorkerStatus{
		At: proc.Now(), Open: int64(n[2]), Counters: map[string]uint64{"connections": n[0], "transactions": n[1]},
		InFlight: int64(n[3]), Levels: map[string]int64{"connections_open": int64(n[2]), "active": int64(n[3])},
	}
	if len(n) > 4 {
		st.Counters["statements"] = n[4]
	}
	for name, was := range r.before {
		st.Counters[name] -= min(was, st.Counters[name]) // after a crash they begin again
	}
	st.Served, st.Accepted = st.Counters["statements"], st.Counters["connections"]
	return st, nil
}
