package guard

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"benchtop/targets/fixture/suite"
	"benchtop/targets/proc"
	"benchtop/targets/procfs"
	"benchtop/targets/runfolder"
)

// What leaves the group, the session and its parent is still in the tree, and ends with it.
func TestStrayIsFound(t *testing.T) {
	p, r := run(t, "daemon", Command{Grace: 50 * time.Millisecond, Dir: t.TempDir()})
	r.await(t, "ready")
	r.await(t, "stray")
	var stray Child
	suite.Eventually(t, "the stray is a child of the guard", func() bool {
		tree := p.Tree()
		// Its parent has ended, and the component does not wait for it.
		i := slices.IndexFunc(tree, func(c Child) bool { return c.Parent == p.PID() && c.Zombie })
		j := slices.IndexFunc(tree, func(c Child) bool { return c.Parent == p.GuardPID() && c.PID != p.PID() })
		if len(tree) == 3 && tree[0].PID == p.PID() && i > 0 && j > 0 {
			stray = tree[j]
			return true
		}
		return false
	})
	if !strings.Contains(stray.Args, filepath.Base(executable())) {
		t.Errorf("its command line is %q", stray.Args)
	}
	before := members(t, p, 2)
	if err := p.Stop(t.Context()); !errors.Is(err, proc.ErrKilled) {
		t.Errorf("%v, want that they had to be killed", err)
	}
	allGone(t, before)
}

// The tree is told about as long as there is one, also when the first process has left it.
func TestTreeOutlivesItsFirstProcess(t *testing.T) {
	p, r := run(t, "leaver", Command{Grace: 50 * time.Millisecond})
	r.await(t, "stray")
	select {
	case <-p.Exited():
	case <-time.After(suite.Deadline):
		t.Fatal("the end of the first process was not told")
	}
	if err := p.Err(); err == nil {
		t.Error("the first process ended without being asked: no error")
	}
	suite.Eventually(t, "the stray is the tree", func() bool {
		tree := p.Tree()
		return len(tree) == 1 && tree[0].PID != p.PID()
	})
	select {
	case <-p.Done():
		t.Error("Done while a process lives")
	default:
	}
	before := members(t, p, 1)
	if err := p.Stop(t.Context()); err != nil {
		t.Error(err) // it was over before: whether the rest had to be killed is nobody's failure to stop
	}
	allGone(t, before)
}

// F1 for components: the guard is killed, and its tree ends.
func TestKilledGuardLeavesNothing(t *testing.T) {
	for _, mode := range []string{"daemon", "stubborn", "leaver"} {
		p, r := run(t, mode, Command{Dir: t.TempDir()})
		want := 1
		if mode == "daemon" {
			r.await(t, "stray")
			want = 2
		}
		if mode == "leaver" {
			<-p.Exited()
		}
		before := members(t, p, want)
		if err := syscall.Kill(p.GuardPID(), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		wait(t, p)
		allGone(t, before)
		if mode != "leaver" {
			err := p.Err()
			if err == nil || !strings.Contains(err.Error(), "lost its guard and was ended: guard") {
				t.Errorf("%s: %v", mode, err)
			}
		}
		if err := p.Stop(t.Context()); err != nil {
			t.Errorf("%s: %v", mode, err)
		}
		if found, err := procfs.Carrying(Env + "=" + p.id); err != nil || len(found) > 0 {
			t.Errorf("%s: %v, %v", mode, found, err)
		}
	}
}

// A guard that does not answer any more is replaced by its killer.
func TestFrozenGuard(t *testing.T) {
	t.Parallel()
	p, r := run(t, "stubborn", Command{Grace: time.Millisecond})
	r.await(t, "ready")
	before := members(t, p, 1)
	if err := syscall.Kill(p.GuardPID(), syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	if err := p.Stop(t.Context()); err == nil {
		t.Error("stopped by a guard that was frozen")
	}
	allGone(t, before)
}

// F1 and F2: the lab is killed at any moment while it starts components, and nothing of them is left: no process, so
// no listener, and no socket file.
func TestKilledLabLeavesNothing(t *testing.T) {
	t.Parallel()
	const rounds, width = 20, 10
	var slowest time.Duration
	var mu sync.Mutex
	var wg sync.WaitGroup
	for w := range width {
		random := rand.New(rand.NewPCG(1, uint64(w)))
		wg.Go(func() {
			for i := range rounds / width {
				took := killLab(t, fmt.Sprintf("%s-%d-%d", proc.RunMarker(), w, i), time.Duration(random.Int64N(int64(150*time.Millisecond))))
				mu.Lock()
				slowest = max(slowest, took)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	t.Logf("the slowest of %d ends took %v", rounds, slowest)
}

// killLab starts a lab with a temporary folder of its own, kills it after the delay, and waits until nothing is left.
func killLab(t *testing.T, marker string, delay time.Duration) time.Duration {
	t.Helper()
	dir, err := os.MkdirTemp("", "lab")
	if err != nil {
		t.Error(err)
		return 0
	}
	lab, err := proc.Start(t.Context(), proc.Command{
		Role: "lab", Spec: false, Env: []string{proc.RunEnv + "=" + marker, "TMPDIR=" + dir},
		OnMessage: func(json.RawMessage) {},
	})
	if err != nil {
		t.Error(err)
		return 0
	}
	time.Sleep(delay) // the random moment is the point
	killed := time.Now()
	if err := lab.Signal(syscall.SIGKILL); err != nil {
		t.Error(err)
	}
	<-lab.Done()
	for {
		processes, err := proc.Marked(marker)
		left := sockets(dir)
		took := time.Since(killed)
		if err == nil && len(processes) == 0 && len(left) == 0 {
			return took
		}
		if took > suite.Deadline {
			t.Errorf("after %v: processes %v, %v, sockets %v", delay, processes, err, left)
			return took
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// sockets lists the sockets below a folder. The run folder itself stays when no guard had entered it yet.
func sockets(dir string) []string {
	var found []string
	_ = filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.Type()&os.ModeSocket != 0 {
			found = append(found, path)
		}
		return nil
	})
	return found
}

// The worst case with a real component: the lab, the guard and its watcher are killed in one moment, and what lives on
// has written over its environment. The next start finds it in the ledger.
func TestSweptNginx(t *testing.T) {
	_, err := exec.LookPath("nginx")
	suite.Need(t, err)
	dir, err := os.MkdirTemp("/tmp", "bt")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	pairs := make(chan pair, 2)
	lab, err := proc.Start(t.Context(), proc.Command{
		Role: "lab", Spec: true, Env: []string{"TMPDIR=" + dir},
		OnMessage: func(m json.RawMessage) {
			var p pair
			if json.Unmarshal(m, &p) == nil {
				pairs <- p
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	var all []member
	var keepers []int // guards and watchers
	for range 2 {
		var p pair
		select {
		case p = <-pairs:
		case <-lab.Done():
			t.Fatalf("%v: %s", lab.Err(), lab.Tail())
		}
		keepers = append(keepers, p.Guard, p.Watcher)
		suite.Eventually(t, "master and workers are in the ledger", func() bool {
			tree := descendants(p.Guard)
			return len(tree) == 3 && entered(dir, tree)
		})
		tree := descendants(p.Guard)
		all = append(all, tree...)
		t.Cleanup(func() {
			for _, m := range tree {
				_ = m.Signal(syscall.SIGKILL) // what is left of a test that failed
			}
		})
	}
	for _, pid := range keepers {
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil { // so that none can react to the end of another
			t.Fatal(err)
		}
	}
	if err := lab.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	for _, pid := range keepers {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	if err := lab.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-lab.Done()
	living := 0
	for _, m := range all {
		if m.Alive() {
			living++
		}
	}
	t.Logf("%d of %d processes live on", living, len(all))
	t.Setenv("TMPDIR", dir)
	if _, err := runfolder.Sweep(); err != nil {
		t.Error(err)
	}
	allGone(t, all)
	if left, err := filepath.Glob(dir + "/*/*"); err != nil || len(left) > 0 {
		t.Errorf("%v, %v", left, err)
	}
}

// entered reports whether the ledgers below a folder have all of the processes.
func entered(dir string, tree []member) bool {
	text := ""
	ledgers, _ := filepath.Glob(dir + "/*/*/ledger")
	for _, name := range ledgers {
		content, err := os.ReadFile(name)
		if err != nil {
			return false
		}
		text += string(content)
	}
	for _, m := range tree {
		if !strings.Contains(text, fmt.Sprintf(`{"pid":%d,"start":%d,`, m.PID, m.Start)) {
			return false
		}
	}
	return true
}
