package python

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"benchtop/targets"
	"benchtop/targets/component"
	"benchtop/targets/guard"
	"benchtop/targets/routine"
)

// Limits of a start.
const (
	startPatience = 30 * time.Second
	maxTries      = 3 // with a port that turns out to be in use
)

// errInUse says that the address belongs to somebody else.
var errInUse = errors.New("the address is in use")

// starter starts servers; tests have less patience and other commands.
type starter struct {
	patience time.Duration
	change   func(*guard.Command)                                        // before it is started; nil: not
	place    func(context.Context, string) (string, func(), bool, error) // finds the address
}

var standard = starter{patience: startPatience, place: place}

// start starts a target; the context bounds the start only.
func (st starter) start(ctx context.Context, spec targets.Spec, hooks targets.Hooks) (targets.Target, error) {
	if spec.Nonce == "" {
		b := make([]byte, 8)
		_, _ = rand.Read(b) // never fails, it ends the program instead
		spec.Nonce = hex.EncodeToString(b)
	}
	i, err := choose(needs(spec))
	if err != nil {
		return nil, fmt.Errorf("target %s: %w", spec.Server, err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, st.patience, fmt.Errorf("it does not serve within %v", st.patience))
	defer cancel()
	for try := 1; ; try++ {
		t, again, err := st.once(ctx, spec, hooks, i)
		if err == nil {
			t.begin()
			return t, nil
		}
		if !again || try == maxTries {
			return nil, fmt.Errorf("target %s: %w", spec.Server, err)
		}
	}
}

// once tries one address; again says that another one may do.
func (st starter) once(ctx context.Context, spec targets.Spec, hooks targets.Hooks, i *interpreter) (_ *target, again bool, err error) {
	address, release, fixed, err := st.place(ctx, spec.Listen)
	if err != nil {
		return nil, false, err
	}
	defer release()
	folder, err := newFolder(spec)
	if err != nil {
		return nil, false, err
	}
	t := newTarget(spec, hooks, i, address, folder)
	cmd := command(i.Path, spec, address, folder)
	cmd.OnLine, cmd.OnChange, cmd.Group = t.heard, t.Poke, spec.Group
	if st.change != nil {
		st.change(&cmd)
	}
	t.Process, err = guard.Start(ctx, cmd)
	if err == nil {
		if err = t.awaitReady(ctx); err == nil {
			return t, false, nil
		}
	}
	t.Abandon()
	return nil, errors.Is(err, errInUse) && !fixed, err
}

// awaitReady returns when every worker serves and the server answers.
func (t *target) awaitReady(ctx context.Context) error {
	t.root = t.Process.PID()
	for {
		t.refresh()
		if err := t.failedStart(); err != nil {
			return err
		}
		if t.ready() {
			break
		}
		select {
		case <-t.News:
		case <-time.After(component.StatusEvery): // a worker has made its file, which nobody tells
		case <-t.Process.Exited():
			return t.ended()
		case <-ctx.Done():
			return fmt.Errorf("%w%s", context.Cause(ctx), component.Quoted(t.Process.Tail()))
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := make(chan struct{})
	defer close(stop)
	routine.Go(func() {
		select {
		case <-t.Process.Exited():
			cancel()
		case <-stop:
		}
	})
	if err := awaitHealth(ctx, t.Address, t.Config.RunHeader()); err != nil {
		select {
		case <-t.Process.Exited():
			return t.ended()
		default:
		}
		if failed := t.failedStart(); failed != nil {
			return failed
		}
		return fmt.Errorf("%w%s", err, component.Quoted(t.Process.Tail()))
	}
	return nil
}

// ended waits for the last lines of a server that ended by itself and tells how it ended.
func (t *target) ended() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopGrace)
	defer cancel()
	_ = t.Process.Stop(ctx) // what its first process left behind
	if err := t.failedStart(); err != nil {
		return err
	}
	return t.Process.Err()
}

// failedStart reports whether the server has said, or shown, that it will not serve.
func (t *target) failedStart() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.inUse:
		return fmt.Errorf("%s: %w%s", t.Address, errInUse, component.Quoted(t.Process.Tail()))
	case t.refused != "":
		return fmt.Errorf("it will not serve: %s%s", t.refused, component.Quoted(t.Process.Tail()))
	}
	return nil
}

// heard takes in a line of the server's log.
func (t *target) heard(stream, line string) {
	if stream == "stdout" {
		return // the access log
	}
	switch {
	case strings.Contains(line, "Application startup complete."):
		t.note(func() { t.startups++ })
	case strings.Contains(line, "ddress already in use"), strings.Contains(line, "Connection in use:"):
		t.note(func() { t.inUse = true })
	case strings.Contains(line, "Error loading ASGI app"), strings.Contains(line, "Application startup failed"):
		// uvicorn's first process does not end when its workers cannot begin.
		t.note(func() {
			if !t.serving && t.refused == "" {
				t.refused = "its application does not load"
			}
		})
	case strings.Contains(line, "WORKER TIMEOUT (pid:"):
		_, after, _ := strings.Cut(line, "(pid:")
		var pid int
		if _, err := fmt.Sscanf(after, "%d)", &pid); err == nil {
			t.Event(targets.WorkerHung, pid, workerRole, "silent for "+t.Config.Heartbeat.String()+", gunicorn ends it")
		}
	}
}

// note makes a change and wakes those who wait for it.
func (t *target) note(change func()) {
	t.mu.Lock()
	change()
	t.mu.Unlock()
	t.Poke()
}
