package database

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"zombiezen.com/go/sqlite"

	"benchtop/targets/database/dialect"
	"benchtop/targets/shop/schema"
)

// Limits of the engine.
const (
	longestValue = 16 << 20 // bytes of a text, of a row, of a statement
	fileName     = "shop.sqlite"
)

// The engine writes ahead to a log, so that readers see the state before a write while it goes on. Nothing is forced to the disk: the
// tables end with the run. Each session has a small cache of its own.
// The file is not mapped: each session would map it for itself, and the memory of all maps together would be counted as the service's.
const (
	seeding  = `PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536`
	seeded   = `ANALYZE; PRAGMA journal_mode = WAL`
	sessions = `PRAGMA synchronous = OFF; PRAGMA cache_size = -512; PRAGMA case_sensitive_like = ON;
		PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY`
)

// store is the file of the database with what is known of its tables.
type store struct {
	folder string

	mu      sync.Mutex
	catalog dialect.Catalog // nil: it has changed
	changed int             // how often it has
}

// newStore makes the file and fills it. What an earlier process left there goes.
func newStore(folder string, rows int) (*store, error) {
	if err := os.RemoveAll(folder); err != nil {
		return nil, fmt.Errorf("removing the database of an earlier process: %w", err)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("making a folder for the database: %w", err)
	}
	st := &store{folder: folder}
	conn, err := sqlite.OpenConn(st.path(), sqlite.OpenReadWrite|sqlite.OpenCreate)
	if err != nil {
		return nil, fmt.Errorf("making the database %s: %w", st.path(), err)
	}
	if err := fill(conn, rows); err != nil {
		return nil, errors.Join(fmt.Errorf("filling the database %s with %d rows: %w", st.path(), rows, err), conn.Close())
	}
	return st, conn.Close()
}

func (st *store) path() string { return filepath.Join(st.folder, fileName) }

// remove takes the file away, with its log.
func (st *store) remove() error { return os.RemoveAll(st.folder) }

// fill makes the tables with their rows.
func fill(conn *sqlite.Conn, rows int) error {
	if err := script(conn, seeding); err != nil {
		return err
	}
	if err := script(conn, "BEGIN"); err != nil {
		return err
	}
	for _, part := range [][]string{schema.Create(), schema.Fill(rows), schema.Index()} {
		for _, sql := range part {
			sources, err := dialect.Split(sql)
			if err != nil {
				return err
			}
			translated, err := sources[0].Translate(nil, nil)
			if err != nil {
				return err
			}
			if err := script(conn, translated.SQL); err != nil {
				return err
			}
		}
	}
	return script(conn, "COMMIT; "+seeded)
}

// open makes the connection of a session.
func (st *store) open() (*sqlite.Conn, error) {
	conn, err := sqlite.OpenConn(st.path(), sqlite.OpenReadWrite)
	if err != nil {
		return nil, err
	}
	if err := script(conn, sessions); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	conn.Limit(sqlite.LimitLength, longestValue)
	return conn, nil
}

// script runs statements one after the other.
func script(conn *sqlite.Conn, sql string) error {
	for sql = strings.TrimSpace(sql); sql != ""; sql = strings.TrimSpace(sql) {
		stmt, rest, err := conn.PrepareTransient(sql)
		if err != nil {
			return err
		}
		sql = sql[len(sql)-rest:]
		if err := finish(stmt); err != nil {
			return err
		}
	}
	return nil
}

// finish runs a statement to its end and finalizes it.
func finish(stmt *sqlite.Stmt) error {
	for {
		row, err := stmt.Step()
		if err != nil || !row {
			return errors.Join(err, stmt.Finalize())
		}
	}
}

// tables is what is known of the tables; a session reads it on its own connection when they have changed.
func (st *store) tables(conn *sqlite.Conn) (dialect.Catalog, error) {
	st.mu.Lock()
	known, at := st.catalog, st.changed
	st.mu.Unlock()
	if known != nil {
		return known, nil
	}
	read, err := readTables(conn)
	st.mu.Lock()
	defer st.mu.Unlock()
	if err == nil && at == st.changed {
		st.catalog = read
	}
	return read, err
}

// change says that the tables themselves have changed.
func (st *store) change() {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.catalog = nil
	st.changed++
}

func readTables(conn *sqlite.Conn) (dialect.Catalog, error) {
	stmt, _, err := conn.PrepareTransient(`SELECT m.name, c.name, c.type FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type IN ('table', 'view')`)
	if err != nil {
		return nil, err
	}
	catalog := dialect.Catalog{}
	for {
		row, err := stmt.Step()
		if err != nil || !row {
			return catalog, errors.Join(err, stmt.Finalize())
		}
		table := stmt.ColumnText(0)
		catalog[table] = append(catalog[table], dialect.NewColumn(stmt.ColumnText(1), stmt.ColumnText(2)))
	}
}
