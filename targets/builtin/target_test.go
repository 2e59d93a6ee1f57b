package builtin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"benchtop/targets"
	"benchtop/targets/endpoint"
	"benchtop/targets/fixture"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/payload"
	"benchtop/targets/prefork"
	"benchtop/targets/proc"
	"benchtop/targets/runfolder"
)

func TestMain(m *testing.M) {
	proc.Dispatch(map[string]proc.RoleFunc{Role: Worker, fixture.LabRole: fixture.Lab(func(ctx context.Context, s targets.Spec, h targets.Hooks) (targets.Target, error) {
		return start(ctx, Descriptor().Normalize(s), h)
	})})
	for _, e := range payload.Rows(payload.Open(nil, nil)) {
		endpoint.Register(e)
	}
	suite.Main(m, runfolder.Remove,
		// fasthttp's housekeeping ends some seconds after its server.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
	)
}

// kinds lists the events so far, without those of the start.
func kinds(seen *fixture.Events) string {
	var all []string
	for _, e := range seen.Told.All() {
		if e.Kind != targets.WorkerUp {
			all = append(all, string(e.Kind))
		}
	}
	return strings.Join(all, " ")
}

// last is the newest event of a kind.
func last(seen *fixture.Events, kind targets.EventKind) targets.Event {
	var last targets.Event
	for _, e := range seen.Told.All() {
		if e.Kind == kind {
			last = e
		}
	}
	return last
}

func startTarget(t *testing.T, spec targets.Spec) (targets.Target, *fixture.Events) {
	t.Helper()
	var seen fixture.Events
	tg, err := start(t.Context(), Descriptor().Normalize(spec), seen.Hooks())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { fixture.Stopped(t, tg) })
	return tg, &seen
}

// get asks once, on a connection of its own, and gives the PID that answered.
func get(address, path string) (pid int, body string, err error) {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: suite.Deadline}
	response, err := client.Get("http://" + address + path)
	if err != nil {
		return 0, "", err
	}
	b, err := io.ReadAll(response.Body)
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return 0, "", err
	}
	if response.StatusCode != http.StatusOK {
		return 0, "", fmt.Errorf("%s: %s", response.Status, b)
	}
	pid, err = strconv.Atoi(response.Header.Get(workerHeader))
	return pid, string(b), err
}

// pids lists the serving processes.
func pids(tg targets.Target) map[int]bool {
	all := map[int]bool{}
	for _, p := range tg.Processes() {
		if p.State == prefork.Serving {
			all[p.PID] = true
		}
	}
	return all
}

func acceptModes() []string {
	if runtime.GOOS == "linux" {
		return []string{shared, reuseport}
	}
	return []string{shared}
}

// eachWorkerAnswers asks until every serving process has answered.
func eachWorkerAnswers(t *testing.T, tg targets.Target) {
	t.Helper()
	missing := pids(tg)
	if len(missing) != tg.Spec().Workers {
		t.Fatalf("serving are %v, want %d workers", missing, tg.Spec().Workers)
	}
	// With one shared socket the kernel wakes one worker for each connection, mostly the same one while it is idle:
	// held requests make the others take their share.
	suite.Eventually(t, "every worker has answered", func() bool {
		var held sync.WaitGroup
		var mu sync.Mutex
		for range 8 {
			held.Go(func() {
				pid, _, err := get(tg.Addr(), "/wait?for=2ms")
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				delete(missing, pid)
				mu.Unlock()
			})
		}
		held.Wait()
		return len(missing) == 0 || t.Failed()
	})
}

func TestEveryWorkerServes(t *testing.T) {
	t.Parallel()
	for _, accept := range acceptModes() {
		for _, engine := range []string{netHTTP, fastHTTP} {
			t.Run(accept+" "+engine, func(t *testing.T) {
				tg, seen := startTarget(t, targets.Spec{Workers: 3, Nonce: "abc", Variant: "v1", Own: &Settings{Accept: accept, Engine: engine}})
				eachWorkerAnswers(t, tg)
				suite.Eventually(t, "every worker sent a status", func() bool {
					senders := map[int]bool{}
					for _, s := range seen.Statuses.All() {
						senders[s.PID] = true
					}
					return len(senders) == 3
				})
				response, err := http.Get("http://" + tg.Addr() + "/health")
				if err != nil {
					t.Fatal(err)
				}
				_ = response.Body.Close()
				if got := response.Header.Get(runHeader); got != "abc.v1" {
					t.Errorf("%s: %q", runHeader, got)
				}
				http.DefaultClient.CloseIdleConnections()
				if err := tg.Stop(t.Context()); err != nil {
					t.Error(err)
				}
				if k := kinds(seen); k != "" {
					t.Errorf("events of a calm life: %s", k)
				}
				if err := tg.Err(); err != nil {
					t.Error(err)
				}
				if _, _, err := get(tg.Addr(), "/health"); !errors.Is(err, syscall.ECONNREFUSED) {
					t.Errorf("after Stop: %v", err)
				}
			})
		}
	}
}

// The workers' own counts are those of the clients.
func TestCountsAgree(t *testing.T) {
	for _, engine := range []string{netHTTP, fastHTTP} {
		t.Run(engine, func(t *testing.T) {
			tg, _ := startTarget(t, targets.Spec{Workers: 2, Own: &Settings{Engine: engine, Concurrency: threadpool, Threads: 2}})
			var answered sync.Map
			var clients sync.WaitGroup
			const connections, each = 8, 25
			for range connections {
				clients.Go(func() {
					transport := &http.Transport{}
					defer transport.CloseIdleConnections()
					client := http.Client{Transport: transport, Timeout: suite.Deadline}
					for i := range each {
						path := []string{"/hello", "/nope", "/work?units=2", "/stream?chunks=2&every=1ms", "/wait?for=x"}[i%5]
						response, err := client.Get("http://" + tg.Addr() + path)
						if err != nil {
							t.Error(err)
							return
						}
						if _, err := io.Copy(io.Discard, response.Body); err != nil {
							t.Error(err)
						}
						_ = response.Body.Close()
						n, _ := answered.LoadOrStore(response.Header.Get(workerHeader), new(counters))
						n.(*counters).served.Add(1)
					}
				})
			}
			clients.Wait()
			statuses, err := tg.Mark(t.Context())
			if err != nil || len(statuses) != 2 {
				t.Fatalf("%v, %v", statuses, err)
			}
			var served, accepted uint64
			for _, s := range statuses {
				want := uint64(0)
				if n, ok := answered.Load(strconv.Itoa(s.PID)); ok {
					want = n.(*counters).served.Load()
				}
				if s.Served != want || s.InFlight != 0 {
					t.Errorf("worker %d: %d served, %d in flight; its clients got %d", s.PID, s.Served, s.InFlight, want)
				}
				if s.Served > 0 && (s.QueueWait == "" || s.LoopLag == "") {
					t.Errorf("no histograms in %+v", s)
				}
				served += s.Served
				accepted += s.Accepted
			}
			if served != connections*each || accepted != connections {
				t.Errorf("%d served on %d connections", served, accepted)
			}
			statuses, err = tg.Mark(t.Context())
			if err != nil || len(statuses) != 2 {
				t.Fatalf("%v, %v", statuses, err)
			}
			for _, s := range statuses {
				if s.QueueWait != "" {
					t.Errorf("the second mark of %d has requests of before the first", s.PID)
				}
			}
		})
	}
}

// F15: a taken port is an error that names its holder.
func TestTakenPort(t *testing.T) {
	for _, accept := range acceptModes() {
		t.Run(accept, func(t *testing.T) {
			first, _ := startTarget(t, targets.Spec{Own: &Settings{Accept: accept}})
			_, err := start(t.Context(), Descriptor().Normalize(targets.Spec{Listen: first.Addr(), Own: &Settings{Accept: accept}}), targets.Hooks{})
			if !errors.Is(err, syscall.EADDRINUSE) || !strings.Contains(err.Error(), first.Addr()) {
				t.Fatalf("error %v", err)
			}
			for pid := range pids(first) {
				if runtime.GOOS == "linux" && !strings.Contains(err.Error(), "process "+strconv.Itoa(pid)) {
					t.Errorf("the error does not name process %d: %v", pid, err)
				}
			}
			// Once it is free the same port can be had.
			if err := first.Stop(t.Context()); err != nil {
				t.Fatal(err)
			}
			second, _ := startTarget(t, targets.Spec{Listen: first.Addr(), Own: &Settings{Accept: accept}})
			if second.Addr() != first.Addr() {
				t.Errorf("listens on %s, want %s", second.Addr(), first.Addr())
			}
			if _, _, err := get(second.Addr(), "/health"); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestStartEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := start(ctx, Descriptor().Normalize(targets.Spec{Workers: 2}), targets.Hooks{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// Requests in flight are finished by a Stop that has time, and cut by one that has none.
func TestStopWithRequestsUnderWay(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{netHTTP, fastHTTP} {
		for _, test := range []struct {
			name, path string
			patient    bool
		}{{"finished", "/wait?for=300ms", true}, {"cut", "/wait?for=60s", false}} {
			t.Run(engine+" "+test.name, func(t *testing.T) {
				tg, seen := startTarget(t, targets.Spec{Own: &Settings{Engine: engine}})
				result := make(chan error, 1)
				ask := func() {
					_, _, err := get(tg.Addr(), test.path)
					result <- err
				}
				go ask()
				suite.Eventually(t, "the request is in flight", func() bool {
					select {
					case err := <-result: // it ended before it was seen
						t.Logf("asked again: %v", err)
						go ask()
					default:
					}
					statuses, err := tg.Mark(t.Context())
					return err == nil && statuses[0].InFlight == 1
				})
				ctx, cancel := context.WithTimeout(t.Context(), suite.Deadline)
				defer cancel()
				if !test.patient {
					cancel()
				}
				if err := tg.Stop(ctx); err != nil {
					t.Error(err)
				}
				if err := <-result; (err == nil) != test.patient {
					t.Errorf("the request ended with %v", err)
				}
				if killed := strings.Contains(last(seen, targets.WorkerGone).Text, proc.ErrKilled.Error()); killed == test.patient {
					t.Errorf("events: %s", kinds(seen))
				}
			})
		}
	}
}
