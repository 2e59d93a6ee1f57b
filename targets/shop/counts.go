package shop

import (
	"fmt"
	"strings"
	"sync/atomic"

	"benchtop/targets"
)

// Count is a name under which a worker reports what it counts of its database or its cache.
type Count struct {
	Name  string // what stands before the first _ is whose: db or cache
	Of    string // Counter, Level or Waits
	Doc   string
	place func(*counts) *atomic.Int64 // nil: it is asked for
}

// What a name of a Count stands for.
const (
	Counter = "counter"   // since the start of the worker, in WorkerStatus.Counters
	Level   = "level"     // now, in WorkerStatus.Levels
	Waits   = "histogram" // nanoseconds, in WorkerStatus.Histograms
)

// Counts are the names, in the order in which they are documented. A worker has those of db where its target has a
// database, and those of cache where /cached can be served; it leaves the others out.
var Counts = []Count{
	{"db_acquires", Counter, "connections that requests got, of the pool or of their own", func(c *counts) *atomic.Int64 { return &c.acquires }},
	{"db_round_trips", Counter, "times that something was sent after something was received, startup and farewell left out", func(c *counts) *atomic.Int64 { return &c.roundTrips }},
	{"db_statements", Counter, "statements carried out, BEGIN and COMMIT included", func(c *counts) *atomic.Int64 { return &c.statements }},
	{"db_connects", Counter, "connections opened", func(c *counts) *atomic.Int64 { return &c.connects }},
	{"db_refused", Counter, "connections refused: no slot is free (SQLSTATE 53300), or nobody listens", func(c *counts) *atomic.Int64 { return &c.refused }},
	{"db_acquire_timeouts", Counter, "requests that had no connection within db.acquire_timeout", func(c *counts) *atomic.Int64 { return &c.acquireTimeouts }},
	{"db_query_timeouts", Counter, "queries that took longer than db.query_timeout", func(c *counts) *atomic.Int64 { return &c.queryTimeouts }},
	{"db_leaked", Counter, "connections that a handler did not give back", func(c *counts) *atomic.Int64 { return &c.leaked }},
	{"db_slow", Counter, "queries that took longer than db.slow_log", func(c *counts) *atomic.Int64 { return &c.slow }},
	{"db_in_use", Level, "connections that handlers have, leaked ones included", func(c *counts) *atomic.Int64 { return &c.inUse }},
	{"db_idle", Level, "connections idle in the pool", nil},
	{"db_open", Level, "connections open", func(c *counts) *atomic.Int64 { return &c.open }},
	{"db_wait", Waits, "time until a request has its connection, opening one included", nil},
	{"cache_gets", Counter, "requests that looked into the cache", func(c *counts) *atomic.Int64 { return &c.gets }},
	{"cache_hits", Counter, "of these, those that found their entry", nil},
	{"cache_hits_process", Counter, "in the memory of the worker", func(c *counts) *atomic.Int64 { return &c.hitsProcess }},
	{"cache_hits_service", Counter, "in the service", func(c *counts) *atomic.Int64 { return &c.hitsService }},
	{"cache_loads", Counter, "times that an entry was made from its source", func(c *counts) *atomic.Int64 { return &c.loads }},
	{"cache_evictions", Counter, "entries put out of the memory of the worker because it was full", nil},
	{"cache_round_trips", Counter, "commands, or pipelines of them, sent to the service", func(c *counts) *atomic.Int64 { return &c.cacheRoundTrips }},
	{"cache_errors", Counter, "commands that the service did not carry out; the request loads from the source then", func(c *counts) *atomic.Int64 { return &c.cacheErrors }},
	{"cache_audited", Counter, "hits that were compared with the database", func(c *counts) *atomic.Int64 { return &c.audited }},
	{"cache_stale", Counter, "of these, those that were older than it", func(c *counts) *atomic.Int64 { return &c.stale }},
	{"cache_entries", Level, "entries in the memory of the worker", nil},
	{"cache_loads_at_once", Level, "greatest number of loads in flight for one entry since the last mark", nil},
}

// counts are what a worker counts since its start, and what it has now.
type counts struct {
	acquires, roundTrips, statements, connects, refused, acquireTimeouts, queryTimeouts, leaked, slow atomic.Int64
	inUse, open                                                                                       atomic.Int64

	gets, hitsProcess, hitsService, loads, cacheRoundTrips, cacheErrors, audited, stale atomic.Int64
}

// Metric gives the name under which /metrics has a count, without the prefix of all, and its type. Those of Waits are not there.
func (c *Count) Metric() (name, kind string) {
	if c.Of == Counter {
		return c.Name + "_total", Counter
	}
	return c.Name, "gauge"
}

// value gives a count and whether the worker has it.
func (s *Shop) value(c *Count) (value int64, has bool) {
	if of, _, _ := strings.Cut(c.Name, "_"); of == "db" && s.db == nil || of == "cache" && s.cache == nil {
		return 0, false
	}
	if c.place != nil {
		return c.place(&s.counts).Load(), true
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
	if s == nil {
		return
	}
	st.Counters, st.Levels = map[string]uint64{}, map[string]int64{}
	for i := range Counts {
		c := &Counts[i]
		switch v, has := s.value(c); {
		case !has:
		case c.Of == Counter:
			st.Counters[c.Name] = uint64(v) // #nosec G115 -- counters only grow
		case c.Of == Level:
			st.Levels[c.Name] = v
		}
	}
}

// Marked adds the histograms since the previous mark, and begins the levels that are the greatest since then again. Status
// comes before it.
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
	if encoded != "" {
		st.Histograms = map[string]string{"db_wait": encoded}
	}
	return err
}

// AppendMetrics appends the counts in the text format of Prometheus; a nil Shop has none.
func (s *Shop) AppendMetrics(b []byte, worker string) []byte {
	if s == nil {
		return b
	}
	for i := range Counts {
		c := &Counts[i]
		if v, has := s.value(c); has {
			name, kind := c.Metric()
			b = fmt.Appendf(b, "# HELP benchtop_worker_%[1]s %[2]s\n# TYPE benchtop_worker_%[1]s %[3]s\nbenchtop_worker_%[1]s{pid=%[4]q} %[5]d\n", name, c.Doc, kind, worker, v)
		}
	}
	return b
}

// Markdown is the table of the counts for people.
func Markdown() string {
	var b strings.Builder
	b.WriteString("| count | is a | of |\n| --- | --- | --- |\n")
	for _, c := range Counts {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", c.Name, c.Of, c.Doc)
	}
	return b.String()
}
