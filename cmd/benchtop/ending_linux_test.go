package main

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// F10: a panic in a goroutine of the lab gives the terminal back, keeps the stack, and leaves no child.
func TestPanicInAGoroutine(t *testing.T) {
	name, file := program(t)
	t.Setenv(faultEnv, "1")
	p := startOn(t, true, name, "run", file)
	p.until("\x1b[?1049h")
	for end := time.Now().Add(6 * deadline); len(children(t, p.cmd, p.marker)) < 4; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the run did not begin: %q", tail(p.said()))
		}
	}
	p.send(syscall.SIGALRM)
	if code := p.code(); code != exitInternal {
		t.Errorf("exit code %d, want %d", code, exitInternal)
	}
	p.restored()
	said := regexp.MustCompile(`the stack is in (\S+)`).FindStringSubmatch(p.said())
	if said == nil || !strings.Contains(p.said(), "internal fault: planted") {
		t.Fatalf("nothing is said of the fault: %q", tail(p.said()))
	}
	if stack, err := os.ReadFile(said[1]); err != nil || !bytes.Contains(stack, []byte("plantFault")) {
		t.Errorf("%v: %s", err, stack)
	}
}
