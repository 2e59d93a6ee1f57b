package python

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"benchtop/targets"
	"benchtop/targets/component"
	"benchtop/targets/endpoint"
	"benchtop/targets/guard"
	"benchtop/targets/proc"
	"benchtop/targets/procfs"
	"benchtop/targets/runfolder"
	"benchtop/targets/shop"
)

// deadline is generous: the machine may be slow and busy.
const deadline = 60 * time.Second

func TestMain(m *testing.M) {
	proc.Dispatch(map[string]proc.RoleFunc{guard.Role: guard.Guard})
	for _, e := range shop.Rows(nil) {
		endpoint.Register(e)
	}
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("benchtop/targets/proc.runSpawner"), goleak.Cleanup(func(code int) {
		if err := runfolder.Remove(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
		os.Exit(code)
	}))
}

// needComponents skips a test where a component is missing, visibly, unless that is a failure.
func needComponents(t *testing.T, needed ...string) {
	t.Helper()
	if _, err := choose(needed); err != nil {
		if strings.Contains(os.Getenv("BENCHTOP_REQUIRE"), "stack") {
			t.Fatalf("BENCHTOP_REQUIRE asks for the real components: %v", err)
		}
		t.Skipf("skipped without the real component: %v", err)
	}
}

// events keeps what a target tells.
type events struct {
	mu   sync.Mutex
	all  []targets.Event
	stat []targets.WorkerStatus
	news chan struct{}
}

func newEvents() *events { return &events{news: make(chan struct{}, 1)} }

func (e *events) hooks() targets.Hooks {
	return targets.Hooks{
		OnEvent: func(v targets.Event) {
			e.mu.Lock()
			e.all = append(e.all, v)
			e.mu.Unlock()
			e.wake()
		},
		OnStatus: func(s targets.WorkerStatus) {
			e.mu.Lock()
			e.stat = append(e.stat, s)
			e.mu.Unlock()
			e.wake()
		},
	}
}

func (e *events) wake() {
	select {
	case e.news <- struct{}{}:
	default:
	}
}

// await waits for an event of the kind about a process, 0 for any.
func (e *events) await(t *testing.T, kind targets.EventKind, pid int) targets.Event {
	t.Helper()
	end := time.After(deadline)
	for {
		e.mu.Lock()
		for _, v := range e.all {
			if v.Kind == kind && (pid == 0 || v.PID == pid) {
				e.mu.Unlock()
				return v
			}
		}
		e.mu.Unlock()
		select {
		case <-e.news:
		case <-end:
			t.Fatalf("no event %s of process %d in %+v", kind, pid, e.all)
		}
	}
}

// started starts a target that the end of the test stops.
func started(t *testing.T, spec targets.Spec, hooks targets.Hooks) *target {
	t.Helper()
	spec = normal(spec.Server, spec)
	spec.Nonce, spec.Variant = "n", "v"
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	got, err := standard.start(ctx, spec, hooks)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stopped(t, got) })
	return got.(*target)
}

// stopped stops a target and makes sure that nothing of it is left.
func stopped(t *testing.T, running targets.Target) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	if err := running.Stop(ctx); err != nil && !errors.Is(err, proc.ErrKilled) {
		t.Errorf("stopping: %v", err)
	}
	for _, p := range running.Processes() {
		if _, alive := procfs.Identify(p.PID); alive || p.State != component.Gone {
			t.Errorf("%s %d is %s and alive: %v", p.Role, p.PID, p.State, alive)
		}
	}
	if _, err := os.Stat(running.(*target).Folder); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder of the target is still there: %v", err)
	}
}

// pids gives the living processes of a role.
func pids(running targets.Target, role string) []int {
	var out []int
	for _, p := range running.Processes() {
		if p.Role == role && p.State == component.Serving {
			out = append(out, p.PID)
		}
	}
	return out
}

// normal is a Spec of one of the servers with its defaults.
func normal(server string, s targets.Spec) targets.Spec {
	for _, d := range Descriptors() {
		if d.Name == server {
			return d.Normalize(s)
		}
	}
	panic("no server " + server)
}
