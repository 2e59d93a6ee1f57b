package proc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"benchtop/targets/fixture/suite"
	"benchtop/targets/posix"
	"benchtop/targets/routine"
)

func TestMain(m *testing.M) {
	Dispatch(map[string]RoleFunc{
		"echo":     echoRole,
		"stubborn": stubbornRole,
		"panic":    func(context.Context, *Child) error { panic("boom") },
		"panic in a goroutine": func(ctx context.Context, _ *Child) error {
			routine.Go(func() { panic("boom") })
			<-ctx.Done()
			return nil
		},
		"error":   func(context.Context, *Child) error { return errors.New("no such thing \x1b[31m") },
		"silent":  func(ctx context.Context, _ *Child) error { <-ctx.Done(); return nil },
		"garbage": garbageRole,
		"deaf":    deafRole,
		"flood":   floodRole,
		"parent":  parentRole,
		"accept":  acceptRole,
	})
	suite.Main(m, nil)
}

func start(t *testing.T, cmd Command) *Process {
	t.Helper()
	p, err := Start(t.Context(), cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), suite.Deadline)
		defer cancel()
		if err := p.Stop(ctx, 0); err != nil && !errors.Is(err, ErrKilled) {
			t.Error(err)
		}
	})
	return p
}

func wait(t *testing.T, p *Process) {
	t.Helper()
	select {
	case <-p.Done():
	case <-time.After(suite.Deadline):
		t.Fatalf("process %d did not end", p.PID())
	}
}

func alive(pid int) bool {
	if posix.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return !os.IsNotExist(err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(rest, "Z")
}

func TestConversation(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer closeAll(r)
	if _, err := w.WriteString("from a file"); err != nil {
		t.Fatal(err)
	}
	closeAll(w)
	got := make(chan string, 10)
	p := start(t, Command{
		Role: "echo", Spec: echoSpec{Text: "hi"}, GOMAXPROCS: 3, Env: []string{"EXTRA=x"}, Files: []*os.File{r},
		OnMessage: func(m json.RawMessage) { got <- string(m) },
	})
	if want := `["hi","3","x","","from a file"]`; string(p.ReadyLine()) != want {
		t.Errorf("ready line %s, want %s", p.ReadyLine(), want)
	}
	for i := range 3 {
		if err := p.Send(map[string]int{"n": i}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 3 {
		if m, want := <-got, fmt.Sprintf(`{"n":%d}`, i); m != want {
			t.Errorf("message %s, want %s", m, want)
		}
	}
	if err := p.Stop(t.Context(), suite.Deadline); err != nil {
		t.Error(err)
	}
	if err := p.Err(); err != nil {
		t.Errorf("after Stop: %v", err)
	}
	if err := p.Stop(t.Context(), suite.Deadline); err != nil {
		t.Errorf("second Stop: %v", err)
	}
	if err := p.Send(1); err == nil {
		t.Error("sending to a stopped child succeeded")
	}
}

func TestFailedStarts(t *testing.T) {
	for _, test := range []struct {
		name string
		cmd  Command
		want []string
	}{
		{"panic", Command{Role: "panic"}, []string{"exited with code 70", "panic: boom"}},
		{"panic in a goroutine", Command{Role: "panic in a goroutine"}, []string{"exited with code 70", "panic: boom"}},
		{"error", Command{Role: "error"}, []string{"exited with code 1", "no such thing \uFFFD[31m"}},
		{"unknown role", Command{Role: "nobody"}, []string{"exited with code 2", `"nobody"`, "echo"}},
		{"unknown field", Command{Role: "echo", Spec: map[string]int{"txet": 1}}, []string{"exited with code 1", "txet"}},
		{"silent", Command{Role: "silent", ReadyTimeout: 300 * time.Millisecond}, []string{"not ready within 300ms", "no output"}},
		{"garbage", Command{Role: "garbage"}, []string{"ready line is not JSON"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Start(t.Context(), test.cmd)
			if err == nil {
				t.Fatal("started")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error lacks %q:\n%v", want, err)
				}
			}
		})
	}
}

func TestStartEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Start(ctx, Command{Role: "silent"}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestStrangersAreRefused(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer closeAll(r)
	if _, err := w.WriteString(`{"cookie":"other","files":0,"spec":null}` + "\n"); err != nil {
		t.Fatal(err)
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer closeAll(null)
	for _, test := range []struct {
		name, role string
		files      []*os.File
		want       string
	}{
		{"no descriptors", "echo/abc", nil, "down pipe"},
		{"not pipes", "echo/abc", []*os.File{null, null}, "not the down pipe"},
		{"no cookie", "echo", nil, "<role>/<cookie>"},
		{"another cookie", "echo/abc", []*os.File{r, w}, "cookie"},
	} {
		t.Run(test.name, func(t *testing.T) {
			cmd := exec.Command(self)
			cmd.Env = append(os.Environ(), RoleEnv+"="+test.role)
			cmd.ExtraFiles = test.files
			out, err := cmd.CombinedOutput()
			if code := cmd.ProcessState.ExitCode(); code != exitUsage {
				t.Errorf("exit code %d (%v)", code, err)
			}
			if !strings.Contains(string(out), test.want) || !strings.Contains(string(out), RoleEnv) {
				t.Errorf("output lacks %q:\n%s", test.want, out)
			}
		})
	}
	closeAll(w)
}

func TestKilledChildIsReported(t *testing.T) {
	p := start(t, Command{Role: "deaf"})
	if err := p.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	wait(t, p)
	var exit *ExitError
	if !errors.As(p.Err(), &exit) || exit.Signal != syscall.SIGKILL || exit.PID != p.PID() || exit.Role != "deaf" {
		t.Errorf("error %#v", p.Err())
	}
}

// F8: a child that ignores TERM is killed together with what it forked.
func TestStubbornChildIsKilledWithItsGroup(t *testing.T) {
	p := start(t, Command{Role: "stubborn"})
	var grandchild int
	if err := json.Unmarshal(p.ReadyLine(), &grandchild); err != nil {
		t.Fatal(err)
	}
	if !alive(grandchild) {
		t.Fatal("no grandchild")
	}
	if err := p.Stop(t.Context(), 50*time.Millisecond); !errors.Is(err, ErrKilled) {
		t.Errorf("Stop: %v", err)
	}
	suite.Eventually(t, "the grandchild is gone", func() bool { return !alive(grandchild) })
}

// A child that dies by itself does not leave its process group behind either.
func TestDeadChildLeavesNoGroup(t *testing.T) {
	p := start(t, Command{Role: "stubborn"})
	var grandchild int
	if err := json.Unmarshal(p.ReadyLine(), &grandchild); err != nil {
		t.Fatal(err)
	}
	if err := p.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	wait(t, p)
	if !awaitsWithoutReaping {
		t.Skip("process groups are only ended with their leader where it can be waited for without reaping")
	}
	suite.Eventually(t, "the grandchild is gone", func() bool { return !alive(grandchild) })
}

func TestFrozenChildDoesNotBlockItsParent(t *testing.T) {
	p := start(t, Command{Role: "deaf"})
	if err := p.Signal(posix.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	big := strings.Repeat("x", 100<<10)
	var err error
	for i := 0; i < 50 && err == nil; i++ { // it may read a little more before the signal reaches it
		err = p.Send(big)
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("sending to a frozen child: %v", err)
	}
	if err := p.Stop(t.Context(), 0); err != nil && !errors.Is(err, ErrKilled) {
		t.Error(err)
	}
}

func TestOutputIsBoundedAndPrintable(t *testing.T) {
	release := make(chan struct{})
	first := make(chan struct{})
	n := 0
	p := start(t, Command{Role: "flood", OnMessage: func(json.RawMessage) {
		if n++; n == 1 {
			close(first)
		}
		<-release
	}})
	<-first
	suite.Eventually(t, "the last line is there", func() bool { return strings.Contains(p.Tail(), "line 19999 \uFFFD[2J") })
	if tail := p.Tail(); strings.ContainsAny(tail, "\x1b\r") || len(tail) > 2*tailBytes {
		t.Errorf("tail %q", tail)
	}
	close(release)
	if err := p.Stop(t.Context(), suite.Deadline); err != nil {
		t.Error(err)
	}
}

func TestRingTail(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"empty", "", ""},
		{"lines", "a\nb\n", "a\nb"},
		{"control", "a\x00\x1b\r\tb\xff\u202e", "a\uFFFD\uFFFD\uFFFD\tb\uFFFD\uFFFD"},
		{"last lines", strings.Repeat("x\n", 50) + "y\n", strings.Repeat("x\n", tailLines-1) + "y"},
		{"crash", "start\npanic: boom\n" + strings.Repeat("stack\n", 500), "panic: boom\n" + strings.Repeat("stack\n", tailLines-2) + "stack"},
		{"wrapped", strings.Repeat("0123456789abcde\n", ringSize/8), strings.Repeat("0123456789abcde\n", tailLines-1) + "0123456789abcde"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var r ring
			for in := test.in; in != ""; {
				n := min(len(in), 1000)
				if _, err := r.Write([]byte(in[:n])); err != nil {
					t.Fatal(err)
				}
				in = in[n:]
			}
			if got := r.tail(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
