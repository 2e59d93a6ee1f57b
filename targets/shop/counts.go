package shop

import (
	"strings"
	"sync/atomic"

	"benchtop/targets"
	"benchtop/targets/count"
)

// Counts are what a worker counts of its database and its cache, in the order in which it is documented. A worker has those of
// db where its target has a database, and those of cache where /cached can be served; it leaves the others out.
var Counts = []count.Row[counts]{
	count.Counter("db_acquires", "connections that requests got, of the pool or of their own", func(c *counts) *atomic.Int64 { return &c.acquires }),
	count.Counter("db_round_trips", "times that something was sent after something was received, startup and farewell left out", func(c *counts) *atomic.Int64 { return &c.roundTrips }),
	count.Counter("db_statements", "statements carried out, BEGIN and COMMIT included", func(c *counts) *atomic.Int64 { return &c.statements }),
	count.Counter("db_connects", "connections opened", func(c *counts) *atomic.Int64 { return &c.connects }),
	count.Counter("db_refused", "connections refused: no slot is free (SQLSTATE 53300), or nobody listens", func(c *counts) *atomic.Int64 { return &c.refused }),
	count.Counter("db_acquire_timeouts", "requests that had no connection within db.acquire_timeout", func(c *counts) *atomic.Int64 { return &c.acquireTimeouts }),
	count.Counter("db_query_timeouts", "queries that took longer than db.query_timeout", func(c *counts) *atomic.Int64 { return &c.queryTimeouts }),
	count.Counter("db_leaked", "connections that a handler did not give back", func(c *counts) *atomic.Int64 { return &c.leaked }),
	count.Counter("db_slow", "queries that took longer than db.slow_log", func(c *counts) *atomic.Int64 { return &c.slow }),
	count.Level("db_in_use", "connections that handlers have, leaked ones included", func(c *counts) *atomic.Int64 { return &c.inUse }),
	count.Level[counts]("db_idle", "connections idle in the pool", nil),
	count.Level("db_open", "connections open", func(c *counts) *atomic.Int64 { return &c.open }),
	count.Histogram[counts]("db_wait", "time until a request has its connection, opening one included"),
	count.Counter("cache_gets", "requests that looked into the cache", func(c *counts) *atomic.Int64 { return &c.gets }),
	count.Counter[counts]("cache_hits", "of these, those that found their entry", nil),
	count.Counter("cache_hits_process", "in the memory of the worker", func(c *counts) *atomic.Int64 { return &c.hitsProcess }),
	count.Counter("cache_hits_service", "in the service", func(c *counts) *atomic.Int64 { return &c.hitsService }),
	count.Counter("cache_loads", "times that an entry was made from its source", func(c *counts) *atomic.Int64 { return &c.loads }),
	count.Counter[counts]("cache_evictions", "entries put out of the memory of the worker because it was full", nil),
	count.Counter("cache_round_trips", "commands, or pipelines of them, sent to the service", func(c *counts) *atomic.Int64 { return &c.cacheRoundTrips }),
	count.Counter("cache_errors", "commands that the service did not carry out; the request loads from the source then", func(c *counts) *atomic.Int64 { return &c.cacheErrors }),
	count.Counter("cache_audited", "hits that were compared with the database", func(c *counts) *atomic.Int64 { return &c.audited }),
	count.Counter("cache_stale", "of these, those that were older than it", func(c *counts) *atomic.Int64 { return &c.stale }),
	count.Level[counts]("cache_entries", "entries in the memory of the worker", nil),
	count.Peak[counts]("cache_loads_at_once", "loads in flight for one entry, the most since the last mark"),
}

// counts are what a worker counts since its start, and what it has now.
type counts struct {
	acquires, roundTrips, statements, connects, refused, acquireTimeouts, queryTimeouts, leaked, slow atomic.Int64
	inUse, open                                                                                       atomic.Int64

	gets, hitsProcess, hitsService, loads, cacheRoundTrips, cacheErrors, audited, stale atomic.Int64
}

// value gives a count and whether the worker has it.
func (s *Shop) value(c *count.Row[counts]) (value int64, has bool) {
	if of, _, _ := strings.Cut(c.Name, "_"); of == "db" && s.db == nil || of == "cache" && s.cache == nil {
		return 0, false
	}
	if c.Place != nil {
		return c.Place(&s.counts).Load(), true
	}
	switch c.Name {
	case "db_idle":
		return s.db.idle(), true
	case "cache_hits":
		return s.counts.hitsProcess.Load() + s.counts.hitsService.Load(), true
	case "cache_evictions":
		return s.cache.evictions(), true
	case "cache_entries":
		return s.cache.entries(), true
	case "cache_loads_at_once":
		return s.cache.flights.most(), true
	}
	return 0, false
}

// Status adds to what a worker says about itself, but for the histograms; a nil Shop adds nothing.
func (s *Shop) Status(st *targets.WorkerStatus) {
	if s != nil {
		count.Status(st, Counts, s.value)
	}
}

// Marked adds the histograms since the previous mark, and begins the peaks again. Status comes before it.
func (s *Shop) Marked(st *targets.WorkerStatus) error {
	if s == nil {
		return nil
	}
	if s.cache != nil {
		s.cache.flights.mark()
	}
	if s.db == nil {
		return nil
	}
	_, _, encoded, err := s.db.wait.Mark()
	count.AddHistogram(st, "db_wait", encoded)
	return err
}

// AppendMetrics appends the counts in the text format of Prometheus; a nil Shop has none.
func (s *Shop) AppendMetrics(b []byte, worker string) []byte {
	if s == nil {
		return b
	}
	return count.AppendMetrics(b, worker, Counts, s.value)
}
