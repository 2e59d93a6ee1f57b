package take

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	pprof "github.com/google/pprof/profile"

	"benchtop/lab/profile"
	"benchtop/targets"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/guard"
	"benchtop/targets/proc"
	"benchtop/targets/runfolder"
)

func TestMain(m *testing.M) {
	proc.Dispatch(map[string]proc.RoleFunc{guard.Role: guard.Guard})
	suite.Main(m, runfolder.Remove)
}

// small is a profile of five samples in pprof's format.
func small(t *testing.T) []byte {
	f := &pprof.Function{ID: 1, Name: "main.work"}
	l := &pprof.Location{ID: 1, Line: []pprof.Line{{Function: f}}}
	p := &pprof.Profile{
		SampleType: []*pprof.ValueType{{Type: "samples", Unit: "count"}}, PeriodType: &pprof.ValueType{Type: "cpu", Unit: "nanoseconds"}, Period: 1e7,
		Sample: []*pprof.Sample{{Location: []*pprof.Location{l}, Value: []int64{5}}}, Location: []*pprof.Location{l}, Function: []*pprof.Function{f},
	}
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A server is asked for its profile at the port of its variant, and what it gives instead of one is said and no more than that.
func TestByURL(t *testing.T) {
	asked := ""
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/profile":
			asked = r.URL.RawQuery
			_, _ = w.Write(small(t))
		case "/page":
			_, _ = w.Write([]byte("<html>hello</html>"))
		case "/endless":
			for piece := make([]byte, 1<<20); ; {
				if _, err := w.Write(piece); err != nil {
					return
				}
			}
		case "/away":
			http.Redirect(w, r, "/profile", http.StatusFound)
		default:
			http.NotFound(w, r)
		}
	})
	srv := httptest.NewServer(handler)
	defer srv.Close()
	at, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	take := func(path, port string) *profile.Profile {
		return Take(t.Context(), Wish{Plan: profile.Plan{For: 2 * time.Second, URL: "http://127.0.0.1:{port}" + path}, Port: port, Processes: make([]Process, 2)})
	}
	p := take("/profile?debug=0", at.Port())
	if p.Tool != profile.Pprof || !slices.Equal(p.Stacks, []string{"main.work 5"}) || p.Seconds != 2 || asked != "debug=0&seconds=2" {
		t.Errorf("%+v, asked %q", p, asked)
	}
	if len(p.Missed) != 1 || !strings.Contains(p.Missed[0], "the one process that responds, and 2 serve") {
		t.Errorf("%q", p.Missed)
	}
	only2 := httptest.NewUnstartedServer(handler)
	only2.Config.Protocols = targets.Spec{HTTP2: true}.Protocols()
	only2.Start()
	defer only2.Close()
	_, port, _ := strings.Cut(only2.Listener.Addr().String(), ":")
	if p := Take(t.Context(), Wish{Plan: profile.Plan{For: time.Second, URL: "http://127.0.0.1:{port}/profile"}, Port: port, Protocols: only2.Config.Protocols}); !p.Seen() {
		t.Errorf("of a server that speaks HTTP/2 alone: %q", p.Missed)
	}
	for _, test := range []struct{ path, port, want string }{
		{"/page", at.Port(), "it is no profile of pprof"},
		{"/endless", at.Port(), "larger than 64 MiB"},
		{"/away", at.Port(), "responded 302"},
		{"/none", at.Port(), "responded 404"},
		{"/profile", "1", "connection refused"},
		{"/profile", "", "it serves on no port"},
	} {
		p := take(test.path, test.port)
		if p.Seen() || p.Check() != nil || !strings.Contains(strings.Join(p.Missed, "\n"), test.want) {
			t.Errorf("%s of port %q: %+v, want %s", test.path, test.port, p, test.want)
		}
	}
	// What is not of this machine is not asked, whoever wrote the plan.
	if p := Take(t.Context(), Wish{Plan: profile.Plan{For: time.Second, URL: "http://192.0.2.1/{port}"}, Port: "80"}); !strings.Contains(p.Missed[0], "the host is") {
		t.Errorf("%+v", p)
	}
	for address, allowed := range map[string]bool{"127.0.0.1:80": true, "[::1]:80": true, "192.0.2.1:80": false, "[::ffff:192.0.2.1]:80": false, "0.0.0.0:80": false, "": false} {
		if err := onlyHere("tcp", address, nil); (err == nil) != allowed {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// tools makes a folder with stand-ins the only one that programs are looked up in, besides that of the shell's own.
func tools(t *testing.T, scripts map[string]string) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("py-spy and perf are used on Linux alone")
	}
	dir := t.TempDir()
	for _, name := range []string{"sh", "sleep", "cat"} {
		path, err := exec.LookPath(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, script := range scripts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
}

// A stand-in for perf: what is tested is that it is asked for the right processes, and what is made of what it says. The real
// one is tried with `ab`.
func TestPerfIsAsked(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	tools(t, map[string]string{"perf": `echo "$*" >>` + log + `
[ "$1" = script ] && printf 'app  1/1  \n\t  1f work (/srv/app)\n\t  2f main (/srv/app)\n\n'
exit 0
`})
	p := Take(t.Context(), Wish{Plan: profile.Plan{For: time.Second}, Processes: []Process{{PID: os.Getpid()}, {PID: os.Getppid()}}})
	said, _ := os.ReadFile(log)
	if p.Tool != profile.Perf || !slices.Equal(p.Stacks, []string{"main;work 1"}) || len(p.Missed) > 0 || p.Seconds != 1 {
		t.Errorf("%+v\n%s", p, said)
	}
	if want := fmt.Sprintf("-g -p %d,%d -o ", os.Getpid(), os.Getppid()); !strings.Contains(string(said), want) || !strings.Contains(string(said), "-- sleep 1\n") {
		t.Errorf("%s lacks %s", said, want)
	}
	nothingLeft(t)
}

func nothingLeft(t *testing.T) {
	t.Helper()
	base, err := runfolder.Path()
	if err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(base, "profile-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestWhatAProfilerCannotDoIsSaid(t *testing.T) {
	one := []Process{{PID: os.Getpid()}}
	for name, test := range map[string]struct {
		script, want string
		processes    []Process
	}{
		"fails":   {"echo 'no permission for you' >&2; exit 255\n", "no permission for you", one},
		"garbage": {"echo \"\tgarbage\"\n", "the profile of perf", one},
		"nothing": {"exit 0\n", "it has no samples", one},
		"nobody":  {"exit 0\n", "no process that serves is known", nil},
	} {
		t.Run(name, func(t *testing.T) {
			tools(t, map[string]string{"perf": test.script})
			p := Take(t.Context(), Wish{Plan: profile.Plan{For: time.Second}, Processes: test.processes})
			if p.Seen() || len(p.Missed) != 1 || !strings.Contains(p.Missed[0], test.want) {
				t.Errorf("%q, want %q", p.Missed, test.want)
			}
			nothingLeft(t)
		})
	}
	t.Run("absent", func(t *testing.T) {
		tools(t, nil)
		p := Take(t.Context(), Wish{Plan: profile.Plan{For: time.Second}, Processes: one})
		if p.Seen() || len(p.Missed) != 1 || !strings.Contains(p.Missed[0], "apt-get install linux-perf") {
			t.Errorf("%+v", p)
		}
	})
	t.Run("ended", func(t *testing.T) {
		started := filepath.Join(t.TempDir(), "started")
		tools(t, map[string]string{"perf": "echo >" + started + "; exec sleep 1000\n"})
		ctx, end := context.WithCancelCause(t.Context())
		taken := make(chan *profile.Profile, 1)
		go func() { taken <- Take(ctx, Wish{Plan: profile.Plan{For: time.Second}, Processes: one}) }()
		suite.Eventually(t, "the profiler runs", func() bool { _, err := os.Stat(started); return err == nil })
		end(errors.New("somebody asked"))
		p := <-taken
		if p.Seen() || len(p.Missed) != 1 || !strings.Contains(p.Missed[0], "somebody asked") {
			t.Errorf("%+v", p)
		}
		nothingLeft(t)
	})
}

// What is installed is tried, and says why it sees nothing; what is not says what installs it.
func TestToolsOfThisMachine(t *testing.T) {
	is := func(perf, pySpy Tool) {
		t.Helper()
		found, nowhere := Tools(t.Context())
		if nowhere != "" || len(found) != 2 {
			t.Fatalf("%+v, %q", found, nowhere)
		}
		for i, want := range []Tool{perf, pySpy} {
			if got := found[i]; got.Name != want.Name || (got.Path == "") != (want.Path == "") || (got.Lacks == "") != (want.Lacks == "") || !strings.Contains(got.Lacks, want.Lacks) || got.Gives == "" {
				t.Errorf("%+v, want %+v", got, want)
			}
		}
	}
	tools(t, nil)
	is(Tool{Name: profile.Perf, Lacks: "apt-get install linux-perf"}, Tool{Name: profile.PySpy, Lacks: "pip install py-spy"})
	tools(t, map[string]string{"perf": "echo 'paranoid says no' >&2; exit 255\n", "py-spy": "echo broken >&2; exit 1\n"})
	is(Tool{Name: profile.Perf, Path: "there", Lacks: "paranoid says no"}, Tool{Name: profile.PySpy, Path: "there", Lacks: "broken"})
	log := filepath.Join(t.TempDir(), "log")
	tools(t, map[string]string{"perf": "echo \"$*\" >" + log + "\n"})
	is(Tool{Name: profile.Perf, Path: "there"}, Tool{Name: profile.PySpy, Lacks: "pip install py-spy"})
	if said, _ := os.ReadFile(log); !strings.Contains(string(said), "record -q -e cpu-clock") {
		t.Errorf("it was asked %q", said)
	}
}

// Python is looked at by py-spy, here by a stand-in that knows its flags alone; without it by perf, and that is said.
func TestPythonIsAskedByItsOwnProfiler(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not here")
	}
	cmd := exec.Command(python, "-c", "import sys; sys.stdin.read()")
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = in.Close()
		_ = cmd.Wait()
	}()
	processes := []Process{{PID: os.Getpid()}, {PID: cmd.Process.Pid, Parent: os.Getpid()}}
	w := Wish{Plan: profile.Plan{For: time.Second}, Processes: processes}
	suite.Eventually(t, "a process of Python", func() bool { return len(w.python()) == 1 })
	perf := `[ "$1" = script ] && printf 'app  1/1  \n\t  1f main (/srv/app)\n\n'; exit 0` + "\n"
	log := filepath.Join(t.TempDir(), "log")
	tools(t, map[string]string{"perf": perf, "py-spy": `echo "$*" >` + log + `
for last; do :; done
echo 'serve (app.py:3);work (app.py:9) 12' >"$last"
`})
	p := Take(t.Context(), w)
	said, _ := os.ReadFile(log)
	if p.Tool != profile.PySpy || !slices.Equal(p.Stacks, []string{"serve (app.py);work (app.py) 12"}) || !strings.Contains(string(said), fmt.Sprintf("--pid %d --subprocesses", cmd.Process.Pid)) {
		t.Errorf("%+v\n%s", p, said)
	}
	tools(t, map[string]string{"perf": perf})
	if p := Take(t.Context(), w); p.Tool != profile.Perf || len(p.Missed) != 1 || !strings.Contains(p.Missed[0], "pip install py-spy") {
		t.Errorf("%+v", p)
	}
}
