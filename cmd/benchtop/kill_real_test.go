package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"benchtop/targets"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/procfs"
)

// A lab that is killed while real components run leaves no process, no listener and no file behind.
func TestAKilledServeLeavesNoComponentBehind(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("finding descendants by their environment needs Linux's /proc")
	}
	for _, test := range []struct {
		components []string
		args       []string
		processes  int
	}{
		{[]string{"nginx", "gunicorn"}, []string{"--server", "gunicorn", "--workers", "4", "--proxy", "nginx"}, 9}, // two guards, gunicorn's five, nginx's two
		{[]string{"redis"}, []string{"--cache", "redis"}, 3},
		{[]string{"postgres"}, []string{"--database", "postgres"}, 7}, // worker, guard, postmaster, and at least four in the background
	} {
		t.Run(strings.Join(test.components, " "), func(t *testing.T) {
			t.Parallel()
			suite.Need(t, targets.Missing(t.Context(), test.components))
			killServe(t, test.processes, test.args...)
		})
	}
}

// killServe serves until there are so many processes below it, kills it, and looks for what is left.
func killServe(t *testing.T, processes int, args ...string) {
	t.Helper()
	name := calledSo(t, t.TempDir(), "benchtop")
	temporary, err := os.MkdirTemp("/tmp", "bt") // short, for the paths of sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(temporary) })
	cmd := exec.Command(name, append([]string{"serve"}, args...)...)
	cmd.Env = append(os.Environ(), "TMPDIR="+temporary, "XDG_RUNTIME_DIR=")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := cmd.StdinPipe() // its end would stop the server
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatalf("it gave no address: %v", cmd.Wait())
	}
	address := strings.TrimPrefix(lines.Text(), "http://")
	tree := descendants(t, cmd.Process.Pid)
	for end := time.Now().Add(deadline); len(tree) < processes; tree = descendants(t, cmd.Process.Pid) {
		if time.Now().After(end) {
			t.Fatalf("only %d processes were there", len(tree))
		}
		time.Sleep(20 * time.Millisecond) // the pause of the poll
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() {
	}
	_ = cmd.Wait() // it was killed
	for end := time.Now().Add(deadline); ; time.Sleep(20 * time.Millisecond) {
		tree = slices.DeleteFunc(tree, func(known procfs.Identity) bool {
			now, alive := procfs.Identify(known.PID)
			return !alive || now != known
		})
		if len(tree) == 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("still there: %+v", tree)
		}
	}
	suite.Closed(t, "tcp", address)
	for end := time.Now().Add(deadline); ; time.Sleep(20 * time.Millisecond) { // the last guard removes the run folder
		left, err := filepath.Glob(filepath.Join(temporary, "*", "*"))
		if err != nil {
			t.Fatal(err)
		}
		if len(left) == 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("still there: %v", left)
		}
	}
}

// descendants are the processes below one, by their parents: nginx writes its title over its environment, so that it
// cannot be found by a marker there.
func descendants(t *testing.T, root int) []procfs.Identity {
	t.Helper()
	dirs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	below := map[int][]int{}
	for _, dir := range dirs {
		if pid, err := strconv.Atoi(filepath.Base(dir)); err == nil {
			if st, ok := procfs.ReadStat(pid); ok {
				below[st.Parent] = append(below[st.Parent], pid)
			}
		}
	}
	var tree []procfs.Identity
	for ask := []int{root}; len(ask) > 0; ask = ask[1:] {
		for _, pid := range below[ask[0]] {
			ask = append(ask, pid)
			if id, ok := procfs.Identify(pid); ok {
				tree = append(tree, id)
			}
		}
	}
	return tree
}
