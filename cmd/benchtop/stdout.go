package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"benchtop/targets/routine"
)

// stuckAfter is how long a write may wait for its reader once the program is asked to end.
const stuckAfter = time.Second

// errStuck ends a write that nobody takes.
var errStuck = errors.New("nobody reads it")

// checkedOutput is standard output. It keeps the first error, so that no command can lose one: the exit code of the
// program follows from it. It is safe for concurrent use.
type checkedOutput struct {
	env *Env
	to  io.Writer
	mu  sync.Mutex
	err error
}

// checkStdout puts a checkedOutput in the place of standard output.
func (e *Env) checkStdout() *checkedOutput {
	e.screen = e.Stdout
	out := &checkedOutput{env: e, to: e.Stdout}
	e.Stdout = out
	return out
}

// Write writes, or gives the error of an earlier write. A reader or a terminal that is gone asks the program to end.
func (o *checkedOutput) Write(p []byte) (int, error) {
	if err := o.write(p); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (o *checkedOutput) write(p []byte) error {
	o.mu.Lock()
	known := o.err
	if known == nil {
		if err := o.wait(p); err != nil {
			if path := (*fs.PathError)(nil); errors.As(err, &path) {
				err = path.Err // which names a device that nobody named
			}
			o.err = fmt.Errorf("writing standard output: %w", err)
		}
	}
	err := o.err
	o.mu.Unlock()
	switch {
	case known != nil:
	case errors.Is(err, syscall.EPIPE):
		o.env.ask(syscall.SIGPIPE)
	case errors.Is(err, syscall.EIO) && o.env.OutTTY && !signal.Ignored(syscall.SIGHUP):
		o.env.hangUp()
	}
	return err
}

// wait writes until it is done, or until the program is asked to end and nobody reads.
func (o *checkedOutput) wait(p []byte) error {
	done := make(chan error, 1)
	p = bytes.Clone(p) // a write that is given up still has it
	routine.Go(func() {
		_, err := o.to.Write(p)
		done <- err
	})
	select {
	case err := <-done:
		return err
	case <-o.env.wished():
	}
	select {
	case err := <-done:
		return err
	case <-time.After(stuckAfter):
		return errStuck
	}
}

// exit is how a command ends whose output could not be written, whatever else came of it; nil: as it says itself. What
// it had to say goes before that; of a signal the code is that of the signal, because the reader may be gone with it.
func (o *checkedOutput) exit(said error) error {
	o.mu.Lock()
	err := o.err
	o.mu.Unlock()
	var exit *exitError
	switch {
	case err == nil, errors.As(said, &exit) && exit.code == exitInternal:
		return nil
	case o.env.why() != nil:
		return &exitError{code: o.env.why().code()}
	case said == nil, errors.Is(said, err), errors.As(said, &exit) && exit.err == nil:
		return environment("%w", err)
	}
	return environment("%w; %w", said, err)
}
