package runfolder

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"benchtop/targets/fixture/suite"
	"benchtop/targets/posix"
	"benchtop/targets/proc"
	"benchtop/targets/procfs"
)

func TestMain(m *testing.M) {
	proc.Dispatch(map[string]proc.RoleFunc{"home": homeRole})
	suite.Main(m, nil)
}

// The orphans that the tests of the sweep leave behind.

// orphan is one that a test asks for.
type orphan struct {
	Marked  bool `json:"marked"`  // carries both marks
	HalfWay bool `json:"halfway"` // carries the mark of the run alone
	Bare    bool `json:"bare"`    // has no environment, as after it was written over, and as a stranger may have none
	Entered bool `json:"entered"` // is in the ledger
	Piped   bool `json:"piped"`   // writes to a pipe that is in the ledger
}

// homeRole stands in for a lab whose guards are gone too: it has a run folder, leaves the processes of its spec behind
// and tells their ids.
func homeRole(ctx context.Context, c *proc.Child) error {
	var asked []orphan
	if err := c.Spec(&asked); err != nil {
		return err
	}
	dir, err := Path()
	if err != nil {
		return err
	}
	ledger, err := os.OpenFile(filepath.Join(dir, ledgerName), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	var pids []int
	for _, o := range asked {
		cmd := exec.Command("sleep", "1000")
		cmd.SysProcAttr = posix.Session(false)
		cmd.Env = []string{"HOME=/"}
		switch {
		case o.Marked:
			cmd.Env = []string{proc.RunEnv + "=" + proc.RunMarker(), Env + "=" + ID()}
		case o.HalfWay:
			cmd.Env = []string{proc.RunEnv + "=" + proc.RunMarker()}
		case o.Bare:
			cmd.Env = []string{}
		}
		pipes := map[string]bool{}
		if o.Piped {
			reader, writer, err := os.Pipe()
			if err != nil {
				return err
			}
			defer func() { _, _ = reader.Close(), writer.Close() }()
			name, err := procfs.PipeName(reader)
			if err != nil {
				return err
			}
			cmd.Stdout, pipes[name] = writer, true
		}
		if err := cmd.Start(); err != nil {
			return err
		}
		if o.Entered {
			id, ok := procfs.Identify(cmd.Process.Pid)
			if !ok {
				return fmt.Errorf("process %d cannot be identified", cmd.Process.Pid)
			}
			line, err := json.Marshal(ledgerEntry{Identity: id, Name: "sleep", Pipes: pipes})
			if err == nil {
				_, err = ledger.Write(append(line, '\n'))
			}
			if err != nil {
				return err
			}
		}
		pids = append(pids, cmd.Process.Pid)
	}
	if err := c.Ready(home{Dir: dir, PIDs: pids}); err != nil {
		return err
	}
	<-ctx.Done()
	return Remove()
}

// home is what it tells.
type home struct {
	Dir  string `json:"dir"`
	PIDs []int  `json:"pids"`
}

// startHome starts it in the folders of this test.
func startHome(t *testing.T, orphans ...orphan) (*proc.Process, home) {
	t.Helper()
	p, err := proc.Start(t.Context(), proc.Command{Role: "home", Spec: orphans, Env: []string{proc.RunEnv + "=" + proc.Nonce()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), suite.Deadline)
		defer cancel()
		if err := p.Stop(ctx, 0); err != nil && !errors.Is(err, proc.ErrKilled) {
			t.Error(err)
		}
	})
	var h home
	if err := json.Unmarshal(p.ReadyLine(), &h); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, pid := range h.PIDs {
			if line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); err == nil && strings.HasPrefix(string(line), "sleep\x001000") {
				_ = posix.Kill(pid, syscall.SIGKILL)
			}
		}
	})
	return p, h
}

func killed(t *testing.T, p *proc.Process) {
	t.Helper()
	if err := p.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.Done():
	case <-time.After(suite.Deadline):
		t.Fatalf("process %d did not end", p.PID())
	}
}

func alive(pid int) bool {
	_, living := procfs.Identify(pid)
	return living
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func sweep(t *testing.T) int {
	t.Helper()
	began := time.Now()
	n, err := Sweep()
	if err != nil {
		t.Errorf("after %v: %v", time.Since(began), err)
	}
	return n
}
