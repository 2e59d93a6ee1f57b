package foreign

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"benchtop/targets"
	"benchtop/targets/fixture"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/guard"
	"benchtop/targets/posix"
	"benchtop/targets/proc"
	"benchtop/targets/runfolder"
)

func TestMain(m *testing.M) {
	proc.Dispatch(map[string]proc.RoleFunc{guard.Role: guard.Guard})
	if mode := os.Getenv(modeEnv); mode != "" && len(os.Args) > 1 && os.Args[1] == "server" {
		server(mode, os.Args[2])
		return
	}
	targets.Register(Command())
	targets.Register(URL())
	suite.Main(m, runfolder.Remove)
}

func spec(t *testing.T) targets.Spec {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return targets.Spec{Server: CommandName, Own: &CommandSettings{Command: []string{self, "server", "{port}"}}, AllowExec: true}
}

func begin(t *testing.T, mode string, s targets.Spec) (targets.Target, *fixture.Events) {
	t.Helper()
	t.Setenv(modeEnv, mode)
	var e fixture.Events
	target, err := targets.Start(t.Context(), s, e.Hooks())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { fixture.Stopped(t, target) })
	return target, &e
}

func get(t *testing.T, address string) int {
	t.Helper()
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Get(address)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

func TestCommandServes(t *testing.T) {
	target, e := begin(t, "plain", spec(t))
	if status := get(t, "http://"+target.Addr()+"/health"); status != http.StatusOK {
		t.Errorf("status %d", status)
	}
	processes := target.Processes()
	if len(processes) != 1 || processes[0].Role != "server" || processes[0].State != "serving" {
		t.Errorf("%+v", processes)
	}
	if !e.Has(targets.WorkerUp, processes[0].PID) {
		t.Errorf("%+v", e.Told.All())
	}
	if statuses, err := target.Mark(t.Context()); len(statuses) > 0 || err != nil {
		t.Errorf("%v, %v", statuses, err)
	}
	fixture.Stopped(t, target)
	<-target.Done()
	if err := target.Err(); err != nil {
		t.Error(err)
	}
	if p := target.Processes(); p[0].State != "gone" {
		t.Errorf("after Stop: %+v", p)
	}
	if e.Has(targets.WorkerGone, processes[0].PID) {
		t.Error("an end that was asked for is told as an accident")
	}
}

// A command is started in the folder that is named, whose program it may be.
func TestCommandOfAFolder(t *testing.T) {
	s := spec(t)
	self, dir := targets.Own[CommandSettings](&s).Command[0], t.TempDir()
	if err := os.Symlink(self, filepath.Join(dir, "server")); err != nil {
		t.Fatal(err)
	}
	s.Own = &CommandSettings{Command: []string{"sh", "-c", "./server server {port}"}, Dir: dir}
	target, _ := begin(t, "plain", s)
	if status := get(t, "http://"+target.Addr()+"/health"); status != http.StatusOK {
		t.Errorf("status %d", status)
	}
	s.Own = &CommandSettings{Command: []string{self, "server", "{port}"}, Dir: filepath.Join(dir, "none")}
	if _, err := targets.Start(t.Context(), s, targets.Hooks{}); err == nil || !strings.Contains(err.Error(), "dir: there is no folder "+dir) {
		t.Error(err)
	}
}

func TestHelperOfTheStartIsNotListed(t *testing.T) {
	target, _ := begin(t, "helper", spec(t))
	suite.Eventually(t, "the server alone is listed", func() bool {
		processes := target.Processes()
		return len(processes) == 1 && processes[0].Role == "server" && processes[0].Index == 0
	})
}

func TestCommandNeedsPermission(t *testing.T) {
	s := spec(t)
	s.AllowExec = false
	_, err := targets.Start(t.Context(), s, targets.Hooks{})
	if want := "server: command starts a program named in the file; allow it with --allow-exec"; err == nil || err.Error() != want {
		t.Errorf("%v, want %q", err, want)
	}
}

func TestCommandDies(t *testing.T) {
	target, e := begin(t, "workers", spec(t))
	suite.Eventually(t, "three processes", func() bool { return len(target.Processes()) == 3 })
	processes := target.Processes()
	for _, p := range processes[1:] {
		if p.Role != "child" || p.Parent != processes[0].PID {
			t.Errorf("%+v", p)
		}
	}
	if err := posix.Kill(processes[0].PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	e.Await(t, targets.WorkerGone, processes[0].PID, "")
	select {
	case <-target.Done():
		t.Error("the target is over while processes of it live")
	default:
	}
	for _, p := range processes[1:] {
		if err := posix.Kill(p.PID, syscall.SIGKILL); err != nil {
			t.Error(err)
		}
	}
	select {
	case <-target.Done():
	case <-time.After(suite.Deadline):
		t.Fatal("the target does not end")
	}
	if err := target.Err(); err == nil || !strings.Contains(err.Error(), "was ended by signal 9") {
		t.Error(err)
	}
	if !e.Has(targets.GaveUp, 0) {
		t.Errorf("%+v", e.Told.All())
	}
}

func TestCommandThatCannotStart(t *testing.T) {
	for _, test := range []struct {
		mode string
		s    func(*targets.Spec)
		want []string
	}{
		{"import", nil, []string{"it ended before it served", "exited with code 1", "no module named app"}},
		{"taken", nil, []string{"5 ports tried", "the port was taken", "address already in use"}},
		{"plain", func(s *targets.Spec) { targets.Own[CommandSettings](s).Command[0] = "/no/such/server" }, []string{"starting server: /no/such/server: no such file or directory"}},
	} {
		t.Run(test.mode, func(t *testing.T) {
			t.Setenv(modeEnv, test.mode)
			s := spec(t)
			if test.s != nil {
				test.s(&s)
			}
			_, err := targets.Start(t.Context(), s, targets.Hooks{})
			if err == nil {
				t.Fatal("started")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%v, want %q in it", err, want)
				}
			}
		})
	}
}

func TestCommandIsTriedAgain(t *testing.T) {
	t.Setenv("ONCE", t.TempDir()+"/once")
	target, _ := begin(t, "taken-once", spec(t))
	if status := get(t, "http://"+target.Addr()+"/health"); status != http.StatusOK {
		t.Errorf("status %d", status)
	}
}

// A server that speaks nothing but HTTP/2 is ready for clients that do, and so is one with a certificate of its own for those
// who speak TLS; for others neither is.
func TestReadyForItsClients(t *testing.T) {
	for _, test := range []struct {
		mode              string
		http2, tls, ready bool
	}{
		{"http2", true, false, true},
		{"http2", false, false, false},
		{"plain", true, false, false},
		{"http2-tls", true, true, true},
		{"http2-tls", false, true, false},
		{"http2-tls", true, false, false},
		{"tls", false, true, true},
		{"tls", true, true, false},
	} {
		t.Run(fmt.Sprint(test.mode, " HTTP/2 ", test.http2, " TLS ", test.tls), func(t *testing.T) {
			s := spec(t)
			if s.HTTP2 = test.http2; test.tls {
				s.TLS = &targets.TLS{}
			}
			if test.ready {
				begin(t, test.mode, s)
				return
			}
			t.Setenv(modeEnv, test.mode)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			target, err := targets.Start(ctx, s, targets.Hooks{})
			if err == nil {
				fixture.Stopped(t, target)
				t.Fatal("it is ready")
			}
			by := map[bool]string{false: "by HTTP/1.1, as the load does", true: "by HTTP/2, as the load does"}[test.http2]
			// On a machine that is very busy the time is over before the process runs.
			if !strings.Contains(err.Error(), by) && !strings.Contains(err.Error(), "starting "+filepath.Base(os.Args[0])) {
				t.Errorf("%v: it does not say %q", err, by)
			}
		})
	}
}

// A start that takes too long ends with the last response.
func TestCommandThatIsNeverReady(t *testing.T) {
	t.Setenv(modeEnv, "hang")
	ctx, cancel := context.WithTimeoutCause(t.Context(), 500*time.Millisecond, errors.New("that took too long"))
	defer cancel()
	_, err := targets.Start(ctx, spec(t), targets.Hooks{})
	if err == nil || !strings.Contains(err.Error(), "that took too long") {
		t.Fatalf("%v", err)
	}
	// On a machine that is very busy the time is over before the process runs.
	if !strings.Contains(err.Error(), "connection refused") && !strings.Contains(err.Error(), "starting "+filepath.Base(os.Args[0])) {
		t.Errorf("%v: it does not tell what was found", err)
	}
}

func TestAnswers(t *testing.T) {
	var status atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(int(status.Load())) }))
	defer srv.Close()
	for code, want := range map[int]string{200: "", 204: "", 302: "", 404: "status 404, want 2xx or 3xx", 503: "status 503"} {
		status.Store(int32(code))
		err := answers(t.Context(), srv.Client(), srv.URL)
		if (err == nil) != (want == "") || (err != nil && !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("status %d: %v, want %q", code, err, want)
		}
	}
}

func TestFixedPort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	s := spec(t)
	s.Listen = l.Addr().String()
	_, err = targets.Start(t.Context(), s, targets.Hooks{})
	if err == nil || !strings.Contains(err.Error(), s.Listen+" cannot be had") {
		t.Errorf("%v", err)
	}
	_ = l.Close()
	target, _ := begin(t, "plain", s)
	if target.Addr() != s.Listen {
		t.Errorf("serves %s", target.Addr())
	}
}

func TestURL(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer srv.Close()
	target, err := targets.Start(t.Context(), targets.Spec{Server: URLName, Own: &URLSettings{URL: srv.URL + "/a?b=c"}}, targets.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	if want := srv.Listener.Addr().String(); target.Addr() != want || target.Spec().Endpoint != "/a?b=c" {
		t.Errorf("%s %s, want %s", target.Addr(), target.Spec().Endpoint, want)
	}
	if err := target.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	<-target.Done()
	if err := target.Err(); err != nil {
		t.Error(err)
	}
	if status := get(t, srv.URL); status != http.StatusOK {
		t.Errorf("Stop ended a server that is not ours: status %d", status)
	}
	srv.Close()
	_, err = targets.Start(t.Context(), targets.Spec{Server: URLName, Own: &URLSettings{URL: srv.URL}}, targets.Hooks{})
	if err == nil || !strings.Contains(err.Error(), "nothing serves "+srv.URL) {
		t.Errorf("%v", err)
	}
}

func TestProblems(t *testing.T) {
	c := func(argv ...string) targets.Spec {
		return targets.Spec{Server: CommandName, Own: &CommandSettings{Command: argv}}
	}
	u := func(url string) targets.Spec { return targets.Spec{Server: URLName, Own: &URLSettings{URL: url}} }
	with := func(s targets.Spec, change func(*targets.Spec)) targets.Spec { change(&s); return s }
	for _, test := range []struct {
		name string
		s    targets.Spec
		want string // "" is fine
	}{
		{"command", c("./server", "--port={port}"), ""},
		{"no command", c(), "command: it is missing"},
		{"empty program", c("", "{port}"), "command: the name of the program is empty"},
		{"no port", c("./server", "8080"), "command: no argument has {port}"},
		{"port as the program", c("{port}"), "command: no argument has {port}"},
		{"zero byte", c("./server", "{port}\x00"), "command: argument 1"},
		{"ready", with(c("a", "{port}"), func(s *targets.Spec) { targets.Own[CommandSettings](s).Ready = "health" }), `ready: "health" does not begin with /`},
		{"endpoint", with(c("a", "{port}"), func(s *targets.Spec) { s.Endpoint = "/a b" }), "endpoint: "},
		{"unix", with(c("a", "{port}"), func(s *targets.Spec) { s.Listen = "unix:/tmp/s" }), "listen: "},
		{"tls", with(c("a", "{port}"), func(s *targets.Spec) { s.TLS = &targets.TLS{} }), ""},
		{"resumption", with(c("a", "{port}"), func(s *targets.Spec) { s.TLS = &targets.TLS{Resumption: new(bool)} }), "tls.resumption: "},
		{"url", u("http://127.0.0.1:8080"), ""},
		{"https", u("https://[::1]:8443/x"), ""},
		{"localhost", u("http://localhost"), ""},
		{"no url", u(""), "url: it is missing"},
		{"another host", u("http://10.0.0.5:80"), `url: the host is "10.0.0.5"`},
		{"a name", u("http://example.com"), `url: the host is "example.com"`},
		{"all addresses", u("http://0.0.0.0:80"), `url: the host is "0.0.0.0"`},
		{"mapped", u("http://[::ffff:10.0.0.5]:80"), "url: the host is"},
		{"user", u("http://me@127.0.0.1/"), "url: it has a user name"},
		{"fragment", u("http://127.0.0.1/#x"), "url: it has a fragment"},
		{"scheme", u("ftp://127.0.0.1/"), `url: "ftp://127.0.0.1/" begins with "ftp"`},
		{"space", u("http://127.0.0.1/a b"), "url: "},
		{"port", u("http://127.0.0.1:0/"), `url: the port is "0"`},
		{"tls of plain http", with(u("http://127.0.0.1/"), func(s *targets.Spec) { s.TLS = &targets.TLS{} }), "tls: "},
		{"listen", with(u("http://127.0.0.1/"), func(s *targets.Spec) { s.Listen = "unix:/tmp/s" }), "listen: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, problems := targets.Check(test.s)
			text := ""
			for _, p := range problems {
				text += p.Error()
			}
			if (test.want == "") != (text == "") || !strings.HasPrefix(text, test.want) {
				t.Errorf("%q, want %q", text, test.want)
			}
		})
	}
	if s, _ := targets.Check(u("https://127.0.0.1/x?y")); s.TLS == nil || s.Endpoint != "/x?y" {
		t.Errorf("%s", s)
	}
}
