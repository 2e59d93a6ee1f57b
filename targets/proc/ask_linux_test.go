package proc

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"benchtop/targets/fixture/suite"
	"benchtop/targets/procfs"
)

// A program that does not end, or does not stop printing, costs bounded time and memory, and leaves nothing.
func TestAProgramIsAskedWithinLimits(t *testing.T) {
	dir := t.TempDir()
	pids := filepath.Join(dir, "pids")
	for _, test := range []struct {
		name, script string
		limit        time.Duration
		want         string // of the error; empty: none
		stdout       string
	}{
		{"an answer", `echo 1.2`, suite.Deadline, "", "1.2\n"},
		{"an endless text", `exec yes "` + strings.Repeat("x", 4000) + `"`, suite.Deadline, "it printed more than 256 KiB, and was ended: xxx", ""},
		{"an endless line", `exec cat /dev/zero`, suite.Deadline, "it printed more than 256 KiB, and was ended", ""},
		{"endless complaints", `yes no >&2`, suite.Deadline, "it printed more than 256 KiB, and was ended: n", ""},
		{"silence", `sleep 1000`, 50 * time.Millisecond, "it did not end within 50ms, and was ended", ""},
		{"words, then silence", `trap "" TERM; echo waiting; sleep 1000; sleep 1000`, time.Second, "it did not end within 1s, and was ended", ""},
		{"a child that holds the output", `sleep 1000 & echo $! >>` + pids + `; echo 1.2`, suite.Deadline, "", "1.2\n"},
		{"a failure", `echo one; printf 'first\n\033[31mlast\tword\033[0m\n' >&2; exit 3`, suite.Deadline, "exit status 3: \uFFFD[31mlast word\uFFFD[0m", "one\n"},
		{"a failure told on standard output", `echo why; exit 3`, suite.Deadline, "exit status 3: why", "why\n"},
		{"a failure without a word", `exit 3`, suite.Deadline, "exit status 3", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got, err := ask(t.Context(), test.limit, "sh", "-c", "echo $$ >>"+pids+"; "+test.script)
			runtime.ReadMemStats(&after)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), test.want)) {
				t.Errorf("error %v, want %q", err, test.want)
			}
			if err != nil && len(err.Error()) > 4*maxQuoted {
				t.Errorf("the error has %d bytes", len(err.Error()))
			}
			if test.stdout != "" && string(got.Stdout) != test.stdout {
				t.Errorf("it printed %q, want %q", got.Stdout, test.stdout)
			}
			if took := after.TotalAlloc - before.TotalAlloc; took > 64*maxAnswer {
				t.Errorf("it took %d bytes", took)
			}
		})
	}
	list, err := os.ReadFile(pids)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range strings.Fields(string(list)) {
		pid, err := strconv.Atoi(word)
		if err != nil {
			t.Fatal(err)
		}
		suite.Eventually(t, "process "+word+" is gone", func() bool {
			s, alive := procfs.ReadStat(pid)
			return !alive || s.Zombie()
		})
	}
}

func TestAskingEndsWithItsContext(t *testing.T) {
	why := errors.New("no longer of interest")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	if _, err := Ask(ctx, "sh", "-c", "sleep 1000"); !errors.Is(err, why) {
		t.Errorf("%v", err)
	}
	if _, err := Ask(t.Context(), "no-such-program-anywhere"); !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("%v", err)
	}
}

// A relative path is one from here, wherever the program starts.
func TestARelativeProgramIsAsked(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "tool"), []byte("#!/bin/sh\npwd\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	got, err := Ask(t.Context(), "./tool")
	if err != nil || string(got.Stdout) != "/\n" {
		t.Errorf("%q, %v", got.Stdout, err)
	}
}
