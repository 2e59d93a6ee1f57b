package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/targets"
	"benchtop/targets/foreign"
)

// A scenario file alone cannot make the program start another one.
func TestCommandsNeedPermission(t *testing.T) {
	plan := func() *lab.Plan {
		return &lab.Plan{Variants: []lab.Variant{
			{ID: "a", Target: targets.Spec{Server: "builtin"}},
			{ID: "b", Target: targets.Spec{Server: "command", Own: &foreign.CommandSettings{Command: []string{"./server", "{port}"}}}},
		}}
	}
	refused := plan()
	err := permit(refused, false)
	if want := "server: command starts a program named in the file; allow it with --allow-exec"; err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
	allowed := plan()
	if err := permit(allowed, true); err != nil {
		t.Error(err)
	}
	for _, v := range allowed.Variants {
		if !v.Target.AllowExec {
			t.Errorf("variant %s was not given the permission", v.ID)
		}
	}
	if s := allowed.Variants[1].Target.String(); strings.Contains(strings.ToLower(s), "exec") {
		t.Errorf("the permission is stored with the plan: %s", s)
	}
}

// stateIn is an environment in which runs are saved below a folder.
func stateIn(dir string) func(string) string {
	return func(name string) string {
		if name == "XDG_STATE_HOME" {
			return dir
		}
		return ""
	}
}

// While a run goes on Prometheus reads it; nothing listens after its end, and nothing starts with an address for others.
func TestRunShowsMetrics(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	path := t.TempDir() + "/watched.yaml"
	scenario := `{benchtop: 1, id: watched, title: Watched, target: {server: url, url: "` + server.URL + `/"}, variants: [{id: a}], load: {connections: 2, timeout: 20s}, plan: {blocks: 200, slice: 1s, warmup: 300ms}}`
	if err := os.WriteFile(path, []byte(scenario), 0o600); err != nil {
		t.Fatal(err)
	}
	env, _, errs := testEnv()
	env.Args = []string{"run", path, "--plain", "--metrics", "0.0.0.0:9464"}
	if code := Main(env); code != exitUsage || !strings.Contains(errs.String(), "--metrics: \"0.0.0.0:9464\"; allowed: a port of this machine's loopback address") {
		t.Errorf("exit %d: %s", code, errs)
	}

	said, into := io.Pipe()
	env, _, _ = testEnv()
	signals := make(chan os.Signal, 1)
	env.Stderr, env.Signals, env.Getenv = into, signals, stateIn(t.TempDir())
	env.Args = []string{"run", path, "--plain", "--metrics", "127.0.0.1:0"}
	ended := make(chan int, 1)
	go func() {
		ended <- Main(env)
		_ = into.Close()
	}()
	lines := bufio.NewScanner(said)
	url := ""
	for url == "" && lines.Scan() {
		if _, rest, ok := strings.Cut(lines.Text(), "metrics at "); ok {
			url, _, _ = strings.Cut(rest, " ")
		}
	}
	go func() { _, _ = io.Copy(io.Discard, said) }()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	scrape := func() string {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err != nil {
			return ""
		}
		defer func() { _ = resp.Body.Close() }()
		text, _ := io.ReadAll(resp.Body)
		return string(text)
	}
	seen, again := "", time.NewTicker(100*time.Millisecond)
	defer again.Stop()
	for ; ctx.Err() == nil && !strings.Contains(seen, `benchtop_requests_per_second{scenario="watched",variant="a"}`); <-again.C {
		seen = scrape()
	}
	if ctx.Err() != nil {
		t.Errorf("no throughput in %q", seen)
	}
	signals <- os.Interrupt
	if code := <-ended; code != exitInterrupt {
		t.Errorf("exit %d", code)
	}
	if text := scrape(); text != "" {
		t.Errorf("after the end: %q", text)
	}
}
