package python

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"benchtop/targets"
	"benchtop/targets/calls"
	"benchtop/targets/shop"
	"benchtop/targets/tasks"
)

// What the settings and services of a target add to the counts of its workers.
func TestNamedCounts(t *testing.T) {
	for name, test := range map[string]struct {
		spec      targets.Spec
		db, cache bool
		calls     bool
	}{
		"neither":           {targets.Spec{}, false, false, false},
		"a database":        {targets.Spec{Services: map[string]targets.Part{"database": {}}}, true, false, false},
		"a cache":           {targets.Spec{Services: map[string]targets.Part{"cache": {}}}, false, true, false},
		"an upstream":       {targets.Spec{Services: map[string]targets.Part{"upstream": {}}}, false, false, true},
		"in the process":    {targets.Spec{Own: &Settings{Cache: &shop.Cache{Where: shop.InProcess}}}, false, true, false},
		"both, and nothing": {targets.Spec{Own: &Settings{Cache: &shop.Cache{Where: shop.InBoth}}}, false, false, false},
	} {
		n := namedOf(test.spec)
		all := slices.Concat(n.Counters, n.Levels, n.Peaks, n.Histograms)
		has := func(of string) bool {
			return slices.ContainsFunc(all, func(s string) bool { return strings.HasPrefix(s, of) })
		}
		if has("db_") != test.db || has("cache_") != test.cache || has("calls_") != test.calls || test.calls && len(all) != len(calls.Counts)+len(tasks.Counts) {
			t.Errorf("%s: %v", name, all)
		}
		if test.db && test.cache && len(all) != len(shop.Counts)+len(tasks.Counts) {
			t.Errorf("%s: %d of %d", name, len(all), len(shop.Counts))
		}
	}
}

// A cache in the process needs no service. Its counts are exact, and its peak begins again at each mark.
func TestCountsOfACacheInTheProcess(t *testing.T) {
	t.Parallel()
	need(t, "fastapi", Uvicorn)
	running := started(t, targets.Spec{Server: Uvicorn, Own: &Settings{Cache: &shop.Cache{Where: shop.InProcess, SingleFlight: true}}}, targets.Hooks{})
	c := client(t, running.Addr())
	for _, path := range []string{"/cached?work=0s", "/cached?work=0s", "/sync/cached?work=0s", "/cached?id=2&work=1ms"} {
		if resp, body := get(t, c, path); resp.StatusCode != 200 {
			t.Fatalf("%s: %s %s", path, resp.Status, body)
		}
	}
	for _, atOnce := range []int64{1, 0} {
		statuses, err := running.Mark(t.Context())
		if err != nil || len(statuses) != 1 {
			t.Fatalf("%+v, %v", statuses, err)
		}
		got := statuses[0]
		for name, want := range map[string]uint64{"cache_gets": 4, "cache_hits": 2, "cache_hits_process": 2, "cache_hits_service": 0, "cache_loads": 2, "cache_errors": 0} {
			if n, ok := got.Counters[name]; !ok || n != want {
				t.Errorf("%s is %d, want %d", name, n, want)
			}
		}
		if want := map[string]int64{"cache_entries": 2, "cache_loads_at_once": atOnce, "tasks_left": 0}; !maps.Equal(got.Levels, want) {
			t.Errorf("levels %v, want %v", got.Levels, want)
		}
	}
	if resp, body := get(t, c, "/cached?source=item"); resp.StatusCode != 501 || body != "/cached needs the service database, which this target does not have\n" {
		t.Errorf("%s %s", resp.Status, body)
	}
}

// A worker counts the loads in flight for one entry; with single flight there is one.
func TestLoadsAtOnce(t *testing.T) {
	t.Parallel()
	need(t, "fastapi", Uvicorn)
	for single, want := range map[bool]int64{false: 3, true: 1} {
		t.Run(fmt.Sprint(single), func(t *testing.T) {
			t.Parallel()
			running := started(t, targets.Spec{Server: Uvicorn, Own: &Settings{Cache: &shop.Cache{Where: shop.InProcess, SingleFlight: single}}}, targets.Hooks{})
			var asking sync.WaitGroup
			for range 3 {
				c := client(t, running.Addr())
				asking.Go(func() {
					if resp, err := c.Get("http://benchtop/cached?work=5s"); err != nil {
						t.Error(err)
					} else {
						_ = resp.Body.Close()
					}
				})
			}
			asking.Wait()
			statuses, err := running.Mark(t.Context())
			if err != nil || statuses[0].Levels["cache_loads_at_once"] != want || statuses[0].Counters["cache_loads"] != uint64(want) {
				t.Errorf("%+v, %v, want %d loads at once", statuses, err, want)
			}
		})
	}
}

// A file of counts that is of another version, or of a worker with other services, is not read as if it were one.
func TestCountsOfAnotherLayout(t *testing.T) {
	t.Parallel()
	need(t, "fastapi", Uvicorn)
	running := started(t, targets.Spec{Server: Uvicorn}, targets.Hooks{})
	pid := pids(running, workerRole)[0]
	if _, err := readCounts(running.Folder, pid, namedOf(running.Spec())); err != nil {
		t.Error(err)
	}
	other := namedOf(targets.Spec{Services: map[string]targets.Part{"database": {}}})
	if _, err := readCounts(running.Folder, pid, other); err == nil || !strings.Contains(err.Error(), "is not such a file") {
		t.Errorf("%v", err)
	}
}
