package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"benchtop/lab"
	"benchtop/lab/instrument/pty"
	"benchtop/targets/proc"
)

// onTerminal is the real program on a terminal that responds to nothing by itself.
type onTerminal struct {
	*testing.T
	cmd    *exec.Cmd
	term   *pty.Terminal
	before unix.Termios
	state  string // its state folder
	marker string

	mu    sync.Mutex
	seen  bytes.Buffer
	ended chan struct{} // closed when nothing more can be read
}

// newTerminal is a terminal on which nothing runs yet.
func newTerminal(t *testing.T) *onTerminal {
	t.Helper()
	term, err := pty.Open(120, 34)
	if err != nil {
		t.Fatal(err)
	}
	p := &onTerminal{T: t, term: term, ended: make(chan struct{})}
	p.before = p.attributes()
	go func() {
		defer close(p.ended)
		buf := make([]byte, 64<<10)
		for {
			n, err := term.Outer.Read(buf)
			p.mu.Lock()
			p.seen.Write(buf[:n])
			p.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		_ = term.Close()
		<-p.ended
	})
	return p
}

// startOn starts the program as the first process of a session on a terminal: no shell stands between them. Without
// control the terminal is not that of the session, and the kernel does not tell the program of its end.
func startOn(t *testing.T, control bool, name string, args ...string) *onTerminal {
	t.Helper()
	p := newTerminal(t)
	p.state = t.TempDir()
	p.marker = filepath.Base(filepath.Dir(p.state)) + t.Name() + time.Now().Format("150405.000000000")
	p.cmd = exec.Command(name, args...)
	p.cmd.Env = append(os.Environ(), proc.RunEnv+"="+p.marker, "XDG_STATE_HOME="+p.state, "TERM=xterm-256color", "COLORTERM=truecolor", "LC_ALL=C.UTF-8", "NO_COLOR=", "COLORFGBG=", "CI=")
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = p.term.Inner, p.term.Inner, p.term.Inner
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: control}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill() }) // it has ended, unless the test has failed
	return p
}

func (p *onTerminal) attributes() unix.Termios {
	p.Helper()
	a, err := unix.IoctlGetTermios(int(p.term.Inner.Fd()), unix.TCGETS)
	if err != nil {
		p.Fatal(err)
	}
	return *a
}

// said is everything that came to the terminal.
func (p *onTerminal) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen.String()
}

// until waits until a text has come to the terminal.
func (p *onTerminal) until(want string) {
	p.Helper()
	for end := time.Now().Add(6 * deadline); !strings.Contains(p.said(), want); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			p.Fatalf("no %q on the terminal, but %q", want, tail(p.said()))
		}
	}
}

func tail(s string) string { return s[max(0, len(s)-600):] }

func (p *onTerminal) send(s os.Signal) {
	p.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.Fatal(err)
	}
}

// code waits for the end of the program, and of its children.
func (p *onTerminal) code() int {
	p.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 6*deadline)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = p.cmd.Process.Signal(syscall.SIGKILL) })
	_ = p.cmd.Wait() // its code is what is wanted
	if !stop() {
		p.Fatalf("it did not end; on the terminal: %q", tail(p.said()))
	}
	gone(p.T, p.cmd, p.marker)
	return p.cmd.ProcessState.ExitCode()
}

// restored reports what is not as it was before the program.
func (p *onTerminal) restored() {
	p.Helper()
	if now := p.attributes(); now != p.before {
		p.Errorf("the terminal is left in another mode: local flags %#o, before %#o", now.Lflag, p.before.Lflag)
	}
	// What the program wrote last has come when a mark behind it has.
	if _, err := p.term.Inner.WriteString("<end of the program>"); err != nil {
		p.Fatal(err)
	}
	p.until("<end of the program>")
	said := p.said()
	for name, mode := range map[string]string{"alternate screen": "?1049", "paste": "?2004", "mouse": "?1002", "mouse, SGR": "?1006"} {
		if strings.LastIndex(said, "\x1b["+mode+"h") > strings.LastIndex(said, "\x1b["+mode+"l") {
			p.Errorf("left on: %s", name)
		}
	}
	if strings.LastIndex(said, "\x1b[?25l") > strings.LastIndex(said, "\x1b[?25h") {
		p.Error("the cursor is left hidden")
	}
}

// labelled checks how the run ended, by its file.
func (p *onTerminal) labelled(want ...string) {
	p.Helper()
	if end := newest(p.T, p.state); !slices.Contains(want, end.How) {
		p.Errorf("the run ended %+v, expected %v", end, want)
	}
}

// Pairs of signals, so many milliseconds apart, end a run on the screen: the terminal is as it was and the run labelled,
// whatever the two are.
func TestTwoSignalsLeaveTheTerminalAsItWas(t *testing.T) {
	t.Parallel()
	name, scenario := program(t)
	signals := []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP}
	ends := map[syscall.Signal]string{syscall.SIGINT: lab.EndInterrupted, syscall.SIGTERM: lab.EndTerminated, syscall.SIGHUP: lab.EndTerminated}
	gaps := []time.Duration{30 * time.Millisecond, 0}
	if testing.Short() {
		gaps = gaps[:1]
	}
	for _, first := range signals {
		for _, second := range signals {
			t.Run(first.String()+", "+second.String(), func(t *testing.T) {
				t.Parallel()
				for _, gap := range gaps {
					p := startOn(t, true, name, "run", scenario, "--mouse")
					p.until("warm-up")
					p.send(first)
					time.Sleep(gap)                  // what lies between them, not a wait for something
					_ = p.cmd.Process.Signal(second) // it may have ended
					code := p.code()
					// Signals that wait together are delivered in the order of their numbers, and on a busy machine both may wait.
					if code != (&signalError{first}).code() && code != (&signalError{second}).code() {
						t.Errorf("%v apart: exit code %d", gap, code)
					}
					p.restored()
					p.labelled(ends[first], ends[second])
				}
			})
		}
	}
}

func TestAClosedTerminalLabelsItsRun(t *testing.T) {
	t.Parallel()
	name, scenario := program(t)
	for _, c := range []struct {
		what    string
		control bool
		times   int
		args    []string
	}{
		{"screen", true, 5, []string{"run", scenario}},
		{"screen without the signal", false, 2, []string{"run", scenario}},
		{"lines", true, 2, []string{"run", scenario, "--plain"}},
		{"lines without the signal", false, 2, []string{"run", scenario, "--plain"}},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			for range c.times {
				p := startOn(t, c.control, name, c.args...)
				p.until("warm-up")
				_ = p.term.Close()
				if code := p.code(); code != exitHangup {
					t.Errorf("exit code %d, expected %d", code, exitHangup)
				}
				p.labelled(lab.EndTerminated)
			}
		})
	}
}

// A run that is to outlive its terminal does, and only its lines are lost.
func TestAClosedTerminalIsIgnoredWhenAsked(t *testing.T) {
	t.Parallel()
	name, scenario := program(t)
	p := startOn(t, true, "sh", "-c", `trap "" HUP; exec "$1" run "$2" --plain --slice 500ms --blocks 1`, name, name, scenario)
	p.until("warm-up")
	_ = p.term.Close()
	if code := p.code(); code != exitEnvironment {
		t.Errorf("exit code %d", code)
	}
	p.labelled(lab.EndComplete, lab.EndRefused) // on a machine that is too slow for its slices
}

// Every screen ends with the first signal.
func TestASignalEndsEveryScreen(t *testing.T) {
	t.Parallel()
	name, scenario := program(t)
	file := savedRunFile(t)
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		for _, args := range [][]string{{}, {"replay", file}, {"compare", file, file}, {"notes", scenario}} {
			p := startOn(t, true, name, args...)
			p.until("\x1b[?1049h")
			p.send(s)
			if code := p.code(); code != 128+int(s) {
				t.Errorf("%v %v: exit code %d", s, args, code)
			}
			p.restored()
		}
	}
}

func TestAPanicOfTheScreenRestoresTheTerminal(t *testing.T) {
	t.Parallel()
	name := calledSo(t, t.TempDir(), failingName)
	for _, what := range []string{"update", "command"} {
		p := startOn(t, true, name, what)
		p.until("complete")
		if _, err := p.term.Outer.WriteString("x"); err != nil { // exports
			t.Fatal(err)
		}
		if code := p.code(); code != exitInternal {
			t.Errorf("%s: exit code %d", what, code)
		}
		p.restored()
		p.until("internal fault: planted")
		p.until("the stack is in " + p.state)
	}
}

// Of a terminal that responds to nothing, nobody waits for a response; only a screen asks, and draws meanwhile.
func TestATerminalIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	name, scenario := program(t)
	file := savedRunFile(t)
	for _, args := range [][]string{
		{"--version"},
		{"--help"},
		{"list"},
		{"show", "noise"},
		{"keys"},
		{"schema"},
		{"doctor", "--quick"},
		{"claims"},
		{"progress"},
		{"check", scenario},
		{"report", file},
		{"replay", file, "--plain"},
		{"compare", file, file, "--plain"},
		{"nonsense"},
	} {
		p := startOn(t, true, name, args...)
		if code := p.code(); code != exitOK && args[0] != "nonsense" {
			t.Errorf("%v: exit code %d", args, code)
		}
		if strings.Contains(p.said(), "\x1b") {
			t.Errorf("%v asks the terminal: %q", args, tail(p.said()))
		}
		p.restored()
	}
	p := startOn(t, true, name)
	p.until("scenarios") // the first picture, without any response
	if strings.Contains(p.said(), "\x1b[6n") || !strings.Contains(p.said(), "\x1b]11;?\x1b\\") {
		t.Errorf("it asked %q", p.said()[:min(len(p.said()), 200)])
	}
	const lightAccent = "38;2;31;95;208"
	if strings.Contains(p.said(), lightAccent) {
		t.Error("it knows of a light background before it can")
	}
	if _, err := p.term.Outer.WriteString("\x1b]11;rgb:ffff/ffff/f0f0\x1b\\?"); err != nil { // and a key behind it
		t.Fatal(err)
	}
	p.until(lightAccent)
	p.until(" close") // the help, which the key behind it opens
	p.send(os.Interrupt)
	if code := p.code(); code != exitInterrupt {
		t.Errorf("exit code %d", code)
	}
	p.restored()
}
