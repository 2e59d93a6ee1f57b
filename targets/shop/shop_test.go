package shop_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"benchtop/targets"
	"benchtop/targets/all"
	"benchtop/targets/cache"
	"benchtop/targets/database"
	"benchtop/targets/endpoint"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/proc"
	"benchtop/targets/runfolder"
	"benchtop/targets/shop"
)

// slots are those of the database.
const slots = 20

// there has the services, in processes of their own. The shops of the tests run in this one.
var there targets.Target

// served runs the tests while the services are there.
type served struct{ *testing.M }

func (s served) Run() int {
	ctx, cancel := context.WithTimeout(context.Background(), suite.Deadline)
	defer cancel()
	var err error
	there, err = targets.Start(ctx, targets.Spec{Server: "builtin", Services: map[string]targets.Part{
		shop.Database: {Kind: database.Name, Settings: &database.Settings{Slots: slots}}, shop.Service: {Kind: cache.Name},
	}}, targets.Hooks{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := s.M.Run()
	ctx, cancel = context.WithTimeout(context.Background(), suite.Deadline)
	defer cancel()
	if err := there.Stop(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	return code
}

func TestMain(m *testing.M) {
	proc.Dispatch(all.Roles())
	all.Register()
	suite.Main(served{m}, runfolder.Remove)
}

// worker is a worker with a shop. It has no token: handlers run side by side.
type worker struct {
	endpoint.Worker // for what the handlers of a shop do not ask
	shop            *shop.Shop
	rows            map[string]*endpoint.Endpoint
	addresses       map[string]string
}

func (w *worker) Await(call func()) { call() }

func (w *worker) Address(service string) string { return w.addresses[service] }

func open(t *testing.T, db *shop.DB, kept *shop.Cache) *worker {
	t.Helper()
	return openAt(t, db, kept, there.Spec().Addresses)
}

func openAt(t *testing.T, db *shop.DB, kept *shop.Cache, addresses map[string]string) *worker {
	t.Helper()
	s, err := shop.Open(db, kept, addresses)
	if err != nil {
		t.Fatal(err)
	}
	if s != nil {
		t.Cleanup(s.Close)
	}
	w := &worker{shop: s, rows: map[string]*endpoint.Endpoint{}, addresses: addresses}
	for _, e := range shop.Rows(s) {
		w.rows[e.Path] = e
	}
	return w
}

// ask gives the status and the body of a response.
func (w *worker) ask(request string) string {
	path, query, _ := strings.Cut(request, "?")
	x := &endpoint.Exchange{Worker: w}
	x.Respond(w.rows[path], path, query, false)
	return strconv.Itoa(x.Response.Status) + " " + string(x.Response.Body)
}

// want asks, and fails the test unless the response is this one.
func (w *worker) want(t *testing.T, request, response string) {
	t.Helper()
	if got := w.ask(request); got != response {
		t.Errorf("%s: %.200q, want %q", request, got, response)
	}
}

// counts are the counters and the levels of the worker since its start, by name.
func (w *worker) counts() map[string]int64 {
	var st targets.WorkerStatus
	w.shop.Status(&st)
	return merged(st)
}

func merged(st targets.WorkerStatus) map[string]int64 {
	all := map[string]int64{}
	for name, n := range st.Counters {
		all[name] = int64(n)
	}
	for name, n := range st.Levels {
		all[name] = n
	}
	return all
}

// expect compares some of the counts.
func (w *worker) expect(t *testing.T, want map[string]int64) {
	t.Helper()
	have := w.counts()
	for name, n := range want {
		if got, ok := have[name]; got != n || !ok {
			t.Errorf("%s is %d, want %d", name, got, n)
		}
	}
}

// countsOf are those of a service.
func countsOf(t *testing.T, role string) map[string]int64 {
	t.Helper()
	statuses, err := there.Mark(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(statuses, func(st targets.WorkerStatus) bool { return st.Role == role })
	if i < 0 {
		t.Fatalf("no status of %s", role)
	}
	return merged(statuses[i])
}

// What a worker has no service for it says, and counts nothing of.
func TestWithoutServices(t *testing.T) {
	w := openAt(t, nil, nil, nil)
	w.want(t, "/cached", "501 /cached needs the service cache, which this target does not have\n")
	if w.shop != nil {
		t.Error("a shop that sells nothing")
	}
	w = openAt(t, nil, &shop.Cache{Where: shop.InProcess}, nil)
	w.want(t, "/cached?work=0s", `200 {"id":1,"version":0}`)
	w.want(t, "/cached?source=item", "501 /cached needs the service database, which this target does not have\n")
	w.want(t, "/user", "501 /user needs the service database, which this target does not have\n")
	for name := range w.counts() {
		if strings.HasPrefix(name, "db_") {
			t.Errorf("it counts %s", name)
		}
	}
	w.expect(t, map[string]int64{"cache_gets": 1, "cache_hits": 0, "cache_loads": 1, "cache_entries": 1, "cache_round_trips": 0})
}

// Pools that may open more connections than the database has slots are warned of.
func TestAdvise(t *testing.T) {
	services := map[string]targets.Part{shop.Database: {Kind: database.Name}}
	for _, test := range []struct {
		db              *shop.DB
		workers, copies int
		services        map[string]targets.Part
		want            string
	}{
		{nil, 3, 0, services, "db.pool 10 times 3 workers may open 30 connections, and the database has 20 slots: it refuses the others"},
		{&shop.DB{Pool: 4}, 3, 2, services, "db.pool 4 times 6 workers may open 24 connections, and the database has 20 slots: it refuses the others"},
		{&shop.DB{Pool: 10}, 2, 1, services, ""},
		{&shop.DB{Pool: 10}, 3, 1, map[string]targets.Part{shop.Database: {Kind: database.Name, Settings: &database.Settings{Slots: 30}}}, ""},
		{&shop.DB{PerRequest: true}, 3, 1, services, ""},
		{nil, 64, 1, map[string]targets.Part{shop.Service: {Kind: cache.Name}}, ""},
	} {
		if got := strings.Join(shop.Advise(test.db, test.workers, test.copies, test.services), "\n"); got != test.want {
			t.Errorf("%+v, %d workers, %d copies: %q, want %q", test.db, test.workers, test.copies, got, test.want)
		}
	}
}
