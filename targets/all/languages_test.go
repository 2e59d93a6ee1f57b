package all

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"benchtop/targets"
	"benchtop/targets/builtin"
	"benchtop/targets/cache"
	"benchtop/targets/database"
	"benchtop/targets/endpoint"
	"benchtop/targets/python"
	"benchtop/targets/redis"
	"benchtop/targets/shop"
)

// shops are the services that the shop is run with.
var shops = map[string]map[string]targets.Part{
	"embedded": {shop.Database: {Kind: "sqlite"}, shop.Service: {Kind: "cache", Settings: &cache.Settings{Entries: 2500}}, targets.ServiceUpstream: {Kind: "upstream"}},
	"real":     {shop.Database: {Kind: "postgres"}, shop.Service: {Kind: "redis", Settings: &redis.Settings{Entries: 2500}}, targets.ServiceUpstream: {Kind: "upstream"}},
}

// inShop are servers with the same settings, one of each language.
func inShop(services map[string]targets.Part, db *shop.DB, kept *shop.Cache) map[string]targets.Spec {
	return map[string]targets.Spec{
		"builtin": {Server: "builtin", Services: services, Nonce: "n", Variant: "v", Own: &builtin.Settings{DB: db, Cache: kept}},
		"uvicorn": {Server: "uvicorn", Services: services, Nonce: "n", Variant: "v", Own: &python.Settings{DB: db, Cache: kept}},
	}
}

// batch is what only one of the drivers can do.
const batch = "how=batch"

// shopQuestions are the samples of the endpoints that need services, and what is wrong with them or with the database.
func shopQuestions() []question {
	var ask []question
	for _, request := range []string{"/invalidate?how=scan&prefix=fill:1", "/invalidate?prefix=fill:2", "/invalidate?how=tag&prefix=fill"} { // before a sample removes all
		ask = append(ask, question{"GET", request, "", http.StatusOK})
	}
	for _, e := range endpoint.All() {
		if len(e.Services) == 0 && e.Path != "/cached" {
			continue
		}
		for _, query := range append([]string{""}, e.Samples...) {
			if query != batch {
				ask = append(ask, question{"GET", e.Path + "?" + query, "", http.StatusOK})
			}
		}
		for _, p := range e.Params {
			ask = append(ask, question{"GET", e.Path + "?" + p.Name + "=99999999999999999999h%0A", "", http.StatusBadRequest})
		}
	}
	for request, status := range map[string]int{
		"/user?id=1000000": 404, "/order?item=1000000": 404, "/update?id=1000000": 404, "/cached?id=1000000&source=item": 404,
		"/broken?every=1": 500, "/broken?every=1&status=404": 404,
	} {
		ask = append(ask, question{"GET", request, "", status})
	}
	for _, request := range []string{
		"/users?n=1&how=join", "/users?n=1000&how=any", "/users?n=1000&how=join", "/items?from=995&n=10", "/items?from=995&n=10&how=any", "/items?from=5000&how=any",
		"/slow?for=0", "/slow?for=1.5ms", "/cached?id=7&source=item", "/cached?id=7&source=item&audit=1", "/update?id=7", "/cached?id=7&source=item&audit=1",
		"/invalidate?prefix=%5B*",
	} {
		ask = append(ask, question{"GET", request, "", http.StatusOK})
	}
	return ask
}

// The shop responds alike in both languages, with the embedded services and with the real ones.
func TestShopsRespondAlike(t *testing.T) {
	for name, services := range shops {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			specs := inShop(services, &shop.DB{Pool: 3}, &shop.Cache{Where: shop.InBoth, Invalidate: shop.InvalidateTag, SingleFlight: true})
			ask := shopQuestions()
			ours, theirs := started(t, specs["builtin"]), started(t, specs["uvicorn"])
			for _, twin := range []string{"", "/async", "/sync"} {
				want, got := responses(t, ours, "", ask), responses(t, theirs, twin, ask)
				for i, q := range ask {
					if got[i] != want[i] || !strings.HasPrefix(want[i], fmt.Sprint(q.status)) {
						t.Errorf("%s%s:\n%.300q, built-in:\n%.300q, want %d", twin, q.request, got[i], want[i], q.status)
					}
				}
			}
			if got := responses(t, theirs, "", []question{{"GET", "/items?" + batch, "", 501}})[0]; !strings.HasPrefix(got, "501") || !strings.HasSuffix(got, "asyncpg has no batch of queries\n") {
				t.Errorf("a batch: %q", got)
			}
		})
	}
}

// The workers of both languages tell in /metrics what they count of their services: the same names, types and words, and
// the numbers that the lab reads.
func TestMetricsTellTheCounts(t *testing.T) {
	for path, services := range map[string]map[string]targets.Part{"/cached?work=0s": nil, "/cached?source=item": shops["embedded"]} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			described := map[string][]string{}
			for server, spec := range inShop(services, nil, &shop.Cache{Where: shop.InProcess}) {
				running := started(t, spec)
				bodies, _ := fetch(t, running, 1, 3, path, path, "/metrics")
				told := bodies[2]
				for line := range strings.Lines(told) {
					if strings.HasPrefix(line, "# ") && (strings.Contains(line, " benchtop_worker_db_") || strings.Contains(line, " benchtop_worker_cache_")) {
						described[server] = append(described[server], line)
					}
				}
				for _, st := range marked(t, running) {
					for name, n := range inMetrics(&st) {
						if line := fmt.Sprintf("\nbenchtop_worker_%s{pid=\"%d\"} %d\n", name, st.PID, n); !strings.Contains(told, line) {
							t.Errorf("%s: no line %q in\n%s", server, line, told)
						}
					}
				}
			}
			if got, want := described["uvicorn"], described["builtin"]; !slices.Equal(got, want) || len(want) == 0 {
				t.Errorf("in Python:\n%s\nbuilt-in:\n%s", got, want)
			}
		})
	}
}

// inMetrics are the counts of a worker by their names in /metrics; a service has none of them.
func inMetrics(st *targets.WorkerStatus) map[string]int64 {
	out := map[string]int64{}
	for i := range shop.Counts {
		c := &shop.Counts[i]
		name, _ := c.Metric()
		if n, has := st.Counters[c.Name]; has {
			out[name] = int64(n) // #nosec G115 -- of a few requests
		}
		if n, has := st.Levels[c.Name]; has {
			out[name] = n
		}
	}
	return out
}

// counted is what the workers of a target, and its service database, counted while requests were made.
func counted(t *testing.T, running targets.Target, each int, paths ...string) (workers, database map[string]uint64) {
	t.Helper()
	var sums [2]map[string]uint64
	before := marked(t, running)
	fetch(t, running, 1, each, paths...)
	after := marked(t, running)
	for key, a := range after {
		i := 0
		if a.Role != "" && a.Role != "worker" {
			i = 1
		}
		if sums[i] == nil {
			sums[i] = map[string]uint64{}
		}
		for name, n := range a.Counters {
			if strings.HasPrefix(name, "memory_") { // of the Go runtime
				continue
			}
			sums[i][name] += n - before[key].Counters[name]
		}
	}
	return sums[0], sums[1]
}

// The application asks for 11 statements for the N+1 query problem of 10 users. pgx makes a round trip for each; asyncpg one
// more, to clear the connection that goes back to the pool. The database sees what the driver counts.
func TestRoundTripsAreCountedExactly(t *testing.T) {
	for name, services := range shops {
		services = map[string]targets.Part{shop.Database: services[shop.Database]}
		for server, spec := range inShop(services, &shop.DB{Pool: 1}, nil) {
			t.Run(name+" "+server, func(t *testing.T) {
				t.Parallel()
				running := started(t, spec)
				clears := map[string]uint64{"builtin": 0, "uvicorn": 1}[server]
				const requests = 5
				for path, statements := range map[string]uint64{"/users?n=10": 11, "/users?how=any": 2, "/users?how=join": 1, "/items?n=7": 7, "/order": 3, "/user": 1} {
					fetch(t, running, 1, 1, path) // the statements become prepared
					worker, database := counted(t, running, requests, path)
					for count, want := range map[string]uint64{
						"db_acquires": requests, "db_statements": requests * statements, "db_round_trips": requests * (statements + clears),
						"db_connects": 0, "db_refused": 0, "db_leaked": 0,
					} {
						if got, ok := worker[count]; got != want || !ok {
							t.Errorf("%s: %s is %d, want %d", path, count, got, want)
						}
					}
					if got, ok := database["round_trips"]; ok && got != worker["db_round_trips"] {
						t.Errorf("%s: the database saw %d round trips, the driver %d", path, got, worker["db_round_trips"])
					}
				}
			})
		}
	}
}

// The same requests fill and empty the caches of both languages alike, under every policy that both have.
func TestCachesCountAlike(t *testing.T) {
	var paths []string
	for i := range 60 {
		paths = append(paths, fmt.Sprintf("/cached?work=0s&id=%d", 1+i*i%11), fmt.Sprintf("/cached?work=0s&id=%d", 1+i%2))
	}
	for _, policy := range []string{"fifo", "lru", "ttl"} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			size := 4
			got := map[string]map[string]uint64{}
			for server, spec := range inShop(nil, nil, &shop.Cache{Where: shop.InProcess, Policy: policy, Size: &size, TTL: time.Hour}) {
				got[server], _ = counted(t, started(t, spec), len(paths), paths...)
			}
			if !maps.Equal(got["builtin"], got["uvicorn"]) || got["builtin"]["cache_evictions"] == 0 {
				for _, name := range slices.Sorted(maps.Keys(got["builtin"])) {
					t.Errorf("%s: %d, in Python %d", name, got["builtin"][name], got["uvicorn"][name])
				}
			}
		})
	}
}

// With the settings that close or spare connections the drivers do what they say.
func TestConnectionsOfTheShop(t *testing.T) {
	no := false
	services := map[string]targets.Part{shop.Database: shops["embedded"][shop.Database]}
	for name, test := range map[string]struct {
		db   shop.DB
		want map[string]map[string]uint64 // by server, of 6 requests for a user
	}{
		"per request": {shop.DB{PerRequest: true}, map[string]map[string]uint64{
			"builtin": {"db_connects": 6, "db_statements": 6}, "uvicorn": {"db_connects": 6, "db_statements": 6, "db_round_trips": 12},
		}},
		"no statement cache": {shop.DB{StatementCache: &no, Pool: 1}, map[string]map[string]uint64{
			"builtin": {"db_connects": 0, "db_statements": 6, "db_round_trips": 6}, "uvicorn": {"db_connects": 0, "db_statements": 6, "db_round_trips": 18},
		}},
	} {
		for server, spec := range inShop(services, &test.db, nil) {
			t.Run(name+" "+server, func(t *testing.T) {
				t.Parallel()
				running := started(t, spec)
				fetch(t, running, 1, 1, "/user")
				got, _ := counted(t, running, 6, "/user")
				for count, want := range test.want[server] {
					if got[count] != want {
						t.Errorf("%s is %d, want %d", count, got[count], want)
					}
				}
			})
		}
	}
}

// What goes wrong between the application and its database is said and counted alike, and holds nobody up after it is over.
func TestFaultsOfTheShop(t *testing.T) {
	slots := func(n int) map[string]targets.Part {
		return map[string]targets.Part{shop.Database: {Kind: "sqlite", Settings: &database.Settings{Slots: n}}}
	}
	for name, test := range map[string]struct {
		services map[string]targets.Part
		db       shop.DB
		ask      []string // requests, one after the other
		want     []string // how the responses begin
		counts   map[string]uint64
	}{
		"a leak": {
			slots(20),
			shop.DB{Pool: 2, Leak: true, AcquireTimeout: 100 * time.Millisecond},
			[]string{"/broken?every=1", "/user", "/broken?every=1", "/user"},
			[]string{"500 failed as asked\n", "200 {", "500 failed as asked\n", "503 no free connection within 100ms\n"},
			map[string]uint64{"db_leaked": 2, "db_acquires": 3, "db_acquire_timeouts": 1, "db_connects": 2},
		},
		"a query that takes too long": {
			slots(20),
			shop.DB{Pool: 1, QueryTimeout: 3 * time.Second},
			[]string{"/slow?for=1m", "/user"},
			[]string{"504 no response of the database within 3s\n", "200 {"},
			map[string]uint64{"db_query_timeouts": 1, "db_acquires": 2},
		},
		"no slot": {
			slots(1),
			shop.DB{PerRequest: true, Leak: true},
			[]string{"/broken?every=1", "/user", "/users"},
			[]string{"500 failed as asked\n", "503 database: ", "503 database: "},
			map[string]uint64{"db_refused": 2, "db_leaked": 1, "db_connects": 1},
		},
	} {
		for server, spec := range inShop(test.services, &test.db, nil) {
			t.Run(name+" "+server, func(t *testing.T) {
				t.Parallel()
				running := started(t, spec)
				for i, request := range test.ask {
					got := responses(t, running, "", []question{{"GET", request, "", 0}})[0]
					status, body, _ := strings.Cut(got, " ")
					if _, body, _ = strings.Cut(body, "\n"); !strings.HasPrefix(status+" "+body, test.want[i]) {
						t.Errorf("%s: %s %q, want %q", request, status, body, test.want[i])
					}
				}
				for _, st := range marked(t, running) {
					for name, want := range test.counts {
						if n, ok := st.Counters[name]; st.Role == "" && (n != want || !ok) {
							t.Errorf("%s is %d, want %d", name, n, want)
						}
					}
				}
			})
		}
	}
}
