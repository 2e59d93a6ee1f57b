package runfolder

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"benchtop/targets/fixture/suite"
	"benchtop/targets/procfs"
)

// strangerEnv tells this test binary that it is the first process of a PID namespace without a /proc of its own.
const strangerEnv = "BENCHTOP_TEST_STRANGER"

// F41: a sweep in a PID namespace with the /proc of the outer one. The ledger names a process by what the outer /proc
// says of its number, where a kernel thread with an empty environment has it.
func TestForeignProc(t *testing.T) {
	if os.Getenv(strangerEnv) != "" {
		t.Run("inside", foreignProc)
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("unshare", "--pid", "--fork", "--", "true")
	if err := cmd.Run(); err != nil {
		suite.Need(t, fmt.Errorf("a PID namespace cannot be made: %w", err))
	}
	cmd = exec.Command("unshare", "--pid", "--fork", "--", self, "-test.run=^TestForeignProc$", "-test.v")
	cmd.Env = append(os.Environ(), strangerEnv+"=1", "TMPDIR="+suite.Temp(t), "XDG_RUNTIME_DIR=", "GOCOVERDIR="+t.TempDir())
	if out, err := cmd.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS: TestForeignProc/inside")) {
		t.Errorf("%v\n%s", err, out)
	}
}

func foreignProc(t *testing.T) {
	if err := procfs.Own(); err == nil {
		t.Fatal("the /proc of another namespace is taken for ours")
	}
	if pids, err := procfs.PIDs(); err == nil {
		t.Errorf("lists %v", pids)
	}
	if id, ok := procfs.Identify(os.Getpid()); ok {
		t.Errorf("identifies %v", id)
	}
	if found, err := procfs.Carrying(); err == nil {
		t.Errorf("finds %v", found)
	}
	strangers := startStrangers(t)
	dir := strangeFolder(t, strangers)
	n, err := Sweep()
	if n != 0 || err == nil || !strings.Contains(err.Error(), dir+" stays") {
		t.Errorf("ended %d, %v", n, err)
	}
	for _, s := range strangers {
		if err := s.Process.Signal(syscall.Signal(0)); err != nil || ended(s) {
			t.Errorf("stranger %d was ended: %v", s.Process.Pid, err)
		}
	}
	if !exists(dir) {
		t.Error("the folder is gone although nobody knows what of it lives")
	}
}

// ended reports whether a child of this process has ended, without waiting for it.
func ended(cmd *exec.Cmd) bool {
	var status syscall.WaitStatus
	pid, err := syscall.Wait4(cmd.Process.Pid, &status, syscall.WNOHANG, nil)
	return err != nil || pid == cmd.Process.Pid
}

func startStrangers(t *testing.T) []*exec.Cmd {
	var strangers []*exec.Cmd
	for range 8 {
		cmd := exec.Command("sleep", "1000")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = cmd.Process.Kill(); _, _ = cmd.Process.Wait() })
		strangers = append(strangers, cmd)
	}
	return strangers
}

// strangeFolder makes the run folder of an owner that is gone, with what /proc says of the strangers' numbers.
func strangeFolder(t *testing.T, strangers []*exec.Cmd) string {
	dir, err := Path()
	if err != nil {
		t.Fatal(err)
	}
	_ = own.owner.Close() // as if this process were gone
	f, err := os.OpenFile(filepath.Join(dir, ledgerName), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	boot, space := procfs.Here()
	for _, s := range strangers {
		id := procfs.Identity{PID: s.Process.Pid, Boot: boot, Space: space, Start: 1}
		if stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.Process.Pid)); err == nil {
			fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
			_, _ = fmt.Sscan(string(fields[19]), &id.Start)
		} else if !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		line, err := json.Marshal(ledgerEntry{Identity: id, Name: "stranger"})
		if err == nil {
			_, err = f.Write(append(line, '\n'))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
