package guard

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"benchtop/targets/fixture/suite"
	"benchtop/targets/posix"
	"benchtop/targets/proc"
	"benchtop/targets/runfolder"
)

func TestMain(m *testing.M) {
	proc.Dispatch(map[string]proc.RoleFunc{Role: Guard, "lab": labRole})
	if mode := os.Getenv(modeEnv); mode != "" {
		component(mode)
		os.Exit(0)
	}
	suite.Main(m, runfolder.Remove)
}

// record keeps the lines of a component.
type record struct{ suite.Log[string] }

func (r *record) line(stream, text string) { r.Tell(stream + " " + text) }

func (r *record) await(t *testing.T, want string) {
	t.Helper()
	r.Await(t, fmt.Sprintf("a line with %q", want), func(l string) bool { return strings.Contains(l, want) })
}

// run starts the test binary as a component.
func run(t *testing.T, mode string, cmd Command) (*Process, *record) {
	t.Helper()
	r := &record{}
	cmd.Name, cmd.Argv = mode, []string{executable()}
	if cmd.OnLine == nil {
		cmd.OnLine = r.line
	}
	cmd.Env = append(cmd.Env, modeEnv+"="+mode)
	p, err := Start(t.Context(), cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = p.Stop(ctx) // killed: what is left of a test that failed
	})
	return p, r
}

func executable() string {
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	return self
}

func wait(t *testing.T, p *Process) {
	t.Helper()
	select {
	case <-p.Done():
	case <-time.After(suite.Deadline):
		t.Fatalf("%s did not end: %+v", p.cmd.Name, p.Tree())
	}
}

// members gives the identities of a tree with at least n living processes.
func members(t *testing.T, p *Process, n int) []member {
	t.Helper()
	var tree []member
	suite.Eventually(t, fmt.Sprintf("%s has %d processes", p.cmd.Name, n), func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		tree = slices.DeleteFunc(slices.Clone(p.tree), func(m member) bool { return m.Zombie })
		return len(tree) >= n
	})
	return tree
}

func allGone(t *testing.T, tree []member) {
	t.Helper()
	for _, m := range tree {
		if m.Alive() {
			t.Errorf("process %d (%s) lives", m.PID, m.Args)
		}
	}
}

func TestStartAndStop(t *testing.T) {
	p, r := run(t, "polite", Command{})
	r.await(t, "stdout ready")
	tree := p.Tree()
	if len(tree) != 1 || tree[0].PID != p.PID() || tree[0].Parent != p.GuardPID() {
		t.Errorf("tree %+v, want the first process %d below %d", tree, p.PID(), p.GuardPID())
	}
	before := members(t, p, 1)
	if err := p.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if err := p.Err(); err != nil {
		t.Errorf("after Stop: %v", err)
	}
	if tree := p.Tree(); len(tree) != 0 {
		t.Errorf("after Stop: %v", tree)
	}
	allGone(t, before)
	if !slices.Contains(r.All(), "stderr bye") {
		t.Errorf("its last words are missing: %q", r.All())
	}
	if err := p.Stop(t.Context()); err != nil {
		t.Errorf("second Stop: %v", err)
	}
}

func TestNoSuchProgram(t *testing.T) {
	dir := t.TempDir()
	script := filepath.Join(dir, "script")
	if err := os.WriteFile(script, []byte("#!/no/such/interpreter\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		cmd  Command
		want string
	}{
		{Command{}, "starting x: no program is named"},
		{Command{Argv: []string{"benchtop-no-such-program"}}, "starting x: benchtop-no-such-program is not in PATH"},
		{Command{Argv: []string{"/no/such/program"}}, "starting x: /no/such/program: no such file or directory"},
		{Command{Argv: []string{plain}}, "starting x: " + plain + ": permission denied"},
		{Command{Argv: []string{script}}, "starting x: " + script + " is there, but the interpreter or loader that it names is not"},
		{Command{Argv: []string{"true"}, Dir: "/no/such/folder"}, "starting x: its working folder /no/such/folder is not there"},
	} {
		test.cmd.Name = "x"
		_, err := Start(t.Context(), test.cmd)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%v, want %q", err, test.want)
		}
	}
}

func TestEndsByItself(t *testing.T) {
	p, r := run(t, "fail", Command{})
	wait(t, p)
	var exit *proc.ExitError
	if err := p.Err(); !errors.As(err, &exit) || exit.Code != 3 || exit.PID != p.PID() {
		t.Fatalf("%v, want exit code 3", err)
	}
	if want := "no such module\ngiving up"; exit.Tail != want || p.Tail() != want {
		t.Errorf("tail %q and %q, want %q", exit.Tail, p.Tail(), want)
	}
	if got := r.All(); len(got) != 2 {
		t.Errorf("lines %q", got)
	}
	select {
	case <-p.Exited():
	default:
		t.Error("Exited is open")
	}
	if err := p.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if p.Err() == nil {
		t.Error("Stop after the end took the error away")
	}
}

func TestSignals(t *testing.T) {
	p, r := run(t, "polite", Command{})
	r.await(t, "ready")
	if err := p.Signal(os.Getpid(), syscall.SIGKILL); err == nil {
		t.Error("signalled a process that is not of the tree")
	}
	if err := p.Signal(p.PID(), syscall.SIGKILL); err != nil {
		t.Error(err)
	}
	wait(t, p)
	var exit *proc.ExitError
	if err := p.Err(); !errors.As(err, &exit) || exit.Signal != syscall.SIGKILL {
		t.Errorf("%v, want an end by signal 9", err)
	}
	if err := p.Signal(p.PID(), syscall.SIGKILL); err == nil {
		t.Error("signalled a process that is gone")
	}
}

// F8: who ignores the request is killed, with everything below.
func TestIgnoredRequestIsFollowedByKill(t *testing.T) {
	p, r := run(t, "stubborn", Command{Grace: 50 * time.Millisecond})
	r.await(t, "ready")
	before := members(t, p, 1)
	if err := p.Stop(t.Context()); !errors.Is(err, proc.ErrKilled) {
		t.Errorf("%v, want that it had to be killed", err)
	}
	if err := p.Err(); err != nil {
		t.Errorf("after Stop: %v", err)
	}
	allGone(t, before)
}

func TestSecondRequest(t *testing.T) {
	t.Parallel()
	p, r := run(t, "interruptible", Command{Then: syscall.SIGINT, Grace: 2 * time.Second})
	r.await(t, "ready")
	if err := p.Stop(t.Context()); err != nil && !errors.Is(err, proc.ErrKilled) {
		t.Error(err)
	}
	r.await(t, "interrupted")
}

func TestEndedContextKillsAtOnce(t *testing.T) {
	p, r := run(t, "stubborn", Command{Grace: time.Hour})
	r.await(t, "ready")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.Stop(ctx); !errors.Is(err, proc.ErrKilled) {
		t.Errorf("%v, want that it had to be killed", err)
	}
	wait(t, p)
}

func TestStoppedComponentEnds(t *testing.T) {
	for _, mode := range []string{"polite", "stubborn"} {
		p, r := run(t, mode, Command{Grace: 100 * time.Millisecond})
		r.await(t, "ready")
		if err := p.Signal(p.PID(), posix.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		if err := p.Stop(t.Context()); err != nil && !errors.Is(err, proc.ErrKilled) {
			t.Errorf("%s: %v", mode, err)
		}
		wait(t, p)
	}
}

func TestEveryLineArrives(t *testing.T) {
	const lines = 3000
	p, r := run(t, "talk", Command{Env: []string{fmt.Sprintf("LINES=%d", lines)}})
	wait(t, p)
	got := r.All()
	if len(got) != lines+2 {
		t.Fatalf("%d lines, want %d", len(got), lines+2)
	}
	for i := range lines {
		if want := fmt.Sprintf("stdout line %d", i); got[i] != want {
			t.Fatalf("line %d is %q, want %q", i, got[i], want)
		}
	}
	if long := got[lines]; len(long) != len("stdout ")+maxText {
		t.Errorf("a long line arrives with %d bytes, want %d", len(long), maxText)
	}
	if last := got[lines+1]; strings.ContainsAny(last, "\x1b\x00") || !strings.Contains(last, "no end of line") {
		t.Errorf("last line %q", last)
	}
}

// A caller that does not take the lines in holds nothing up: neither the component nor the news of its end.
func TestSlowReaderHoldsNothingUp(t *testing.T) {
	release := make(chan struct{})
	var mu sync.Mutex
	var got []string
	p, _ := run(t, "talk", Command{
		Env: []string{"LINES=100000"},
		OnLine: func(_, text string) {
			<-release
			mu.Lock()
			defer mu.Unlock()
			got = append(got, text)
		},
	})
	select {
	case <-p.Exited():
	case <-time.After(suite.Deadline):
		t.Error("the component hangs at its output")
	}
	close(release)
	wait(t, p)
	mu.Lock()
	defer mu.Unlock()
	if !slices.ContainsFunc(got, func(l string) bool { return strings.HasPrefix(l, "[benchtop: ") }) {
		t.Errorf("%d lines, none says that others were dropped", len(got))
	}
}
