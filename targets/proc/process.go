package proc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"benchtop/targets/posix"
)

// ErrKilled is wrapped by Stop for a child that did not stop by itself.
var ErrKilled = errors.New("it had to be killed")

// ExitError tells how a child ended that was not asked to.
type ExitError struct {
	Role   string
	PID    int
	Code   int            // exit code, -1 when a signal ended it
	Signal syscall.Signal // 0 when it exited
	Tail   string         // last lines of its output, printable
}

func (e *ExitError) Error() string { return e.How() + quoted(e.Tail) }

// How is one line without the output: "worker 123 exited with code 70".
func (e *ExitError) How() string {
	if e.Signal != 0 {
		return fmt.Sprintf("%s %d was ended by signal %d (%v)", e.Role, e.PID, int(e.Signal), e.Signal)
	}
	return fmt.Sprintf("%s %d exited with code %d", e.Role, e.PID, e.Code)
}

// Process is a child that this process started.
type Process struct {
	role      string
	pid       int
	ownEnd    bool // what it leaves behind in its group ends by itself
	cmd       *exec.Cmd
	down      *lineWriter
	output    ring
	ready     chan struct{}
	readyLine json.RawMessage // set before ready is closed
	asked     atomic.Bool     // Stop was called before it ended
	killed    atomic.Bool

	mu     sync.Mutex
	reaped bool // its id may belong to another process now

	done chan struct{}
	err  error // set before done is closed
}

// PID is the process id, which is also the id of its process group.
func (p *Process) PID() int { return p.pid }

// ReadyLine is what the child gave to Ready.
func (p *Process) ReadyLine() json.RawMessage { return p.readyLine }

// Send sends one line to the child. When the child does not read for a second the error wraps os.ErrDeadlineExceeded
// and the line is dropped.
func (p *Process) Send(v any) error {
	if err := p.down.send(v); err != nil {
		return fmt.Errorf("%s %d: %w", p.role, p.pid, err)
	}
	return nil
}

// Done is closed when the child was reaped and its last lines were delivered.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err tells, after Done, how the child ended: nil for exit code 0 and after Stop, else an *ExitError.
func (p *Process) Err() error {
	select {
	case <-p.done:
		return p.err
	default:
		return nil
	}
}

// Tail is the last lines of the child's output, with control characters replaced.
func (p *Process) Tail() string { return p.output.tail() }

// Signal sends a signal to the child alone.
func (p *Process) Signal(s os.Signal) error {
	if err := p.cmd.Process.Signal(s); err != nil {
		return fmt.Errorf("sending %v to %s %d: %w", s, p.role, p.pid, err)
	}
	return nil
}

// Stop asks the child to stop, kills its process group when it has not after the grace or when the context ends, and
// returns once it is reaped. The error wraps ErrKilled when it had to be killed. Stop is idempotent and may be called
// from several goroutines.
func (p *Process) Stop(ctx context.Context, grace time.Duration) error {
	select {
	case <-p.done:
		return nil
	default:
	}
	if p.asked.CompareAndSwap(false, true) {
		// The signal goes first: a child that knows of it leaves the end of its grace to us. A stopped child gets
		// it once it continues.
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		_ = p.cmd.Process.Signal(posix.SIGCONT)
		p.down.close()
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-p.done:
	case <-timer.C:
		p.kill()
	case <-ctx.Done():
		p.kill()
	}
	<-p.done
	if p.killed.Load() {
		return fmt.Errorf("%s %d did not stop when asked: %w", p.role, p.pid, ErrKilled)
	}
	return nil
}

// kill kills the child's process group, unless the child was reaped.
func (p *Process) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reaped {
		return
	}
	p.killed.Store(true)
	p.killGroup()
}

// killGroup is called with mu held and before the child is reaped. Where no such group is left there is nothing to do.
func (p *Process) killGroup() { _ = posix.Kill(-p.pid, syscall.SIGKILL) }

// reap waits for the end of the child, ends what it left behind in its process group, and gathers its last lines.
func (p *Process) reap(up *os.File, lines <-chan struct{}) {
	if awaitExit(p.pid) {
		p.mu.Lock()
		if !p.ownEnd {
			p.killGroup()
		}
		p.reaped = true
		p.mu.Unlock()
	}
	if p.ownEnd {
		p.down.close() // the end of the lifeline asks it to
	}
	err := p.cmd.Wait()
	p.mu.Lock()
	p.reaped = true
	p.mu.Unlock()
	p.down.close()
	// The child's end is closed, so this ends at once, unless a process that it left behind holds a copy.
	_ = up.SetReadDeadline(time.Now().Add(waitDelay))
	<-lines
	p.err = p.verdict(err)
	close(p.done)
}

// verdict turns the result of Wait into what Err gives.
func (p *Process) verdict(err error) error {
	if p.asked.Load() || p.cmd.ProcessState == nil || p.cmd.ProcessState.Success() {
		if p.cmd.ProcessState == nil && err != nil {
			return fmt.Errorf("waiting for %s %d: %w", p.role, p.pid, err)
		}
		return nil
	}
	e := &ExitError{Role: p.role, PID: p.pid, Code: p.cmd.ProcessState.ExitCode(), Tail: p.Tail()}
	if ws, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		e.Signal = ws.Signal()
	}
	return e
}
