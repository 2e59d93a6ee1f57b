package all

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"testing"

	"benchtop/targets"
	"benchtop/targets/fixture"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/proc"
	"benchtop/targets/runfolder"
)

func TestMain(m *testing.M) {
	roles := Roles()
	roles[shelfRole] = serveShelf
	proc.Dispatch(roles)
	Register()
	suite.Main(m, runfolder.Remove)
}

func started(t *testing.T, spec targets.Spec) targets.Target {
	t.Helper()
	suite.Need(t, targets.Missing(t.Context(), targets.Needs(spec)))
	ctx, cancel := context.WithTimeout(t.Context(), suite.Deadline)
	defer cancel()
	running, err := targets.Start(ctx, spec, targets.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { fixture.Stopped(t, running, proc.ErrKilled) })
	return running
}

// fetch asks for paths over connections of its own, all at the same time, each over and over.
func fetch(t *testing.T, running targets.Target, connections, each int, paths ...string) (bodies []string, workers map[int]uint64) {
	t.Helper()
	network, where := targets.Network(running.Addr())
	var mu sync.Mutex
	workers = map[int]uint64{}
	var wg sync.WaitGroup
	for range connections {
		wg.Go(func() {
			transport := &http.Transport{MaxConnsPerHost: 1, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, network, where)
			}}
			defer transport.CloseIdleConnections()
			client := &http.Client{Transport: transport, Timeout: suite.Deadline}
			for i := range each {
				resp, err := client.Get("http://benchtop" + paths[i%len(paths)])
				if err != nil {
					t.Error(err)
					return
				}
				body, err := io.ReadAll(resp.Body)
				_ = resp.Body.Close()
				if err != nil || resp.StatusCode != http.StatusOK {
					t.Errorf("%s: %s, %v", paths[i%len(paths)], resp.Status, err)
					return
				}
				pid, err := strconv.Atoi(resp.Header.Get("X-Benchtop-Worker"))
				if err != nil || resp.Header.Get("X-Benchtop-Run") != "n.v" {
					t.Errorf("headers %v", resp.Header)
				}
				mu.Lock()
				bodies = append(bodies, resp.Header.Get("Content-Type")+"\n"+string(body))
				workers[pid]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return bodies, workers
}

// nginx in front of gunicorn and uvicorn: what nginx counts of its connections to them is what they count themselves.
func TestNginxCountsAsTheServersDo(t *testing.T) {
	for _, test := range []struct {
		server, upstream string
		keepalive        int
		copies           int
	}{
		{"gunicorn", "unix", 0, 1},
		{"gunicorn", "unix", 4, 1},
		{"uvicorn", "tcp", 4, 2},
	} {
		t.Run(fmt.Sprintf("%s %s keepalive %d", test.server, test.upstream, test.keepalive), func(t *testing.T) {
			t.Parallel()
			running := started(t, targets.Spec{
				Server: test.server, Workers: 2, Nonce: "n", Variant: "v",
				Proxy: &targets.Proxy{Kind: "nginx", Keepalive: &test.keepalive, Upstream: test.upstream, Upstreams: test.copies},
			})
			const connections, each = 8, 60
			before := marked(t, running)
			_, workers := fetch(t, running, connections, each, "/hello", "/sync/hello")
			after := marked(t, running)
			var accepted, opened, requests uint64
			for key, a := range after {
				b := before[key]
				if a.Role == "proxy" {
					opened, requests = a.Upstream.Opened-b.Upstream.Opened, a.Served-b.Served
					if got := a.Accepted - b.Accepted; got != connections {
						t.Errorf("nginx accepted %d connections, the client opened %d", got, connections)
					}
					continue
				}
				accepted += a.Accepted - b.Accepted
				if got := a.Served - b.Served; got != workers[a.PID] {
					t.Errorf("worker %d counted %d answers, the client %d", a.PID, got, workers[a.PID])
				}
			}
			if requests != connections*each {
				t.Errorf("nginx counted %d requests of %d", requests, connections*each)
			}
			if d := max(opened, accepted) - min(opened, accepted); d > 1 && float64(d) > 0.01*float64(accepted) {
				t.Errorf("nginx opened %d connections by its own count, the workers accepted %d", opened, accepted)
			}
			if test.keepalive == 0 && opened != requests {
				t.Errorf("%d connections for %d requests without keepalive", opened, requests)
			}
		})
	}
}

// marked gives the statuses by role and process.
func marked(t *testing.T, running targets.Target) map[string]targets.WorkerStatus {
	t.Helper()
	statuses, err := running.Mark(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]targets.WorkerStatus{}
	for _, st := range statuses {
		out[st.Role+strconv.Itoa(st.PID)] = st
	}
	return out
}
