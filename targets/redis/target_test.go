package redis

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"benchtop/targets"
	"benchtop/targets/fixture"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/guard"
	"benchtop/targets/posix"
	"benchtop/targets/proc"
)

func mark(t *testing.T, running *target) targets.WorkerStatus {
	t.Helper()
	statuses, err := running.Mark(t.Context())
	if err != nil || len(statuses) != 1 || statuses[0].PID != running.Process.PID() || statuses[0].Role != Name {
		t.Fatalf("%+v, %v", statuses, err)
	}
	return statuses[0]
}

// What Redis counts is what its client did, under the names of the built-in cache; our own questions, and what it begins with, are not in it.
func TestCountsAreThoseOfTheClient(t *testing.T) {
	t.Parallel()
	running := started(t, standard, Settings{Entries: 1000, Memory: 64 << 20}, targets.Hooks{})
	before := mark(t, running)
	if before.Served != 0 || before.Accepted != 0 || before.Open != 0 {
		t.Errorf("before the first client: %+v", before)
	}
	c := connected(t, running)
	for _, step := range []struct{ command, want string }{
		{"SET a 1", "OK"}, {"GET a", "1"}, {"GET a", "1"}, {"EXISTS nobody", "0"}, {"PEXPIRE a 1", "1"},
	} {
		if got := c.ask(step.command); !strings.HasPrefix(got, step.want) {
			t.Errorf("%s: %q", step.command, got)
		}
	}
	suite.Eventually(t, "the key expires", func() bool { return mark(t, running).Counters["expired"] == 1 }) // by Redis' own clock
	c.ask("SET b " + strings.Repeat("x", 1000))
	after := mark(t, running)
	if after.Counters["hits"] != 2 || after.Counters["misses"] != 1 || after.Counters["refused"] != 0 || after.Levels["entries"] != 1002 || after.Levels["bytes"] < 1000 {
		t.Errorf("%+v", after)
	}
	if after.Served != 6 || after.Accepted != 1 || after.Open != 1 {
		t.Errorf("%d commands on %d connections, %d open", after.Served, after.Accepted, after.Open)
	}
}

// What would exceed the memory is refused and counted; nothing that is there goes.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	running := started(t, standard, Settings{Memory: leastMemory}, targets.Hooks{})
	c := connected(t, running)
	if got := c.ask("SET small x"); got != "OK" {
		t.Fatal(got)
	}
	c.ask("*3\r\n$3\r\nSET\r\n$5\r\nlarge\r\n$" + strconv.Itoa(leastMemory) + "\r\n" + strings.Repeat("x", leastMemory))
	if got := c.ask("SET more x"); !strings.HasPrefix(got, "-OOM") {
		t.Errorf("the reply is %q", got)
	}
	if st := mark(t, running); st.Counters["refused"] == 0 || c.ask("GET small") != "x" {
		t.Errorf("%+v", st)
	}
}

// One that dies is told, with how; nothing of it is left.
func TestItDies(t *testing.T) {
	t.Parallel()
	var seen fixture.Events
	running := started(t, standard, Settings{Memory: leastMemory}, seen.Hooks())
	if err := posix.Kill(running.Process.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-running.Done()
	var how *proc.ExitError
	if err := running.Err(); !errors.As(err, &how) || how.Signal != syscall.SIGKILL || !strings.HasPrefix(err.Error(), "service redis: ") {
		t.Errorf("%v", err)
	}
	if e := seen.Await(t, targets.GaveUp, 0, "service redis: "); e.Role != Name {
		t.Errorf("%+v", e)
	}
}

// One that hangs is told so, and again when it does not any more. It is not ended, and stopping it works all the same.
func TestItHangs(t *testing.T) {
	t.Parallel()
	var seen fixture.Events
	st := standard
	st.silence = 200 * time.Millisecond
	running := started(t, st, Settings{Memory: leastMemory}, seen.Hooks())
	for _, signal := range []syscall.Signal{posix.SIGSTOP, posix.SIGCONT, posix.SIGSTOP} {
		if err := posix.Kill(running.Process.PID(), signal); err != nil {
			t.Fatal(err)
		}
		if signal == posix.SIGCONT {
			seen.Await(t, targets.WorkerUp, 0, "responds again")
			mark(t, running)
			continue
		}
		if e := seen.Await(t, targets.WorkerHung, 0, "no response within 200ms"); e.PID != running.Process.PID() {
			t.Errorf("%+v", e)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		if _, err := running.Mark(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("its counts: %v", err)
		}
		cancel()
	}
}

// A start that takes its time is waited for.
func TestSlowStart(t *testing.T) {
	t.Parallel()
	st := standard
	st.change = func(c *guard.Command) {
		c.Argv = append([]string{"/bin/sh", "-c", `sleep 1; exec "$@"`, "slow"}, c.Argv...)
	}
	running := started(t, st, Settings{Memory: leastMemory}, targets.Hooks{})
	if got := connected(t, running).ask("PING"); got != "PONG" {
		t.Error(got)
	}
}

// What does not start is said, and leaves nothing behind.
func TestFailedStarts(t *testing.T) {
	suite.Need(t, find().err)
	for want, argv := range map[string][]string{
		"does not serve within 2s (it): about to hang": {"/bin/sh", "-c", "echo about to hang; sleep 600"},
		"Bad directive":  {find().path, "--no-such-setting", "1"},
		"/no/such/redis": {"/no/such/redis"},
	} {
		st := standard
		if strings.Contains(want, "2s") {
			st.patience = 2 * time.Second
		}
		st.change = func(c *guard.Command) { c.Argv = argv }
		_, err := st.start(t.Context(), part(Settings{Memory: leastMemory}), targets.Hooks{})
		for _, word := range strings.Split(want, " (it): ") {
			if err == nil || !strings.Contains(err.Error(), word) {
				t.Errorf("%v: %v", argv, err)
			}
		}
	}
	too := part(Settings{Entries: 100_000, Memory: leastMemory})
	if _, err := standard.start(t.Context(), too, targets.Hooks{}); err == nil || !strings.Contains(err.Error(), "of 100000 entries, which have to fit into the memory: OOM") {
		t.Error(err)
	}
	fixture.NothingLeft(t, "rd*")
}

func TestFinding(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	var lack *targets.Lack
	if err := probe(executable).err; !errors.As(err, &lack) || lack.Component != Name || lack.Install != install {
		t.Errorf("%v", err)
	}
	path := filepath.Join(t.TempDir(), executable)
	for script, want := range map[string]string{
		"echo 'Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64 build=1'": "7.0.15",
		`printf 'a\n\033[31mno licence\n' >&2; exit 1`:                                      "",
	} {
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		var unusable *targets.Unusable
		if p := probe(path); p.version != want || (want == "") != errors.As(p.err, &unusable) {
			t.Errorf("%s: %+v", script, p)
		}
	}
}
