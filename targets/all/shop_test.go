package all

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"benchtop/targets"
	"benchtop/targets/builtin"
	"benchtop/targets/cache"
	"benchtop/targets/database"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/shop"
)

// shopOf starts a built-in server with a database and a cache. What it gives asks it once, for a status and a body.
func shopOf(t *testing.T, own *builtin.Settings) (targets.Target, func(request string) string) {
	t.Helper()
	tg := started(t, targets.Spec{Server: "builtin", Own: own, Services: map[string]targets.Part{
		"database": {Kind: database.Name}, "cache": {Kind: cache.Name, Settings: &cache.Settings{Entries: 2500}},
	}})
	return tg, func(request string) string {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), suite.Deadline)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+tg.Addr()+request, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Close = true
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.Status[:4] + string(body)
	}
}

// worker is the status of the one worker, and database that of the database.
func statuses(t *testing.T, tg targets.Target) (worker, db targets.WorkerStatus) {
	t.Helper()
	all, err := tg.Mark(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		switch s.Role {
		case "":
			worker = s
		case database.Role:
			db = s
		}
	}
	return worker, db
}

// Every endpoint of the shop responds from the services, with each engine and in each concurrency model.
func TestShop(t *testing.T) {
	for _, own := range []*builtin.Settings{{}, {Engine: "fasthttp", Concurrency: "threadpool"}, {Concurrency: "blocking"}} {
		_, ask := shopOf(t, own)
		for request, want := range map[string]string{
			"/user?id=2":                 `200 {"id":2,"name":"user 2","country":`,
			"/user?id=1000000":           "404 no user 1000000\n",
			"/users?n=2":                 `200 [{"id":1,"name":"user 1","posts":["post 1","post 101",`,
			"/items?n=2&from=3&how=any":  `200 [{"id":3,"name":"item 3","price":`,
			"/items?n=2&how=batch":       `200 [{"id":1,"name":"item 1","price":`,
			"/report":                    `200 [{"user":1,"posts":10,"bytes":1000},`,
			"/slow?for=1ms":              "200 waited 1ms\n",
			"/order?item=2":              `200 {"item":2}`,
			"/order?item=1000000":        "404 no item 1000000\n",
			"/update?id=3":               `200 {"id":3}`,
			"/broken?every=1&status=404": "404 failed as asked\n",
			"/cached?id=5&work=1ms":      `200 {"id":5,"version":0}`,
			"/cached?id=6&source=item":   `200 {"id":6,"version":0}`,
		} {
			if got := ask(request); !strings.HasPrefix(got, want) {
				t.Errorf("%+v %s: %.200q, want %q", own, request, got, want)
			}
		}
		if a, b := ask("/users?how=join"), ask("/users?how=any"); a != b || a != ask("/users") {
			t.Errorf("%.300q, %.300q", a, b)
		}
		if got := ask("/invalidate?how=scan&prefix=fill:1") + ask("/invalidate?prefix=fill:2") + ask("/invalidate?how=tag&prefix=fill"); got != "200 removed 1111\n200 removed 612\n200 removed 777\n" {
			t.Error(got)
		}
	}
}

// A list of ten users and their posts takes 11 round trips and 11 statements, as the driver counts and as the database does.
func TestRoundTrips(t *testing.T) {
	tg, ask := shopOf(t, &builtin.Settings{DB: &shop.DB{Pool: 1}})
	ask("/users") // prepares the statements
	before, there := statuses(t, tg)
	ask("/users")
	after, thereAfter := statuses(t, tg)
	for _, name := range []string{"db_round_trips", "db_statements"} {
		if n := after.Counters[name] - before.Counters[name]; n != 11 {
			t.Errorf("%s: %d", name, n)
		}
	}
	if n := thereAfter.Counters["round_trips"] - there.Counters["round_trips"]; n != 11 {
		t.Errorf("round trips of the database: %d", n)
	}
	if after.Histograms["db_wait"] == "" || after.Counters["db_connects"] != 1 || after.Levels["db_open"] != 1 {
		t.Errorf("%+v", after)
	}
}

// A handler that leaks takes a connection at every tenth request, until the pool of five has none: the 51st request gets none
// within the time that it may wait.
func TestLeak(t *testing.T) {
	tg, ask := shopOf(t, &builtin.Settings{DB: &shop.DB{Pool: 5, Leak: true, AcquireTimeout: 3 * time.Second}})
	for i := range 50 {
		want := `200 {"id":1,"name":"user 1","country":`
		if i%10 == 9 {
			want = "500 failed as asked\n"
		}
		if got := ask("/broken?every=10"); !strings.HasPrefix(got, want) {
			t.Fatalf("request %d: %q", i+1, got)
		}
	}
	if got := ask("/broken?every=10"); got != "503 no free connection within 3s\n" {
		t.Errorf("with every connection leaked: %q", got)
	}
	st, there := statuses(t, tg)
	for name, want := range map[string]uint64{"db_leaked": 5, "db_acquires": 50, "db_connects": 5, "db_acquire_timeouts": 1} {
		if st.Counters[name] != want {
			t.Errorf("%s is %d, want %d", name, st.Counters[name], want)
		}
	}
	if st.Levels["db_in_use"] != 5 || st.Levels["db_idle"] != 0 || st.Levels["db_open"] != 5 || there.Levels["connections_open"] != 5 {
		t.Errorf("%v, database %v", st.Levels, there.Levels)
	}
}

// Nothing that a target or a driver imports puts a handler where every server with the default one would serve it.
func TestNoHandlersByImport(t *testing.T) {
	for _, path := range []string{"/", "/debug/pprof/", "/debug/pprof/cmdline", "/debug/pprof/profile", "/debug/pprof/symbol", "/debug/pprof/trace", "/debug/vars", "/debug/requests", "/debug/events", "/metrics", "/health"} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			r, err := http.NewRequestWithContext(t.Context(), method, "http://localhost"+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, pattern := http.DefaultServeMux.Handler(r); pattern != "" {
				t.Errorf("%s %s is served: %s", method, path, pattern)
			}
		}
	}
}
