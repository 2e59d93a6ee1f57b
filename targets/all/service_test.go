package all

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"benchtop/targets"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/posix"
	"benchtop/targets/prefork"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
	"benchtop/targets/setting"
)

// shelfRole is a process of the toy service: it tells everybody who connects how many boards it has.
const shelfRole = "toy-shelf"

type shelf struct {
	Boards int `json:"boards,omitempty"`
}

func serveShelf(ctx context.Context, c *proc.Child) error {
	var s shelf
	if err := c.Spec(&s); err != nil {
		return err
	}
	l, err := prefork.Listen(c, false, 0)
	if err != nil {
		return err
	}
	served := make(chan struct{})
	routine.Go(func() {
		defer close(served)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Write([]byte(strconv.Itoa(s.Boards))) // who does not wait for it does not want it
			_ = conn.Close()
		}
	})
	status := func() targets.WorkerStatus { return targets.WorkerStatus{PID: os.Getpid(), At: proc.Now()} }
	done := make(chan struct{})
	defer close(done)
	routine.Go(func() {
		prefork.Report(c, done, status, func() (targets.WorkerStatus, error) { return status(), nil })
	})
	if err := prefork.Ready(c, status()); err != nil {
		return err
	}
	<-ctx.Done()
	err = l.Close()
	<-served
	return err
}

func registerShelf(t *testing.T) {
	t.Cleanup(targets.RegisterService(targets.ServiceDescriptor{
		Name: "shelf", Doc: "a toy", New: func() any { return &shelf{} },
		Settings: []setting.Setting{{Key: "boards", Doc: "how many", Default: "3", Min: 1, Max: 9, At: setting.At(func(s *shelf) *int { return &s.Boards })}},
		Start: func(ctx context.Context, p targets.Part, h targets.Hooks) (targets.Running, error) {
			return prefork.Start(ctx, prefork.Config{
				Name: "service shelf", Role: shelfRole, Processes: 1, GOMAXPROCS: 1, Accept: prefork.Shared, Backlog: 16, Heartbeat: time.Minute,
				Tell: func(bool) any { return p.Settings },
			}, h)
		},
	}))
}

// boards asks a shelf.
func boards(t *testing.T, addr string) string {
	t.Helper()
	conn, err := net.DialTimeout("tcp", addr, suite.Deadline)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	text, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A service is processes of its own besides the server: ready before it, listed and marked as a part, at an address that
// the server is told, and gone with the target.
func TestAServiceOfATarget(t *testing.T) {
	registerShelf(t)
	for name, spec := range map[string]targets.Spec{
		"plain":   {Server: "builtin"},
		"proxied": {Server: "builtin", Workers: 2, Proxy: &targets.Proxy{Kind: "builtin"}},
	} {
		t.Run(name, func(t *testing.T) {
			spec.Services = map[string]targets.Part{"books": {Kind: "shelf", Settings: &shelf{Boards: 5}}, "toys": {Kind: "shelf"}}
			tg := started(t, spec)
			for service, want := range map[string]string{"books": "5", "toys": "3"} {
				if got := boards(t, tg.Spec().Addresses[service]); got != want {
					t.Errorf("%s at %v has %s boards, want %s", service, tg.Spec().Addresses, got, want)
				}
			}
			parts := map[string]int{}
			for _, p := range tg.Processes() {
				parts[p.Part]++
				if (p.Role == shelfRole) != (p.Part == "books" || p.Part == "toys") {
					t.Errorf("process %+v", p)
				}
			}
			if parts["books"] != 1 || parts["toys"] != 1 || parts[targets.PartServer] != max(1, spec.Workers) || parts[targets.PartProxy] != len(parts)-3 {
				t.Errorf("parts %v", parts)
			}
			if statuses, err := tg.Mark(t.Context()); err != nil || len(statuses) != len(tg.Processes()) {
				t.Errorf("%d statuses, %v", len(statuses), err)
			}
			ctx, cancel := context.WithTimeout(context.Background(), suite.Deadline)
			defer cancel()
			if err := tg.Stop(ctx); err != nil {
				t.Fatal(err)
			}
			for _, p := range tg.Processes() {
				if p.State != prefork.Gone {
					t.Errorf("after Stop: %+v", p)
				}
			}
		})
	}
}

// A service that dies is replaced as a worker is, and when it keeps dying it takes the target with it, by its name.
func TestAServiceThatKeepsDying(t *testing.T) {
	registerShelf(t)
	var mu sync.Mutex
	var parts []string
	kill := func(pid int) { _ = posix.Kill(pid, syscall.SIGKILL) } // one that is gone already is what is wanted
	tg, err := targets.Start(t.Context(), targets.Spec{Server: "builtin", Services: map[string]targets.Part{"toys": {Kind: "shelf"}}}, targets.Hooks{OnEvent: func(e targets.Event) {
		if e.Kind == targets.WorkerReplaced {
			kill(e.PID)
		}
		if e.Kind == targets.WorkerGone || e.Kind == targets.GaveUp {
			mu.Lock()
			defer mu.Unlock()
			parts = append(parts, e.Part)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range tg.Processes() {
		if p.Part == "toys" {
			kill(p.PID)
		}
	}
	select {
	case <-tg.Done():
	case <-time.After(suite.Deadline):
		t.Fatal("the target lives on without its service")
	}
	if err := tg.Err(); err == nil || !strings.HasPrefix(err.Error(), "the service toys: ") {
		t.Errorf("error %v", err)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(parts) < 2 || parts[0] != "toys" {
		t.Errorf("events of %v", parts)
	}
	if err := tg.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

// What is wrong with a service is said with its name, and nothing is started.
func TestServicesAreChecked(t *testing.T) {
	registerShelf(t)
	for want, services := range map[string]map[string]targets.Part{
		`services.x.kind: "cupboard" is not known; allowed: ` + strings.Join(targets.Names(targets.Services()), ", "): {"x": {Kind: "cupboard"}},
		"services.x.boards: 10 is not allowed, want 1 to 9":                                                           {"x": {Kind: "shelf", Settings: &shelf{Boards: 10}}},
		`services.proxy: "proxy" cannot be the name of a service`:                                                     {"proxy": {Kind: "shelf"}},
	} {
		_, err := targets.Start(t.Context(), targets.Spec{Server: "builtin", Services: services}, targets.Hooks{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", errors.Unwrap(err), want)
		}
	}
}
