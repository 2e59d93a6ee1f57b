package engine

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"benchtop/lab/load"
)

// varied makes of a slice one with a mix and keys.
func varied(s load.Task) load.Task {
	s.Keys = &load.Keys{Count: 100, Zipf: 1}
	host := s.Request.Host
	s.Request = load.Request{}
	s.Mix = []load.Entry{
		{Name: "read", Weight: 8, Request: load.Request{Path: "/item/{key}", Host: host}},
		{Name: "search", Weight: 1, Request: load.Request{Path: "/search", Host: host}},
		{Name: "buy", Weight: 1, Request: load.Request{Method: http.MethodPost, Path: "/buy", Host: host, Body: []byte(`{"id": {key}}`)}},
		{Name: "gone", Weight: 1, Request: load.Request{Path: "/gone", Host: host}},
	}
	return s
}

// Each entry is counted as often as the server was asked for it, and in the parts that the weights say; bodies arrive whole.
func TestMix(t *testing.T) {
	each(t, func(t *testing.T, e Engine) {
		for _, model := range []load.Model{load.Closed, load.Open} {
			t.Run(string(model), func(t *testing.T) {
				var mu sync.Mutex
				asked, broken := map[string]uint64{}, ""
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					body, _ := io.ReadAll(r.Body)
					name := strings.SplitN(r.URL.Path[1:], "/", 2)[0]
					key := strings.TrimPrefix(r.URL.Path, "/item/")
					if name == "buy" {
						key = strings.TrimSuffix(strings.TrimPrefix(string(body), `{"id": `), "}")
					}
					n, err := strconv.Atoi(key)
					mu.Lock()
					defer mu.Unlock()
					if asked[name]++; (name == "item" || name == "buy") && (err != nil || n < 1 || n > 100) {
						broken = r.URL.Path + " " + string(body)
					}
					if name == "gone" {
						w.WriteHeader(http.StatusNotFound)
					}
				}))
				defer server.Close()
				s := varied(base(server.Listener.Addr().String()))
				s.Settle, s.Model, s.Timeout = 0, model, time.Minute
				if model == load.Open {
					s.Rate, s.Window = 2000, 500*time.Millisecond
				}
				sum, _ := mustRun(t, e, s)
				mu.Lock() // a handler may not have returned yet
				defer mu.Unlock()
				if broken != "" {
					t.Errorf("arrived: %s", broken)
				}
				if len(sum.Entries) != 4 || sum.BodyHash != "" {
					t.Fatalf("%+v", sum)
				}
				var requests, ok, inTime uint64
				for i, path := range []string{"item", "search", "buy", "gone"} {
					got := &sum.Entries[i]
					if got.Requests != asked[path] {
						t.Errorf("%s: %d counted, %d asked for", path, got.Requests, asked[path])
					}
					if failed := got.Requests - got.OK; path == "gone" && (got.OK != 0 || got.Errors[load.ErrStatus4xx] != failed) || path != "gone" && failed != 0 {
						t.Errorf("%s: %+v", path, got)
					}
					requests, ok, inTime = requests+got.Requests, ok+got.OK, inTime+got.InTime
				}
				if requests != sum.Counts.Requests || ok != sum.Counts.OK || inTime != sum.Edge.OK {
					t.Errorf("entries: %d requests, %d ok, %d in time; slice: %+v, %+v", requests, ok, inTime, sum.Counts, sum.Edge)
				}
				if asked["item"] <= asked["search"] || asked["item"] <= asked["buy"] {
					t.Errorf("the weights are 8, 1, 1: %v", asked)
				}
			})
		}
	})
}

// Only the idempotent entries of a mix are tried again.
func TestMixRetries(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
	defer server.Close()
	s := varied(base(server.Listener.Addr().String()))
	s.Settle, s.Retry = 0, &load.Retry{Max: 1, On: []int{503}}
	sum, _ := mustRun(t, netEngine{}, s)
	again := sum.Counts.Attempts - sum.Counts.Requests
	if want := sum.Counts.Requests - sum.Entries[2].Requests; again > want || again == 0 {
		t.Errorf("%d of %d were tried again, %d may be", again, sum.Counts.Requests, want)
	}
}

func TestMixAllocatesNothing(t *testing.T) {
	each(t, func(t *testing.T, e Engine) {
		s := base(silentServer(t))
		s.Connections, s.Window = 16, 600*time.Millisecond
		r, err := newRun(varied(s), 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		if !r.varies {
			t.Fatal("nothing varies")
		}
		allocatesNothing(t, e, varied(s))
	})
}
