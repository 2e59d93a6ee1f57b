package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/mattn/go-isatty"

	"benchtop/lab"
	"benchtop/lab/follow"
	"benchtop/lab/load/agents"
	"benchtop/lab/load/generator"
	"benchtop/lab/record"
	"benchtop/lab/session"
	"benchtop/scenarios"
	"benchtop/targets/posix"
	"benchtop/targets/printable"
)

// Env is everything that the program takes from its surroundings. Tests give their own.
type Env struct {
	Args   []string // without the program's name
	Getenv func(string) string
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	InTTY  bool       // standard input is a terminal
	OutTTY bool       // standard output is a terminal
	Width  func() int // cells of a line of that terminal; nil: not known
	Now    func() time.Time
	// Signals delivers what the terminal and other programs send; nil: none.
	Signals <-chan os.Signal
	// Exit ends the program at once, without cleaning up.
	Exit func(code int)

	followers *follow.Hub // those of a second terminal; nil: nobody can follow
	ending    ending
	screen    io.Writer // standard output as it is, for a screen to draw on
}

// system is the real Env.
func system() *Env {
	return &Env{
		Args: os.Args[1:], Getenv: os.Getenv, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		InTTY:  isatty.IsTerminal(os.Stdin.Fd()),
		OutTTY: isatty.IsTerminal(os.Stdout.Fd()),
		Width:  func() int { columns, _ := posix.TerminalSize(os.Stdout); return columns },
		Now:    time.Now, Signals: systemSignals(), Exit: os.Exit,
	}
}

// Exit codes, as documented in README.md.
const (
	exitOK           = 0
	exitRefuted      = 1
	exitUsage        = 2
	exitInconclusive = 3
	exitEnvironment  = 4
	exitInternal     = 70
	exitHangup       = 129
	exitInterrupt    = 130
	exitQuit         = 131
	exitTerminated   = 143
)

// exitError carries an exit code with what to say; a nil err says nothing more.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

func usage(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Errorf(format, args...)}
}

func environment(format string, args ...any) error {
	return &exitError{exitEnvironment, fmt.Errorf(format, args...)}
}

// worst combines the exit codes of several runs: 4, 2, 1, 3, 0, with an ending signal before all.
func worst(codes []int) int {
	for _, c := range codes {
		if c >= exitInternal {
			return c
		}
	}
	for _, want := range []int{exitEnvironment, exitUsage, exitRefuted, exitInconclusive} {
		for _, c := range codes {
			if c == want {
				return c
			}
		}
	}
	return exitOK
}

// exitOf turns the outcome of a run into an exit code.
func exitOf(ctx context.Context, outcome lab.Outcome) int {
	switch outcome {
	case lab.OutcomeRefuted:
		return exitRefuted
	case lab.OutcomeInconclusive:
		return exitInconclusive
	case lab.OutcomeFailed:
		return exitEnvironment
	case lab.OutcomeInterrupted:
		if code := signalled(ctx); code != 0 {
			return code
		}
		return exitInterrupt
	}
	return exitOK
}

// text is standard output for lines that people read. Machine-readable output and the screen go to Stdout itself.
func (e *Env) text() io.Writer { return printable.NewWriter(e.Stdout) }

// plain reports whether output must be lines without escapes.
func (e *Env) plain() bool { return !e.OutTTY || !e.InTTY || e.Getenv("TERM") == "dumb" }

// runsDir is where every run is saved.
func (e *Env) runsDir() (string, error) {
	if dir := e.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) { // the XDG rule: a relative one is ignored
		return filepath.Join(dir, "benchtop", "runs"), nil
	}
	if dir := e.Getenv("LocalAppData"); filepath.IsAbs(dir) { // Windows sets it, as the place for what stays on this machine
		return filepath.Join(dir, "benchtop", "runs"), nil
	}
	home := e.Getenv("HOME")
	if !filepath.IsAbs(home) {
		return "", errors.New("neither XDG_STATE_HOME nor HOME is an absolute path, so there is no place for run files; set one of them")
	}
	return filepath.Join(home, ".local", "state", "benchtop", "runs"), nil
}

// temporaryRuns is how the names of the folders begin in which runs are saved that have no other place.
const temporaryRuns = "benchtop-run-"

// version of this program, as the build recorded it.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// built is what --version says: the version, the commit, and what it was built with and for. What `go run`
// builds has no commit.
func built() string {
	words := []string{version()}
	settings := map[string]string{}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			settings[s.Key] = s.Value
		}
	}
	if commit := settings["vcs.revision"]; commit != "" {
		if words = append(words, "commit "+commit[:min(len(commit), 12)]+" of "+settings["vcs.time"]); settings["vcs.modified"] == "true" {
			words = append(words, "with changes")
		}
	}
	return strings.Join(append(words, runtime.Version(), runtime.GOOS+"/"+runtime.GOARCH), ", ")
}

// start starts a run that is kept, followed, and told to what listen gives; nil: nothing.
func (e *Env) start(ctx context.Context, plan *lab.Plan, config generator.Config, listen func(*lab.Fold) lab.Sink) *session.Session {
	return e.startWith(ctx, plan, config, nil, listen)
}

// startWith is start with the agents of a team that drive the load; nil: this machine does.
func (e *Env) startWith(ctx context.Context, plan *lab.Plan, config generator.Config, team *agents.Team, listen func(*lab.Fold) lab.Sink) *session.Session {
	temporary := func() (string, error) { return os.MkdirTemp(e.Getenv("TMPDIR"), temporaryRuns) }
	followers := e.followers
	return session.Start(ctx, plan, session.Options{
		StartGenerator: startTeam(team),
		Version:        version(), Load: config, Apply: scenarios.Turn, Folders: []record.Place{e.runsDir, temporary}, Now: e.Now(),
		Ending: e.wish, AtLast: e.atLast, KeepStack: e.keepStack,
		Listen: func(fold *lab.Fold) lab.Sink {
			follow := followers.Listen(fold)
			if listen == nil {
				return follow
			}
			told := listen(fold)
			return func(event lab.Event) {
				told(event)
				follow(event)
			}
		},
	})
}

// openFollowed lets others of this user follow this process; the function that it gives ends that. What goes wrong
// costs the followers, not the run. id is the scenario if there is only one.
func (e *Env) openFollowed(command, id string, screen bool) func() {
	hub, err := follow.Open(follow.Hello{Command: command, Started: e.Now()}, id, screen)
	if err != nil {
		fmt.Fprintf(e.Stderr, "benchtop: notes cannot follow this: %v\n", err)
		return func() {}
	}
	e.followers = hub
	return func() {
		e.followers = nil
		if err := hub.Close(); err != nil {
			fmt.Fprintf(e.Stderr, "benchtop: %v\n", err)
		}
	}
}
