package guard

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"benchtop/targets/proc"
)

// deadline is generous: the machine may be slow and busy.
const deadline = 20 * time.Second

func TestMain(m *testing.M) {
	proc.Dispatch(map[string]proc.RoleFunc{Role: Guard})
	if mode := os.Getenv(modeEnv); mode != "" {
		component(mode)
		os.Exit(0)
	}
	// Under the race detector every child would otherwise linger for a second at its exit.
	if os.Getenv("GORACE") == "" {
		if err := os.Setenv("GORACE", "atexit_sleep_ms=0"); err != nil {
			panic(err)
		}
	}
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("benchtop/targets/proc.runSpawner"))
}

// modeEnv makes the test binary a component.
const modeEnv = "BENCHTOP_TEST_COMPONENT"

func component(mode string) {
	switch mode {
	case "serve":
		fmt.Println("serving")
		select {}
	}
}

// record keeps the lines of a component.
type record struct {
	mu    sync.Mutex
	lines []string
	news  chan struct{}
}

func newRecord() *record { return &record{news: make(chan struct{}, 1)} }

func (r *record) line(stream, text string) {
	r.mu.Lock()
	r.lines = append(r.lines, stream+" "+text)
	r.mu.Unlock()
	select {
	case r.news <- struct{}{}:
	default:
	}
}

func (r *record) await(t *testing.T, want string) {
	t.Helper()
	end := time.After(deadline)
	for {
		r.mu.Lock()
		found := slices.ContainsFunc(r.lines, func(l string) bool { return strings.Contains(l, want) })
		r.mu.Unlock()
		if found {
			return
		}
		select {
		case <-r.news:
		case <-end:
			t.Fatalf("no line with %q", want)
		}
	}
}

func run(t *testing.T, mode string, cmd Command) (*Process, *record) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r := newRecord()
	cmd.Name, cmd.Argv, cmd.OnLine = mode, []string{self}, r.line
	cmd.Env = append(cmd.Env, modeEnv+"="+mode)
	p, err := Start(t.Context(), cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = p.Stop(ctx)
	})
	return p, r
}

func TestStartAndStop(t *testing.T) {
	p, r := run(t, "serve", Command{})
	r.await(t, "stdout serving")
	if tree := p.Tree(); len(tree) != 1 || tree[0].PID != p.PID() || tree[0].Parent != p.GuardPID() {
		t.Errorf("tree %+v, want the first process %d below %d", tree, p.PID(), p.GuardPID())
	}
	if err := p.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if err := p.Err(); err != nil {
		t.Errorf("after Stop: %v", err)
	}
	if tree := p.Tree(); len(tree) != 0 {
		t.Errorf("after Stop: %v", tree)
	}
}

func TestNoSuchProgram(t *testing.T) {
	for argv0, want := range map[string]string{
		"benchtop-no-such-program": "starting x: benchtop-no-such-program is not in PATH",
		"/no/such/program":         "starting x: /no/such/program: no such file or directory",
	} {
		_, err := Start(t.Context(), Command{Name: "x", Argv: []string{argv0}})
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
