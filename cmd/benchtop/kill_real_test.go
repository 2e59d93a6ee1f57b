package main

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"benchtop/targets"
	"benchtop/targets/proc"
)

// A lab that is killed while real components run leaves no process, no listener and no socket behind.
func TestAKilledServeLeavesNoComponentBehind(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("finding descendants by their environment needs Linux's /proc")
	}
	if err := targets.Missing(context.Background(), []string{"nginx", "gunicorn"}); err != nil {
		if strings.Contains(os.Getenv("BENCHTOP_REQUIRE"), "stack") {
			t.Fatalf("BENCHTOP_REQUIRE asks for the real components: %v", err)
		}
		t.Skipf("skipped without the real component: %v", err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "benchtop") // the name under which the test binary is the program
	if err := os.Symlink(self, name); err != nil {
		t.Fatal(err)
	}
	temporary, err := os.MkdirTemp("/tmp", "bt") // short, for the paths of sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(temporary) })
	marker := filepath.Base(temporary) + t.Name()
	cmd := exec.Command(name, "serve", "--server", "gunicorn", "--workers", "2", "--proxy", "nginx")
	cmd.Env = append(os.Environ(), proc.RunEnv+"="+marker, "TMPDIR="+temporary, "XDG_RUNTIME_DIR=")
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
	if n := len(children(t, cmd, marker)); n < 7 { // two guards, gunicorn's three, nginx's two
		t.Errorf("only %d processes were there", n)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() {
	}
	_ = cmd.Wait() // it was killed
	gone(t, cmd, marker)
	closed(t, address)
	_ = filepath.WalkDir(temporary, func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.Type()&os.ModeSocket != 0 {
			t.Errorf("the socket %s is still there", path)
		}
		return nil
	})
}
