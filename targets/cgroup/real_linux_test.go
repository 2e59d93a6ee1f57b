package cgroup

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"benchtop/targets"
	"benchtop/targets/builtin"
	"benchtop/targets/fixture"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/proc"
	"benchtop/targets/procfs"
	"benchtop/targets/runfolder"
)

// scope makes a control group of this machine that is delegated to what a test starts in it, and says which controllers it
// can have. Limits are those that these can set.
func scope(t *testing.T) (path, controllers string, limits targets.Limits) {
	t.Helper()
	h, err := look("/proc")
	if err != nil {
		t.Skip(err)
	}
	base := h.top
	if dir, move, err := choose("/proc"); err == nil && !move {
		base = dir
	}
	has := words(base, "cgroup.controllers")
	switch {
	case slices.Contains(has, "cpu") && slices.Contains(has, "memory"):
		controllers, limits = "cpu memory", targets.Limits{CPU: 0.5, Memory: 500e6}
	case len(has) > 0:
		controllers = has[0]
		t.Logf("only the controllers %v are here: nothing is limited", has)
	default:
		t.Skip("no controller of version 2 is here")
	}
	for _, c := range strings.Fields(controllers) {
		if !slices.Contains(words(base, "cgroup.subtree_control"), c) {
			if err := write(base, "cgroup.subtree_control", "+"+c); err != nil {
				t.Skip(err)
			}
			t.Cleanup(func() {
				if err := write(base, "cgroup.subtree_control", "-"+c); err != nil {
					t.Error(err)
				}
			})
		}
	}
	path, err = os.MkdirTemp(base, "test-")
	if err != nil {
		t.Skipf("no group can be made here: %v", err)
	}
	t.Cleanup(func() {
		for _, dir := range []string{filepath.Join(path, leaf), path} {
			if err := procfs.RemoveGroup(dir, suite.Deadline, time.Second); err != nil {
				t.Error(err)
			}
		}
	})
	return path, controllers, limits
}

// lab starts a stand-in for the lab in a scope, with a server that has limits, and gives the group of the server.
func lab(t *testing.T) (p *proc.Process, group string) {
	t.Helper()
	in, controllers, limits := scope(t)
	p, err := proc.Start(t.Context(), proc.Command{
		Role: fixture.LabRole, Group: in, Env: []string{controllersEnv + "=" + controllers},
		Spec: targets.Spec{Server: "builtin", Workers: 2, Limits: &limits},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Stop(t.Context(), 0) })
	var address string
	if err := json.Unmarshal(p.ReadyLine(), &address); err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(filepath.Join(in, namePrefix+"*"))
	if err != nil || len(found) != 1 {
		t.Fatalf("the groups are %v, %v", found, err)
	}
	if n := len(words(found[0], "cgroup.procs")); n != 2 {
		t.Errorf("%d processes are in the group, want 2 workers", n)
	}
	if !slices.Contains(words(filepath.Join(in, leaf), "cgroup.procs"), strconv.Itoa(p.PID())) {
		t.Error("the lab was not moved")
	}
	if limits.CPU > 0 {
		if got := strings.Join(words(found[0], "cpu.max"), " "); got != "50000 100000" {
			t.Errorf("cpu.max is %q", got)
		}
	}
	return p, found[0]
}

// gone waits until a group is.
func gone(t *testing.T, group string) {
	t.Helper()
	suite.Eventually(t, group+" is gone", func() bool {
		_, err := os.Stat(group)
		return os.IsNotExist(err)
	})
}

// The workers of a limited server begin in a group of its own, which goes with them.
func TestAServerInAGroup(t *testing.T) {
	suite.Temp(t)
	p, group := lab(t)
	if err := p.Stop(t.Context(), suite.Deadline); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(group); !os.IsNotExist(err) {
		t.Errorf("%s is there after the stop: %v", group, err)
	}
}

// The keeper removes the group of a lab that was killed.
func TestAKilledLab(t *testing.T) {
	suite.Temp(t)
	p, group := lab(t)
	if err := p.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	gone(t, group)
}

// What is left when the keeper is killed as well, the next start sweeps: the group, and the run folder that knew of it.
func TestAKilledKeeper(t *testing.T) {
	temp := suite.Temp(t)
	p, group := lab(t)
	for _, st := range procfs.Below(p.PID()) {
		if name, _ := os.ReadFile("/proc/" + strconv.Itoa(st.PID) + "/comm"); strings.TrimSpace(string(name)) != "benchtop "+builtin.Role {
			_ = st.Identity().Signal(syscall.SIGKILL) // the watcher of the keeper first, which would end it otherwise
		}
	}
	if err := p.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-p.Done()
	if _, err := os.Stat(group); err != nil {
		t.Fatalf("without its keeper: %v", err)
	}
	if _, err := runfolder.Sweep(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(group); !os.IsNotExist(err) {
		t.Errorf("%s is there after the sweep: %v", group, err)
	}
	if left, err := filepath.Glob(filepath.Join(temp, "benchtop-*", "r*")); err != nil || len(left) != 0 {
		t.Errorf("run folders are left: %v, %v", left, err)
	}
}
