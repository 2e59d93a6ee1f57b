package peers

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// install puts a shell script on the PATH under the name of a peer.
func install(t *testing.T, name, script string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":/usr/bin:/bin")
}

func golden(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// found gives the runner of an installed peer.
func found(t *testing.T, name string) Runner {
	t.Helper()
	core := -1
	if cores := Cores(); len(cores) > 0 {
		core = cores[len(cores)-1]
	}
	list, err := Find(context.Background(), []string{name}, t.TempDir(), core)
	if err != nil || len(list) != 1 || list[0].Runner == nil {
		t.Fatalf("%+v, %v", list, err)
	}
	return list[0].Runner
}

var aLoad = Load{Addr: "127.0.0.1:1", Path: "/", Connections: 64, For: time.Second}

func TestAProgramIsRunAndRead(t *testing.T) {
	install(t, "wrk", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; cat "+golden(t, "wrk.txt"))
	s, err := found(t, "wrk").Run(context.Background(), aLoad)
	if err != nil {
		t.Fatal(err)
	}
	if s.Requests == 0 || s.RPS <= 0 || s.P50 == nil || s.P99 == nil {
		t.Errorf("%+v", s)
	}
	if s.CPU <= 0 {
		t.Errorf("a program that counted to 20,000 used %v us per request", s.CPU)
	}
	// A shell has a few hundred KiB and the test's process far more: what is told must not be the parent's.
	if s.RSS <= 0 || runtime.GOOS == "linux" && s.RSS >= ownPeak() {
		t.Errorf("a shell used %d bytes, this process %d", s.RSS, ownPeak())
	}
}

func TestAProgramThatWritesAFile(t *testing.T) {
	install(t, "ab", `while [ "$1" != -e ]; do shift; done; cp `+golden(t, "ab.csv")+` "$2"; cat `+golden(t, "ab.txt"))
	s, err := found(t, "ab").Run(context.Background(), aLoad)
	if err != nil || s.P99 == nil {
		t.Errorf("%+v, %v", s, err)
	}
}

// A program that knows whole seconds only is interrupted in time, and what it then says is read.
func TestAProgramThatIsInterrupted(t *testing.T) {
	for name, c := range map[string]struct {
		tool, script string
		good         bool
	}{
		"reports":               {"wrk", "trap 'cat " + golden(t, "wrk.txt") + "; exit 0' INT", true},
		"reports and fails":     {"ab", "trap 'cp " + golden(t, "ab.csv") + ` "$file"; cat ` + golden(t, "ab.txt") + "; exit 1' INT", true},
		"another exit code":     {"wrk", "trap 'cat " + golden(t, "wrk.txt") + "; exit 7' INT", false},
		"ends without a report": {"wrk", "trap 'exit 0' INT", false},
		"dies from the signal":  {"wrk", "trap - INT", false},
	} {
		t.Run(name, func(t *testing.T) {
			install(t, c.tool, `case "$1" in -v|-V) exit;; esac
for a; do [ "$last" = -e ] && file="$a"; last="$a"; done
`+c.script+`
while :; do sleep 0.01; done`)
			l := aLoad
			l.For = 1200 * time.Millisecond // for the shell to have set its trap
			if !c.good {
				l.For = 300 * time.Millisecond
			}
			s, err := found(t, c.tool).Run(context.Background(), l)
			if (err == nil) != c.good {
				t.Errorf("%+v, %v", s, err)
			}
		})
	}
}

func TestProgramsThatFail(t *testing.T) {
	for name, c := range map[string]struct{ script, want string }{
		"exits":     {"echo no route >&2; exit 3", "no route"},
		"silent":    {"exit 0", "no line"},
		"garbage":   {"echo hello", "no line"},
		"talkative": {"yes | head -c 5000000", "MiB"},
	} {
		install(t, "wrk", c.script)
		s, err := found(t, "wrk").Run(context.Background(), aLoad)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %+v, %v; want an error with %q", name, s, err, c.want)
		}
	}
}

func TestAProgramEndsWithTheContext(t *testing.T) {
	install(t, "wrk", `[ "$1" = -v ] && exit; sleep 600 & sleep 600`)
	runner := found(t, "wrk")
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := runner.Run(ctx, aLoad); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	if took := time.Since(began); took > time.Minute {
		t.Errorf("it took %v to end", took)
	}
}

func TestFind(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	list, err := Find(context.Background(), []string{"wrk", "hey", "k6"}, t.TempDir(), -1)
	if err != nil || len(list) != 3 {
		t.Fatalf("%+v, %v", list, err)
	}
	for i, want := range []string{"not installed (apt-get install wrk)", "not installed", "not driven"} {
		if list[i].Runner != nil || !strings.HasPrefix(list[i].NotRun, want) {
			t.Errorf("%+v, want %q", list[i], want)
		}
	}
	if _, err := Find(context.Background(), []string{"wrkk"}, t.TempDir(), -1); err == nil || !strings.Contains(err.Error(), "h2load") {
		t.Errorf("an unknown peer: %v", err)
	}
	if names := DefaultNames(); len(names) != usual || names[0] != "wrk" || names[3] != "hey" {
		t.Errorf("by default %v", names)
	}
}

func TestOursDrivesARealServer(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello")) }))
	defer server.Close()
	o := &Ours{Core: -1}
	if cores := Cores(); len(cores) > 0 {
		o.Core = cores[len(cores)-1]
	}
	l := Load{Addr: strings.TrimPrefix(server.URL, "http://"), Path: "/", Connections: 4, For: time.Second}
	s, err := o.Run(context.Background(), l)
	if err != nil {
		t.Fatal(err)
	}
	if s.Requests == 0 || s.RPS <= 0 || s.CPU <= 0 || s.P50 == nil || s.P99 == nil || *s.P50 > *s.P99 || o.Used == "" {
		t.Errorf("%+v by %q", s, o.Used)
	}
	if runtime.GOOS == "linux" && s.RSS < 1<<20 {
		t.Errorf("the generator used %d bytes", s.RSS)
	}
}
