package report_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	"benchtop/lab"
	"benchtop/lab/report"
	"benchtop/lab/stats"
)

func p(x float64) *float64 { return &x }

// result is a small finished result with one of everything that the reports write.
func result() *lab.Result {
	ci := [2]float64{1.109, 1.138}
	rps := lab.Series{Median: p(8412), Slices: []*float64{p(8400.5), nil, p(8423.5)}}
	return &lab.Result{
		Benchtop: 1, Scenario: lab.ScenarioRef{ID: "up-keepalive", Title: "Does it | pay?", SHA256: "00"},
		Complete: true, Ended: lab.EndComplete, Order: []string{"a", "b", "b", "a"}, Metric: "rps", Blocks: 2,
		Machine: lab.MachineRef{OS: "linux", Arch: "amd64", CPUs: 2, Model: "A processor"},
		Variants: []lab.VariantResult{
			{
				ID: "a", Requests: 120, OK: 117, Errors: map[string]uint64{"status_5xx": 3}, RPS: rps,
				Latency: lab.Latency{P50: p(7400), P95: p(12000), P99: p(15200), Max: p(40000), Trusted: []string{"p50", "p95"}},
				Metrics: map[string]lab.Series{"rps": rps, "p50": {Slices: []*float64{p(7400), nil, p(7500)}}},
				Processes: []lab.ProcessResult{
					{PID: 12, Role: "worker", CPUPercent: p(92), Requests: 117, State: "serving"},
					{PID: 11, Role: "worker", State: "gone"},
				},
			},
			{ID: "b", RPS: lab.Series{Median: p(9455)}, Metrics: map[string]lab.Series{}},
		},
		Comparisons: []lab.Comparison{
			{Metric: "rps", Primary: true, Variant: "b", Baseline: "a", Ratio: p(1.124), CI95: &ci, Pairs: 20, Verdict: stats.Higher},
			{Metric: "p99", Variant: "b", Baseline: "a", Ratio: p(0.9), CI95: &ci, Pairs: 20, Verdict: stats.Exploratory},
		},
		NoiseFloor:   p(0.013),
		Expectations: []lab.Expectation{{Expr: "errors(a) == 0", Verdict: "refuted", Measured: p(3)}},
		Generator:    lab.GeneratorResult{Engine: "epoll", Busy: 0.61},
		Flags:        []string{"a: worker 11: killed by signal 9"},
	}
}

func TestTheVerdictLine(t *testing.T) {
	r := result()
	want := "b serves 12.4 % more (95 % CI +10.9 to +13.8 %, 20 pairs, noise floor 1.3 %) - generator 61 % busy, fine"
	if got := report.Verdicts(r); len(got) != 1 || got[0] != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
	r.Comparisons[0].Verdict, r.Comparisons[0].Reason = stats.Refused, "generator died"
	if got := report.Verdicts(r)[0]; !strings.HasPrefix(got, "b: refused (") || !strings.HasSuffix(got, ": generator died") {
		t.Errorf("got %q", got)
	}
}

func TestPlain(t *testing.T) {
	var b bytes.Buffer
	if err := report.Plain(&b, result()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"8,412", "7.40 ms", "~15.2 ms", "3 (status_5xx 3)", "refuted       errors(a) == 0   measured 3", "! a: worker 11",
		"gone", "exploratory",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

func TestMarkdownKeepsTextFromBeingMarkup(t *testing.T) {
	r := result()
	r.Flags = append(r.Flags, "<script> [x](y)")
	var b bytes.Buffer
	if err := report.Markdown(&b, r); err != nil {
		t.Fatal(err)
	}
	if s := b.String(); strings.Contains(s, "<script>") || strings.Contains(s, " [x]") || !strings.Contains(s, `Does it \| pay?`) {
		t.Error(s)
	}
}

func TestCSVHasARowPerSlice(t *testing.T) {
	var b bytes.Buffer
	if err := report.CSV(&b, result()); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"scenario", "slice", "variant", "slice_of_variant", "p50_us", "rps"},
		{"up-keepalive", "1", "a", "1", "7400", "8400.5"},
		{"up-keepalive", "2", "b", "1", "", ""},
		{"up-keepalive", "3", "b", "2", "", ""},
		{"up-keepalive", "4", "a", "2", "", ""},
	}
	for i := range want {
		if strings.Join(rows[i], ",") != strings.Join(want[i], ",") {
			t.Errorf("row %d: %v, expected %v", i, rows[i], want[i])
		}
	}
}

func TestBenchstatLeavesDiscardedSlicesOut(t *testing.T) {
	var b bytes.Buffer
	if err := report.Benchstat(&b, result()); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), "BenchmarkUpKeepalive/variant=a 1 "); n != 2 {
		t.Errorf("%d lines, expected 2:\n%s", n, b.String())
	}
}

func TestJSONHasTheKeysOfItsShape(t *testing.T) {
	var b bytes.Buffer
	if err := report.JSON(&b, result()); err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(b.Bytes(), &m); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{
		"benchtop", "scenario", "started", "seed", "complete", "machine", "order", "variants", "comparisons", "noise_floor", "expectations", "generator",
	} {
		if _, ok := m[key]; !ok {
			t.Errorf("no key %q", key)
		}
	}
	v, ok := m["variants"].([]any)[0].(map[string]any)
	if !ok {
		t.Fatal("no variant")
	}
	for _, key := range []string{
		"id", "requests", "ok", "errors", "rps", "latency_us", "service_us", "connect_us", "target_cpu_us_per_request", "target_rss_bytes",
		"offered", "mechanism", "processes",
	} {
		if _, ok := v[key]; !ok {
			t.Errorf("no key %q in a variant", key)
		}
	}
}

func TestNumbersForPeople(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{report.Rate(p(1234567)), "1,234,567"},
		{report.Rate(nil), "-"},
		{report.Rate(p(0.5)), "0.5"},
		{report.Rate(p(1.0 / 7200)), "0.000139"},
		{report.Rate(p(1.5)), "1.5"},
		{report.Rate(p(98.76)), "98.8"},
		{report.Rate(p(99.96)), "100"},
		{report.Rate(p(0)), "0"},
		{report.Micros(p(12.34)), "12.3 us"},
		{report.Micros(p(1500)), "1.50 ms"},
		{report.Micros(p(2.5e6)), "2.50 s"},
		{report.Bytes(p(21e6)), "21.0 MB"},
		{report.Change(0.9), "-10.0 %"},
	} {
		if test.got != test.want {
			t.Errorf("%q, expected %q", test.got, test.want)
		}
	}
}

// The page is whole: it loads nothing, and text from elsewhere stays text.
func TestHTML(t *testing.T) {
	r := result()
	r.Scenario.Title = `Does it </title><script>alert("x")</script> pay?`
	r.Flags = append(r.Flags, `<img src=x onerror=alert(1)>`)
	var b bytes.Buffer
	if err := report.HTML(&b, r); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, forbidden := range []string{"<script", "<img", "http://", "https://", "url(", "@import", "<link"} {
		if strings.Contains(text, forbidden) {
			t.Errorf("the page holds %s", forbidden)
		}
	}
	for _, want := range []string{"b serves 12.4 % more", "+12.4 %", "<svg", "worker 11: killed", "errors(a) == 0", "refuted", "8,412"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
		t.Error("a drawing has a place that is no number")
	}
	// Nothing measured: the page says so and draws nothing.
	b.Reset()
	if err := report.HTML(&b, &lab.Result{Ended: lab.EndFailed, Reason: "no"}); err != nil || !strings.Contains(b.String(), "failed: no") {
		t.Errorf("%v: %s", err, b.String())
	}
}

func TestTwins(t *testing.T) {
	first, second := result(), result()
	second.Scenario.ID = "real-up-keepalive"
	ci := [2]float64{1.05, 1.09}
	second.Comparisons[0].Ratio, second.Comparisons[0].CI95 = p(1.07), &ci
	var b bytes.Buffer
	if err := report.Twins(&b, first, second); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"up-keepalive and its twin real-up-keepalive", "requests per second of b over a", "+12.4 %", "95 % CI +10.9 to +13.8 %",
		"+7.0 %", "1.050", "direction: agree; size: agree",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	b.Reset()
	second.Comparisons[0].Verdict, second.Comparisons[0].Reason = stats.Refused, "generator died"
	if err := report.Twins(&b, first, second); err != nil || !strings.Contains(b.String(), "direction: cannot tell; size: cannot tell (generator died)") {
		t.Errorf("%v\n%s", err, b.String())
	}
	b.Reset()
	second.Comparisons = nil
	if err := report.Twins(&b, first, second); err != nil || !strings.Contains(b.String(), "share no comparison") {
		t.Errorf("%v\n%s", err, b.String())
	}
}
