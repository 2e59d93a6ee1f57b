package peers

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func at(x float64) *float64 { return &x }

// goldens are outputs of the real programs, but for oha and bombardier, whose outputs follow the schema that they publish.
var goldens = []struct {
	tool, file, extra string
	want              Figures
	lines             []string // beginnings of the lines without which it is not the known format
}{
	{
		"wrk", "wrk.txt", "",
		Figures{Requests: 107655, RPS: 51440.48, P50: at(900), P99: at(14640)},
		[]string{"     50%", "     99%", "  107655 requests", "Requests/sec:"},
	},
	{
		"h2load", "h2load.txt", "",
		Figures{Requests: 95777, RPS: 47888.5},
		[]string{"Application protocol:", "finished in", "requests:", "status codes:"},
	},
	{
		"ab", "ab.txt", "ab.csv",
		Figures{Requests: 80184, RPS: 40086.35, P50: at(1477.0), P99: at(5394)},
		[]string{"Time taken", "Complete requests", "Failed requests", "Keep-Alive requests", "Requests per second"},
	},
	{
		"hey", "hey.txt", "",
		Figures{Requests: 25348, RPS: 12663.4112, P50: at(4300), P99: at(14400)},
		[]string{"  Total:", "  Requests/sec:", "  50% in", "  99% in", "Status code distribution:", "  [200]"},
	},
	{"oha", "oha.json", "", Figures{Requests: 108300, RPS: 108300 / 2.0011, P50: at(1100), P99: at(2500)}, []string{"{"}},
	{"bombardier", "bombardier.json", "", Figures{Requests: 108300, RPS: 108300 / 2.0012, P50: at(1100), P99: at(2500)}, []string{"{"}},
}

func tool(t *testing.T, name string) Tool {
	t.Helper()
	for _, tool := range Tools() {
		if tool.Name == name {
			return tool
		}
	}
	t.Fatalf("there is no tool %s", name)
	return Tool{}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	if file == "" {
		return nil
	}
	b, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func same(a, b *float64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return near(*a, *b)
}

func near(a, b float64) bool { return a-b < 1e-6*b && b-a < 1e-6*b }

func TestParseGoldens(t *testing.T) {
	for _, g := range goldens {
		f, err := tool(t, g.tool).Parse(Output{Stdout: read(t, g.file), File: read(t, g.extra)})
		if err != nil {
			t.Errorf("%s: %v", g.file, err)
			continue
		}
		if f.Requests != g.want.Requests || f.Errors != g.want.Errors || !near(f.RPS, g.want.RPS) || !same(f.P50, g.want.P50) || !same(f.P99, g.want.P99) {
			t.Errorf("%s: %d requests, %d errors, %v RPS, p50 %v, p99 %v; want %+v", g.file, f.Requests, f.Errors, f.RPS, orNaN(f.P50), orNaN(f.P99), g.want)
		}
	}
}

// What a figure is read from must be there, once, and whole.
func TestBrokenOutputsAreErrors(t *testing.T) {
	for _, g := range goldens {
		parse := tool(t, g.tool).Parse
		out, extra := string(read(t, g.file)), read(t, g.extra)
		broken := map[string]string{
			"empty": "", "noise": "Segmentation fault\n", "half": out[:len(out)/2], "twice": out + out,
			"all zero": strings.Map(func(c rune) rune {
				if c >= '0' && c <= '9' {
					return '0'
				}
				return c
			}, out),
		}
		lines := strings.SplitAfter(out, "\n")
		for _, begin := range g.lines {
			found := false
			for i, l := range lines {
				if strings.HasPrefix(l, begin) {
					found = true
					rest := strings.Join(lines[i+1:], "")
					before := strings.Join(lines[:i], "")
					broken["without "+begin] = before + rest
					broken["nan in "+begin] = before + begin + " nan\n" + rest
					broken["negative "+begin] = before + begin + " -5\n" + rest
				}
			}
			if !found {
				t.Errorf("%s has no line that begins with %q", g.file, begin)
			}
		}
		for name, text := range broken {
			if f, err := parse(Output{Stdout: []byte(text), File: extra}); err == nil {
				t.Errorf("%s, %s: %+v instead of an error", g.file, name, f)
			}
		}
		if g.extra == "" {
			continue
		}
		for name, text := range map[string]string{"none": "", "half": string(extra[:len(extra)/2]), "no title": string(extra[8:]), "twice": string(extra) + string(extra)} {
			if f, err := parse(Output{Stdout: []byte(out), File: []byte(text)}); err == nil {
				t.Errorf("%s, %s of %s: %+v instead of an error", g.file, name, g.extra, f)
			}
		}
	}
}

func TestJSONOfPeersIsHeldToItsFields(t *testing.T) {
	for _, g := range goldens {
		if !strings.HasSuffix(g.file, ".json") {
			continue
		}
		out := string(read(t, g.file))
		for _, field := range map[string][]string{
			"oha":        {"summary", "total", "requestsPerSec", "latencyPercentiles", "p50", "p99", "statusCodeDistribution", "errorDistribution"},
			"bombardier": {"result", "timeTakenSeconds", "req1xx", "req2xx", "req3xx", "req4xx", "req5xx", "others", "latency", "percentiles", "50", "99"},
		}[g.tool] {
			text := strings.ReplaceAll(out, `"`+field+`"`, `"`+field+`x"`)
			if text == out {
				t.Errorf("%s has no %s", g.file, field)
			}
			if f, err := tool(t, g.tool).Parse(Output{Stdout: []byte(text)}); err == nil {
				t.Errorf("%s without %s: %+v instead of an error", g.file, field, f)
			}
		}
	}
}

// Failures that a peer tells of are counted, whatever line they stand in.
func TestErrorsAreCounted(t *testing.T) {
	for _, c := range []struct {
		name, tool, file, extra, old, new string
		errors                            uint64
	}{
		{"wrk sockets", "wrk", "wrk.txt", "", "Requests/sec:", "  Socket errors: connect 1, read 2, write 3, timeout 4\nRequests/sec:", 10},
		{"wrk statuses", "wrk", "wrk.txt", "", "Requests/sec:", "  Non-2xx or 3xx responses: 77\nRequests/sec:", 77},
		{"ab failures", "ab", "ab.txt", "ab.csv", "Failed requests:        0", "Failed requests:        7\n   (Connect: 0, Receive: 7, Length: 0, Exceptions: 0)", 7},
		{"ab statuses", "ab", "ab.txt", "ab.csv", "Keep-Alive requests:", "Non-2xx responses:      9\nKeep-Alive requests:", 9},
		{"h2load failures", "h2load", "h2load.txt", "", ", 0 failed,", ", 5 failed,", 5},
		{"h2load 3xx", "h2load", "h2load.txt", "", ", 0 3xx,", ", 6 3xx,", 6},
		{"hey statuses", "hey", "hey.txt", "", "\n  [200]\t", "\n  [503]\t8 responses\n  [200]\t", 8},
		{"oha", "oha", "oha.json", "", `"errorDistribution":{`, `"errorDistribution":{"connection refused":3,`, 3},
	} {
		out := string(read(t, c.file))
		text := strings.Replace(out, c.old, c.new, 1)
		if text == out {
			t.Errorf("%s: %s has no %q", c.name, c.file, c.old)
		}
		f, err := tool(t, c.tool).Parse(Output{Stdout: []byte(text), File: read(t, c.extra)})
		if err != nil || f.Errors != c.errors {
			t.Errorf("%s: %d errors and %v, want %d", c.name, f.Errors, err, c.errors)
		}
	}
	hey := string(read(t, "hey.txt")) + "\nError distribution:\n  [4]\tGet \"http://127.0.0.1:1/\": EOF\n"
	if f, err := parseHey(Output{Stdout: []byte(hey)}); err != nil || f.Errors != 4 {
		t.Errorf("hey's errors: %d and %v, want 4", f.Errors, err)
	}
}

func TestMicros(t *testing.T) {
	for _, c := range []struct {
		value, unit string
		want        float64
	}{{"1.50", "us", 1.5}, {"1.50", "ms", 1500}, {"2", "s", 2e6}, {"1.5", "m", 9e7}, {"0", "us", 0}, {"1", "ns", 0}, {"-1", "s", 0}, {"NaN", "s", 0}, {"Inf", "s", 0}} {
		got, err := micros(c.value, c.unit)
		if (err == nil) != (c.want > 0) || err == nil && *got != c.want {
			t.Errorf("%s%s: %v, %v", c.value, c.unit, got, err)
		}
	}
}

func TestFiguresThatDoNotFit(t *testing.T) {
	fine := Figures{Requests: 2000, RPS: 1000, P50: at(10), P99: at(20)}
	if _, err := fine.check(2); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change  func(*Figures)
		seconds float64
	}{
		"no request":        {func(f *Figures) { f.Requests = 0 }, 2},
		"no rate":           {func(f *Figures) { f.RPS = 0 }, 2},
		"another rate":      {func(f *Figures) { f.RPS = 1200 }, 2},
		"no time":           {func(*Figures) {}, 0},
		"more errors":       {func(f *Figures) { f.Errors = 2001 }, 2},
		"p50 above the p99": {func(f *Figures) { f.P50 = at(30) }, 2},
	} {
		f := fine
		c.change(&f)
		if _, err := f.check(c.seconds); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestParseStrace(t *testing.T) {
	golden := string(read(t, "strace.txt"))
	n, err := parseStrace([]byte(golden))
	if err != nil || n != 193_117 {
		t.Errorf("%d, %v", n, err)
	}
	title := "% time     seconds  usecs/call     calls    errors syscall\n------ ----------- ----------- --------- --------- ----------------\n"
	for name, c := range map[string]struct {
		text string
		want uint64
	}{
		"no errors":     {title + "100.00    0.000372          12        31           total\n", 31},
		"no usecs/call": {title + "100.00    0.000372                    31         1 total\n", 31},
		"neither":       {title + "100.00    0.000372                    31           total\n", 31},
		"no title":      {"100.00    0.000372          12        31         1 total\n", 0},
		"no total":      {title + "100.00    0.000372          12        31         1 read\n", 0},
		"two totals":    {title + strings.Repeat("100.00    0.000372          12        31         1 total\n", 2), 0},
		"empty":         {"", 0},
	} {
		n, err := parseStrace([]byte(c.text))
		if (err == nil) != (c.want > 0) || err == nil && n != c.want {
			t.Errorf("%s: %d, %v; want %d", name, n, err, c.want)
		}
	}
}

func TestArguments(t *testing.T) {
	l := Load{Addr: "127.0.0.1:8080", Path: "/hello?x=1", Connections: 512, For: 1500 * time.Millisecond}
	for name, want := range map[string]string{
		"wrk":        "-t1 -c512 -d2s --latency http://127.0.0.1:8080/hello?x=1",
		"h2load":     "--h1 -t1 -c512 -D1500ms http://127.0.0.1:8080/hello?x=1",
		"ab":         "-q -k -r -l -c 512 -t 2 -n 1000000 -e FILE http://127.0.0.1:8080/hello?x=1",
		"hey":        "-cpus 1 -c 512 -z 1500ms http://127.0.0.1:8080/hello?x=1",
		"oha":        "--no-tui -c 512 -z 1500ms -j http://127.0.0.1:8080/hello?x=1",
		"bombardier": "-c 512 -d 1500ms -l -p r -o json http://127.0.0.1:8080/hello?x=1",
	} {
		if got := strings.Join(tool(t, name).Args(l, "FILE", ""), " "); got != want {
			t.Errorf("%s %s\nwant %s", name, got, want)
		}
	}
	for name, want := range map[string]interrupt{"wrk": {after: l.For}, "ab": {l.For, 1}, "h2load": {}, "hey": {}} {
		tt := tool(t, name)
		if got := tt.interrupt(l); got != want {
			t.Errorf("%s is interrupted: %+v, want %+v", name, got, want)
		}
		if got := tt.interrupt(Load{For: 2 * time.Second}); got != (interrupt{}) {
			t.Errorf("%s is interrupted after whole seconds: %+v", name, got)
		}
	}
	if got := strings.Join(tool(t, "oha").Args(l, "", "--output-format <OUTPUT_FORMAT>"), " "); !strings.Contains(got, "--output-format json") {
		t.Errorf("oha %s", got)
	}
	if n := len(Tools()) + len(Undriven()); n != len(Names()) {
		t.Errorf("%d names of %d tools", len(Names()), n)
	}
}
