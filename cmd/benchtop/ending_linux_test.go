package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"benchtop/lab/instrument/pty"
	"benchtop/targets/proc"
)

// F10: a panic in a goroutine of the lab gives the terminal back, keeps the stack, and leaves no child.
func TestPanicInAGoroutine(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	name, file := filepath.Join(dir, "benchtop"), filepath.Join(dir, "kill.yaml")
	if err := errors.Join(os.Symlink(self, name), os.WriteFile(file, []byte(killScenario), 0o600)); err != nil {
		t.Fatal(err)
	}
	term, err := pty.Open(120, 34)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = term.Close() }()
	before, err := unix.IoctlGetTermios(int(term.Inner.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	marker := filepath.Base(dir) + t.Name()
	cmd := exec.Command(name, "run", file)
	cmd.Env = append(os.Environ(), proc.RunEnv+"="+marker, "XDG_STATE_HOME="+filepath.Join(dir, "state"), "TERM=xterm-256color", faultEnv+"=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = term.Inner, term.Inner, term.Inner
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var seen display
	go seen.read(term)
	for end := time.Now().Add(6 * deadline); ; time.Sleep(20 * time.Millisecond) {
		if strings.Contains(seen.text(), "\x1b[?1049h") && len(children(t, cmd, marker)) >= 4 {
			break
		}
		if time.Now().After(end) {
			_ = cmd.Process.Kill()
			t.Fatalf("the screen did not come up: %q", seen.text())
		}
	}
	if err := cmd.Process.Signal(syscall.SIGUSR1); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != exitInternal {
		t.Errorf("%v, want exit code %d", err, exitInternal)
	}
	gone(t, cmd, marker)
	after, err := unix.IoctlGetTermios(int(term.Inner.Fd()), unix.TCGETS)
	if err != nil || *after != *before {
		t.Errorf("the terminal is not as it was: %+v, it was %+v, %v", after, before, err)
	}
	path := regexp.MustCompile(`the stack is in (\S+)`)
	for end := time.Now().Add(deadline); !path.MatchString(seen.text()) && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
	}
	text := seen.text()
	for on, off := range map[string]string{"\x1b[?1049h": "\x1b[?1049l", "\x1b[?25l": "\x1b[?25h"} {
		if strings.LastIndex(text, off) < strings.LastIndex(text, on) {
			t.Errorf("%q is not taken back by %q", on, off)
		}
	}
	said := path.FindStringSubmatch(text)
	if said == nil || !strings.Contains(text, "internal fault: planted") {
		t.Fatalf("nothing is said of the fault: %q", text[max(0, len(text)-500):])
	}
	if stack, err := os.ReadFile(said[1]); err != nil || !bytes.Contains(stack, []byte("plantFault")) {
		t.Errorf("%v: %s", err, stack)
	}
}

// display is what was drawn on a terminal.
type display struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (d *display) read(term *pty.Terminal) {
	chunk := make([]byte, 1<<16)
	for {
		n, err := term.Outer.Read(chunk)
		d.mu.Lock()
		d.buf.Write(chunk[:n])
		d.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (d *display) text() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.buf.String()
}
