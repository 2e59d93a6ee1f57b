package scrape

import (
	"bytes"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"benchtop/lab"
	"benchtop/lab/rehearsal"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sample is a line of the text format.
var sample = regexp.MustCompile(`^[a-z_]+\{([a-z]+="([^"\\]|\\.)*"(,[a-z]+="([^"\\]|\\.)*")*)?\} [-+0-9.e]+$`)

// A run is text that Prometheus reads, at every moment of it; counters never go back.
func TestWrite(t *testing.T) {
	fold := lab.NewFold()
	last, seen := map[string]string{}, map[string]bool{}
	for _, e := range (rehearsal.Script{Blocks: 2}).Events() {
		fold.Apply(e)
		if e.Interval == nil && e.End == nil {
			continue
		}
		var b bytes.Buffer
		if err := Write(&b, fold.State()); err != nil {
			t.Fatal(err)
		}
		names := map[string]bool{}
		for _, line := range strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n") {
			if name, ok := strings.CutPrefix(line, "# TYPE "); ok {
				name, _, _ = strings.Cut(name, " ")
				if names[name] {
					t.Errorf("%s stands twice", name)
				}
				names[name], seen[name] = true, true
			}
			if strings.HasPrefix(line, "#") {
				continue
			}
			if !sample.MatchString(line) {
				t.Fatalf("not a sample: %s", line)
			}
			key, value, _ := strings.Cut(line, "} ")
			if strings.HasPrefix(key, "benchtop_requests_total") && len(value) < len(last[key]) {
				t.Errorf("%s went from %s to %s", key, last[key], value)
			}
			last[key] = value
		}
	}
	for _, name := range []string{"run_going_on", "run_progress_ratio", "requests_total", "requests_per_second", "latency_seconds", "target_cpu_cores", "target_memory_bytes"} {
		if !seen["benchtop_"+name] {
			t.Errorf("no benchtop_%s", name)
		}
	}
}

func TestLabels(t *testing.T) {
	f := family{name: "x"}
	f.add(whole(1), "a", "b\"c\\d\ne")
	if f.lines[0] != `x{a="b\"c\\d\ne"} 1` {
		t.Error(f.lines[0])
	}
}

func get(t *testing.T, url, host string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = host
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// It is served on loopback alone, to those who ask for that, and ends when it is closed.
func TestServer(t *testing.T) {
	for _, bad := range []string{"0.0.0.0:9464", ":9464", "192.0.2.1:9464", "9464", "example.org:80"} {
		if s, err := Start(bad); err == nil || !strings.Contains(err.Error(), "allowed: a port of this machine's loopback address") {
			t.Errorf("%s: %v, %v", bad, s, err)
		}
	}
	s, err := Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if code, text := get(t, s.URL(), ""); code != http.StatusOK || !strings.Contains(text, "benchtop_run_going_on{} 0\n") {
		t.Errorf("%d: %s", code, text)
	}
	fold := lab.NewFold()
	for _, e := range (rehearsal.Script{Blocks: 1}).Events() {
		fold.Apply(e)
	}
	s.Watch(fold)
	if code, text := get(t, s.URL(), ""); code != http.StatusOK || !strings.Contains(text, "benchtop_requests_total{scenario=") {
		t.Errorf("%d: %s", code, text)
	}
	if code, _ := get(t, s.URL(), "evil.example"); code != http.StatusForbidden {
		t.Errorf("%d for another host", code)
	}
	if code, _ := get(t, strings.TrimSuffix(s.URL(), Path)+"/debug/pprof/", ""); code != http.StatusNotFound {
		t.Errorf("%d for another path", code)
	}
	if _, err := Start(strings.TrimSuffix(strings.TrimPrefix(s.URL(), "http://"), Path)); err == nil || !strings.Contains(err.Error(), "choose another port") {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
