package nginx

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"benchtop/targets"
	"benchtop/targets/component"
	"benchtop/targets/endpoint"
	"benchtop/targets/fixture"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/guard"
	"benchtop/targets/posix"
)

func pointer[T any](v T) *T { return &v }

// drive sends requests from several clients at a time and gives how many connections they opened: one each, or one
// more where a client did not have its own back in time.
func drive(t *testing.T, url string, clients, each int) (opened uint64) {
	t.Helper()
	var dialled atomic.Uint64
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			transport := &http.Transport{MaxConnsPerHost: 1, DisableCompression: true, DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				dialled.Add(1)
				return (&net.Dialer{}).DialContext(ctx, network, address)
			}}
			defer transport.CloseIdleConnections()
			client := &http.Client{Transport: transport, Timeout: suite.Deadline}
			for range each {
				resp, err := client.Get(url)
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
				if resp.StatusCode != http.StatusOK {
					t.Errorf("%s", resp.Status)
				}
			}
		})
	}
	wg.Wait()
	return dialled.Load()
}

// within reports whether two counts differ by at most 1 %, or by one.
func within(a, b uint64) bool {
	d := max(a, b) - min(a, b)
	return d <= 1 || float64(d) <= 0.01*float64(max(a, b))
}

// What nginx counts is what the server behind it counts, whatever the pool and the way to it.
func TestCountsAreThoseOfTheUpstream(t *testing.T) {
	suite.Need(t, find().err)
	for _, network := range []string{"unix", "tcp"} {
		for _, keep := range []int{0, 2, 16} {
			t.Run(fmt.Sprintf("%s keepalive %d", network, keep), func(t *testing.T) {
				t.Parallel()
				where := "127.0.0.1:0"
				if network == "unix" {
					where = filepath.Join(t.TempDir(), "up")
				}
				behind := newBackend(t, network, where)
				running := started(t, proxied(targets.Proxy{Keepalive: &keep}), targets.Hooks{}, behind)
				for range 3 { // questions of our own before and between do not count
					if _, err := running.Mark(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				const connections, each = 16, 50
				before, err := running.Mark(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				dialled := drive(t, "http://"+running.Addr()+"/", connections, each)
				after, err := running.Mark(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if len(after) != 1 || after[0].Role != role || after[0].Upstream == nil {
					t.Fatalf("the status is %+v", after)
				}
				served, opened := after[0].Served-before[0].Served, after[0].Upstream.Opened-before[0].Upstream.Opened
				if served != connections*each || after[0].Accepted-before[0].Accepted != dialled {
					t.Errorf("%d requests and %d connections, the client counted %d and %d",
						served, after[0].Accepted-before[0].Accepted, connections*each, dialled)
				}
				if want := behind.opened.Load(); !within(opened, want) {
					t.Errorf("%d connections to the upstream, which itself counted %d", opened, want)
				}
				if keep == 0 && opened != served || keep == connections && opened > connections {
					t.Errorf("%d connections for %d requests with %d kept", opened, served, keep)
				}
			})
		}
	}
}

func TestRolesAndReplacement(t *testing.T) {
	t.Parallel()
	suite.Need(t, find().err)
	var seen fixture.Events
	running := started(t, proxied(targets.Proxy{Workers: 2}), seen.Hooks(), newBackend(t, "tcp", "127.0.0.1:0"))
	masters, workers := 0, []int{}
	for _, p := range running.Processes() {
		switch p.Role {
		case masterRole:
			masters++
		case role:
			workers = append(workers, p.PID)
		}
	}
	if masters != 1 || len(workers) != 2 {
		t.Fatalf("%+v", running.Processes())
	}
	if err := posix.Kill(workers[0], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	seen.Await(t, targets.WorkerGone, workers[0], "")
	seen.Await(t, targets.WorkerReplaced, 0, "")
	drive(t, "http://"+running.Addr()+"/", 2, 5)
}

func TestTheMasterDies(t *testing.T) {
	t.Parallel()
	suite.Need(t, find().err)
	running := started(t, proxied(targets.Proxy{}), targets.Hooks{}, newBackend(t, "tcp", "127.0.0.1:0"))
	if err := posix.Kill(running.Process.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-running.Done()
	if running.Err() == nil {
		t.Error("it is not told to be dead")
	}
	fixture.ComponentStopped(t, running.Target)
}

// TLS with and without session tickets: a client that comes back resumes its session, or cannot.
func TestTLS(t *testing.T) {
	t.Parallel()
	suite.Need(t, find().err)
	behind := newBackend(t, "tcp", "127.0.0.1:0")
	for _, resumption := range []bool{true, false} {
		spec := proxied(targets.Proxy{})
		spec.TLS = &targets.TLS{Resumption: &resumption}
		running := started(t, spec, targets.Hooks{}, behind)
		trusted := x509.NewCertPool()
		if shown := running.Spec().TLS; shown == nil || !trusted.AppendCertsFromPEM([]byte(shown.Certificate)) || spec.TLS.Certificate != "" {
			t.Fatalf("its Spec has TLS %+v, that of the caller %+v", shown, spec.TLS)
		}
		config := &tls.Config{RootCAs: trusted, ClientSessionCache: tls.NewLRUClientSessionCache(4)}
		resumed := false
		for range 3 {
			client := &http.Client{Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}, Timeout: suite.Deadline}
			resp, err := client.Get("https://" + running.Addr() + "/")
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
			resumed = resp.TLS.DidResume
		}
		if resumed != resumption {
			t.Errorf("resumption %v: resumed %v", resumption, resumed)
		}
	}
}

// The keys end up in what nginx does.
func TestSettings(t *testing.T) {
	t.Parallel()
	suite.Need(t, find().err)
	spec := proxied(targets.Proxy{
		Gzip: &targets.Gzip{Level: 6, MinLength: 100, Types: []string{"text/plain", "text/html"}}, Buffering: pointer(false),
		BodyLimit: 10, AccessLog: targets.LogSync, Balance: targets.PowerOfTwo, Eject: pointer(false), Keepalive: pointer(4),
	})
	running := started(t, spec, targets.Hooks{}, newBackend(t, "tcp", "127.0.0.1:0"), newBackend(t, "tcp", "127.0.0.1:0"))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+running.Addr()+"/logged", nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DisableCompression: true}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: suite.Deadline}
	req.Header.Set("Accept-Encoding", "gzip")
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if got := resp.Header.Get("Content-Encoding"); got != "gzip" {
		t.Errorf("the answer has the encoding %q: %v", got, resp.Header)
	}
	if resp, err = client.Post("http://"+running.Addr()+"/", "text/plain", strings.NewReader("more than ten bytes")); err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a body above the limit got %s", resp.Status)
	}
	log, err := os.ReadFile(filepath.Join(running.Folder, accessName))
	if err != nil || !strings.Contains(string(log), "GET /logged") {
		t.Errorf("the access log has %q, %v", log, err)
	}
}

// nginx sends the files by itself, on every path of theirs, and no others; the server behind it is not asked.
func TestFiles(t *testing.T) {
	t.Parallel()
	suite.Need(t, find().err)
	behind := newBackend(t, "tcp", "127.0.0.1:0")
	running := started(t, proxied(targets.Proxy{Own: &Settings{Files: true}}), targets.Hooks{}, behind)
	client := &http.Client{Timeout: suite.Deadline}
	defer client.CloseIdleConnections()
	for path, want := range map[string]int{
		"/file": 20_000, "/async/file?size=200kB": 200_000, "/sync/file?size=2MB": 2_000_000, "/file?size=../nginx.conf": -1, "/files": 560,
	} {
		resp, err := client.Get("http://" + running.Addr() + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if want < 0 {
			if resp.StatusCode != http.StatusNotFound {
				t.Errorf("%s: %s", path, resp.Status)
			}
			continue
		}
		if err != nil || resp.StatusCode != http.StatusOK || len(body) != want {
			t.Errorf("%s: %s, %d bytes, %v", path, resp.Status, len(body), err)
		}
		if want != 560 && (resp.Header.Get("X-Benchtop-Run") == "" || resp.Header.Get("Content-Type") != endpoint.Octets) {
			t.Errorf("%s: %v", path, resp.Header)
		}
	}
	if n := behind.served.Load(); n != 1 {
		t.Errorf("the server behind was asked %d times, want once", n)
	}
}

// What nginx refuses is told in its own words.
func TestConfigurationRefused(t *testing.T) {
	t.Parallel()
	suite.Need(t, find().err)
	st := standard
	st.extra = "no_such_directive on;"
	_, err := st.start(t.Context(), proxied(targets.Proxy{}), []string{"127.0.0.1:1"}, targets.Hooks{})
	if err == nil || !strings.Contains(err.Error(), `unknown directive "no_such_directive"`) {
		t.Errorf("%v", err)
	}
}

func TestPortInUse(t *testing.T) {
	t.Parallel()
	suite.Need(t, find().err)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	st := standard
	tries := 0
	st.reserve = func(ctx context.Context, listen string) (string, func(), error) {
		if tries++; tries == 1 {
			return taken.Addr().String(), func() {}, nil
		}
		return component.Reserve(ctx, listen)
	}
	running, err := st.start(t.Context(), proxied(targets.Proxy{}), []string{"127.0.0.1:1"}, targets.Hooks{})
	if err != nil {
		t.Fatalf("a second port was not tried: %v", err)
	}
	fixture.ComponentStopped(t, running.(*target).Target)
	spec := proxied(targets.Proxy{})
	spec.Listen = taken.Addr().String()
	if _, err = standard.start(t.Context(), spec, []string{"127.0.0.1:1"}, targets.Hooks{}); !errors.Is(err, errInUse) || !strings.Contains(err.Error(), "98: Address already in use") {
		t.Errorf("a given port that is taken: %v", err)
	}
}

func TestNoSuchProgram(t *testing.T) {
	t.Parallel()
	suite.Need(t, find().err)
	st := standard
	st.change = func(c *guard.Command) { c.Argv[0] = "/no/such/nginx" }
	if _, err := st.start(t.Context(), proxied(targets.Proxy{}), []string{"127.0.0.1:1"}, targets.Hooks{}); err == nil || !strings.Contains(err.Error(), "/no/such/nginx") {
		t.Errorf("%v", err)
	}
}

func TestItHangsAtStart(t *testing.T) {
	t.Parallel()
	suite.Need(t, find().err)
	st := standard
	st.patience = 3 * time.Second
	st.change = func(c *guard.Command) { c.Argv = []string{"/bin/sh", "-c", "echo about to hang; sleep 600"} }
	_, err := st.start(t.Context(), proxied(targets.Proxy{}), []string{"127.0.0.1:1"}, targets.Hooks{})
	if err == nil || !strings.Contains(err.Error(), "does not serve within 3s") {
		t.Errorf("%v", err)
	}
}

func TestMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	reduced := filepath.Join(t.TempDir(), "nginx")
	if err := os.WriteFile(reduced, []byte("#!/bin/sh\necho nginx version: nginx/1.22.1 configure arguments: --with-threads >&2\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"nginx": "looked for nginx in PATH", reduced: "without http_stub_status_module"} {
		var lack *targets.Lack
		if err := probe(name).err; !errors.As(err, &lack) || lack.Component != Name || lack.Install == "" || !strings.Contains(lack.Found, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An nginx that is there and does not answer is not missing, and costs bounded time and memory.
func TestAnNginxThatFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nginx")
	for script, want := range map[string]string{
		"exec yes 'nginx version: '":                   "it printed more than 256 KiB, and was ended",
		`printf 'a\n\033[31mno licence\n' >&2; exit 1`: "exit status 1: \uFFFD[31mno licence; repair it",
	} {
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		var unusable *targets.Unusable
		if err := probe(path).err; !errors.As(err, &unusable) || !strings.Contains(err.Error(), path+" -V failed: "+want) {
			t.Errorf("%s: %v", script, err)
		}
	}
}

func TestConfigurationShown(t *testing.T) {
	p := targets.Proxy{Kind: Name, Keepalive: pointer(8)}
	text := shown(targets.Spec{Proxy: &p, TLS: &targets.TLS{}}, []string{"unix:/s.sock"})
	for _, want := range []string{
		"server unix:/s.sock max_fails=1 fail_timeout=10s;", "keepalive 8;", "proxy_http_version 1.1;",
		`proxy_set_header Connection "";`, "ssl_session_tickets on;", "listen 127.0.0.1:PORT ssl;",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	p.Keepalive = nil
	text = shown(targets.Spec{Proxy: &p}, []string{"unix:/s.sock"})
	if strings.Contains(text, "keepalive ") || !strings.Contains(text, "proxy_http_version 1.0;") {
		t.Errorf("no connections are to be kept:\n%s", text)
	}
}

func TestValidate(t *testing.T) {
	for _, test := range []struct {
		key string
		p   targets.Proxy
	}{
		{"keepalive", targets.Proxy{Keepalive: pointer(-1)}},
		{"http_version", targets.Proxy{HTTPVersion: "2"}},
		{"balance", targets.Proxy{Balance: "best"}},
		{"access_log", targets.Proxy{AccessLog: "on"}},
		{"workers", targets.Proxy{Workers: 65}},
		{"connect_timeout", targets.Proxy{ConnectTimeout: time.Microsecond}},
		{"read_timeout", targets.Proxy{ReadTimeout: 2 * time.Hour}},
		{"body_limit", targets.Proxy{BodyLimit: -1}},
		{"gzip.level", targets.Proxy{Gzip: &targets.Gzip{Level: 10}}},
		{"gzip.types", targets.Proxy{Gzip: &targets.Gzip{Types: []string{"text/plain; } evil {"}}}},
	} {
		problems := Descriptor().Validate(Descriptor().Normalize(test.p))
		if len(problems) != 1 || problems[0].Key != test.key {
			t.Errorf("%s: %v", test.key, problems)
		}
	}
	if problems := Descriptor().Validate(Descriptor().Normalize(targets.Proxy{})); len(problems) != 0 {
		t.Errorf("the defaults: %v", problems)
	}
}
