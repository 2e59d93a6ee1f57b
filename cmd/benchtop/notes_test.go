package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"benchtop/lab/follow"
	"benchtop/targets/runfolder"
)

// sockets are those of labs below a runtime folder.
func sockets(t *testing.T, runtime string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(runtime, "benchtop", "*", "*"+follow.Extension))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// A killed lab leaves a socket at which nobody answers; the next start removes it.
func TestAKilledLabsSocketIsSwept(t *testing.T) {
	runtime, err := os.MkdirTemp("", "rt") // short: a socket's path has an end
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(runtime) }()
	t.Setenv("XDG_RUNTIME_DIR", runtime)
	cmd, marker, lines := startLab(t, "warm-up")
	found := sockets(t, runtime)
	if len(found) != 1 {
		t.Fatalf("sockets of the run: %v", found)
	}
	if info, err := os.Stat(found[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ticks := make(chan time.Time)
	w := follow.Watch(ctx, follow.Labs, ticks)
	defer w.Wait()
	defer cancel()
	until := func(what string, ok func([]follow.Lab) bool) {
		t.Helper()
		for late := time.After(deadline); !ok(w.Labs()); {
			select {
			case <-w.Changed():
			case <-late:
				t.Fatalf("%s: %+v", what, w.Labs())
			}
		}
	}
	there := func(l []follow.Lab) bool {
		for i := range l {
			if l[i].Path == found[0] {
				return l[i].Where != nil && l[i].Where.Scenario == "kill" && l[i].Hello.PID == cmd.Process.Pid
			}
		}
		return false
	}
	until("the lab is followed", there)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() {
	}
	_ = cmd.Wait() // it was killed
	gone(t, cmd, marker)
	until("its end is noticed", func(l []follow.Lab) bool { return !there(l) })
	if _, err := runfolder.Sweep(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(found[0]); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after the sweep: %v", err)
	}
}
