package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/record"
	"benchtop/lab/rehearsal"
	"benchtop/targets/posix"
	"benchtop/targets/proc"
)

// program is the test binary under the name with which it is the program, in a folder with the scenario kill.yaml.
func program(t *testing.T) (name, scenario string) {
	t.Helper()
	dir := t.TempDir()
	name, scenario = calledSo(t, dir, "benchtop"), filepath.Join(dir, "kill.yaml")
	if err := os.WriteFile(scenario, []byte(killScenario), 0o600); err != nil {
		t.Fatal(err)
	}
	return name, scenario
}

// savedRunFile is the file of a run.
func savedRunFile(t *testing.T) string {
	t.Helper()
	w, err := record.Create(t.TempDir(), "saved")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range (rehearsal.Script{Blocks: 2}).Events() {
		w.Write(e)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.Path()
}

// background starts the program through a shell, without a terminal, with an end of its output in the test's hands.
func background(t *testing.T, shell string) (cmd *exec.Cmd, marker string, err *os.File) {
	t.Helper()
	name, scenario := program(t)
	marker = filepath.Base(filepath.Dir(name)) + t.Name()
	read, write, pipeErr := os.Pipe()
	if pipeErr != nil {
		t.Fatal(pipeErr)
	}
	cmd = exec.Command("sh", "-c", shell, name, name, scenario) // $1 and $2 of the shell
	cmd.Dir = filepath.Dir(name)
	cmd.Env = append(os.Environ(), proc.RunEnv+"="+marker, "XDG_STATE_HOME="+filepath.Join(cmd.Dir, "state"))
	cmd.Stdout, cmd.Stderr = write, write
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = write.Close()
	t.Cleanup(func() { _ = read.Close() })
	return cmd, marker, read
}

// exitCode waits for the end; a program that does not end is killed, and that is told.
func exitCode(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	late := time.AfterFunc(6*deadline, func() { _ = cmd.Process.Kill() })
	_ = cmd.Wait() // its code is what is wanted
	if !late.Stop() {
		t.Error("it did not end")
	}
	return cmd.ProcessState.ExitCode()
}

// readUntil reads until a text has come so many times.
func readUntil(t *testing.T, from io.Reader, want string, times int) {
	t.Helper()
	var said strings.Builder
	for buf := make([]byte, 4096); strings.Count(said.String(), want) < times; {
		n, err := from.Read(buf)
		said.Write(buf[:n])
		if err != nil {
			t.Fatalf("it ended before it said %q: %v\n%s", want, err, said.String())
		}
	}
}

// What a signal does that was ignored when the program started - nohup, a shell's background job - it does not do in
// the program nor in its children.
func TestIgnoredSignalsStayIgnored(t *testing.T) {
	t.Parallel()
	for _, s := range []struct {
		name   string
		signal syscall.Signal
	}{{"HUP", syscall.SIGHUP}, {"INT", syscall.SIGINT}} {
		cmd, marker, out := background(t, `trap "" `+s.name+`; exec "$1" run "$2" --plain --slice 500ms --blocks 1`)
		readUntil(t, out, "warm-up", 1)
		for _, pid := range append(children(t, cmd, marker), cmd.Process.Pid) {
			_ = posix.Kill(pid, s.signal) // a worker may have ended
		}
		readUntil(t, out, "\nsaved ", 1)
		if code := exitCode(t, cmd); code >= exitHangup {
			t.Errorf("%s: exit code %d", s.name, code)
		}
		gone(t, cmd, marker)
		if end := newest(t, filepath.Join(cmd.Dir, "state")); end.How != lab.EndComplete && end.How != lab.EndRefused { // on a machine that is too slow for its slices
			t.Errorf("%s: the run ended %+v", s.name, end)
		}
	}
}

// A run that is stopped as a whole, as by a machine that sleeps, does not count the slice in which it was.
func TestASliceInWhichTheWholeRunStoodStillDoesNotCount(t *testing.T) {
	t.Parallel()
	cmd, marker, out := background(t, `exec "$1" run "$2" --plain --slice 2s --blocks 1`)
	readUntil(t, out, "block 1/1", 1)
	tree := append(children(t, cmd, marker), cmd.Process.Pid)
	for _, signal := range []syscall.Signal{posix.SIGSTOP, posix.SIGCONT} {
		for _, pid := range tree {
			if err := posix.Kill(pid, signal); err != nil {
				t.Fatal(err)
			}
		}
		if signal == posix.SIGSTOP {
			time.Sleep(time.Second) // the fault: nobody runs
		}
	}
	readUntil(t, out, "stood still for", 1)
	readUntil(t, out, "\nsaved ", 1)
	_ = exitCode(t, cmd) // one block decides nothing
	gone(t, cmd, marker)
}

// What waits for a reader or a writer of a pipe ends with the first signal.
func TestTheFirstSignalEndsWhatWaits(t *testing.T) {
	t.Parallel()
	file := savedRunFile(t)
	for what, shell := range map[string]string{
		"a run from standard input": `mkfifo p; echo begun; exec 3<>p; exec "$1" report - <&3`,
		"a report to a pipe":        `mkfifo p; echo begun; exec "$1" report ` + file + ` -o p`,
		"a picture to a pipe":       `mkfifo p; echo begun; exec "$1" replay ` + file + ` --picture p`,
		"a body from a pipe":        `mkfifo p; echo begun; exec "$1" load http://127.0.0.1:1/ --body p`,
		"a body from the input":     `mkfifo p; echo begun; exec 3<>p; exec "$1" capacity http://127.0.0.1:1/ --body - <&3`,
	} {
		for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
			t.Run(what+", "+s.String(), func(t *testing.T) {
				t.Parallel()
				cmd, _, out := background(t, shell)
				readUntil(t, out, "begun", 1)
				waiting(t, cmd.Process.Pid)
				if err := cmd.Process.Signal(s); err != nil {
					t.Fatal(err)
				}
				if code := exitCode(t, cmd); code != 128+int(s) {
					t.Errorf("exit code %d", code)
				}
			})
		}
	}
}

// waiting waits until a process is the program and all of its threads sleep, at many looks after one another: it has
// come to where it waits.
func waiting(t *testing.T, pid int) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("looking at a process needs Linux's /proc")
	}
	folder := "/proc/" + itoa(pid)
	for asleep, end := 0, time.Now().Add(6*deadline); asleep < 20; time.Sleep(10 * time.Millisecond) {
		link, err := os.Readlink(folder + "/exe")
		if err != nil || time.Now().After(end) {
			t.Fatalf("it does not come to wait: %v", err)
		}
		asleep++
		threads, err := filepath.Glob(folder + "/task/*/stat")
		if err != nil || !strings.HasSuffix(link, ".test") {
			asleep = 0
		}
		for _, thread := range threads {
			if text, err := os.ReadFile(thread); err != nil || !strings.Contains(string(text), ") S ") {
				asleep = 0
			}
		}
	}
}

func runFiles(state string) []string {
	found, err := filepath.Glob(filepath.Join(state, "benchtop", "runs", "*"+record.Extension))
	if err != nil {
		return nil
	}
	return found
}

// newest is how the newest run of a state folder ended, by its own file.
func newest(t *testing.T, state string) *lab.EndEvent {
	t.Helper()
	file, err := record.Latest(filepath.Join(state, "benchtop", "runs"))
	if err != nil {
		t.Fatal(err)
	}
	run, err := record.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	if run.Torn {
		t.Errorf("the run is not labelled: %s", run.Notice())
	}
	return run.Events[len(run.Events)-1].End
}

// A run whose lines nobody takes, or whose reader is gone, ends in order and is labelled.
func TestARunWithoutAReaderIsLabelled(t *testing.T) {
	t.Parallel()
	t.Run("the pipe is full", func(t *testing.T) {
		t.Parallel()
		read, write, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _, _ = read.Close(), write.Close() }()
		for size := 1 << 16; size > 0; size /= 2 {
			for err = nil; err == nil; {
				_ = write.SetWriteDeadline(time.Now().Add(10 * time.Millisecond))
				_, err = write.Write(make([]byte, size))
			}
		}
		name, scenario := program(t)
		cmd := exec.Command(name, "run", scenario, "--plain")
		state := t.TempDir()
		cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+state)
		cmd.Stdout = write
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(6 * deadline); len(runFiles(state)) == 0; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("no run begins")
			}
		}
		waiting(t, cmd.Process.Pid)
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		if code := exitCode(t, cmd); code != exitInterrupt {
			t.Errorf("exit code %d", code)
		}
		if end := newest(t, state); end.How != lab.EndInterrupted {
			t.Errorf("the run ended %+v", end)
		}
	})
	t.Run("the reader is gone", func(t *testing.T) {
		t.Parallel()
		cmd, marker, out := background(t, `exec "$1" run "$2" --plain 2>errors`)
		readUntil(t, out, "block 1/20", 1)
		_ = out.Close()
		if code := exitCode(t, cmd); code != exitEnvironment {
			t.Errorf("exit code %d", code)
		}
		gone(t, cmd, marker)
		if end := newest(t, filepath.Join(cmd.Dir, "state")); end.How != lab.EndTerminated {
			t.Errorf("the run ended %+v", end)
		}
	})
}

// The first wish to end is heeded, the second ends the program at once, with the code of the first; but not a second
// hangup, which the kernel sends of itself. Where nothing heeds it, the first one ends the program.
func TestHowOftenAProgramIsAsked(t *testing.T) {
	const hup, in, term, pipe = syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM, syscall.SIGPIPE
	for _, c := range []struct {
		heeded bool
		asked  []os.Signal
		exits  []int
	}{
		{true, []os.Signal{in}, nil},
		{true, []os.Signal{hup, hup, hup}, nil},
		{true, []os.Signal{term, hup}, nil},
		{true, []os.Signal{pipe, pipe}, nil},
		{true, []os.Signal{in, in}, []int{exitInterrupt}},
		{true, []os.Signal{term, in}, []int{exitTerminated}},
		{true, []os.Signal{hup, hup, term}, []int{exitHangup}},
		{false, []os.Signal{hup}, []int{exitHangup}},
		{false, []os.Signal{term}, []int{exitTerminated}},
		{false, []os.Signal{pipe}, []int{exitEnvironment}},
	} {
		env, _, said := testEnv()
		var exits []int
		env.Exit = func(code int) { exits = append(exits, code) }
		last := 0
		defer env.atLast(func() string { last++; return "saved somewhere" })()
		ctx, letGo := env.heed(context.Background())
		if !c.heeded {
			letGo()
		}
		for _, s := range c.asked {
			env.ask(s)
		}
		if !slices.Equal(exits, c.exits) || last != len(c.exits) || strings.Count(said.String(), "saved somewhere\n") != last {
			t.Errorf("%v, heeded %v: it ended with %v and did its last %d times, expected %v", c.asked, c.heeded, exits, last, c.exits)
		}
		if c.heeded != (signalled(ctx) != exitOK) {
			t.Errorf("%v, heeded %v: its context ends with %v", c.asked, c.heeded, context.Cause(ctx))
		}
		if late, _ := env.heed(context.Background()); signalled(late) == exitOK {
			t.Errorf("%v: what begins afterwards does not know of it", c.asked)
		}
	}
}
