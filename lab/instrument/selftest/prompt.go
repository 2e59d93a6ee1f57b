package selftest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"benchtop/lab"
	"benchtop/lab/instrument/pty"
	"benchtop/lab/record"
	"benchtop/lab/stats"
	"benchtop/targets/posix"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
)

// Bars of the screen, and what a run on a terminal may take at most.
const (
	firstNumberBar = 500 * time.Millisecond // from the start of the program
	verdictBar     = 100 * time.Millisecond // from the end of the last slice
	promptPatience = time.Minute
	prompts        = 6 // starts
)

var (
	escapes     = regexp.MustCompile("\x1b\\[[0-9;?]*[A-Za-z]")
	firstNumber = regexp.MustCompile(`[0-9] req/s`)
	verdictSeen = regexp.MustCompile(`complete`)
)

// prompt starts the program on a terminal, as a person does, and times the first figure and the verdict.
func (t *screenTest) prompt() ([]Row, error) {
	var first, verdict []float64
	for range prompts {
		f, v, err := t.promptOnce()
		if err != nil {
			return nil, err
		}
		first, verdict = append(first, f.Seconds()*1e3), append(verdict, v.Seconds()*1e3)
	}
	row := func(name string, ms []float64, bar time.Duration) Row {
		mean, low, high, n := stats.LinearInterval(ms, 0.95)
		limit := float64(bar.Milliseconds())
		return Row{
			Name: name, Figure: fmt.Sprintf("%.0f ms (%.0f to %.0f), %d starts", mean, low, high, n),
			Bar: fmt.Sprintf("<= %.0f ms", limit), State: span{mean, low, high}.judge(-limit, limit),
		}
	}
	return []Row{
		row("first number on the screen after the start", first, firstNumberBar),
		row("verdict on the screen after the last slice", verdict, verdictBar),
	}, nil
}

// promptOnce runs the noise scenario in short form on a terminal. What it saved tells when its last slice ended.
func (t *screenTest) promptOnce() (first, verdict time.Duration, err error) {
	if t.Program == "" {
		return 0, 0, notHere("this program's own file is not known")
	}
	state, err := os.MkdirTemp("", "benchtop-screen-")
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(state)) }()
	term, err := pty.Open(screenColumns, screenRows)
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = term.Close() }()
	ctx, cancel := context.WithTimeout(t.ctx, 2*promptPatience)
	defer cancel()
	cmd := exec.CommandContext(ctx, t.Program, "run", "noise", "--quick") // #nosec G204 -- this program itself
	cmd.Env = append(proc.Environ(), "XDG_STATE_HOME="+state, "TERM=xterm-256color", "NO_COLOR=")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = term.Inner, term.Inner, term.Inner
	cmd.WaitDelay = time.Second
	cmd.SysProcAttr = posix.Session(true)
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, 0, fmt.Errorf("starting the program on a terminal: %w", err)
	}
	numberAt, verdictAt, seen := watchScreen(term.Outer, began.Add(promptPatience))
	_, _ = term.Outer.WriteString("q") // leaves the verdict
	_ = term.Outer.SetReadDeadline(time.Now().Add(promptPatience))
	routine.Go(func() { _, _ = term.Outer.WriteTo(io.Discard) }) // so that it can write its last lines
	_ = cmd.Wait()                                               // its exit code tells the verdict, which does not matter here
	if numberAt.IsZero() || verdictAt.IsZero() {
		return 0, 0, fmt.Errorf("the screen did not show %s within %v; its last words: %.300q", "a figure and a verdict", promptPatience, seen)
	}
	ended, err := lastSlice(filepath.Join(state, "benchtop", "runs"))
	if err != nil {
		return 0, 0, err
	}
	return numberAt.Sub(began), verdictAt.Sub(ended), nil
}

// watchScreen reads a terminal until the verdict is there, and gives when the first figure and the verdict came.
func watchScreen(outer *os.File, until time.Time) (number, verdict time.Time, seen string) {
	_ = outer.SetReadDeadline(until)
	var kept strings.Builder
	buf := make([]byte, 64<<10)
	for {
		n, err := outer.Read(buf)
		now := time.Now()
		kept.Write(buf[:n])
		plain := escapes.ReplaceAllString(kept.String(), "")
		if number.IsZero() && firstNumber.MatchString(plain) {
			number = now
		}
		if verdictSeen.MatchString(plain) {
			return number, now, plain
		}
		if err != nil {
			return number, verdict, plain
		}
		if kept.Len() > 1<<16 { // an escape or a word may be cut in two; so much more is never one
			rest := kept.String()[kept.Len()-4096:]
			kept.Reset()
			kept.WriteString(rest)
		}
	}
}

// lastSlice is the wall time at which the last slice of the newest run in a folder ended.
func lastSlice(dir string) (time.Time, error) {
	name, err := record.Latest(dir)
	if err != nil {
		return time.Time{}, err
	}
	var started time.Time
	var at int64
	err = record.With(name, func(in io.Reader) error {
		_, err := record.Scan(in, func(e *lab.Event, _ int) error {
			switch e.Kind {
			case lab.KindRun:
				started = e.Run.Started
			case lab.KindSlice:
				at = e.At
			}
			return nil
		})
		return err
	})
	if err != nil {
		return time.Time{}, err
	}
	if started.IsZero() || at == 0 {
		return time.Time{}, fmt.Errorf("%s holds no slice", name)
	}
	return started.Add(time.Duration(at)), nil
}
