package main

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"benchtop/lab"
	"benchtop/targets/endpoint"
)

// loadOn drives a server for a moment and gives the exit code, the text, the JSON and what was said on standard error.
func loadOn(t *testing.T, address string, flags ...string) (code int, text string, result *lab.Result, said string) {
	t.Helper()
	env, out, errs := testEnv()
	file := t.TempDir() + "/result.json"
	env.Args = append([]string{"load", address, "-c", "2", "-d", "1s", "--timeout", "20s", "--json", file}, flags...)
	code = Main(env)
	if code == exitUsage {
		return code, out.String(), nil, errs.String()
	}
	written, err := os.ReadFile(file)
	result = &lab.Result{}
	if err = errors.Join(err, json.Unmarshal(written, result)); err != nil {
		t.Fatalf("exit %d: %v: %s", code, err, errs)
	}
	return code, out.String(), result, errs.String()
}

// Two headers of the generator's own can be given: Host takes the place of the URL's, Connection: close is no keep-alive.
func TestLoadSendsHostAndClose(t *testing.T) {
	var requests, wrong atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		if r.Host != "a.example" || !r.Close || r.Header.Get("X-Own") != "1" {
			wrong.Add(1)
		}
	}))
	defer server.Close()
	for _, engine := range []string{"", "net"} {
		code, text, r, said := loadOn(t, server.URL, "--engine", engine, "-H", "Host: a.example", "-H", "connection: Close", "-H", "X-Own: 1")
		v := &r.Variants[0]
		if code != exitOK || wrong.Load() > 0 || requests.Load() == 0 || v.Mechanism["connections_per_request"] != 1 || !strings.Contains(text, "a new one per request") {
			t.Errorf("%s: exit %d, %d of %d requests wrong, %v: %s%s", engine, code, wrong.Load(), requests.Load(), v.Mechanism, text, said)
		}
	}
}

// A rate below one a second is what was asked for, in the text and in the JSON.
func TestLoadBelowOneASecond(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	code, text, r, said := loadOn(t, server.URL, "-d", "4s", "-r", "0.5")
	v := &r.Variants[0]
	if code != exitOK || v.OK != 2 || v.Offered == nil || *v.Offered != 0.5 {
		t.Errorf("exit %d, %d ok, offered %v: %s", code, v.OK, v.Offered, said)
	}
	if !strings.Contains(text, "open, 0.5 req/s") || !strings.Contains(text, "0.5 req/s of 0.5 offered") {
		t.Error(text)
	}
}

// What was wrong with the responses reaches the person: in the text, in the JSON and in the last line. The sample server
// names its endpoints where it has none.
func TestLoadSaysWhyNothingSucceeded(t *testing.T) {
	sample := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "not found: "+endpoint.NotServed("/helo"), http.StatusNotFound)
	}))
	defer sample.Close()
	moved := httptest.NewServer(http.RedirectHandler("/elsewhere", http.StatusFound))
	defer moved.Close()
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		c, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!")
			_ = c.Close()
		}
	}))
	defer broken.Close()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	for _, tt := range []struct {
		name, address, class, reason, bytes, said string
	}{
		{
			"unknown path", sample.URL, "status_4xx", "404 Not Found", `not found: \"/helo\" is not served, did you mean \"/hello\"? allowed: /hello /work`,
			`: 404 Not Found from every request: "not found: \"/helo\" is not served, did you mean \"/hello\"? allowed: /hello /work`,
		},
		{"redirect", moved.URL, "status_3xx", "302 Found", `<a href=\"/elsewhere\">Found</a>.\n\n`, `redirects are not followed`},
		{
			"two lengths", broken.URL, "bad_header", `two different Content-Length headers ("Content-Length: 6")`,
			`HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`, ": every request ended as bad_header: two different Content-Length headers",
		},
		{"closed port", "http://" + closed.Addr().String(), "refused", "connection refused", "", ": every request ended as refused: connection refused"},
	} {
		code, text, r, said := loadOn(t, tt.address)
		if code != exitEnvironment || !strings.Contains(said, tt.said) {
			t.Errorf("%s: exit %d: %s", tt.name, code, said)
		}
		why := r.Variants[0].Reasons[tt.class]
		if why.Text != tt.reason || !strings.HasPrefix(why.Bytes, tt.bytes) || tt.bytes == "" && why.Bytes != "" || !strings.Contains(text, tt.class+"  ") || !strings.Contains(text, why.String()) {
			t.Errorf("%s: %+v in\n%s", tt.name, why, text)
		}
	}
}

// The value of a header from the environment reaches the server and stands in nothing that is written, also where the server
// sends it back.
func TestHeaderEnvStandsNowhere(t *testing.T) {
	const value, variable = "Bearer t0p-s3cr3t-of-the-test", "BENCHTOP_TEST_SECRET"
	var requests, without atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != value {
			without.Add(1)
		}
		if requests.Add(1)%8 == 0 {
			http.Error(w, "not allowed: "+r.Header.Get("Authorization"), http.StatusForbidden)
		}
	}))
	defer server.Close()
	code, _, _, said := loadOn(t, server.URL, "--think", "5ms", "--header-env", "Authorization: "+variable)
	if code != exitUsage || !strings.Contains(said, "--header-env: Authorization: the variable "+variable+" is not set") || requests.Load() > 0 {
		t.Errorf("exit %d after %d requests: %s", code, requests.Load(), said)
	}
	t.Setenv(variable, value)
	written := map[string]string{}
	code, written["the text"], _, written["what was said"] = loadOn(t, server.URL, "--think", "5ms", "--header-env", "Authorization: "+variable)
	if code != exitOK || without.Load() > 0 || !strings.Contains(written["the text"], "not allowed: ["+variable+"]") {
		t.Errorf("exit %d, %d of %d requests without it: %v", code, without.Load(), requests.Load(), written)
	}

	dir := t.TempDir()
	scenario := `{benchtop: 1, id: secret, title: A secret, target: {server: url, url: "` + server.URL + `/"}, variants: [{id: a}, {id: b}], ` +
		`load: {connections: 2, think: 5ms, timeout: 20s, header_env: {Authorization: ` + variable + `}}, plan: {blocks: 1, slice: 300ms, warmup: 300ms}}`
	if err := os.WriteFile(dir+"/secret.yaml", []byte(scenario), 0o600); err != nil {
		t.Fatal(err)
	}
	env, out, errs := testEnv()
	env.Getenv = stateIn(t.TempDir())
	env.Args = []string{"run", dir + "/secret.yaml", "--plain"}
	for flag, name := range map[string]string{"--json": "r.json", "--html": "r.html", "--md": "r.md", "--csv": "r.csv", "--junit": "r.xml", "--save": "r.jsonl"} {
		env.Args = append(env.Args, flag, dir+"/"+name)
	}
	Main(env)
	written["the lines"], written["the errors"] = out.String(), errs.String()
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 7 {
		t.Fatalf("%d files, %v: %s%s", len(files), err, out, errs)
	}
	for _, file := range files {
		text, err := os.ReadFile(dir + "/" + file.Name())
		if err != nil {
			t.Fatal(err)
		}
		written[file.Name()] = string(text)
	}
	env, out, errs = testEnv()
	env.Args = []string{"report", dir + "/r.jsonl", "--format", "series"}
	if code := Main(env); code != exitOK || !strings.HasPrefix(out.String(), "scenario,variant,time_s,seconds,phase,slice,rps,") || strings.Count(out.String(), "\nsecret,a,") < 2 {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	written["the series"] = out.String()
	if without.Load() > 0 || !strings.Contains(written["r.jsonl"], "["+variable+"]") {
		t.Errorf("%d requests without it; %s", without.Load(), errs)
	}
	for name, text := range written {
		if strings.Contains(text, "s3cr3t") {
			t.Errorf("%s has the value", name)
		}
	}
	if code, _, _, said = loadOn(t, server.URL, "--think", "5ms", "--header-env", "Authorization: "+value); code != exitUsage || strings.Contains(said, "s3cr3t") {
		t.Errorf("exit %d: a value in the place of a name is repeated: %s", code, said)
	}
}
