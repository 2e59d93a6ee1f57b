package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode/utf8"

	"benchtop/lab/outfile"
	"benchtop/targets/routine"
)

// What - means as an input and as an output.
const (
	stdinPath  = "-"
	stdoutPath = "-"
)

// checkOutput makes sure, before anything starts, that an output can be written when the run is over.
func checkOutput(flag, path string) error {
	if path == "" || path == stdoutPath {
		return nil
	}
	if err := outfile.Check(path); err != nil {
		return usage("%s %s: %w", flag, path, err)
	}
	return nil
}

// isStdout reports whether an output goes to standard output: "-", or the regular file that standard output is, by
// whatever name. To replace that file would take what stands in it already, and what is still to come.
func (e *Env) isStdout(path string) bool {
	out, ok := e.screen.(*os.File)
	if path == stdoutPath || !ok {
		return path == stdoutPath
	}
	named, err := os.Stat(path)
	is, errOut := out.Stat()
	return errors.Join(err, errOut) == nil && named.Mode().IsRegular() && os.SameFile(named, is)
}

// writeOutput writes what fill produces: to standard output, or to the file.
func writeOutput(env *Env, path string, fill func(io.Writer) error) error {
	var b bytes.Buffer
	if err := fill(&b); err != nil {
		return err
	}
	if env.isStdout(path) {
		_, err := env.Stdout.Write(b.Bytes())
		return err
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		env.letGo() // a pipe may wait for its reader for ever
	}
	return writeFile(path, b.Bytes())
}

// shared is the mode of a new file that the person asked for, less the umask.
const shared = 0o666

func writeFile(path string, content []byte) error { return outfile.Write(path, content, shared) }

// writeJSON writes a value as indented JSON; objectives keep their < as they are.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("writing the result as JSON: %w", err)
	}
	return nil
}

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

// narrowest is the least width for which lines are wrapped; under it a terminal breaks them anyway.
const narrowest = 40

// wrapped writes what write gives, with its lines broken between words where standard output is a terminal that is
// narrower than they are. The terminal would break them within words.
func (e *Env) wrapped(out io.Writer, write func(io.Writer) error) error {
	width := 0
	if e.OutTTY && e.Width != nil {
		width = e.Width()
	}
	if width < narrowest {
		return write(out)
	}
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	_, err := io.WriteString(out, wrapLines(b.String(), width))
	return err
}

// wrapLines breaks the lines that are wider than width at blanks, and indents what follows by two more than they are. A
// word that is wider, as a path, stays whole.
func wrapLines(text string, width int) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		line, end := strings.CutSuffix(line, "\n")
		hang := min(len(line)-len(strings.TrimLeft(line, " "))+2, width/4)
		for utf8.RuneCountInString(line) > width {
			at := breakAt(line, width)
			if at < 0 {
				break
			}
			b.WriteString(strings.TrimRight(line[:at], " ") + "\n")
			line = strings.Repeat(" ", hang) + strings.TrimLeft(line[at:], " ")
		}
		b.WriteString(line)
		if end {
			b.WriteString("\n")
		}
	}
	return b.String()
}

// breakAt is the last blank between words up to width, or the first one after it; -1 without any.
func breakAt(line string, width int) int {
	first := len(line) - len(strings.TrimLeft(line, " "))
	fits := len(line)
	for utf8.RuneCountInString(line[:fits]) > width+1 { // a blank may stand behind the last cell
		fits--
	}
	if at := strings.LastIndexByte(line[:fits], ' '); at > first {
		return at
	}
	if at := strings.IndexByte(line[first:], ' '); at >= 0 {
		return first + at
	}
	return -1
}
