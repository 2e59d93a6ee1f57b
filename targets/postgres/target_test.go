package postgres

import (
	"context"
	"errors"
	"fmt"
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
	"benchtop/targets/shop/schema"
)

func mark(t *testing.T, running *target) targets.WorkerStatus {
	t.Helper()
	statuses, err := running.Mark(t.Context())
	if err != nil || len(statuses) != 1 || statuses[0].PID != running.Process.PID() {
		t.Fatalf("%+v, %v", statuses, err)
	}
	return statuses[0]
}

// It begins with its rows, and counts what its clients do, not what we ask it.
func TestRowsAndCounts(t *testing.T) {
	t.Parallel()
	running := started(t, standard, Settings{Rows: 200}, targets.Hooks{})
	before := mark(t, running)
	if before.Counters["statements"] != 0 || before.Counters["connections"] != 0 || before.Counters["connections_refused"] != 0 || before.Levels["connections_open"] != 0 {
		t.Errorf("before the first client: %+v", before)
	}
	c := client(t, running)
	for table, want := range map[string]string{"users": "20", "posts": "200", "items": "200"} {
		if got := c.value(t, "SELECT count(*) FROM "+table); got != want {
			t.Errorf("%s: %s rows, want %s", table, got, want)
		}
	}
	for range 7 {
		mark(t, running)
	}
	after := mark(t, running)
	if running.program.statements && (after.Counters["statements"] != 3 || after.Served != 3) || after.Levels["connections_open"] != 1 || after.Open != 1 {
		t.Errorf("%+v", after)
	}
	suite.Eventually(t, "the connection and its transactions are counted", func() bool { // PostgreSQL takes up to ten seconds for it
		st := mark(t, running)
		return st.Counters["connections"] == 1 && st.Accepted == 1 && st.Counters["transactions"] >= 3
	})
	roles := map[string]int{}
	suite.Eventually(t, "the client has a process", func() bool {
		running.refresh()
		clear(roles)
		for _, p := range running.Processes() {
			if p.State != "gone" {
				roles[p.Role]++
			}
		}
		return roles[clientRole] == 1
	})
	if roles[mainRole] != 1 || roles[workingRole] < 3 || len(roles) != 3 {
		t.Errorf("%v: %+v", roles, running.Processes())
	}
}

// The settings are those of the server, and the user of the applications is no administrator.
func TestSettings(t *testing.T) {
	t.Parallel()
	for _, jit := range []bool{true, false} {
		running := started(t, standard, Settings{Rows: 10, Slots: 3, JIT: &jit}, targets.Hooks{})
		c := client(t, running)
		for name, want := range map[string]string{
			"jit": map[bool]string{true: "on", false: "off"}[jit], "max_connections": "5", "fsync": "off", "listen_addresses": "", "is_superuser": "off", "server_encoding": "UTF8",
		} {
			if got := c.value(t, "SHOW "+name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
	}
}

// Above the slots a connection is refused and counted, while our own is left alone.
func TestSlots(t *testing.T) {
	t.Parallel()
	running := started(t, standard, Settings{Rows: 10, Slots: 2}, targets.Hooks{})
	socket, _ := targets.UnixPath(running.Addr())
	first := client(t, running)
	client(t, running)
	for range 3 {
		var refused *refusal
		if _, err := dial(t.Context(), socket, schema.User, schema.Database); !errors.As(err, &refused) || refused.code != "53300" {
			t.Errorf("one connection more: %v", err)
		}
	}
	suite.Eventually(t, "three refused connections", func() bool { return mark(t, running).Counters["connections_refused"] == 3 })
	first.close(t.Context())
	suite.Eventually(t, "a slot is free again", func() bool {
		again, err := dial(t.Context(), socket, schema.User, schema.Database)
		if err == nil {
			err = again.conn.Close()
		}
		return err == nil
	})
}

// A client that is connected does not keep it from stopping.
func TestStopWithClients(t *testing.T) {
	t.Parallel()
	running := started(t, standard, Settings{Rows: 10}, targets.Hooks{})
	c := client(t, running)
	ctx, cancel := context.WithTimeout(t.Context(), suite.Deadline)
	defer cancel()
	if err := running.Stop(ctx); err != nil {
		t.Errorf("stopping: %v", err)
	}
	if _, err := c.run(t.Context(), "SELECT 1"); err == nil {
		t.Error("the session lives on")
	}
}

// The death of one session's process ends all sessions, which is told; PostgreSQL itself goes on.
func TestASessionDies(t *testing.T) {
	t.Parallel()
	var seen fixture.Events
	running := started(t, standard, Settings{Rows: 10}, seen.Hooks())
	pid, err := strconv.Atoi(client(t, running).value(t, "SELECT pg_backend_pid()"))
	if err != nil {
		t.Fatal(err)
	}
	if err := posix.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if e := seen.Await(t, targets.WorkerGone, 0, "all sessions end"); e.PID != pid {
		t.Errorf("%+v", e)
	}
	seen.Await(t, targets.WorkerUp, 0, "accepts connections again")
	if got := client(t, running).value(t, "SELECT count(*) FROM items"); got != "10" {
		t.Errorf("%s items", got)
	}
	suite.Eventually(t, "its counts can be read again", func() bool { _, err := running.Mark(t.Context()); return err == nil })
}

func TestItDies(t *testing.T) {
	t.Parallel()
	var seen fixture.Events
	running := started(t, standard, Settings{Rows: 10}, seen.Hooks())
	client(t, running)
	if err := posix.Kill(running.Process.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-running.Done()
	var how *proc.ExitError
	if err := running.Err(); !errors.As(err, &how) || how.Signal != syscall.SIGKILL || !strings.HasPrefix(err.Error(), "service postgres: ") {
		t.Errorf("%v", err)
	}
	seen.Await(t, targets.GaveUp, 0, "service postgres: ")
}

// One that hangs is told so, and again when it does not any more. Stopping it works all the same.
func TestItHangs(t *testing.T) {
	t.Parallel()
	var seen fixture.Events
	st := standard
	st.silence = 500 * time.Millisecond
	running := started(t, st, Settings{Rows: 10}, seen.Hooks())
	all := func(signal syscall.Signal) {
		for _, c := range running.Process.Tree() {
			if err := posix.Kill(c.PID, signal); err != nil && !errors.Is(err, syscall.ESRCH) { // a session may have ended
				t.Fatal(err)
			}
		}
	}
	all(posix.SIGSTOP)
	seen.Await(t, targets.WorkerHung, 0, "no response within 500ms")
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := running.Mark(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("its counts: %v", err)
	}
	all(posix.SIGCONT)
	seen.Await(t, targets.WorkerUp, 0, "responds again")
	all(posix.SIGSTOP)
}

// A start that takes its time is waited for.
func TestSlowStart(t *testing.T) {
	t.Parallel()
	st := standard
	st.change = func(c *guard.Command) {
		c.Argv = append([]string{"/bin/sh", "-c", `sleep 1; exec "$@"`, "slow"}, c.Argv...)
	}
	running := started(t, st, Settings{Rows: 10}, targets.Hooks{})
	client(t, running)
}

// What does not start is said, and leaves nothing behind.
func TestFailedStarts(t *testing.T) {
	suite.Need(t, find().err)
	for want, argv := range map[string][]string{
		"does not serve within 2s":        {"/bin/sh", "-c", "sleep 600"},
		"directory \"/no/such/place\"":    {filepath.Join(find().bin, server), "-D", "/no/such/place"},
		"/no/such/postgres: no such file": {"/no/such/postgres"},
	} {
		st := standard
		if strings.HasSuffix(want, " 2s") {
			st.patience = 2 * time.Second
		}
		st.change = func(c *guard.Command) { c.Argv = argv }
		if _, err := st.start(t.Context(), part(Settings{Rows: 10}), targets.Hooks{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v", argv, err)
		}
	}
	fixture.NothingLeft(t, "p*")
}

// fake makes a folder with programs that print this version.
func fake(t *testing.T, version string, programs ...string) string {
	t.Helper()
	bin := t.TempDir()
	for _, name := range programs {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+version+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return bin
}

func TestFindingTheNewest(t *testing.T) {
	says := func(version string) string { return "echo 'postgres (PostgreSQL) " + version + " (Debian)'" }
	nine, old, new := fake(t, says("9.6.24"), server, "initdb"), fake(t, says("15.18"), server, "initdb"), fake(t, says("16beta1"), server, "initdb")
	client, broken := fake(t, says("17.1"), server), fake(t, "exit 3", server, "initdb")
	for i, test := range []struct {
		bins []string
		want string // version, or what is wrong
	}{
		{[]string{nine, old, new, client, broken}, "16beta1"},
		{[]string{new, old, nine}, "16beta1"},
		{[]string{nine}, "PostgreSQL 9.6.24, and 14 or newer is needed"},
		{[]string{client}, "looked for postgres and initdb"},
		{[]string{broken}, "--version failed: exit status 3"},
		{nil, "looked for postgres and initdb"},
	} {
		p := newest(test.bins)
		if p.err == nil && p.version != test.want || p.err != nil && !strings.Contains(p.err.Error(), test.want) {
			t.Errorf("%d: %+v", i, p)
		}
	}
}

// A link to the program in PATH leads to its library, without which nobody counts statements.
func TestFindingThroughALink(t *testing.T) {
	root := t.TempDir()
	bin, links := filepath.Join(root, "15", "bin"), filepath.Join(root, "links")
	for _, dir := range []string{bin, links, filepath.Join(root, "15", "lib")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{server, "initdb"} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\necho 'postgres (PostgreSQL) 15.18 (Debian)'\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(filepath.Join(bin, name), filepath.Join(links, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "15", "lib", "pg_stat_statements.so"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if p := newest([]string{links}); p.err != nil || !p.statements || filepath.Base(filepath.Dir(p.bin)) != "15" {
		t.Errorf("%+v", p)
	}
}

// Quotes in the name of a folder do not end the text of a setting.
func TestConfiguration(t *testing.T) {
	text := configuration(&program{}, &Settings{Slots: 20}, "/it's/here")
	for _, want := range []string{"unix_socket_directories = '/it''s/here'\n", "max_connections = 22\n", "jit = on\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if strings.Contains(text, "pg_stat_statements") {
		t.Error(fmt.Errorf("a library that is not there is loaded:\n%s", text))
	}
}
