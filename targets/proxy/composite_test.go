package proxy

import (
	"context"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"benchtop/targets"
	"benchtop/targets/builtin"
	"benchtop/targets/fixture"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/posix"
	"benchtop/targets/prefork"
	"benchtop/targets/runfolder"
)

// folders makes a place for the folders of sockets and gives its path; nothing may be left in it.
func folders(t *testing.T) string {
	t.Helper()
	dir := suite.Temp(t)
	t.Cleanup(func() {
		if left := sockets(t, dir); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
		if err := runfolder.Remove(); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// sockets lists the sockets that lie in a place, and the folders that they were in.
func sockets(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(dir + "/*/*/t*")
	if err != nil {
		t.Error(err)
	}
	return found
}

// listed is the events so far as "role kind".
func listed(seen *fixture.Events) string {
	var all []string
	for _, e := range seen.Told.All() {
		all = append(all, e.Role+" "+string(e.Kind))
	}
	return strings.Join(all, ", ")
}

func startTarget(t *testing.T, spec targets.Spec) (targets.Target, *fixture.Events) {
	t.Helper()
	var seen fixture.Events
	spec.Server, spec.Nonce, spec.Variant = "builtin", "abc", "v1"
	tg, err := targets.Start(t.Context(), spec, seen.Hooks())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { fixture.Stopped(t, tg) })
	return tg, &seen
}

// totals adds up what the workers and the proxies of a target say.
func totals(t *testing.T, tg targets.Target) (workers, proxies targets.WorkerStatus, pool targets.Pool) {
	t.Helper()
	statuses, err := tg.Mark(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range statuses {
		into := &workers
		if s.Role == Role {
			into = &proxies
			pool.Requests += s.Upstream.Requests
			pool.Opened += s.Upstream.Opened
			pool.Failed += s.Upstream.Failed
			pool.Ejected += s.Upstream.Ejected
			pool.Idle += s.Upstream.Idle
		}
		into.Served += s.Served
		into.Accepted += s.Accepted
		into.InFlight += s.InFlight
	}
	return workers, proxies, pool
}

// The counts of the proxy are those of the server behind it: to the connection.
func TestUpstreamConnections(t *testing.T) {
	for _, test := range []struct {
		name    string
		spec    targets.Spec
		kept    bool
		network string
	}{
		{"unix, none kept", targets.Spec{Proxy: &targets.Proxy{Kind: Name}}, false, "unix"},
		{"unix, kept", targets.Spec{Proxy: &targets.Proxy{Kind: Name, Keepalive: number(8)}, Own: &builtin.Settings{Engine: "fasthttp"}}, true, "unix"},
		{"tcp, none kept", targets.Spec{Proxy: &targets.Proxy{Kind: Name, Upstream: "tcp"}, Own: &builtin.Settings{Engine: "fasthttp"}}, false, "tcp"},
		{"tcp, kept", targets.Spec{Workers: 2, Proxy: &targets.Proxy{Kind: Name, Upstream: "tcp", Keepalive: number(8), Workers: 2, Upstreams: 2}}, true, "tcp"},
		{"HTTP/1.0", targets.Spec{Proxy: &targets.Proxy{Kind: Name, Keepalive: number(8), HTTPVersion: targets.HTTP10}}, false, "unix"},
		{"the server closes", targets.Spec{Proxy: &targets.Proxy{Kind: Name, Keepalive: number(8)}, Own: &builtin.Settings{Keepalive: flag(false)}}, false, "unix"},
	} {
		t.Run(test.name, func(t *testing.T) {
			folders(t)
			tg, seen := startTarget(t, test.spec)
			const clients, each = 4, 25
			var asking sync.WaitGroup
			for range clients {
				asking.Go(func() {
					c := client(t)
					for range each {
						a, err := tryAsk(t.Context(), c, "GET", tg.Addr(), "/hello", nil)
						if err != nil || a.status != 200 || a.header.Get(runHeader) != "abc.v1" || a.header.Get("X-Benchtop-Worker") == "" {
							t.Errorf("%+v, %v", a, err)
						}
					}
				})
			}
			asking.Wait()
			workers, proxies, pool := totals(t, tg)
			if workers.Served != clients*each || proxies.Served != clients*each || proxies.Accepted != clients || pool.Requests != clients*each || pool.Failed != 0 {
				t.Errorf("workers %+v, proxies %+v, pool %+v", workers, proxies, pool)
			}
			if workers.Accepted != pool.Opened {
				t.Errorf("the workers accepted %d connections, the proxy opened %d", workers.Accepted, pool.Opened)
			}
			if !test.kept && pool.Opened != clients*each || test.kept && pool.Opened > clients*4 {
				t.Errorf("%d connections for %d requests of %d clients", pool.Opened, clients*each, clients)
			}
			whole := tg.Spec()
			wantAccept := prefork.DefaultAccept("")
			if test.network == "unix" {
				wantAccept = prefork.Shared
			}
			if whole.Proxy.Upstream != test.network || whole.Shown("accept") != wantAccept || whole.Listen != "" || *whole.Proxy.Eject != true {
				t.Errorf("the spec is %v", whole)
			}
			roles, indices := map[string]int{}, map[int]bool{}
			for _, p := range tg.Processes() {
				roles[p.Role]++
				indices[p.Index] = true
			}
			n := whole.Workers*whole.Proxy.Upstreams + whole.Proxy.Workers
			if roles["worker"] != whole.Workers*whole.Proxy.Upstreams || roles[Role] != whole.Proxy.Workers || len(indices) != n {
				t.Errorf("processes %+v", tg.Processes())
			}
			if pool.Opened > 0 && slices.Contains([]string{"unix", "tcp"}, test.network) {
				suite.Eventually(t, "both roles sent a status", func() bool {
					roles := map[string]bool{}
					for _, s := range seen.Statuses.All() {
						roles[s.Role] = true
					}
					return roles[""] && roles[Role]
				})
			}
		})
	}
}

// One of two copies does twenty times the work of a request.
func TestUneven(t *testing.T) {
	for _, test := range []struct {
		balance     string
		least, most uint64 // of 120 requests, that the slow copy gets
	}{{targets.RoundRobin, 60, 60}, {targets.LeastConnections, 1, 50}, {targets.PowerOfTwo, 1, 50}} {
		t.Run(test.balance, func(t *testing.T) {
			folders(t)
			tg, _ := startTarget(t, targets.Spec{Proxy: &targets.Proxy{Kind: Name, Keepalive: number(8), Upstreams: 2, Uneven: 20, Balance: test.balance}})
			var asking sync.WaitGroup
			for range 6 {
				asking.Go(func() {
					c := client(t)
					for range 20 {
						if a, err := tryAsk(t.Context(), c, "GET", tg.Addr(), "/work?units=300", nil); err != nil || a.status != 200 {
							t.Errorf("%+v, %v", a, err)
						}
					}
				})
			}
			asking.Wait()
			statuses, err := tg.Mark(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			served := map[int]uint64{}
			for _, s := range statuses {
				served[s.PID] = s.Served
			}
			for _, p := range tg.Processes() {
				if p.Role != Role && p.Index == 1 {
					if n := served[p.PID]; n < test.least || n > test.most {
						t.Errorf("%s: the slow copy got %d of 120, want %d to %d", test.balance, n, test.least, test.most)
					}
				}
			}
		})
	}
}

// A proxy that is killed is replaced, and the server behind it does not notice.
func TestKilledProxyIsReplaced(t *testing.T) {
	folders(t)
	tg, seen := startTarget(t, targets.Spec{Proxy: &targets.Proxy{Kind: Name, Keepalive: number(8)}})
	ask(t, client(t), "GET", tg.Addr(), "/hello", nil)
	var victim int
	for _, p := range tg.Processes() {
		if p.Role == Role {
			victim = p.PID
		}
	}
	if err := posix.Kill(victim, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	suite.Eventually(t, "it is replaced", func() bool {
		return listed(seen) == "worker worker_up, proxy worker_up, proxy worker_gone, proxy worker_replaced"
	})
	if a := ask(t, client(t), "GET", tg.Addr(), "/hello", nil); a.status != 200 {
		t.Errorf("%+v", a)
	}
	workers, proxies, pool := totals(t, tg)
	if workers.Served != 2 || proxies.Served != 1 || pool.Requests != 1 {
		t.Errorf("workers %+v, proxies %+v, pool %+v", workers, proxies, pool)
	}
}

// A server that keeps dying ends the target as a whole.
func TestServerThatKeepsDying(t *testing.T) {
	folders(t)
	tg, seen := startTarget(t, targets.Spec{Crash: true, Proxy: &targets.Proxy{Kind: Name}})
	select {
	case <-tg.Done():
	case <-time.After(suite.Deadline):
		t.Fatal("still trying")
	}
	if err := tg.Err(); err == nil || !strings.Contains(err.Error(), "server 1 of 1: worker 0 died 5 times") {
		t.Errorf("error %v", err)
	}
	if !strings.Contains(listed(seen), "worker gave_up") {
		t.Errorf("events %s", listed(seen))
	}
	suite.Closed(t, "tcp", tg.Addr())
}

// While the server stops first, as it never should, the proxy says so.
func TestServerGone(t *testing.T) {
	folders(t)
	server, _ := startTarget(t, targets.Spec{})
	spec := targets.Spec{Server: "builtin", Nonce: "abc", Variant: "v1", Proxy: &targets.Proxy{}}
	p := Descriptor().Normalize(*spec.Proxy)
	spec.Proxy = &p
	tg, err := start(t.Context(), spec, []string{server.Addr()}, targets.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := tg.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	if a := ask(t, client(t), "GET", tg.Addr(), "/hello", nil); a.status != 200 {
		t.Errorf("%+v", a)
	}
	if err := server.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if a := ask(t, client(t), "GET", tg.Addr(), "/hello", nil); a.status != http.StatusBadGateway || a.header.Get(runHeader) != "abc.v1" {
		t.Errorf("%+v", a)
	}
}

// F1: when the lab is killed, no process and no listener is left; the next start removes the sockets' files.
func TestKilledLabLeavesNothing(t *testing.T) {
	for _, upstream := range []string{"tcp", "unix"} {
		t.Run(upstream, func(t *testing.T) {
			dir := folders(t)
			fixture.KilledLab(t, targets.Spec{Server: "builtin", Workers: 2, Proxy: &targets.Proxy{Kind: Name, Upstreams: 2, Upstream: upstream}}, 6, nil)
			if left := sockets(t, dir); (len(left) > 0) != (upstream == "unix") {
				t.Errorf("%s: left by a lab that was killed: %v", upstream, left)
			}
			if _, err := runfolder.Sweep(); err != nil {
				t.Error(err)
			}
		})
	}
}
