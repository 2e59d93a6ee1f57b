package report_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"benchtop/lab"
	"benchtop/lab/metric"
	"benchtop/lab/progress"
	"benchtop/lab/report"
	"benchtop/lab/stats"
)

func p(x float64) *float64 { return &x }

// Every report says what the run means and what to do, as text and never as markup, and nothing where it has no conclusion.
func TestReportsConclude(t *testing.T) {
	for name, write := range map[string]func(io.Writer, *lab.Result) error{"plain": report.Plain, "markdown": report.Markdown, "html": report.HTML} {
		for _, c := range []*lab.Conclusion{nil, {Means: "It pays <b>here</b>.", Do: "Keep 8 of them."}} {
			r := result()
			r.Conclusion = c
			var b bytes.Buffer
			if err := write(&b, r); err != nil {
				t.Fatal(err)
			}
			for _, part := range []string{report.MeansTitle, "It pays ", report.DoTitle, "Keep 8 of them."} {
				if strings.Contains(b.String(), part) != (c != nil) {
					t.Errorf("%s of %+v: %q is not as it should be", name, c, part)
				}
			}
			if name != "plain" && strings.Contains(b.String(), "<b>here") {
				t.Errorf("%s has markup of the scenario", name)
			}
		}
	}
}

// result is a small finished result with one of everything that the reports write.
func result() *lab.Result {
	ci := [2]float64{1.109, 1.138}
	rps := lab.Series{Median: p(8412), Mean: p(8412), Slices: []*float64{p(8400.5), nil, p(8423.5)}}
	answered := uint64(117)
	return &lab.Result{
		Benchtop: 1, Scenario: lab.ScenarioRef{ID: "up-keepalive", Title: "Does it | pay?", SHA256: "00"},
		Complete: true, Ended: lab.EndComplete, Order: []string{"a", "b", "b", "a"}, Metric: "rps", Blocks: 2,
		Machine: lab.MachineRef{OS: "linux", Arch: "amd64", CPUs: 2, Model: "A processor"},
		Variants: []lab.VariantResult{
			{
				ID: "a", Requests: 120, OK: 117, Errors: map[string]uint64{"status_5xx": 3}, RPS: rps,
				Latency: lab.Latency{Percentiles: metric.Percentiles{P50: p(7400), P95: p(12000), P99: p(15200), Max: p(40000)}, Trusted: []string{"p50", "p95"}},
				Metrics: map[string]lab.Series{"rps": rps, "p50": {Mean: p(7400), Slices: []*float64{p(7400), nil, p(7500)}}},
				Processes: []lab.ProcessResult{
					{PID: 12, Role: "worker", CPUPercent: p(92), Requests: &answered, State: "serving"},
					{PID: 11, Role: "worker", State: "gone"},
				},
			},
			{ID: "b", RPS: lab.Series{Median: p(9455)}, Metrics: map[string]lab.Series{}},
		},
		Comparisons: []lab.Comparison{
			{Metric: "rps", Primary: true, Variant: "b", Baseline: "a", Ratio: p(1.124), Means: &[2]float64{9455, 8412}, CI95: &ci, Pairs: 20, Verdict: stats.Higher},
			{Metric: "p99", Variant: "b", Baseline: "a", Ratio: p(0.9), Means: &[2]float64{13680, 15200}, CI95: &ci, Pairs: 20, Verdict: stats.Exploratory},
		},
		NoiseFloor:   p(0.013),
		Expectations: []lab.Expectation{{Expr: "errors(a) == 0", Verdict: "refuted", Measured: p(3)}},
		Generator:    lab.GeneratorResult{Engine: "epoll", Busy: p(0.61)},
		Flags:        []string{"a: worker 11: killed by signal 9"},
	}
}

func TestTheVerdictLine(t *testing.T) {
	r := result()
	want := "DECIDED: b serves 12.4 % more than a (95 % CI +10.9 to +13.8 %, 20 pairs, noise floor 1.3 %) - generator 61 % busy, fine"
	if got := report.Verdicts(r); len(got) != 1 || got[0] != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
	r.Comparisons[0].Verdict, r.Comparisons[0].Reason = stats.Refused, "generator died"
	if got := report.Verdicts(r)[0]; !strings.HasPrefix(got, "REFUSED: no verdict about the throughput of b and a (") || !strings.HasSuffix(got, ": generator died") {
		t.Errorf("got %q", got)
	}
	c := &r.Comparisons[0]
	c.Ratio, c.CI95, c.Pairs, r.NoiseFloor, c.Reason = nil, nil, 0, nil, "stopped before the first block was complete"
	if got, want := report.Verdicts(r)[0], "REFUSED: no verdict about the throughput of b and a: stopped before the first block was complete"; got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestPlain(t *testing.T) {
	var b bytes.Buffer
	if err := report.Plain(&b, result()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"8412", "7.40 ms", "~15.2 ms", "3 (status_5xx 3)", "refuted       errors(a) == 0   measured 3 in all", "! a: worker 11",
		"gone", "exploratory", "9455", "p99 latency  15.2 ms  13.7 ms  -10.0 %", "means over the pairs that count",
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
	if s := b.String(); strings.Contains(s, "<script>") || strings.Contains(s, " [x]") || !strings.Contains(s, `Does it \| pay?`) || !strings.Contains(s, "| p99 latency | b | a | 15.2 ms | 13.7 ms | -10.0 % |") {
		t.Error(s)
	}
}

// What a process does not say of itself is a dash, in JSON null, never 0.
func TestWhatAProcessDoesNotSayIsADash(t *testing.T) {
	r := result()
	r.Variants[0].Processes = []lab.ProcessResult{{PID: 4711, Role: "server", State: "serving"}}
	want := regexp.MustCompile(`4711[^\n]*server[^\n]*-[^\n]*-[^\n]*-[^\n]*-[^\n]*serving`)
	var plain, html, js bytes.Buffer
	if err := errors.Join(report.Plain(&plain, r), report.HTML(&html, r), report.JSON(&js, r)); err != nil {
		t.Fatal(err)
	}
	if !want.MatchString(plain.String()) || !want.MatchString(strings.ReplaceAll(html.String(), "\n", "")) {
		t.Errorf("no row of dashes in\n%s", plain.String())
	}
	if !strings.Contains(js.String(), `"requests": null,`) {
		t.Errorf("JSON has no null:\n%s", js.String())
	}
}

// Figures without meaning are not printed, and a generator that measured nothing has no name and no share.
func TestFiguresWithoutMeaning(t *testing.T) {
	r := result()
	r.NoiseFloor, r.Generator = p(7974320449765972.48), lab.GeneratorResult{}
	r.Comparisons[0].CI95, r.Comparisons[0].Verdict = &[2]float64{1e-9, 7974320449765972.48}, stats.Inconclusive
	for name, write := range map[string]func(io.Writer, *lab.Result) error{"plain": report.Plain, "md": report.Markdown, "html": report.HTML} {
		var b bytes.Buffer
		if err := write(&b, r); err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"797432", "generator:  engine", "0 % busy, -"} {
			if strings.Contains(b.String(), bad) {
				t.Errorf("%s has %q:\n%s", name, bad, b.String())
			}
		}
		if !strings.Contains(b.String(), "noise floor over 1000 %") {
			t.Errorf("%s does not say that the noise floor is over 1000 %%:\n%s", name, b.String())
		}
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

// Every metric has its unit in its column's name, once.
func TestCSVColumnsHaveTheirUnitOnce(t *testing.T) {
	r := result()
	value := 1.0
	for _, m := range metric.All() {
		r.Variants[0].Metrics[m.Name] = lab.Series{Median: &value, Slices: []*float64{&value}}
	}
	var b bytes.Buffer
	if err := report.CSV(&b, r); err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(b.String(), "\n")
	want := "scenario,slice,variant,slice_of_variant"
	names := metric.Names(metric.All())
	slices.Sort(names)
	for _, name := range names {
		want += "," + metric.Named(name).Column()
	}
	if head != want {
		t.Errorf("the columns are\n%s\nwant\n%s", head, want)
	}
	for _, m := range metric.All() {
		name := m.Column()
		if n := strings.Count("_"+name+"_", "_us_") + strings.Count("_"+name+"_", "_bytes_"); (m.Unit == metric.Duration || m.Unit == metric.Bytes) != (n == 1) || n > 1 {
			t.Errorf("%s has its unit %d times", name, n)
		}
	}
}

// Reports walk the table of metrics: one that it has just got has its column everywhere.
func TestAMetricOfTheTableIsInEveryReport(t *testing.T) {
	defer metric.Register(metric.Metric{
		Name: "toys", Unit: metric.Duration, Words: "toys that were made", Short: "toy time", In: metric.Summary, Bench: "toys-us",
	})()
	r, value := result(), 1500.0
	r.Variants[0].Metrics["toys"] = lab.Series{Mean: &value, Slices: []*float64{&value, nil, &value}}
	r.Comparisons[1].Metric = "toys"
	for name, want := range map[string]struct {
		write func(io.Writer, *lab.Result) error
		text  []string
	}{
		"csv":       {report.CSV, []string{",toys_us\n", ",1500\n"}},
		"markdown":  {report.Markdown, []string{"| toy time |", "| 15.2 ms |", "| toys that were made |"}},
		"benchstat": {report.Benchstat, []string{" 1500.000 toys-us"}},
	} {
		var b bytes.Buffer
		if err := want.write(&b, r); err != nil {
			t.Fatal(err)
		}
		for _, text := range want.text {
			if !strings.Contains(b.String(), text) {
				t.Errorf("%s has no %q:\n%s", name, text, b.String())
			}
		}
	}
}

// Every report has the parts of a target apart, and its processes in their order.
func TestReportsGroupByPart(t *testing.T) {
	r := result()
	r.Variants[0].Parts = []lab.PartResult{
		{Part: "server", Processes: 1, CPUPerRequest: lab.Series{Mean: p(93)}, RSS: p(21e6)},
		{Part: "db", Processes: 1, CPUPerRequest: lab.Series{Mean: p(40)}},
	}
	r.Variants[0].Processes = []lab.ProcessResult{{PID: 7, Role: "engine", Part: "db", State: "serving"}, {PID: 8, Role: "worker", Part: "server", State: "serving"}}
	for name, write := range map[string]func(io.Writer, *lab.Result) error{"plain": report.Plain, "md": report.Markdown, "html": report.HTML} {
		var b bytes.Buffer
		if err := write(&b, r); err != nil {
			t.Fatal(err)
		}
		row := regexp.MustCompile(`(?s)server\W.*93.0 us\W.*21.0 MB.*db\W.*40.0 us`)
		if !row.MatchString(b.String()) {
			t.Errorf("%s does not have the parts:\n%s", name, b.String())
		}
		if name != "md" && !regexp.MustCompile(`(?s)\b8\b.*worker.*\b7\b.*db engine`).MatchString(b.String()) {
			t.Errorf("%s does not have the processes by part:\n%s", name, b.String())
		}
	}
}

// A run file from elsewhere brings texts that a spreadsheet would run, or that begin a row of their own. Figures stay
// figures, negative ones too.
func TestCSVCellsAreTexts(t *testing.T) {
	for id, want := range map[string]string{
		"=cmd|' /C calc'!A0": "'=cmd|' /C calc'!A0", "+1": "'+1", "-1": "'-1", "@SUM(1)": "'@SUM(1)", "\t=1": "' =1", "\r=1": "'\uFFFD=1", "＝1": "'＝1",
		"a\nforged,1,b,1": "a forged,1,b,1", "red\x1b[31m": "red\uFFFD[31m", "up-keepalive": "up-keepalive", "a=b": "a=b",
	} {
		r := result()
		negative := -1.5
		r.Scenario.ID, r.Order, r.Variants[0].ID = id, []string{id}, id
		r.Variants[0].Metrics = map[string]lab.Series{"rps": {Slices: []*float64{&negative}}}
		r.Variants[1].Metrics = nil
		var b bytes.Buffer
		if err := report.CSV(&b, r); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(bytes.NewReader(b.Bytes())).ReadAll()
		if err != nil || len(rows) != 2 || strings.Count(b.String(), "\n") != 2 {
			t.Fatalf("%q: %d rows, %v:\n%s", id, len(rows), err, b.String())
		}
		if got := strings.Join(rows[1], "|"); got != want+"|1|"+want+"|1|-1.5" {
			t.Errorf("%q becomes %q", id, got)
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

// The page is whole: it loads nothing, and text from elsewhere stays text.
func TestHTML(t *testing.T) {
	r := result()
	r.Scenario.Title = `Does it </title><script>alert("x")</script> pay?`
	r.Flags = append(r.Flags, `<img src=x onerror=alert(1)>`)
	profiled(r, `main.evil<img src=x onerror=alert(2)>"`)
	var b bytes.Buffer
	if err := report.HTML(&b, r); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, forbidden := range []string{"<script>alert", "<img", "<link", "<iframe", "<object", "http:", "https:", "url(", "@import", "fetch(", "import("} {
		if strings.Contains(text, forbidden) {
			t.Errorf("the page holds %s", forbidden)
		}
	}
	// No attribute names another file, and none is a script or a style: only the page's own two blocks are, by their hashes.
	if found := regexp.MustCompile(`(?i)<[^>]*\s(src|srcset|href|xlink:href|action|data|poster|background|style|on\w+)=`).FindString(text); found != "" {
		t.Errorf("the page has %s", found)
	}
	policy := regexp.MustCompile(`http-equiv="Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(text)
	if policy == nil || !strings.HasPrefix(policy[1], "default-src 'none';") || strings.Contains(policy[1], "unsafe") {
		t.Fatalf("policy %q", policy)
	}
	for _, tag := range []string{"style", "script"} {
		blocks := regexp.MustCompile(`(?s)<`+tag+`>(.*?)</`+tag+`>`).FindAllStringSubmatch(text, -1)
		if len(blocks) != 1 {
			t.Fatalf("%d blocks of %s", len(blocks), tag)
		}
		hash := sha256.Sum256([]byte(blocks[0][1]))
		if want := tag + "-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'"; !strings.Contains(policy[1], want) {
			t.Errorf("policy %q, want %s", policy[1], want)
		}
	}
	for _, want := range []string{"b serves 12.4 % more", "+12.4 %", "<svg", "worker 11: killed", "errors(a) == 0", "refuted", "8412"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
		t.Error("a drawing has a place that is no number")
	}
	// What lies beyond the axis of the ratios is an arrow on its own side.
	b.Reset()
	r.Comparisons[1].Ratio, r.Comparisons[1].CI95 = p(1e-5), &[2]float64{1e-6, 1e-4}
	if err := report.HTML(&b, r); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), `L243.0 `); n != 3 || strings.Count(b.String(), `class="beyond"`) != 3 {
		t.Errorf("%d arrows at the left end", n)
	}
	// Nothing measured: the page says so and draws nothing.
	b.Reset()
	if err := report.HTML(&b, &lab.Result{Ended: lab.EndFailed, Reason: "no"}); err != nil || !strings.Contains(b.String(), "failed: no") {
		t.Errorf("%v: %s", err, b.String())
	}
}

// The page begins with the answer in large digits, and has the prediction below its interval.
func TestTheAnswerOnThePage(t *testing.T) {
	r := result()
	said := &progress.Prediction{Metric: "rps", Variant: "b", Baseline: "a", Winner: "b", Low: 1.05, High: 1.4}
	var b bytes.Buffer
	if err := report.HTMLWith(&b, r, said); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`<section class="hero decided">`, `<div class="digits v1">+12.4 %</div>`, `<span class="badge">DECIDED</span>`, "b serves 12.4 % more than a",
		"<title>measured +12.4 %, 95 % interval", "you predicted +5 to +40 %", "<li>a: worker 11: killed by signal 9</li>", "not as the scenario expects: errors(a) == 0",
	} {
		if !strings.Contains(strings.ReplaceAll(b.String(), "&#43;", "+"), want) {
			t.Errorf("no %q on the page", want)
		}
	}
	b.Reset()
	r.Comparisons[0].Verdict, r.Comparisons[0].Reason = stats.Refused, "generator died"
	if err := report.HTMLWith(&b, r, said); err != nil || !strings.Contains(b.String(), `class="hero refused"`) || strings.Contains(b.String(), `class="digits`) || strings.Contains(b.String(), "you predicted") {
		t.Errorf("%v; a refused answer has digits", err)
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
		"up-keepalive and its twin real-up-keepalive", "throughput of b over a", "+12.4 %", "95 % CI +10.9 to +13.8 %",
		"+7.0 %", "+5.0 %", "direction: agree; size: agree",
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

// junitDoc is what readers of such reports take from one.
type junitDoc struct {
	Suites []struct {
		Name     string `xml:"name,attr"`
		Tests    int    `xml:"tests,attr"`
		Failures int    `xml:"failures,attr"`
		Errors   int    `xml:"errors,attr"`
		Skipped  int    `xml:"skipped,attr"`
		Cases    []struct {
			Class   string    `xml:"classname,attr"`
			Name    string    `xml:"name,attr"`
			Skipped *junitWhy `xml:"skipped"`
			Error   *junitWhy `xml:"error"`
			Failure *junitWhy `xml:"failure"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

type junitWhy struct {
	Message string `xml:"message,attr"`
}

// What is refuted fails, what is not decided is skipped with its reason, a broken environment is an error; text is escaped.
func TestJUnit(t *testing.T) {
	r, failed := result(), &lab.Result{Scenario: lab.ScenarioRef{ID: "none"}, Ended: lab.EndFailed, Reason: `no "nginx" <here> & now` + "\x1b"}
	r.Expectations = append(r.Expectations, lab.Expectation{Expr: "rps(b) / rps(a) >= 1.03", Verdict: "confirmed", Measured: p(1.12)},
		lab.Expectation{Expr: "p99(b) < 1s", Verdict: "inconclusive", Measured: p(1e6), Reason: "too wide"})
	r.Mechanism = []lab.Expectation{{Expr: "connections_per_request(b) < 0.1", Verdict: "not_applicable", Reason: "not measured"}}
	r.Comparisons = append(r.Comparisons, lab.Comparison{Metric: "rps", Primary: true, Variant: "c", Baseline: "a", Verdict: stats.Inconclusive, Reason: "4 pairs"})
	var b bytes.Buffer
	if err := report.JUnit(&b, r, failed); err != nil {
		t.Fatal(err)
	}
	names := func(tag string) []string {
		var attrs []string
		for _, tags := range regexp.MustCompile(`(?s)<`+tag+`(.*?)>`).FindAllStringSubmatch(b.String(), -1) {
			for _, a := range regexp.MustCompile(`(\w+)="`).FindAllStringSubmatch(tags[1], -1) {
				attrs = append(attrs, a[1])
			}
		}
		slices.Sort(attrs)
		return slices.Compact(attrs)
	}
	for tag, allowed := range map[string][]string{ // by the schema that Jenkins publishes
		"testsuites": {}, "testsuite ": {"errors", "failures", "name", "skipped", "tests", "timestamp"}, "testcase": {"classname", "name"},
		"skipped": {"message"}, "failure": {"message", "type"}, "error ": {"message", "type"}, "property ": {"name", "value"},
	} {
		if got := names(tag); !slices.Equal(got, allowed) {
			t.Errorf("<%s> has the attributes %v, want %v", tag, got, allowed)
		}
	}
	var doc junitDoc
	if err := xml.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	if len(doc.Suites) != 2 {
		t.Fatalf("%d suites", len(doc.Suites))
	}
	var got []string
	for _, s := range doc.Suites {
		got = append(got, fmt.Sprintf("%s %d %d %d %d", s.Name, s.Tests, s.Failures, s.Errors, s.Skipped))
		for _, c := range s.Cases {
			line := c.Class + ": " + c.Name
			for how, why := range map[string]*junitWhy{"skipped": c.Skipped, "error": c.Error, "failure": c.Failure} {
				if why != nil {
					line += ", " + how + " " + why.Message
				}
			}
			got = append(got, line)
		}
	}
	want := []string{
		"up-keepalive 7 1 0 3",
		"up-keepalive: the run comes to its end",
		"up-keepalive: b against a: throughput is decided",
		"up-keepalive: c against a: throughput is decided, skipped CANNOT TELL: this run cannot tell whether c and a differ in throughput: 4 pairs",
		"up-keepalive.expect: errors(a) == 0, failure refuted: measured 3 in all",
		"up-keepalive.expect: rps(b) / rps(a) >= 1.03",
		"up-keepalive.expect: p99(b) < 1s, skipped inconclusive: measured 1.00 s too wide",
		"up-keepalive.mechanism: connections_per_request(b) < 0.1, skipped not applicable: not measured",
		"none 1 0 1 0",
		"none: the run comes to its end, error no \"nginx\" <here> & now\uFFFD",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %s\nwant %s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// For which machine a decision holds stands right under it, wherever the run is told.
func TestTheScopeOfADecisionIsReported(t *testing.T) {
	r := result()
	r.Scope = "other programs used 98 % of a core in 6 of 6 blocks: this holds for a machine as busy as that"
	for name, write := range map[string]func(io.Writer, *lab.Result) error{"lines": report.Plain, "Markdown": report.Markdown, "HTML": report.HTML, "summary": report.GitHubSummary} {
		var b bytes.Buffer
		if err := write(&b, r); err != nil {
			t.Fatal(err)
		}
		text := b.String()
		at := strings.Index(text, "this holds for a machine as busy as that")
		if flag := strings.Index(text, "worker 11: killed"); at < 0 || at > flag {
			t.Errorf("%s:\n%s", name, text)
		}
	}
}
