package python

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"benchtop/targets"
	"benchtop/targets/component"
	"benchtop/targets/fixture"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/posix"
	"benchtop/targets/routine"
)

// client asks a target over at most one connection.
func client(t *testing.T, address string) *http.Client {
	network, where := targets.Network(address)
	transport := &http.Transport{
		MaxConnsPerHost: 1,
		Dial:            func(string, string) (net.Conn, error) { return net.Dial(network, where) }, //nolint:staticcheck // no context here
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: suite.Deadline}
}

func get(t *testing.T, c *http.Client, path string) (*http.Response, string) {
	t.Helper()
	resp, err := c.Get("http://benchtop" + path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

// Every form in which users start these servers: roles, headers, counts, and nothing left after Stop.
func TestServers(t *testing.T) {
	need(t, "fastapi", Uvicorn, Gunicorn, "uvloop", "httptools")
	socket := "unix:" + filepath.Join(t.TempDir(), "s")
	for _, test := range []struct {
		name    string
		spec    targets.Spec
		workers int
		others  map[string]int // processes by role
	}{
		{"uvicorn alone", targets.Spec{Server: Uvicorn, Own: &Settings{Loop: "asyncio", HTTP: "h11"}}, 1, nil},
		{"uvicorn with its own defaults on a unix socket", targets.Spec{Server: Uvicorn, Listen: socket}, 1, nil},
		{"uvicorn with workers", targets.Spec{Server: Uvicorn, Workers: 2, Own: &Settings{Loop: "uvloop", HTTP: "httptools"}}, 2, map[string]int{masterRole: 1, trackerRole: 1}},
		{"gunicorn", targets.Spec{Server: Gunicorn, Workers: 2}, 2, map[string]int{masterRole: 1}},
		{"gunicorn that imports before it forks", targets.Spec{Server: Gunicorn, Workers: 2, Own: &Settings{Preload: "on"}}, 2, map[string]int{masterRole: 1}},
		{"gunicorn that freezes what it has imported", targets.Spec{Server: Gunicorn, Workers: 2, Own: &Settings{Preload: preloadFreeze}}, 2, map[string]int{masterRole: 1}},
		{"gunicorn with its own worker class on a unix socket", targets.Spec{Server: Gunicorn, Own: &Settings{Loop: "asyncio", HTTP: "h11"}, Listen: socket + "2"}, 1, map[string]int{masterRole: 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			running := started(t, test.spec, targets.Hooks{})
			workers := pids(running, workerRole)
			if len(workers) != test.workers {
				t.Fatalf("%d workers: %+v", len(workers), running.Processes())
			}
			for role, n := range test.others {
				if got := pids(running, role); len(got) != n {
					t.Errorf("%d processes are %s: %+v", len(got), role, running.Processes())
				}
			}
			if got := running.Spec(); own(&got).Loop == auto || own(&got).HTTP == auto || own(&test.spec).Loop != "" && own(&got).Loop != own(&test.spec).Loop {
				t.Errorf("what runs is not told: loop %s, parser %s", own(&got).Loop, own(&got).HTTP)
			}
			if err := awaitHealth(t.Context(), running.Addr(), "other.v"); !errors.Is(err, errStranger) {
				t.Errorf("a server of somebody else would be taken for ours: %v", err)
			}
			before, err := running.Mark(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			const requests = 25
			c := client(t, running.Addr())
			answered := map[string]uint64{}
			for i := range requests {
				resp, body := get(t, c, []string{"/hello", "/sync/hello", "/async/hello"}[i%3])
				if body != "Hello, world!" || resp.Header.Get("X-Benchtop-Run") != "n.v" {
					t.Fatalf("%q, %+v", body, resp.Header)
				}
				answered[resp.Header.Get("X-Benchtop-Worker")]++
			}
			after, err := running.Mark(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			accepted := uint64(0)
			for i, st := range after {
				if want := answered[strconv.Itoa(st.PID)]; st.Served-before[i].Served != want {
					t.Errorf("worker %d counted %d answers, the client %d", st.PID, st.Served-before[i].Served, want)
				}
				accepted += st.Accepted - before[i].Accepted
				if !slices.Contains(workers, st.PID) {
					t.Errorf("status %+v", st)
				}
			}
			if accepted != 1 {
				t.Errorf("%d connections were accepted, the client opened 1", accepted)
			}
			fixture.ComponentStopped(t, running.Target)
		})
	}
}

// Endpoints with def wait in as many threads as the target is told to have, and the others queue.
func TestThreads(t *testing.T) {
	t.Parallel()
	need(t, "fastapi", Uvicorn)
	for told, want := range map[int]int{2: 2, 0: 5} {
		running := started(t, targets.Spec{Server: Uvicorn, Own: &Settings{Threads: told}}, targets.Hooks{})
		before := threads(t, running.Addr())
		var asked routine.Group
		for range 5 {
			c := client(t, running.Addr())
			asked.Go(func() {
				if resp, err := c.Get("http://benchtop/sync/wait?for=200ms"); err != nil || resp.Body.Close() != nil {
					t.Error(err)
				}
			})
		}
		asked.Wait()
		if got := threads(t, running.Addr()) - before; got != want {
			t.Errorf("told to have %d, it has %d threads more after 5 requests at once", told, got)
		}
	}
}

// threads is how many a worker has, by its own count.
func threads(t *testing.T, address string) int {
	t.Helper()
	_, text := get(t, client(t, address), "/metrics")
	for line := range strings.SplitSeq(text, "\n") {
		if name, n, ok := strings.Cut(line, "} "); ok && strings.HasPrefix(name, "benchtop_worker_threads{") {
			if count, err := strconv.Atoi(n); err == nil {
				return count
			}
		}
	}
	t.Fatalf("no threads in %q", text)
	return 0
}

func TestUvicornDoesNotReplaceAWorker(t *testing.T) {
	t.Parallel()
	need(t, "fastapi", Uvicorn)
	var seen fixture.Events
	running := started(t, targets.Spec{Server: Uvicorn, Workers: 2}, seen.Hooks())
	if running.replaces() {
		t.Skip("this uvicorn replaces its workers")
	}
	for i, pid := range pids(running, workerRole) {
		if err := posix.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		seen.Await(t, targets.WorkerGone, pid, "")
		if i == 0 {
			if got := pids(running, workerRole); len(got) != 1 {
				t.Errorf("%d workers are left", len(got))
			}
			if statuses, err := running.Mark(t.Context()); err != nil || len(statuses) != 1 {
				t.Errorf("a mark with one worker left: %+v, %v", statuses, err)
			}
		}
	}
	seen.Await(t, targets.GaveUp, 0, "")
	<-running.Done()
	if err := running.Err(); err == nil {
		t.Error("a server without workers is not told to be dead")
	}
}

func TestGunicornReplacesAWorker(t *testing.T) {
	t.Parallel()
	need(t, "fastapi", Uvicorn, Gunicorn)
	var seen fixture.Events
	running := started(t, targets.Spec{Server: Gunicorn, Workers: 2}, seen.Hooks())
	victim := pids(running, workerRole)[1]
	if err := posix.Kill(victim, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	seen.Await(t, targets.WorkerGone, victim, "")
	e := seen.Await(t, targets.WorkerReplaced, 0, "")
	for _, p := range running.Processes() {
		if p.PID == e.PID && (p.Index != 1 || p.State != component.Serving) {
			t.Errorf("the replacement is %+v", p)
		}
	}
	firstDies(t, running)
}

// A worker that ends because of a signal has ended as planned, and the master is told what it understands.
func TestGunicornIsTold(t *testing.T) {
	t.Parallel()
	need(t, "fastapi", Uvicorn, Gunicorn)
	var seen fixture.Events
	running := started(t, targets.Spec{Server: Gunicorn, Workers: 1}, seen.Hooks())
	victim := pids(running, workerRole)[0]
	if err := running.Signal(targets.SignalTerm, true); err != nil {
		t.Fatal(err)
	}
	seen.Await(t, targets.WorkerRecycled, victim, "asked by TERM")
	seen.Await(t, targets.WorkerReplaced, 0, "")
	if err := running.Signal(targets.SignalIn, false); err != nil {
		t.Fatal(err)
	}
	suite.Eventually(t, "there are two workers", func() bool { return len(running.Family.Serving()) == 2 })
	if seen.Has(targets.WorkerGone, 0) {
		t.Errorf("told %+v", seen.Told.All())
	}
}

func TestGunicornRecyclesWorkers(t *testing.T) {
	t.Parallel()
	need(t, "fastapi", Uvicorn, Gunicorn)
	var seen fixture.Events
	running := started(t, targets.Spec{Server: Gunicorn, Own: &Settings{MaxRequests: 5}}, seen.Hooks())
	worker := pids(running, workerRole)[0]
	c := client(t, running.Addr())
	for range 5 {
		get(t, c, "/hello")
	}
	seen.Await(t, targets.WorkerRecycled, worker, "")
	seen.Await(t, targets.WorkerReplaced, 0, "")
}

// A server whose first process dies is dead, and what it leaves behind is ended.
func TestTheFirstProcessDies(t *testing.T) {
	t.Parallel()
	need(t, "fastapi", Uvicorn)
	firstDies(t, started(t, targets.Spec{Server: Uvicorn, Workers: 2}, targets.Hooks{}))
}

func firstDies(t *testing.T, running *target) {
	t.Helper()
	if err := posix.Kill(pids(running, masterRole)[0], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-running.Done()
	if running.Err() == nil {
		t.Error("it is not told to be dead")
	}
	fixture.ComponentStopped(t, running.Target)
}

// The responses of a server that is full are counted and marked too.
func TestLimitConcurrency(t *testing.T) {
	t.Parallel()
	need(t, "fastapi", Uvicorn, Gunicorn)
	for _, server := range []string{Uvicorn, Gunicorn} {
		t.Run(server, func(t *testing.T) {
			t.Parallel()
			running := started(t, targets.Spec{Server: server, LimitConcurrency: 2}, targets.Hooks{})
			first, second := client(t, running.Addr()), client(t, running.Addr())
			if resp, _ := get(t, first, "/hello"); resp.StatusCode != http.StatusOK {
				t.Errorf("the first connection got %s", resp.Status)
			}
			resp, _ := get(t, second, "/hello")
			if resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("X-Benchtop-Run") != "n.v" {
				t.Errorf("the second connection got %s, %v", resp.Status, resp.Header)
			}
			statuses, err := running.Mark(t.Context())
			if err != nil || len(statuses) != 1 || statuses[0].Rejected != 1 || statuses[0].Open < 1 {
				t.Errorf("%+v, %v", statuses, err)
			}
			if got := resp.Header.Get("X-Benchtop-Worker"); got != fmt.Sprint(statuses[0].PID) {
				t.Errorf("worker %s answered", got)
			}
		})
	}
}
