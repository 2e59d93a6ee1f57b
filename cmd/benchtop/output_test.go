//go:build unix

package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/cobra"
)

// Standard output that is a file keeps what stands in it already, by whatever name an output calls it.
func TestAnOutputThatIsStandardOutputIsWritten(t *testing.T) {
	dir := t.TempDir()
	name, link, other := filepath.Join(dir, "out"), filepath.Join(dir, "link"), filepath.Join(dir, "other")
	write(t, name, "before\n")
	write(t, other, "other\n")
	if err := os.Symlink(name, link); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	env := &Env{Stdout: f, screen: f}
	for _, path := range []string{"-", name, link, other} {
		if err := writeOutput(env, path, func(w io.Writer) error {
			_, err := io.WriteString(w, filepath.Base(path)+"\n")
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{name: "before\n-\nout\nlink\n", other: "other\n"} {
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s holds %q, %v; want %q", path, got, err, want)
		}
	}
}

// broken is a standard output that takes nothing.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

// Whatever a command prints, and whatever else it would have ended with: when that cannot be written it ends with 4.
func TestNoCommandLosesAnErrorOfItsOutput(t *testing.T) {
	env, _, _ := testEnv()
	lines := [][]string{{"--version"}, {"list"}, {"show", "noise"}, {"schema"}, {"keys"}, {"keys", "--markdown"}, {"claims"}, {"progress"}, {"doctor"}, {"check", "noise"}, {"completion", "bash"}, {"report", savedRunFile(t)}, {}}
	var walk func(*cobra.Command, []string)
	walk = func(cmd *cobra.Command, path []string) {
		lines = append(lines, append(append([]string{}, path...), "--help"))
		for _, sub := range cmd.Commands() {
			walk(sub, append(append([]string{}, path...), sub.Name()))
		}
	}
	walk(rootCommand(env), nil)
	for _, args := range lines {
		env, _, said := testEnv()
		state := t.TempDir()
		env.Getenv = func(key string) string {
			if key == "XDG_STATE_HOME" {
				return state
			}
			return ""
		}
		env.Args, env.Stdout = args, broken{}
		code := Main(env)
		if code != exitEnvironment || !strings.Contains(said.String(), "writing standard output: no space left on device") {
			t.Errorf("%v: exit code %d, said %q", args, code, said.String())
		}
	}
}

func TestWhatIsNoRegularFileIsRefused(t *testing.T) {
	name, _ := program(t)
	dir := filepath.Dir(name)
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	state := filepath.Join(dir, "state")
	for _, folder := range []string{"benchtop/runs", "damaged/benchtop"} {
		if err := os.MkdirAll(filepath.Join(state, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{"benchtop/runs/29990101T000000.000Z-workers.jsonl", "benchtop/progress.json"} {
		if err := syscall.Mkfifo(filepath.Join(state, path), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		args []string
		code int
	}{
		{[]string{"report", fifo}, exitUsage},
		{[]string{"report", "last"}, exitUsage},
		{[]string{"replay", fifo, "--plain"}, exitUsage},
		{[]string{"compare", fifo, savedRunFile(t)}, exitUsage},
		{[]string{"run", fifo}, exitUsage},
		{[]string{"check", fifo}, exitUsage},
		{[]string{"check", "--watch", fifo}, exitUsage},
		{[]string{"show", fifo}, exitUsage},
		{[]string{"notes", fifo}, exitUsage},
		{[]string{"capacity", fifo}, exitUsage},
		{[]string{"progress"}, exitEnvironment},
		{[]string{"claims"}, exitOK}, // it passes over the file
	} {
		env, _, said := testEnv()
		env.Args = c.args
		env.Getenv = func(key string) string {
			if key == "XDG_STATE_HOME" {
				return state
			}
			return ""
		}
		if code := Main(env); code != c.code || !strings.Contains(said.String(), "pipe") && c.args[0] != "check" {
			t.Errorf("%v: exit code %d, said %q", c.args, code, said.String())
		}
	}
}

// The exit code and the words of a command whose output failed hang on what else came of it.
func TestOutputThatFailsDecidesTheExitCode(t *testing.T) {
	for _, c := range []struct {
		what string
		said error
		ask  os.Signal
		code int
		err  string
	}{
		{"nothing else", nil, nil, exitEnvironment, "writing standard output: no space left on device"},
		{"refuted", &exitError{code: exitRefuted}, nil, exitEnvironment, "writing standard output: no space left on device"},
		{"words of its own", usage("wrong"), nil, exitEnvironment, "wrong; writing standard output: no space left on device"},
		{"a signal", nil, syscall.SIGHUP, exitHangup, "exit 129"},
		{"a signal, and the error of it", environment("broken"), syscall.SIGTERM, exitTerminated, "exit 143"},
		{"an internal fault", &exitError{exitInternal, errors.New("fault")}, nil, exitOK, ""},
	} {
		env, _, _ := testEnv()
		env.Stdout = broken{}
		out := env.checkStdout()
		_, _ = env.Stdout.Write([]byte("x"))
		if c.ask != nil {
			env.ask(c.ask)
		}
		err := out.exit(c.said)
		if c.code == exitOK {
			if err != nil {
				t.Errorf("%s: %v", c.what, err)
			}
			continue
		}
		var exit *exitError
		if !errors.As(err, &exit) || exit.code != c.code || exit.Error() != c.err {
			t.Errorf("%s: %v", c.what, err)
		}
	}
}

// A line that is too wide for the terminal is broken between its words, never in one.
func TestWrapLines(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"short\n\n  as it is  here\n", "short\n\n  as it is  here\n"},
		{"w2: refused (no interval), stopped before the last block\n", "w2: refused (no interval), stopped\n  before the last block\n"},
		{"  ! a: a slice does not count, since the run ended in it", "  ! a: a slice does not count, since\n    the run ended in it"},
		{"exactly as wide as it is, and no more\n", "exactly as wide as it is, and no\n  more\n"},
		{"saved /a/path/that/is/wider/than/the/terminal/is.jsonl\n", "saved\n  /a/path/that/is/wider/than/the/terminal/is.jsonl\n"},
		{"/a/path/that/is/wider/than/the/terminal/is.jsonl\n", "/a/path/that/is/wider/than/the/terminal/is.jsonl\n"},
		{"", ""},
	} {
		got := wrapLines(c.text, 36)
		if got != c.want {
			t.Errorf("%q\nwant %q", got, c.want)
		}
		if strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(c.text), " ") {
			t.Errorf("%q has other words than %q", got, c.text)
		}
	}
	// What is no terminal gets the lines as they are.
	long := strings.Repeat("word ", 100)
	for _, tty := range []bool{false, true} {
		var b bytes.Buffer
		env := &Env{OutTTY: tty, Width: func() int { return 80 }}
		err := env.wrapped(&b, func(w io.Writer) error { _, err := io.WriteString(w, long); return err })
		if whole := b.String() == long; err != nil || whole == tty {
			t.Errorf("a terminal %v: %v: %q", tty, err, b.String())
		}
	}
}

// A picture in large type is the one that a room sees, not the one of a desk.
func TestAPictureInLargeType(t *testing.T) {
	args := []string{"replay", "../../tui/testdata/runs/nodelay.jsonl", "--picture", "-"}
	desk, err := printed(args...)()
	room, err2 := printed(append(args, "--present")...)()
	if err != nil || err2 != nil || !strings.Contains(desk, "<svg") || desk == room {
		t.Errorf("--present changes nothing in a picture: %v, %v", err, err2)
	}
}
