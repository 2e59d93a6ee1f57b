package proc

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"benchtop/targets/posix"
	"benchtop/targets/printable"
)

// Limits of the output of a program that is asked something.
const (
	askTimeout = 10 * time.Second // most programs answer within 100 ms
	maxAnswer  = 256 << 10        // bytes of each stream
	maxQuoted  = 200              // characters of its last line
)

// Answer is what a program printed.
type Answer struct {
	Stdout, Stderr []byte
}

// Ask runs a program of others to its end for what it prints, for example its version. It has 10 s, and 256 KiB for each
// stream; beyond them it is ended. Its process group ends with it, and it ends with us. What it printed comes with an
// error as well, which quotes the last line.
func Ask(ctx context.Context, name string, args ...string) (Answer, error) {
	return ask(ctx, askTimeout, name, args...)
}

func ask(ctx context.Context, limit time.Duration, name string, args ...string) (Answer, error) {
	path, err := exec.LookPath(name)
	if err == nil {
		path, err = filepath.Abs(path) // it does not start in this folder
	}
	if err != nil {
		if unfound := (*exec.Error)(nil); errors.As(err, &unfound) {
			err = unfound.Err // the caller names the program
		}
		return Answer{}, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ctx, release := context.WithTimeoutCause(ctx, limit, fmt.Errorf("it did not end within %v, and was ended", limit))
	defer release()
	over := func() { cancel(fmt.Errorf("it printed more than %d KiB, and was ended", maxAnswer>>10)) }
	stdout, stderr := &Head{Limit: maxAnswer, Over: over}, &Head{Limit: maxAnswer, Over: over}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = "/" // nothing that lies around is taken for a part of it
	cmd.Env = append(Environ(), "LC_ALL=C", "NO_COLOR=1")
	cmd.Stdout, cmd.Stderr = stdout, stderr
	cmd.SysProcAttr = childAttributes(false)
	cmd.WaitDelay = waitDelay
	cmd.Cancel = func() error { return posix.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	if err := Spawn(cmd.Start); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return Answer{}, err
	}
	if awaitExit(cmd.Process.Pid) { // its id is ours until Wait
		_ = posix.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
	err = cmd.Wait()
	answer := Answer{Stdout: stdout.Bytes(), Stderr: stderr.Bytes()}
	switch cause := context.Cause(ctx); {
	case cause != nil:
		err = cause
	case errors.Is(err, exec.ErrWaitDelay): // it has ended; what holds its output left its group
		err = nil
	}
	if last := answer.last(); err != nil && last != "" {
		err = fmt.Errorf("%w: %s", err, last)
	}
	return answer, err
}

// last is the last line that the program printed, of its complaints if there are any.
func (a *Answer) last() string {
	for _, stream := range [][]byte{a.Stderr, a.Stdout} {
		lines := strings.Split(strings.TrimSpace(string(stream)), "\n")
		if last := []rune(printable.Line(strings.TrimSpace(lines[len(lines)-1]))); len(last) > 0 {
			return string(last[:min(len(last), maxQuoted)])
		}
	}
	return ""
}

// Head keeps the first Limit bytes that are written to it and drops the rest. Its Write never fails. It is safe for
// concurrent use.
type Head struct {
	Limit int
	Over  func() // called with the first byte beyond the limit; may be nil

	mu   sync.Mutex
	kept []byte
	over bool
}

// Write is part of io.Writer.
func (h *Head) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	room := h.Limit - len(h.kept)
	h.kept = append(h.kept, p[:min(room, len(p))]...)
	if len(p) > room && !h.over {
		h.over = true
		if h.Over != nil {
			h.Over()
		}
	}
	return len(p), nil
}

// Bytes is what was kept.
func (h *Head) Bytes() []byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]byte(nil), h.kept...)
}

// Overflowed reports whether more was written than was kept.
func (h *Head) Overflowed() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.over
}
