package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"benchtop/targets/fixture/suite"
	"benchtop/targets/posix"
	"benchtop/targets/proc"
	"benchtop/targets/procfs"
)

// deadline for things that must happen within 3 s; generous, for machines that are busy.
const deadline = time.Minute

// killScenario has slices that are long enough for any machine; all but one of its runs are cut short.
const killScenario = `benchtop: 1
id: kill
title: To be killed
target: {server: builtin, endpoint: /hello, workers: 2}
variants:
  - {id: a}
  - {id: b, accept: shared}
load: {model: open, rate: 200} # so that no machine is too slow for its slices, and other tests have the CPU
plan: {warmup: 300ms, slice: 10s, blocks: 20}
`

// startLab starts the real program with a marker of its own on a scenario, waits until it says want, and gives its
// process, and what else carries the marker.
func startLab(t *testing.T, want string, args ...string) (*exec.Cmd, string, *bufio.Scanner) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "kill.yaml")
	if err := os.WriteFile(file, []byte(killScenario), 0o600); err != nil {
		t.Fatal(err)
	}
	return startIn(t, dir, want, append([]string{"run", file, "--plain"}, args...)...)
}

// startIn is startLab with another command, and a folder for its state.
func startIn(t *testing.T, dir, want string, args ...string) (*exec.Cmd, string, *bufio.Scanner) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("finding descendants by their environment needs Linux's /proc")
	}
	name := calledSo(t, dir, "benchtop")
	marker := filepath.Base(dir) + t.Name()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), proc.RunEnv+"="+marker, "XDG_STATE_HOME="+filepath.Join(dir, "state"))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines, said := bufio.NewScanner(out), ""
	for lines.Scan() {
		if strings.Contains(lines.Text(), want) {
			return cmd, marker, lines
		}
		said += lines.Text() + "\n"
	}
	t.Fatalf("the program ended before it said %q, %v, and said\n%s", want, cmd.Wait(), said)
	return nil, "", nil
}

// children are the processes of the marker other than the program itself.
func children(t *testing.T, cmd *exec.Cmd, marker string) []int {
	t.Helper()
	all, err := proc.Marked(marker)
	if err != nil {
		t.Fatal(err)
	}
	out := all[:0]
	for _, pid := range all {
		if pid != cmd.Process.Pid {
			out = append(out, pid)
		}
	}
	return out
}

// gone waits until no process carries the marker.
func gone(t *testing.T, cmd *exec.Cmd, marker string) {
	t.Helper()
	for end := time.Now().Add(deadline); ; time.Sleep(20 * time.Millisecond) {
		left := children(t, cmd, marker)
		if len(left) == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("still there: %v", left)
		}
	}
}

func TestAKilledLabLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	for _, delay := range []time.Duration{0, 30 * time.Millisecond, 400 * time.Millisecond} {
		cmd, marker, lines := startLab(t, "b: worker")
		time.Sleep(delay) // a moment at random in the life of the run, not a wait for something
		before := children(t, cmd, marker)
		if len(before) < 4 {
			t.Fatalf("only %d children were there", len(before))
		}
		listeners := listening(t, before)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() {
		}
		_ = cmd.Wait() // it was killed
		gone(t, cmd, marker)
		for _, addr := range listeners {
			suite.Closed(t, "tcp", addr)
		}
	}
}

// listening gives the loopback addresses that the processes listen on.
func listening(t *testing.T, pids []int) []string {
	t.Helper()
	inodes := map[string]bool{}
	for _, pid := range pids {
		links, err := filepath.Glob(filepath.Join("/proc", itoa(pid), "fd", "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range links {
			if to, err := os.Readlink(l); err == nil && strings.HasPrefix(to, "socket:[") {
				inodes[strings.TrimSuffix(strings.TrimPrefix(to, "socket:["), "]")] = true
			}
		}
	}
	table, err := os.ReadFile("/proc/net/tcp")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, line := range strings.Split(string(table), "\n")[1:] {
		f := strings.Fields(line)
		if len(f) > 9 && f[3] == "0A" && inodes[f[9]] {
			out = append(out, "127.0.0.1:"+port(t, f[1]))
		}
	}
	if len(out) == 0 {
		t.Error("no listener was found")
	}
	return out
}

func TestSignalsEndARunAndKeepItsPart(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		signal syscall.Signal
		code   int
		ended  string
	}{{syscall.SIGINT, 130, "interrupted"}, {syscall.SIGTERM, 143, "terminated"}, {syscall.SIGHUP, 129, "terminated"}} {
		cmd, marker, lines := startLab(t, "block 1/20")
		if err := cmd.Process.Signal(test.signal); err != nil {
			t.Fatal(err)
		}
		said := ""
		for lines.Scan() {
			said += lines.Text() + "\n"
		}
		_ = cmd.Wait() // the code is looked at below
		if code := cmd.ProcessState.ExitCode(); code != test.code {
			t.Errorf("%v: exit code %d, expected %d", test.signal, code, test.code)
		}
		if !strings.Contains(said, "NOT COMPLETE: "+test.ended) || !strings.Contains(said, "saved ") {
			t.Errorf("%v: it said\n%s", test.signal, said)
		}
		gone(t, cmd, marker)
	}
}

func TestADeadLoaderIsSaid(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGKILL, posix.SIGSTOP} {
		cmd, marker, lines := startLab(t, "block 1/20")
		loader := 0
		for _, pid := range children(t, cmd, marker) {
			if env, err := os.ReadFile(filepath.Join("/proc", itoa(pid), "environ")); err == nil && strings.Contains(string(env), "BENCHTOP_ROLE=loader") {
				loader = pid
			}
		}
		if loader == 0 {
			t.Fatal("there is no loader")
		}
		if err := posix.Kill(loader, signal); err != nil {
			t.Fatal(err)
		}
		said := ""
		for lines.Scan() {
			said += lines.Text() + "\n"
		}
		_ = cmd.Wait() // the code is looked at below
		if code := cmd.ProcessState.ExitCode(); code != exitEnvironment || !strings.Contains(said, "no verdict") || !strings.Contains(said, "generator died") {
			t.Errorf("%v: exit code %d, it said\n%s", signal, code, said)
		}
		gone(t, cmd, marker)
	}
}

func TestADeadWorkerIsReplacedAndTold(t *testing.T) {
	t.Parallel()
	cmd, marker, lines := startLab(t, "block 1/1", "--blocks", "1", "--slice", "1s")
	worker := 0
	for _, pid := range children(t, cmd, marker) {
		if env, err := os.ReadFile(filepath.Join("/proc", itoa(pid), "environ")); err == nil && strings.Contains(string(env), "BENCHTOP_ROLE=worker") {
			worker = pid
		}
	}
	if err := posix.Kill(worker, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	said := ""
	for lines.Scan() {
		said += lines.Text() + "\n"
	}
	_ = cmd.Wait() // errors of the moment may or may not exceed the limit
	for _, want := range []string{"worker " + itoa(worker), "replaces it", "to know before believing it"} {
		if !strings.Contains(said, want) {
			t.Errorf("it did not say %q:\n%s", want, said)
		}
	}
	gone(t, cmd, marker)
}

// F43: nothing but the program itself has a secret of the environment, the generator included.
func TestSecretsStayWithTheLab(t *testing.T) {
	const secret = "DATABASE_PASSWORD"
	t.Setenv(secret, t.Name())
	cmd, marker, lines := startLab(t, "b: worker")
	defer func() {
		_ = cmd.Process.Kill()
		for lines.Scan() {
		}
		_ = cmd.Wait() // it was killed
		gone(t, cmd, marker)
	}()
	if n := len(children(t, cmd, marker)); n < 4 {
		t.Fatalf("only %d children were there", n)
	}
	found, err := procfs.Carrying(secret + "=" + t.Name())
	if err != nil || len(found) == 0 {
		t.Fatalf("not even the program has it: %v", err)
	}
	for _, id := range found {
		if id.PID != cmd.Process.Pid {
			t.Errorf("process %d has the secret", id.PID)
		}
	}
}
