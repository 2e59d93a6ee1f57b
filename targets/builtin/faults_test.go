package builtin

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"benchtop/targets"
	"benchtop/targets/fixture"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/posix"
	"benchtop/targets/prefork"
)

// F5, F34: a killed worker is replaced, whichever way connections are accepted; the others and the replacement serve,
// and all of them stop gracefully afterwards.
func TestKilledWorkerIsReplaced(t *testing.T) {
	for _, accept := range acceptModes() {
		t.Run(accept, func(t *testing.T) {
			tg, seen := startTarget(t, targets.Spec{Workers: 3, Own: &Settings{Accept: accept}})
			want := ""
			for round := range 3 {
				victim := worker(t, tg, round)
				if err := posix.Kill(victim, syscall.SIGKILL); err != nil {
					t.Fatal(err)
				}
				want = strings.TrimSpace(want + " worker_gone worker_replaced")
				suite.Eventually(t, "it is replaced", func() bool { return kinds(seen) == want })
				gone, replaced := last(seen, targets.WorkerGone), last(seen, targets.WorkerReplaced)
				if gone.PID != victim || !strings.Contains(gone.Text, "signal 9") || !pids(tg)[replaced.PID] || gone.At >= replaced.At {
					t.Errorf("events %+v, %+v; serving %v", gone, replaced, pids(tg))
				}
				if worker(t, tg, round) != replaced.PID {
					t.Errorf("the replacement is not in slot %d: %+v", round, tg.Processes())
				}
				eachWorkerAnswers(t, tg)
			}
			if err := tg.Stop(t.Context()); err != nil {
				t.Error(err)
			}
			if k := kinds(seen); k != want {
				t.Errorf("not everybody stopped when asked: %s", k)
			}
		})
	}
}

// worker gives the PID that serves in a slot.
func worker(t *testing.T, tg targets.Target, index int) int {
	t.Helper()
	for _, p := range tg.Processes() {
		if p.Index == index && p.State == prefork.Serving {
			return p.PID
		}
	}
	t.Fatalf("nobody serves in slot %d: %+v", index, tg.Processes())
	return 0
}

// stopped reports whether a process stands still, where that can be seen: the signal takes effect some time after it was
// sent.
func stopped(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return runtime.GOOS != "linux"
	}
	_, state, _ := strings.Cut(string(b), ") ")
	return strings.HasPrefix(state, "T")
}

// F6: a frozen worker is noticed by its silence, ended and replaced; meanwhile the others serve, and a mark names it.
func TestFrozenWorkerIsReplaced(t *testing.T) {
	t.Parallel()
	tg, seen := startTarget(t, targets.Spec{Workers: 2, Heartbeat: minHeartbeat})
	victim, other := worker(t, tg, 0), worker(t, tg, 1)
	if err := posix.Kill(victim, posix.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	suite.Eventually(t, "it is frozen", func() bool { return stopped(victim) })
	var served atomic.Int64
	ctx, cancel := context.WithCancel(t.Context())
	var clients sync.WaitGroup
	// A new connection may land at the frozen worker: many ask, those that reach the other one are served.
	for range 20 {
		clients.Go(func() {
			for ctx.Err() == nil {
				if pid, _, err := get(tg.Addr(), "/wait?for=5ms"); err == nil && pid == other {
					served.Add(1)
				}
			}
		})
	}
	short, done := context.WithTimeout(t.Context(), 100*time.Millisecond)
	statuses, err := tg.Mark(short)
	done()
	if kinds(seen) == "" { // not noticed yet, as it should be on a machine that is not stuck
		if len(statuses) != 1 || statuses[0].PID != other || err == nil || !strings.Contains(err.Error(), strconv.Itoa(victim)) {
			t.Errorf("mark: %+v, %v", statuses, err)
		}
	}
	suite.Eventually(t, "it is replaced", func() bool { return kinds(seen) == "worker_hung worker_gone worker_replaced" })
	if hung := last(seen, targets.WorkerHung); hung.PID != victim || !strings.Contains(hung.Text, "silent for") {
		t.Errorf("event %+v", hung)
	}
	cancel()
	clients.Wait()
	if served.Load() == 0 {
		t.Error("the other worker did not serve")
	}
	eachWorkerAnswers(t, tg)
}

// F7: workers that keep dying are given up.
func TestCrashLoopIsGivenUp(t *testing.T) {
	tg, seen := startTarget(t, targets.Spec{Crash: true})
	select {
	case <-tg.Done():
	case <-time.After(suite.Deadline):
		t.Fatal("still trying")
	}
	err := tg.Err()
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"died 5 times within 30s", "exited with code 1", "crash_on_start"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error lacks %q: %v", want, err)
		}
	}
	want := strings.Repeat("worker_gone worker_replaced ", prefork.MaxDeaths-1) + "worker_gone gave_up"
	if k := kinds(seen); k != want {
		t.Errorf("events %s", k)
	}
	suite.Closed(t, "tcp", tg.Addr())
}

// F1, F2: when the lab is killed, while it serves or at any moment of its start, no process and no listener is left.
func TestKilledLabLeavesNothing(t *testing.T) {
	for _, accept := range acceptModes() {
		for range 4 {
			fixture.KilledLab(t, targets.Spec{Workers: 8, Own: &Settings{Accept: accept}}, 9, func(address string) {
				if _, _, err := get(address, "/health"); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// A log that nobody reads stops the worker when its pipe is full, and the worker ends all the same when it is asked to.
func TestALogThatNobodyReads(t *testing.T) {
	t.Parallel()
	tg, _ := startTarget(t, targets.Spec{AccessLog: true, Own: &Settings{LogUnread: true}})
	client := &http.Client{Timeout: 3 * time.Second}
	defer client.CloseIdleConnections()
	served := 0
	for ; served < 10_000; served++ {
		resp, err := client.Get("http://" + tg.Addr() + "/hello")
		if err != nil {
			break
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
	if served < 100 || served == 10_000 {
		t.Errorf("%d requests were served; a pipe of 16 to 64 KiB takes some hundreds of lines", served)
	}
	if err := tg.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}
