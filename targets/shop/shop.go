// Package shop is a small application with a database and a cache: users with posts, items, responses that are kept. The
// built-in server serves it with real drivers, pgx and redigo, and what it counts is counted at them.
//
// A call of a driver gives the worker's one token away as a declared wait does: with `async` others run meanwhile, with
// `threadpool` the slot is kept, with `blocking` the token too. What the driver itself computes, encoding a
// query and reading rows, is computed without the token; it is CPU of the worker all the same.
//
// pgx closes the connection of a query that it gave up, and asks the database to cancel it; the pool opens another one.
package shop

import (
	"sync/atomic"
)

// Shop is the application in one worker.
type Shop struct {
	counts counts
	db     *database  // nil: the target has none
	cache  *responses // nil: /cached cannot be served
	asked  atomic.Int64
}

// Open gives the shop of a worker with these settings, whose services listen at these addresses; nil where it has nothing to
// serve. It connects when it is asked.
func Open(db *DB, cache *Cache, addresses map[string]string) (*Shop, error) {
	s := &Shop{}
	if address := addresses[Database]; address != "" {
		var err error
		if s.db, err = openDatabase(db.Filled(), address, &s.counts); err != nil {
			return nil, err
		}
	}
	kept := cache.Filled()
	address := addresses[Service]
	if address != "" || !kept.inService() {
		var err error
		if s.cache, err = openResponses(kept, address, &s.counts); err != nil {
			return nil, err
		}
	}
	if s.db == nil && s.cache == nil {
		return nil, nil //nolint:nilnil // most targets have no shop
	}
	return s, nil
}
