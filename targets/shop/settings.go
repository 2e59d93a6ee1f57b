package shop

import (
	"fmt"
	"strings"
	"time"

	"benchtop/targets"
	"benchtop/targets/endpoint"
	"benchtop/targets/setting"
	"benchtop/targets/shop/memo"
)

// Names of the services, as a scenario declares them.
const (
	Database = "database"
	Service  = "cache"
)

// Values of the settings.
const (
	SlowFromAcquire = "acquire"
	SlowFromSent    = "sent"
	Off             = "off"
	InProcess       = "process"
	InService       = "service"
	InBoth          = "both"
	InvalidateNone  = "none"
	InvalidateKey   = "delete"
	InvalidateFound = "keys"
	InvalidateTag   = "tag"
)

// Bounds of the settings.
const (
	mostConnections = 1000
	mostUses        = 10_000_000
	mostEntries     = 10_000_000
	leastTime       = time.Millisecond
	mostTime        = time.Hour
)

// DB is how a worker uses the database.
type DB struct {
	Pool           int           `json:"pool,omitempty"`
	MinIdle        int           `json:"min_idle,omitempty"`
	PerRequest     bool          `json:"per_request,omitempty"`
	StatementCache *bool         `json:"statement_cache,omitempty"`
	MaxUses        int           `json:"max_uses,omitempty"`
	AcquireTimeout time.Duration `json:"acquire_timeout,omitempty"`
	QueryTimeout   time.Duration `json:"query_timeout,omitempty"`
	Leak           bool          `json:"leak,omitempty"`
	SlowLog        time.Duration `json:"slow_log,omitempty"`
	SlowLogFrom    string        `json:"slow_log_from,omitempty"`
}

// Cache is where a worker keeps responses, and for how long.
type Cache struct {
	Where        string        `json:"where,omitempty"`
	Policy       string        `json:"policy,omitempty"`
	Size         *int          `json:"size,omitempty"`
	TTL          time.Duration `json:"ttl,omitempty"`
	SingleFlight bool          `json:"single_flight,omitempty"`
	Invalidate   string        `json:"invalidate,omitempty"`
}

// Settings are the rows of the groups db and cache of a kind of server whose own settings, S, hold them in these fields.
// Groups that are left out mean the defaults: Filled gives them.
func Settings[S any](db func(*S) **DB, cache func(*S) **Cache) []setting.Setting {
	return []setting.Setting{
		{
			Key: "db", Flag: "-", Fixed: true, Default: "off", Said: "db", Noun: "database of a worker", Example: "pool: 10",
			Doc: "how each worker uses the service database", At: targets.OfServer(db), Rows: dbRows(),
		},
		{
			Key: "cache", Flag: "-", Fixed: true, Default: "off", Said: "cache", Noun: "cache of a worker", Example: "where: process",
			Doc: "where each worker keeps the responses of /cached", At: targets.OfServer(cache), Rows: cacheRows(),
		},
	}
}

func dbRows() []setting.Setting {
	return []setting.Setting{
		{Key: "pool", Main: true, Said: "pool %s", Doc: "connections that each worker opens at most", Default: "10", Min: 1, Max: mostConnections, At: setting.At(func(d *DB) *int { return &d.Pool })},
		{
			Key: "min_idle", Doc: "connections that the pool keeps idle at least, opened ahead", Default: "0", Max: mostConnections, At: setting.At(func(d *DB) *int { return &d.MinIdle }),
			Idle: setting.When(func(d *DB) string { return setting.Because(d.PerRequest, "there is no pool: per_request") }),
		},
		{Key: "per_request", Said: "a connection per request", Doc: "each request opens a connection of its own and closes it; there is no pool", Default: "false", At: setting.At(func(d *DB) *bool { return &d.PerRequest })},
		{
			Key: "statement_cache", Said: "no statement cache", Default: "true", At: setting.At(func(d *DB) **bool { return &d.StatementCache }),
			Doc: "true: a connection prepares a statement at its first use, one round trip more, and keeps it; false: it is parsed each time",
		},
		{Key: "max_uses", Said: "retired after %s uses", Doc: "a connection is closed after so many uses; 0: never", Default: "0", Max: mostUses, At: setting.At(func(d *DB) *int { return &d.MaxUses })},
		{
			Key: "acquire_timeout", Doc: "a request that has no connection after this gets a 503", Default: "30s", Min: float64(leastTime), Max: float64(mostTime),
			At: setting.At(func(d *DB) *time.Duration { return &d.AcquireTimeout }),
		},
		{
			Key: "query_timeout", Doc: "a request whose query takes longer gets a 504, and its connection is closed; 0s: no limit", Default: "0s", Max: float64(mostTime),
			At: setting.At(func(d *DB) *time.Duration { return &d.QueryTimeout }),
		},
		{Key: "leak", Said: "leaking", Doc: "true: a request of /broken that fails does not give its connection back", Default: "false", At: setting.At(func(d *DB) *bool { return &d.Leak })},
		{Key: "slow_log", Doc: "queries that take longer are counted as slow; 0s: none", Default: "0s", Max: float64(mostTime), At: setting.At(func(d *DB) *time.Duration { return &d.SlowLog })},
		{
			Key: "slow_log_from", Doc: "acquire: the time includes the request's wait for its connection; sent: it does not", Default: SlowFromAcquire,
			Values: []string{SlowFromAcquire, SlowFromSent}, At: setting.At(func(d *DB) *string { return &d.SlowLogFrom }),
			Idle: setting.When(func(d *DB) string { return setting.Because(d.SlowLog == 0, "slow_log is 0s") }),
		},
	}
}

func cacheRows() []setting.Setting {
	process := setting.When(func(c *Cache) string { return setting.Because(!c.inProcess(), "responses are not kept in the process") })
	return []setting.Setting{
		{
			Key: "where", Main: true, Said: "in %s", Doc: "off: nowhere; process: in the memory of each worker; service: in the service cache; both: in the process, then in the service",
			Default: InService, Values: []string{Off, InProcess, InService, InBoth}, At: setting.At(func(c *Cache) *string { return &c.Where }),
		},
		{
			Key: "policy", Said: "%s", Doc: "what a full cache in the process puts out: fifo: what came first; lru: what was not asked for the longest; ttl: as lru, and what has expired is taken out at once; tinylfu: what is asked for least",
			Default: memo.LRU, Values: []string{memo.FIFO, memo.LRU, memo.TTL, memo.TinyLFU}, At: setting.At(func(c *Cache) *string { return &c.Policy }), Idle: process,
		},
		{
			Key: "size", Said: "%s entries", Doc: "entries in the process of each worker; 0: no bound, and what has expired stays until it is asked for", Default: "1000", Max: mostEntries,
			At: setting.At(func(c *Cache) **int { return &c.Size }), Idle: process,
		},
		{Key: "ttl", Doc: "an entry expires after this", Default: "1m", Min: float64(leastTime), Max: float64(24 * time.Hour), At: setting.At(func(c *Cache) *time.Duration { return &c.TTL })},
		{Key: "single_flight", Said: "single flight", Doc: "true: requests of a worker that miss the same entry wait for one load of it", Default: "false", At: setting.At(func(c *Cache) *bool { return &c.SingleFlight })},
		{
			Key: "invalidate", Said: "invalidated by %s", Doc: "what /update removes: none: nothing; delete: the entry of its item; keys: the same, which KEYS looks for; tag: every entry with the tag item",
			Default: InvalidateNone, Values: []string{InvalidateNone, InvalidateKey, InvalidateFound, InvalidateTag}, At: setting.At(func(c *Cache) *string { return &c.Invalidate }),
		},
	}
}

// Filled gives the settings with their defaults; nil: all of them.
func (d *DB) Filled() DB { return setting.Filled(dbRows(), d) }

// Filled gives the settings with their defaults; nil: all of them.
func (c *Cache) Filled() Cache { return setting.Filled(cacheRows(), c) }

func (c *Cache) inProcess() bool { return c.Where == InProcess || c.Where == InBoth }

func (c *Cache) inService() bool { return c.Where == InService || c.Where == InBoth }

// Check finds what the rows cannot say is wrong with the settings of a server that has these services, and with the request
// that the load makes; prefixes are those of its paths.
func Check(db *DB, cache *Cache, request string, has func(service string) bool, prefixes ...string) []*targets.Fault {
	var faults []*targets.Fault
	bad := func(key, format string, args ...any) {
		faults = append(faults, &targets.Fault{Key: key, Msg: fmt.Sprintf(format, args...)})
	}
	d, c := db.Filled(), cache.Filled()
	if db != nil && !has(Database) {
		bad("db", "this target has no service %s; add it to services:", Database)
	}
	if d.MinIdle > d.Pool {
		bad("db.min_idle", "%d is more than the pool of %d has", d.MinIdle, d.Pool)
	}
	if lack := lackOf(request, &c, has, prefixes); lack != "" {
		bad("endpoint", "%s; add it to services:", lack)
	}
	return faults
}

// Advise says what is allowed and yet most likely not what is meant: pools that may open more connections than the database
// has slots. copies is how many servers there are.
func Advise(db *DB, workers, copies int, services map[string]targets.Part) []string {
	d := db.Filled()
	slots, known := slotsOf(services[Database])
	all := max(1, workers) * max(1, copies) * d.Pool
	if !known || d.PerRequest || all <= slots {
		return nil
	}
	return []string{fmt.Sprintf("db.pool %d times %d workers may open %d connections, and the database has %d slots: it refuses the others", d.Pool, max(1, workers)*max(1, copies), all, slots)}
}

// slotsOf is how many connections a database takes.
func slotsOf(part targets.Part) (slots int, known bool) {
	kind, ok := targets.LookupService(part.Kind)
	if !ok {
		return 0, false
	}
	row := setting.Find(kind.Settings, "slots")
	if row == nil {
		return 0, false
	}
	own := kind.Owned(part)
	setting.Fill(kind.Settings, own)
	slots, known = row.Value(own).(int)
	return slots, known
}

// lackOf says which service the settings of the cache make a request need that is not there; empty: none.
func lackOf(request string, c *Cache, has func(string) bool, prefixes []string) string {
	path, query, _ := strings.Cut(request, "?")
	e := endpoint.Lookup(path, prefixes...)
	var x endpoint.Exchange
	if e == nil || e.Path != cachedPath || x.Parse(e, query) != nil {
		return "" // others say so
	}
	return lackOfCached(&x, c, has)
}
