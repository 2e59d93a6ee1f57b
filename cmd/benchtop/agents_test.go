package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"benchtop/lab"
)

const lentBy = `benchtop agent ([0-9A-Z-]+)`

// A load of two agents with real processes: one goes on for the next load, which one of them does not survive. Then the agent is ended,
// and the load is what is gone.
func TestALoadOfProcesses(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }))
	defer server.Close()
	state, file := t.TempDir(), filepath.Join(t.TempDir(), "result.json")
	drive := func(args ...string) *talk {
		return talking(t, state, append([]string{"load", server.URL, "-c", "3", "--timeout", "20s", "--json", file}, args...)...)
	}
	load := drive("-d", "1s", "--agents", "ada,bob")
	code := load.hears(lentBy)[1]
	ada, bob := talking(t, t.TempDir(), "agent", code, "--name", "ada"), talking(t, t.TempDir(), "agent", code, "--name", "bob")
	load.ends(exitOK)
	ada.hears("task 1: closed model, 2 connections, GET / at ")
	bob.hears("task 1: closed model, 1 connection,")
	ada.hears(`task 1 is done: [1-9]`)
	load.hears(`(?s)agent ada  .*% of the requests, p50 .*agent bob  .*clock [+-]`)
	text, err := os.ReadFile(file)
	r := &lab.Result{}
	if err != nil || json.Unmarshal(text, r) != nil || len(r.Generator.Agents) != 2 || !r.Complete {
		t.Errorf("%v: %s", err, text)
	}

	load = drive("-d", "1h", "--agents", "2", "--wait", "1m")
	if again := load.hears(lentBy)[1]; again != code {
		t.Errorf("another code: %s", again)
	}
	load.hears(`req/s`)
	if err := bob.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	load.hears(`agent bob was lost after \d+\.\d s: its requests do not count, so the load was (33|67) % of what was asked`)
	load.ends(exitEnvironment)
	ada.hears("task 1 was ended: the other end stopped it")

	load = drive("-d", "1h", "--agents", "ada")
	load.hears(`req/s`)
	if err := load.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	ada.hears("task 1 was ended: the other end is gone")
	if err := ada.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	ada.ends(exitTerminated)
}

// A run of two agents with real processes, one of which is killed in it and started again: the run goes on, and says so. Killed
// itself, it ends what the agents drive.
func TestARunOfProcesses(t *testing.T) {
	t.Parallel()
	state, file, json := t.TempDir(), filepath.Join(t.TempDir(), "together.yaml"), filepath.Join(t.TempDir(), "result.json")
	text := "benchtop: 1\nid: together\ntitle: Two machines drive it\ntarget: {server: builtin, workers: 1, endpoint: /hello}\nvariants: [{id: a}]\n" +
		"load: {connections: 3, timeout: 20s, agents: [ada, bob]}\nplan: {warmup: 300ms, slice: 1s, settle: 100ms, blocks: 2}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	run := talking(t, state, "run", file, "--plain", "--json", json, "--wait", "1m")
	code := run.hears(lentBy)[1]
	lendAs := func(name string) *talk { return talking(t, t.TempDir(), "agent", code, "--name", name) }
	ada, bob := lendAs("ada"), lendAs("bob")
	bob.hears("task 2: ") // the first slice after the warm-up
	if err := bob.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	run.hears("agent bob is not here: the run waits for it")
	lendAs("bob")
	run.hears("agent bob was started again, clock ")
	run.hears(`(?s)agent ada: .*% of the requests, p50 .*agent bob: .*clock [+-]`)
	run.hears("agent bob was lost after")
	run.ends(exitOK)
	written, err := os.ReadFile(json)
	if err != nil || !strings.Contains(string(written), `"agents"`) {
		t.Errorf("%v: %.300s", err, written)
	}

	run = talking(t, state, "run", file, "--plain", "--slice", "60s")
	if again := run.hears(lentBy)[1]; again != code {
		t.Errorf("another code: %s", again)
	}
	ada.hears("(?s)task 1: .*task 1: .*GET /hello at .* for 1m0s|(?s)task [0-9]+: [^\n]* for 1m0s") // the second run counts anew
	if err := run.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	ada.hears(`(task \d+ was ended|nothing was driven): the other end is gone`)
}

func TestAgentWords(t *testing.T) {
	t.Parallel()
	const url = "http://127.0.0.1:9/"
	for want, args := range map[string][]string{
		"expected the code":          {"agent"},
		"has a typing error":         {"agent", "12345-ABCDE"},
		"0 agents; allowed":          {"load", url, "--agents", "0"},
		"2 connections for 3 agents": {"load", url, "--agents", "3", "-c", "2"},
		"add --agents":               {"load", url, "--wait", "3s"},
		"no environment variable":    {"load", url, "--agents", "2", "--header-env", "X-Key: HOME"},
		"no file of a machine":       {"load", url + "?{id}", "--agents", "2", "--keys-from", keysFile(t)},
		"--wait is 2h0m0s; allowed":  {"load", url, "--agents", "2", "--wait", "2h"},
	} {
		p := talking(t, t.TempDir(), args...)
		p.hears(regexp.QuoteMeta(want))
		p.ends(exitUsage)
	}
	p := talking(t, t.TempDir(), "load", url, "--agents", "all", "--wait", "300ms")
	p.hears("nobody has joined")
	p.ends(exitEnvironment)
	if !strings.Contains(p.text(), "start `benchtop agent CODE`") {
		t.Error(p.text())
	}
}

func keysFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys.csv")
	if err := os.WriteFile(path, []byte("id\n1\n2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
