package all

import (
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"benchtop/targets"
	"benchtop/targets/builtin"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/python"
	"benchtop/targets/telemetry"
)

// observing are servers of each kind that observe themselves, by what they do it with.
func observing(is telemetry.Telemetry) map[string]targets.Spec {
	out := map[string]targets.Spec{}
	for _, engine := range []string{"nethttp", "fasthttp"} {
		out[engine] = targets.Spec{Server: "builtin", Own: &builtin.Settings{Engine: engine, Telemetry: &is}}
	}
	for _, form := range []string{"asgi", "http"} {
		written := is
		written.Form = form
		out[form] = targets.Spec{Server: "uvicorn", Own: &python.Settings{Telemetry: &written}}
	}
	return out
}

// Whoever observes and however it is written: the header, the counts and /metrics have the same requests, and bodies do not change.
func TestTelemetry(t *testing.T) {
	ask := []question{{"GET", "/hello", "", 200}, {"GET", "/wait?for=3ms", "", 200}, {"GET", "/wait?for=4ms", "", 200}, {"HEAD", "/hello", "", 200}, {"GET", "/stream?chunks=2&every=0s", "", 200}, {"GET", "/hello?x=1", "", 400}, {"GET", "/nothing", "", 404}}
	bare := started(t, targets.Spec{Server: "builtin", Nonce: "n", Variant: "v"})
	want := responses(t, bare, "", ask)
	for metrics, series := range map[string]int64{telemetry.Route: 4, telemetry.Path: 6} {
		for name, spec := range observing(telemetry.Telemetry{Timing: true, Metrics: metrics}) {
			t.Run(metrics+" "+name, func(t *testing.T) {
				spec.Nonce, spec.Variant = "n", "v"
				series := series
				if spec.Server == "uvicorn" {
					series++ // the one that asked whether it is ready
				}
				running := started(t, spec)
				for i, got := range responses(t, running, "", ask) {
					if got != want[i] && ask[i].status != 404 { // which lists what is served
						t.Errorf("%s: %.300q, want %.300q", ask[i].request, got, want[i])
					}
				}
				for _, st := range marked(t, running) {
					if st.Histograms["telemetry_time"] == "" || st.Levels["telemetry_series"] != series || st.Counters["telemetry_samples"] != 0 {
						t.Errorf("counted %+v", st)
					}
				}
				response, text := fetched(t, running, "/metrics")
				took, err := strconv.ParseFloat(response.Header.Get("X-Process-Time"), 64)
				if err != nil || took < 0 || took > 60 || !strings.Contains(text, "\nhttp_requests_total{handler=\"/hello\"} ") {
					t.Errorf("X-Process-Time %q in\n%s", response.Header.Get("X-Process-Time"), text)
				}
			})
		}
	}
}

func fetched(t *testing.T, running targets.Target, path string) (*http.Response, string) {
	t.Helper()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+running.Addr()+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := (&http.Client{Transport: transport, Timeout: suite.Deadline}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatal(response.Status, err)
	}
	return response, string(body)
}

// noted are the samples of all workers.
func noted(t *testing.T, running targets.Target) (sum uint64) {
	t.Helper()
	for _, st := range marked(t, running) {
		sum += st.Counters["telemetry_samples"]
	}
	return sum
}

// A profile of each request has the calls of the handler, in both forms of it.
func TestProfileOfEachRequest(t *testing.T) {
	running := started(t, targets.Spec{Server: "uvicorn", Nonce: "n", Variant: "v", Own: &python.Settings{Telemetry: &telemetry.Telemetry{Profile: "cprofile"}}})
	for _, path := range []string{"/async/work?units=10", "/sync/work?units=10", "/async/wait?for=1ms"} {
		before := noted(t, running)
		_, body := fetched(t, running, path)
		if calls := noted(t, running) - before; calls < 3 || strings.Contains(path, "work") && calls < 20 || body == "" {
			t.Errorf("%s: %d calls, %q", path, calls, body)
		}
	}
}

// The client library of Prometheus is a component, asked for where metrics are kept.
func TestMetricsNeedAComponent(t *testing.T) {
	for metrics, want := range map[string]bool{telemetry.Off: false, telemetry.Route: true} {
		needs := targets.Needs(targets.Spec{Server: "uvicorn", Own: &python.Settings{Telemetry: &telemetry.Telemetry{Metrics: metrics}}})
		if slices.Contains(needs, "prometheus-client") != want {
			t.Errorf("%s needs %v", metrics, needs)
		}
	}
}
