package python

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"benchtop/targets"
	"benchtop/targets/component"
	"benchtop/targets/fixture"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/guard"
)

func specOf(server string, workers int) targets.Spec {
	s := normal(server, targets.Spec{Server: server, Workers: workers})
	s.Nonce, s.Variant = "n", "v"
	return s
}

// Whatever keeps a server from its start is told in its own words, within the deadline.
func TestStartsThatFail(t *testing.T) {
	t.Parallel()
	need(t, "fastapi", Uvicorn, Gunicorn)
	noModule := func(c *guard.Command) { c.Argv[slices.Index(c.Argv, appModule)] = "nope:app" }
	noAttribute := func(c *guard.Command) { c.Argv[slices.Index(c.Argv, appModule)] = "app:nope" }
	for _, test := range []struct {
		name    string
		server  string
		workers int
		crash   bool
		change  func(*guard.Command)
		want    string
	}{
		{"uvicorn, the application raises", Uvicorn, 1, true, nil, "crash_on_start"},
		{"uvicorn with workers, the application raises", Uvicorn, 2, true, nil, "crash_on_start"},
		{"uvicorn, no such module", Uvicorn, 1, false, noModule, `Could not import module "nope"`},
		{"uvicorn with workers, no such attribute", Uvicorn, 2, false, noAttribute, `Attribute "nope" not found`},
		{"gunicorn, no such module", Gunicorn, 1, false, noModule, "No module named 'nope'"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			st := standard
			st.patience, st.change = suite.Deadline, test.change
			spec := specOf(test.server, test.workers)
			spec.Crash = test.crash
			_, err := st.start(t.Context(), spec, targets.Hooks{})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v", err)
			}
			if err != nil && strings.Contains(err.Error(), "does not serve within") {
				t.Errorf("it took until the deadline: %v", err)
			}
		})
	}
}

func TestPortInUse(t *testing.T) {
	t.Parallel()
	need(t, "fastapi", Uvicorn, Gunicorn)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	st := standard
	tries := 0
	st.place = func(ctx context.Context, listen string) (string, func(), bool, error) {
		if tries++; tries == 1 {
			return taken.Addr().String(), func() {}, false, nil
		}
		return place(ctx, listen)
	}
	running, err := st.start(t.Context(), specOf(Uvicorn, 1), targets.Hooks{})
	if err != nil {
		t.Fatalf("a second port was not tried: %v", err)
	}
	fixture.ComponentStopped(t, running.(*target).Target)
	for _, spec := range []targets.Spec{specOf(Uvicorn, 1), specOf(Uvicorn, 2), specOf(Gunicorn, 1)} {
		spec.Listen = taken.Addr().String()
		if _, err := standard.start(t.Context(), spec, targets.Hooks{}); !errors.Is(err, errInUse) {
			t.Errorf("%s, a given port that is taken: %v", spec.Server, err)
		}
	}
}

// A free port stays free for the server while it is held.
func TestReserve(t *testing.T) {
	address, release, err := component.Reserve(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	l, err := net.Listen("tcp", address) // with SO_REUSEADDR, as the servers do
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
}

func TestItHangsAtStart(t *testing.T) {
	t.Parallel()
	need(t, "fastapi", Uvicorn)
	st := standard
	st.patience = 3 * time.Second
	st.change = func(c *guard.Command) { c.Argv = []string{"/bin/sh", "-c", "echo about to hang >&2; sleep 600"} }
	_, err := st.start(t.Context(), specOf(Uvicorn, 1), targets.Hooks{})
	if err == nil || !strings.Contains(err.Error(), "does not serve within 3s") || !strings.Contains(err.Error(), "about to hang") {
		t.Errorf("%v", err)
	}
}

// What is missing is told with the line that installs it.
func TestMissing(t *testing.T) {
	fake := filepath.Join(t.TempDir(), "python")
	text := "#!/bin/sh\necho '{\"path\": \"/fake\", \"python\": \"3.9.1\", \"packages\": {\"fastapi\": \"0.1\", \"uvicorn\": \"0.2\"}}'\n"
	if err := os.WriteFile(fake, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv(InterpreterEnv, fake)
	for _, test := range []struct {
		spec      targets.Spec
		component string
	}{
		{specOf(Uvicorn, 1), ""},
		{specOf(Gunicorn, 1), Gunicorn},
		{targets.Spec{Server: Uvicorn, Own: &Settings{Loop: "uvloop"}}, "uvloop"},
		{targets.Spec{Server: Uvicorn, Own: &Settings{HTTP: "httptools"}}, "httptools"},
		{targets.Spec{Server: Uvicorn, Services: map[string]targets.Part{"database": {}}}, "asyncpg"},
		{targets.Spec{Server: Uvicorn, Services: map[string]targets.Part{"cache": {}}}, "redis-py"},
	} {
		_, err := choose(needs(test.spec))
		var lack *targets.Lack
		switch {
		case test.component == "" && err != nil:
			t.Errorf("%v", err)
		case test.component != "" && (!errors.As(err, &lack) || lack.Component != test.component || lack.Install != installs(test.component) || !strings.Contains(lack.Found, "Python 3.9.1")):
			t.Errorf("want a lack of %s: %v", test.component, err)
		}
	}
	t.Setenv(InterpreterEnv, filepath.Join(t.TempDir(), "none"))
	var lack *targets.Lack
	if _, err := choose(needs(specOf(Uvicorn, 1))); !errors.As(err, &lack) || lack.Component != "fastapi" {
		t.Errorf("without an interpreter: %v", err)
	}
}

// An interpreter that is there and fails is not a missing package: it is named, with its last line.
func TestAnInterpreterThatFails(t *testing.T) {
	for name, test := range map[string]struct{ script, want string }{
		"a failure":           {"echo no good >&2; exit 1", "exit status 1: no good; "},
		"silence":             {"exit 1", "exit status 1; "},
		"escapes":             {`printf 'no \033[31mgood' >&2; exit 1`, "exit status 1: no \uFFFD[31mgood; "},
		"an endless answer":   {"exec yes", "it printed more than 256 KiB, and was ended"},
		"no answer of Python": {"echo hello", `it answered "hello`},
	} {
		path := filepath.Join(t.TempDir(), "python")
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+test.script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		t.Setenv(InterpreterEnv, path)
		_, err := choose(needs(specOf(Gunicorn, 1)))
		var unusable *targets.Unusable
		if !errors.As(err, &unusable) || !strings.Contains(err.Error(), InterpreterEnv+": the Python interpreter "+path+" failed: "+test.want) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "missing") {
			t.Errorf("%s: nothing is missing: %v", name, err)
		}
	}
}

// What an interpreter says of its packages reaches a terminal.
func TestVersionsAreSafeToPrint(t *testing.T) {
	path := filepath.Join(t.TempDir(), "python")
	text := `{"path": "/fake", "python": "3.9\u001b[31m", "packages": {"fastapi": "` + strings.Repeat("1", 1000) + `", "uvicorn": "\u202e2"}}`
	if err := os.WriteFile(path, []byte("#!/bin/sh\ncat <<'END'\n"+text+"\nEND\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv(InterpreterEnv, path)
	i, err := choose(needs(specOf(Uvicorn, 1)))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := i.versions("fastapi", "uvicorn"), "fastapi "+strings.Repeat("1", 40)+", uvicorn \uFFFD2, Python 3.9\uFFFD[31m"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
