package shop_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"benchtop/targets"
	"benchtop/targets/cache"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/shop"
)

// A response is kept where the settings say, and found there; the cache counts the same commands.
func TestWhereResponsesAreKept(t *testing.T) {
	open(t, nil, nil).ask("/invalidate") // what other tests left
	for id, test := range map[int]struct {
		where string
		want  map[string]int64
	}{
		101: {shop.Off, map[string]int64{"cache_gets": 0, "cache_hits": 0, "cache_loads": 3, "cache_round_trips": 0, "cache_entries": 0}},
		102: {shop.InProcess, map[string]int64{"cache_gets": 3, "cache_hits": 2, "cache_hits_process": 2, "cache_loads": 1, "cache_round_trips": 0, "cache_entries": 1}},
		103: {shop.InService, map[string]int64{"cache_gets": 3, "cache_hits": 2, "cache_hits_service": 2, "cache_loads": 1, "cache_round_trips": 4, "cache_entries": 0}},
		104: {shop.InBoth, map[string]int64{"cache_gets": 3, "cache_hits": 2, "cache_hits_process": 2, "cache_loads": 1, "cache_round_trips": 2, "cache_entries": 1}},
	} {
		w := open(t, nil, &shop.Cache{Where: test.where})
		before := countsOf(t, cache.Role)["hits"]
		for range 3 {
			w.want(t, fmt.Sprintf("/cached?work=0s&id=%d", id), fmt.Sprintf(`200 {"id":%d,"version":0}`, id))
		}
		w.expect(t, test.want)
		w.expect(t, map[string]int64{"cache_errors": 0, "cache_evictions": 0, "cache_audited": 0, "db_acquires": 0})
		if n := countsOf(t, cache.Role)["hits"] - before; n != test.want["cache_hits_service"] {
			t.Errorf("%s: the cache counts %d hits", test.where, n)
		}
	}
}

// What one worker put into the service another one finds there, and then in its own process.
func TestBoth(t *testing.T) {
	open(t, nil, nil).ask("/invalidate") // what other tests left
	first, second := open(t, nil, &shop.Cache{Where: shop.InBoth}), open(t, nil, &shop.Cache{Where: shop.InBoth})
	for _, w := range []*worker{first, second, second} {
		w.want(t, "/cached?id=111&work=0s", `200 {"id":111,"version":0}`)
	}
	first.expect(t, map[string]int64{"cache_gets": 1, "cache_hits": 0, "cache_loads": 1, "cache_round_trips": 2})
	second.expect(t, map[string]int64{
		"cache_gets": 2, "cache_hits": 2, "cache_hits_service": 1, "cache_hits_process": 1, "cache_loads": 0, "cache_round_trips": 1, "cache_entries": 1,
	})
}

// A full process puts out what its policy says.
func TestEvictions(t *testing.T) {
	w := open(t, nil, &shop.Cache{Where: shop.InProcess, Size: new(2)})
	for _, id := range []int{1, 2, 1, 3, 1} {
		w.ask(fmt.Sprintf("/cached?work=0s&id=%d", id))
	}
	w.expect(t, map[string]int64{"cache_hits": 2, "cache_loads": 3, "cache_evictions": 1, "cache_entries": 2})
}

// An entry expires after its time, wherever it is kept.
func TestExpiry(t *testing.T) {
	for _, where := range []string{shop.InProcess, shop.InService, shop.InBoth} {
		w := open(t, nil, &shop.Cache{Where: where, TTL: 5 * time.Millisecond})
		suite.Eventually(t, "it is loaded for the third time", func() bool {
			w.ask("/cached?id=121&work=0s")
			return w.counts()["cache_loads"] == 3
		})
		n := w.counts()
		w.expect(t, map[string]int64{"cache_gets": n["cache_hits"] + 3})
	}
}

// items counts those that were taken for a test that changes them.
var items atomic.Int64

// After an update the audit finds the old version until the entry is removed: the key alone, or all with its tag.
func TestInvalidation(t *testing.T) {
	for _, where := range []string{shop.InProcess, shop.InService, shop.InBoth} {
		for invalidate, want := range map[string]struct {
			version, stale int // of the item that changed
			loads          int64
		}{
			shop.InvalidateNone:  {0, 1, 2},
			shop.InvalidateKey:   {1, 0, 3},
			shop.InvalidateFound: {1, 0, 3},
			shop.InvalidateTag:   {1, 0, 4},
		} {
			id := int(items.Add(2))
			w := open(t, nil, &shop.Cache{Where: where, Invalidate: invalidate})
			changed, other := fmt.Sprintf("/cached?source=item&audit=1&id=%d", id), fmt.Sprintf("/cached?source=item&id=%d", id+1)
			w.want(t, changed, fmt.Sprintf(`200 {"id":%d,"version":0}`, id))
			w.want(t, other, fmt.Sprintf(`200 {"id":%d,"version":0}`, id+1))
			w.want(t, fmt.Sprintf("/update?id=%d", id), fmt.Sprintf(`200 {"id":%d}`, id))
			w.ask(other)
			if invalidate != shop.InvalidateNone {
				w.ask(changed)
			}
			w.want(t, changed, fmt.Sprintf(`200 {"id":%d,"version":%d}`, id, want.version))
			w.expect(t, map[string]int64{"cache_audited": 1, "cache_stale": int64(want.stale), "cache_loads": want.loads, "cache_errors": 0})
			if t.Failed() {
				t.Fatalf("%s, invalidate %s", where, invalidate)
			}
		}
	}
}

// Every so many hits one is compared with the database.
func TestAudit(t *testing.T) {
	w := open(t, nil, &shop.Cache{Where: shop.InProcess})
	for range 13 {
		w.ask("/cached?id=131&source=item&audit=4")
	}
	w.expect(t, map[string]int64{"cache_hits": 12, "cache_audited": 3, "cache_stale": 0, "db_acquires": 4})
	w.want(t, "/cached?id=1000000&source=item", "404 no item 1000000\n")
}

// crowd asks the same many times at once.
func (w *worker) crowd(t *testing.T, request, response string) {
	t.Helper()
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() { w.want(t, request, response) })
	}
	wg.Wait()
}

// With single flight an entry is loaded once each time that it is gone, however many ask for it at once; without it, by
// several of them at the same time.
func TestSingleFlight(t *testing.T) {
	t.Parallel()
	const times = 5
	for _, where := range []string{shop.InService, shop.InBoth} {
		w := open(t, nil, &shop.Cache{Where: where, SingleFlight: true, Invalidate: shop.InvalidateKey})
		for range times {
			w.crowd(t, "/cached?id=141&work=5ms", `200 {"id":141,"version":0}`)
			w.want(t, "/update?id=141", `200 {"id":141}`)
		}
		w.expect(t, map[string]int64{"cache_gets": 10 * times, "cache_loads": times, "cache_loads_at_once": 1})
	}

	w := open(t, nil, &shop.Cache{Where: shop.InProcess, SingleFlight: true, Invalidate: shop.InvalidateKey})
	for range times {
		w.crowd(t, "/cached?id=142&work=5ms", `200 {"id":142,"version":0}`)
		w.want(t, "/update?id=142", `200 {"id":142}`)
	}
	w.expect(t, map[string]int64{"cache_gets": 10 * times, "cache_loads": times, "cache_loads_at_once": 1, "cache_round_trips": 0})

	w = open(t, nil, &shop.Cache{Where: shop.InProcess})
	w.crowd(t, "/cached?id=143&work=2s", `200 {"id":143,"version":0}`)
	n := w.counts()
	if n["cache_loads_at_once"] < 2 || n["cache_loads"] < n["cache_loads_at_once"] {
		t.Errorf("%d loads, %d at once", n["cache_loads"], n["cache_loads_at_once"])
	}
	if err := w.shop.Marked(&targets.WorkerStatus{}); err != nil {
		t.Fatal(err)
	}
	w.expect(t, map[string]int64{"cache_loads_at_once": 0})
}

// A load that fails is not kept, and each who waited for it is told.
func TestSingleFlightFails(t *testing.T) {
	w := open(t, nil, &shop.Cache{Where: shop.InProcess, SingleFlight: true})
	w.crowd(t, "/cached?id=1000000&source=item", "404 no item 1000000\n")
	w.expect(t, map[string]int64{"cache_hits": 0, "cache_entries": 0, "cache_loads_at_once": 1})
}

// Entries of the service are removed by KEYS, by SCAN, or by their tag.
func TestRemoval(t *testing.T) {
	const entries = 2500 // more than two commands take
	for invalidate, how := range map[string][]string{shop.InvalidateNone: {"keys", "scan"}, shop.InvalidateTag: {"keys", "tag"}} {
		w := open(t, nil, &shop.Cache{Invalidate: invalidate})
		w.ask("/invalidate") // what other tests left
		for _, how := range how {
			for id := range entries {
				w.ask(fmt.Sprintf("/cached?work=0s&id=%d", 1+id))
			}
			w.want(t, "/invalidate?how=scan&prefix=item:24", "200 removed 111\n") // 24, 240 to 249, 2400 to 2499
			w.want(t, "/invalidate?prefix=item:17", "200 removed 111\n")
			prefix := "item:"
			if how == "tag" {
				prefix = "item"
			}
			w.want(t, "/invalidate?how="+how+"&prefix=*", "200 removed 0\n") // it is no pattern
			w.want(t, "/invalidate?how="+how+"&prefix="+prefix, fmt.Sprintf("200 removed %d\n", entries-2*111))
			w.want(t, "/invalidate?how="+how+"&prefix="+prefix, "200 removed 0\n")
			w.ask("/invalidate?prefix=tag:")
		}
		w.expect(t, map[string]int64{"cache_errors": 0})
	}
}

// A cache that fails costs a load, and no request.
func TestCacheThatIsNotThere(t *testing.T) {
	w := openAt(t, nil, nil, map[string]string{shop.Service: "unix:" + filepath.Join(t.TempDir(), "cache")})
	for range 2 {
		w.want(t, "/cached?id=7&work=0s", `200 {"id":7,"version":0}`)
	}
	w.expect(t, map[string]int64{"cache_gets": 2, "cache_hits": 0, "cache_loads": 2, "cache_errors": 4})
	if got := w.ask("/invalidate"); !strings.HasPrefix(got, "503 cache: ") {
		t.Error(got)
	}
}
