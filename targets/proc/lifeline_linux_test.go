package proc

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"benchtop/targets/fixture/suite"
)

const awaitsWithoutReaping = true

// F1: a parent that is killed leaves no descendant.
func TestKilledParentLeavesNothing(t *testing.T) {
	for range 5 {
		marker := Nonce()
		all := make(chan struct{})
		var pids []int
		p := start(t, Command{
			Role: "parent", Spec: 4, Env: []string{RunEnv + "=" + marker},
			OnMessage: func(m json.RawMessage) {
				if json.Unmarshal(m, &pids) == nil {
					close(all)
				}
			},
		})
		<-all
		if found, err := Marked(marker); err != nil || len(found) != 5 {
			t.Fatalf("found %v, %v; want the parent and 4 children", found, err)
		}
		if err := p.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		wait(t, p)
		nothingLeft(t, marker)
	}
}

// F2: also when it is killed while it starts them.
func TestParentKilledWhileForkingLeavesNothing(t *testing.T) {
	const rounds, width = 20, 4
	var wg sync.WaitGroup
	for range width {
		wg.Go(func() {
			for range rounds / width {
				marker := Nonce()
				p, err := Start(t.Context(), Command{Role: "parent", Spec: 50, Env: []string{RunEnv + "=" + marker}})
				if err != nil {
					t.Error(err)
					return
				}
				time.Sleep(rand.N(20 * time.Millisecond)) // #nosec G404 -- the random moment is the point
				if err := p.Signal(syscall.SIGKILL); err != nil {
					t.Error(err)
				}
				<-p.Done()
				nothingLeft(t, marker)
			}
		})
	}
	wg.Wait()
}

// The lifeline works without the parent-death signal, too, and for a child that is stopped only until it continues.
func TestLifelineAlone(t *testing.T) {
	p := start(t, Command{Role: "deaf"})
	p.down.close()
	wait(t, p)
	if err := p.Err(); err != nil {
		t.Error(err)
	}
}

// F3: threads that end while children run do not end the children.
func TestEndingThreadsDoNotEndChildren(t *testing.T) {
	var children []*Process
	var wg sync.WaitGroup
	started := make(chan *Process, 4)
	for range 4 {
		wg.Go(func() {
			runtime.LockOSThread() // this very thread ends with the goroutine
			p, err := Start(t.Context(), Command{Role: "deaf"})
			if err != nil {
				t.Error(err)
				return
			}
			started <- p
		})
	}
	wg.Wait()
	close(started)
	for p := range started {
		children = append(children, p)
	}
	for range 200 {
		done := make(chan struct{})
		go func() {
			runtime.LockOSThread()
			close(done)
		}()
		<-done
	}
	for _, p := range children {
		select {
		case <-p.Done():
			t.Errorf("child %d is gone: %v", p.PID(), p.Err())
		default:
		}
		if err := p.Stop(t.Context(), suite.Deadline); err != nil {
			t.Error(err)
		}
	}
}

// F32 in small: starting and stopping leaves no descriptor open, neither do starts that fail.
func TestNoDescriptorsLeak(t *testing.T) {
	cycle := func() {
		p := start(t, Command{Role: "deaf"})
		if err := p.Stop(t.Context(), suite.Deadline); err != nil {
			t.Error(err)
		}
		if _, err := Start(t.Context(), Command{Role: "panic"}); err == nil {
			t.Error("started")
		}
	}
	open := func() int {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	cycle() // whatever is opened once
	before := open()
	for range 10 {
		cycle()
	}
	if after := open(); after > before {
		t.Errorf("%d descriptors, before it were %d", after, before)
	}
}

func nothingLeft(t *testing.T, marker string) {
	t.Helper()
	end := time.Now().Add(suite.Deadline)
	for {
		pids, err := Marked(marker)
		if err != nil {
			t.Error(err)
			return
		}
		if len(pids) == 0 {
			return
		}
		if time.Now().After(end) {
			t.Errorf("still there: %v", pids)
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
}
