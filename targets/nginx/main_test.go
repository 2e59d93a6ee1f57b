package nginx

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"benchtop/targets"
	"benchtop/targets/component"
	"benchtop/targets/guard"
	"benchtop/targets/proc"
	"benchtop/targets/procfs"
	"benchtop/targets/runfolder"
)

// deadline is generous: the machine may be slow and busy.
const deadline = 60 * time.Second

func TestMain(m *testing.M) {
	proc.Dispatch(map[string]proc.RoleFunc{guard.Role: guard.Guard})
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("benchtop/targets/proc.runSpawner"), goleak.Cleanup(func(code int) {
		if err := runfolder.Remove(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
		os.Exit(code)
	}))
}

// needNginx skips a test where nginx is missing, visibly, unless that is a failure.
func needNginx(t *testing.T) {
	t.Helper()
	if err := find().err; err != nil {
		if strings.Contains(os.Getenv("BENCHTOP_REQUIRE"), "stack") {
			t.Fatalf("BENCHTOP_REQUIRE asks for the real components: %v", err)
		}
		t.Skipf("skipped without the real component: %v", err)
	}
}

// backend is an upstream that counts its connections itself.
type backend struct {
	address string
	opened  atomic.Uint64
	served  atomic.Uint64
}

// newBackend serves on a unix socket or on TCP.
func newBackend(t *testing.T, network, where string) *backend {
	t.Helper()
	l, err := net.Listen(network, where)
	if err != nil {
		t.Fatal(err)
	}
	b := &backend{address: l.Addr().String()}
	if network == "unix" {
		b.address = targets.UnixPrefix + where
	}
	server := &httptest.Server{Listener: l, Config: &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			b.served.Add(1)
			_, _ = w.Write([]byte(strings.Repeat("Hello, world! ", 40)))
		}),
		ConnState: func(_ net.Conn, s http.ConnState) {
			if s == http.StateNew {
				b.opened.Add(1)
			}
		},
	}}
	server.Start()
	t.Cleanup(server.Close)
	return b
}

// proxied is a Spec with an nginx in front of it.
func proxied(p targets.Proxy) targets.Spec {
	p = Descriptor().Normalize(p)
	p.Upstream, p.Upstreams = "tcp", 1
	return targets.Spec{Server: "x", Workers: 1, Nonce: "n", Variant: "v", Proxy: &p}
}

// started starts an nginx that the end of the test stops.
func started(t *testing.T, spec targets.Spec, hooks targets.Hooks, upstreams ...*backend) *target {
	t.Helper()
	var addresses []string
	for _, b := range upstreams {
		addresses = append(addresses, b.address)
	}
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	got, err := start(ctx, spec, addresses, hooks)
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
	if !targets.IsUnix(running.Addr()) {
		if conn, err := net.DialTimeout("tcp", running.Addr(), deadline); err == nil {
			_ = conn.Close()
			t.Error("somebody still listens")
		}
	}
}

// events keeps what a target tells.
type events struct {
	mu   sync.Mutex
	all  []targets.Event
	news chan struct{}
}

func newEvents() *events { return &events{news: make(chan struct{}, 1)} }

func (e *events) hooks() targets.Hooks {
	return targets.Hooks{OnEvent: func(v targets.Event) {
		e.mu.Lock()
		e.all = append(e.all, v)
		e.mu.Unlock()
		select {
		case e.news <- struct{}{}:
		default:
		}
	}}
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
