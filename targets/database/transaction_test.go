package database

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"benchtop/targets/routine"
)

// code is the SQLSTATE of an error; empty: it has none.
func code(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// step is a statement with what comes of it.
type step struct {
	sql, want string // want: the tag, or the SQLSTATE
	status    byte   // of the transaction after it
}

func follow(t *testing.T, c *pgx.Conn, steps []step) {
	t.Helper()
	for _, s := range steps {
		tag, err := c.Exec(bounded(t), s.sql)
		got := tag.String()
		if err != nil {
			got = code(err)
		}
		if got != s.want || c.PgConn().TxStatus() != s.status {
			t.Errorf("%s: %s %c, want %s %c: %v", s.sql, got, c.PgConn().TxStatus(), s.want, s.status, err)
		}
	}
}

func TestTransactions(t *testing.T) {
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol} {
		t.Run(mode.String(), func(t *testing.T) {
			s, addr := running(t, Settings{})
			c := connect(t, addr, mode)
			follow(t, c, []step{
				{"BEGIN", "BEGIN", 'T'},
				{"SELECT 1", "SELECT 1", 'T'},
				{"SAVEPOINT a", "SAVEPOINT", 'T'},
				{"UPDATE items SET stock = 7 WHERE id = 1", "UPDATE 1", 'T'},
				{"SAVEPOINT b", "SAVEPOINT", 'T'},
				{"UPDATE items SET stock = 8 WHERE id = 1", "UPDATE 1", 'T'},
				{"INSERT INTO items VALUES (1, 'x', 1, 1, 1)", "23505", 'E'},
				{"SELECT 1", "25P02", 'E'},
				{"ROLLBACK TO b", "ROLLBACK", 'T'},
				{"RELEASE c", "3B001", 'E'},
				{"ROLLBACK TO SAVEPOINT b", "ROLLBACK", 'T'},
				{"RELEASE b", "RELEASE", 'T'},
				{"COMMIT", "COMMIT", 'I'},
				{"SELECT stock FROM items WHERE id = 1 AND stock = 7", "SELECT 1", 'I'},

				{"BEGIN", "BEGIN", 'T'},
				{"DELETE FROM items", "DELETE 100", 'T'},
				{"SELECT absent FROM items", "42703", 'E'},
				{"COMMIT", "ROLLBACK", 'I'},
				{"SELECT id FROM items", "SELECT 100", 'I'},

				{"BEGIN READ ONLY", "BEGIN", 'T'},
				{"DELETE FROM items", "25006", 'E'},
				{"ROLLBACK", "ROLLBACK", 'I'},
				{"SAVEPOINT a", "25P01", 'I'},
				{"BEGIN ISOLATION LEVEL SERIALIZABLE", "0A000", 'I'},
				{"BEGIN", "BEGIN", 'T'},
				{"CREATE TABLE other (id bigint PRIMARY KEY, at timestamptz)", "CREATE TABLE", 'T'},
				{"INSERT INTO other VALUES (1, now())", "INSERT 0 1", 'T'},
				{"SELECT * FROM other WHERE id = 1", "SELECT 1", 'T'},
				{"ROLLBACK", "ROLLBACK", 'I'},
				{"SELECT * FROM other", "42P01", 'I'},
			})
			if n := s.counts.transactions.Load(); n != 4 {
				t.Errorf("%d transactions, want 4", n)
			}
		})
	}
}

// What is sent in one round trip without BEGIN is one transaction: an error undoes all of it.
func TestImplicitTransaction(t *testing.T) {
	s, addr := running(t, Settings{})
	c, ctx := connect(t, addr, pgx.QueryExecModeExec), bounded(t)
	batch := &pgx.Batch{}
	batch.Queue("UPDATE items SET stock = 1 WHERE id = $1", 1)
	batch.Queue("UPDATE items SET stock = 'x' || absent")
	batch.Queue("UPDATE items SET stock = 2 WHERE id = $1", 1)
	if err := c.SendBatch(ctx, batch).Close(); code(err) != undefinedColumn {
		t.Errorf("%v", err)
	}
	if _, err := c.PgConn().Exec(ctx, "UPDATE items SET stock = 3 WHERE id = 1; SELECT 1; SELECT absent").ReadAll(); code(err) != undefinedColumn {
		t.Errorf("%v", err)
	}
	var stock int64
	if err := c.QueryRow(ctx, "SELECT stock FROM items WHERE id = 1").Scan(&stock); err != nil || stock != 1_000_000 {
		t.Errorf("stock %d: %v", stock, err)
	}
	if !s.writers.acquire(nil) { // nobody holds it
		t.Error("the turn to write is still taken")
	}
	s.writers.release()
}

// Writers take turns in the order in which they came, and one that gives up does not hold the others up.
func TestWriters(t *testing.T) {
	var w writers
	never := make(chan struct{})
	w.acquire(never)
	gaveUp, order := make(chan struct{}), make(chan int, 3)
	waiting := func(n int) {
		for {
			w.mu.Lock()
			got := len(w.waiting)
			w.mu.Unlock()
			if got == n {
				return
			}
		}
	}
	var asking routine.Group
	for i := range 3 {
		cancelled := never
		if i == 1 {
			cancelled = gaveUp
		}
		asking.Go(func() {
			if w.acquire(cancelled) {
				order <- i
				w.release()
			} else {
				order <- -i
			}
		})
		waiting(i + 1)
	}
	close(gaveUp)
	waiting(2)
	w.release()
	asking.Wait()
	if a, b, c := <-order, <-order, <-order; a != -1 || b != 0 || c != 2 {
		t.Errorf("%d %d %d", a, b, c)
	}
}

// A select and then an update of the same row never fails because another writer came between: 50 readers and 5 writers see no error.
func TestReadersAndWriters(t *testing.T) {
	_, addr := running(t, Settings{Slots: 60})
	const writers, readers, each = 5, 50, 20
	errs := make(chan error, writers+readers)
	var working routine.Group
	for i := range writers + readers {
		c, ctx := connect(t, addr, pgx.QueryExecModeCacheStatement), bounded(t)
		read := func(tx pgx.Tx, id int) (n int64, err error) {
			return n, tx.QueryRow(ctx, "SELECT stock FROM items WHERE id = $1", id).Scan(&n)
		}
		working.Go(func() {
			var err error
			for range each {
				err = errors.Join(err, pgx.BeginFunc(ctx, c, func(tx pgx.Tx) error {
					if _, err := read(tx, 1); err != nil || i >= writers {
						return err
					}
					_, err := tx.Exec(ctx, "UPDATE items SET stock = stock - 1 WHERE id = $1", 1)
					return err
				}))
			}
			errs <- err
		})
	}
	working.Wait()
	for range writers + readers {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	var stock int64
	if err := connect(t, addr, pgx.QueryExecModeExec).QueryRow(bounded(t), "SELECT stock FROM items WHERE id = 1").Scan(&stock); err != nil || stock != 1_000_000-writers*each {
		t.Errorf("stock %d: %v", stock, err)
	}
}
