package guard

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"benchtop/targets/fixture/suite"
	"benchtop/targets/proc"
	"benchtop/targets/procfs"
)

// F40: whichever two of the lab, the guard and its watcher are stopped or killed, the component ends, without a sweep.
func TestStoppedOrKilledTogether(t *testing.T) {
	t.Parallel()
	for _, nginx := range []bool{false, true} {
		name := "component"
		if nginx {
			name = "nginx"
		}
		t.Run(name, func(t *testing.T) {
			if nginx {
				_, err := exec.LookPath("nginx")
				suite.Need(t, err)
			}
			for _, orders := range []string{
				"kill lab, kill guard", "kill guard, kill lab",
				"stop guard, kill lab", "stop guard, kill lab, kill guard", "stop lab, stop guard, kill lab, kill guard",
				"stop lab, stop guard, kill guard, kill lab",
				"kill watcher, kill lab", "kill lab, kill watcher", "kill watcher", "kill guard", "kill watcher, kill guard",
				"stop watcher, kill lab", "stop watcher, stop guard, kill lab",
			} {
				t.Run(orders, func(t *testing.T) {
					t.Parallel()
					stopOrKill(t, nginx, orders)
				})
			}
		})
	}
}

func stopOrKill(t *testing.T, nginx bool, orders string) {
	dir, err := os.MkdirTemp("/tmp", "bt")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	marker := "watch" + draw()
	pairs := make(chan pair, 2)
	lab, err := proc.Start(t.Context(), proc.Command{
		Role: "lab", Spec: nginx, Env: []string{proc.RunEnv + "=" + marker, "TMPDIR=" + dir},
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
	t.Cleanup(func() { _ = lab.Signal(syscall.SIGKILL); <-lab.Done() })
	var p pair
	for range 2 { // the other component ends with the lab
		select {
		case p = <-pairs:
		case <-lab.Done():
			t.Fatalf("%v: %s", lab.Err(), lab.Tail())
		}
	}
	want := 3
	if !nginx {
		want = 2 // the first process and a stray; the one in between has ended
	}
	var tree []member
	suite.Eventually(t, "the tree is complete", func() bool {
		tree = descendants(p.Guard)
		return len(tree) >= want
	})
	everybody := tree
	for name, pid := range map[string]int{"guard": p.Guard, "watcher": p.Watcher} {
		id, ok := procfs.Identify(pid)
		if !ok {
			t.Fatalf("the %s is gone", name)
		}
		everybody = append(everybody, member{Identity: id, Args: name})
	}
	t.Cleanup(func() {
		for _, m := range everybody {
			_ = m.Signal(syscall.SIGKILL) // what is left of a test that failed
		}
	})
	began := time.Now()
	pids := map[string]int{"lab": lab.PID(), "guard": p.Guard, "watcher": p.Watcher}
	signals := map[string]syscall.Signal{"kill": syscall.SIGKILL, "stop": syscall.SIGSTOP}
	for order := range strings.SplitSeq(orders, ", ") {
		what, whom, _ := strings.Cut(order, " ")
		// One that is gone already had ended by itself, which is as good.
		_ = syscall.Kill(pids[whom], signals[what])
	}
	suite.Eventually(t, "nothing is left", func() bool {
		for _, m := range everybody {
			if m.Alive() {
				return false
			}
		}
		return true
	})
	t.Logf("nothing is left after %v", time.Since(began))
}

// A guard that has no time for a look does not keep the dead in the list.
func TestTreeLeavesOutTheDead(t *testing.T) {
	p, r := run(t, "polite", Command{})
	r.await(t, "ready")
	first := members(t, p, 1)[0]
	if err := syscall.Kill(p.GuardPID(), syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Kill(p.GuardPID(), syscall.SIGCONT) }()
	if err := first.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	suite.Eventually(t, "it is dead", func() bool { return !first.Alive() })
	if tree := p.Tree(); len(tree) != 0 {
		t.Errorf("%+v", tree)
	}
}
