package proc

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"benchtop/targets/posix"
	"benchtop/targets/routine"
)

// Defaults and limits of a start.
const (
	defaultReadyTimeout = 10 * time.Second
	// waitDelay is how long the output pipe of a dead child may be held open by processes that it left behind.
	waitDelay = 500 * time.Millisecond
)

// Command describes a child.
type Command struct {
	Role         string                // name given to Dispatch
	Spec         any                   // sent as JSON
	Files        []*os.File            // inherited; they stay the caller's, who may close them after Start
	GOMAXPROCS   int                   // 0 leaves it to the child
	Env          []string              // added to Environ
	ReadyTimeout time.Duration         // 0 is 10 s
	Group        string                // folder of the control group that it is started in; empty: the parent's
	OwnEnd       bool                  // it ends itself when the parent is gone, within 2 s; a watcher kills it otherwise, with all below it; no Files
	OnMessage    func(json.RawMessage) // lines after the ready line, in order, from one goroutine; must not call Stop; may be nil
}

// Start runs this program again in the role of the command and returns when the child has sent its ready line. The
// context bounds the start only; a started child runs until Stop. The error quotes the last lines of its output.
func Start(ctx context.Context, cmd Command) (*Process, error) {
	if err := posix.Missing(); err != nil {
		return nil, err
	}
	if cmd.ReadyTimeout <= 0 {
		cmd.ReadyTimeout = defaultReadyTimeout
	}
	ctx, cancel := context.WithTimeoutCause(ctx, cmd.ReadyTimeout,
		fmt.Errorf("not ready within %v", cmd.ReadyTimeout))
	defer cancel()
	p, err := launch(cmd)
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", cmd.Role, err)
	}
	select {
	case <-p.ready:
		return p, nil
	case <-p.done:
		select {
		case <-p.ready: // it was ready and ended at once: that is not a failed start
			return p, nil
		default:
		}
		if p.err == nil {
			return nil, fmt.Errorf("starting %s: process %d exited before it was ready%s", cmd.Role, p.pid, quoted(p.Tail()))
		}
		return nil, fmt.Errorf("starting %s: %w", cmd.Role, p.err)
	case <-ctx.Done():
		p.kill()
		<-p.done
		return nil, fmt.Errorf("starting %s: process %d: %w%s", cmd.Role, p.pid, context.Cause(ctx), quoted(p.Tail()))
	}
}

// quoted is output as an addition to an error message.
func quoted(tail string) string {
	if tail == "" {
		return " (no output)"
	}
	return "; its last output:\n" + tail
}

// launch forks the child, gives it its spec and starts the goroutines that serve it.
func launch(cmd Command) (*Process, error) {
	if cmd.OwnEnd && len(cmd.Files) > 0 {
		return nil, errors.New("files cannot be handed through a watcher")
	}
	path, err := executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program's own file: %w", err)
	}
	cookie := Nonce()
	head, err := headerOf(cmd, cookie)
	if err != nil {
		return nil, fmt.Errorf("encoding the spec: %w", err)
	}
	p := &Process{role: cmd.Role, ownEnd: cmd.OwnEnd, ready: make(chan struct{}), done: make(chan struct{})}
	title := cmd.Role
	if cmd.OwnEnd {
		title, _, _ = strings.Cut(watched(cmd.Role), "/")
	}
	p.cmd = &exec.Cmd{
		Path:        path,
		Args:        []string{"benchtop", title},
		Env:         environment(cmd, cookie),
		Stdout:      &p.output,
		Stderr:      &p.output,
		SysProcAttr: childAttributes(cmd.OwnEnd),
		WaitDelay:   waitDelay,
	}
	let, err := StartIn(cmd.Group, p.cmd.SysProcAttr)
	if err != nil {
		return nil, err
	}
	up, err := p.fork(cmd.Files)
	let()
	if err != nil {
		return nil, err
	}
	lines := make(chan struct{})
	routine.Go(func() {
		defer close(lines)
		p.readUp(up, cmd.OnMessage)
	})
	routine.Go(func() { p.reap(up, lines) })

	if err := p.down.write(head, cmd.ReadyTimeout); err != nil && !errors.Is(err, syscall.EPIPE) {
		// With EPIPE the child is gone already: how it ended says more.
		p.kill()
		<-p.done
		return nil, fmt.Errorf("sending the spec to process %d: %w%s", p.pid, err, quoted(p.Tail()))
	}
	return p, nil
}

// headerOf is the first line that the child gets.
func headerOf(cmd Command, cookie string) ([]byte, error) {
	spec, err := json.Marshal(cmd.Spec)
	if err != nil {
		return nil, err
	}
	head, err := json.Marshal(header{Cookie: cookie, Files: len(cmd.Files), Spec: spec})
	return append(head, '\n'), err
}

// fork starts the child with its ends of the two pipes and copies of the files, and gives the end that it is heard at.
func (p *Process) fork(files []*os.File) (up *os.File, err error) {
	downR, downW, err := newPipe()
	if err != nil {
		return nil, fmt.Errorf("making the lifeline: %w", err)
	}
	upR, upW, err := newPipe()
	if err != nil {
		closeAll(downR, downW)
		return nil, fmt.Errorf("making the status pipe: %w", err)
	}
	theirs := []*os.File{downR, upW}
	defer func() { closeAll(theirs...) }()
	copies, err := duplicates(files)
	if err != nil {
		err = fmt.Errorf("handing files over: %w", err)
	} else {
		theirs = append(theirs, copies...)
		p.cmd.ExtraFiles = theirs
		err = Spawn(p.cmd.Start)
	}
	if err != nil {
		closeAll(downW, upR)
		return nil, err
	}
	p.pid = p.cmd.Process.Pid
	p.down = &lineWriter{w: downW, timeout: sendTimeout}
	return upR, nil
}

// environment is what the child inherits, with its own.
func environment(cmd Command, cookie string) []string {
	env := slices.DeleteFunc(Environ(), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return name == RunEnv || (name == "GOMAXPROCS" && cmd.GOMAXPROCS > 0)
	})
	role := cmd.Role + "/" + cookie
	if cmd.OwnEnd {
		role = watched(role)
	}
	env = append(env, RoleEnv+"="+role, RunEnv+"="+RunMarker())
	if cmd.GOMAXPROCS > 0 {
		env = append(env, "GOMAXPROCS="+strconv.Itoa(cmd.GOMAXPROCS))
	}
	return append(env, cmd.Env...) // the last of equal names counts
}

// duplicates gives copies of the files for a fork. A fork asks a file for its descriptor, which sets a socket that
// came from a listener back to blocking, on the one file description that all processes share. It does not do so to
// a copy that was made from the bare descriptor.
func duplicates(files []*os.File) ([]*os.File, error) {
	copies := make([]*os.File, 0, len(files))
	for _, f := range files {
		raw, err := f.SyscallConn()
		if err != nil {
			closeAll(copies...)
			return nil, err
		}
		fd, dupErr := -1, error(nil)
		err = raw.Control(func(old uintptr) {
			fd, dupErr = posix.Duplicate(old)
		})
		if err = errors.Join(err, dupErr); err != nil {
			closeAll(copies...)
			return nil, fmt.Errorf("%s: %w", f.Name(), err)
		}
		copies = append(copies, os.NewFile(uintptr(fd), f.Name()))
	}
	return copies, nil
}

func closeAll(files ...*os.File) {
	for _, f := range files {
		_ = f.Close() // pipes and copies: nothing was written that could be lost
	}
}

// readUp takes the ready line and hands the later ones on, until the child closes its end.
func (p *Process) readUp(up *os.File, onMessage func(json.RawMessage)) {
	defer closeAll(up)
	r := bufio.NewReader(up)
	line, err := readLine(r)
	if err != nil || !json.Valid(line) {
		if err == nil {
			_, _ = fmt.Fprintf(&p.output, "benchtop: the ready line is not JSON: %.200q\n", line)
			p.kill()
		}
		return
	}
	p.readyLine = line
	close(p.ready)
	for {
		line, err := readLine(r)
		if err != nil {
			return
		}
		if onMessage != nil {
			onMessage(line)
		}
	}
}
