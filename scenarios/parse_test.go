package scenarios

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/load"
)

func parsed(t *testing.T, src string) *lab.Plan {
	t.Helper()
	f, err := Parse("test.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return f.Plan
}

func TestDefaults(t *testing.T) {
	p := parsed(t, good)
	want := lab.Load{Model: load.Closed, Connections: 8, KeepAlive: true, Timeout: 5 * time.Second}
	if got := p.Variants[0].Load; !reflect.DeepEqual(got, want) {
		t.Errorf("load is %+v, want %+v", got, want)
	}
	if p.Warmup != 2*time.Second || p.Slice != 1500*time.Millisecond || p.Settle != 250*time.Millisecond || p.Blocks != 6 {
		t.Errorf("times are %v %v %v, %d blocks", p.Warmup, p.Slice, p.Settle, p.Blocks)
	}
	if p.Order != lab.Interleaved || p.Metric != "rps" || p.SmallestEffect != 0.02 || p.ErrorLimit != 0.01 || p.Baseline != "a" {
		t.Errorf("order %s, metric %s, effect %v, errors %v, baseline %s", p.Order, p.Metric, p.SmallestEffect, p.ErrorLimit, p.Baseline)
	}
	if p.Variants[0].Label != "a" || p.Source != "test.yaml" || len(p.SHA256) != 64 || p.Seed == 0 {
		t.Errorf("label %q, source %q, hash %q, seed %d", p.Variants[0].Label, p.Source, p.SHA256, p.Seed)
	}
	if s := p.Variants[0].Target; s.Workers != 1 || s.Shown("engine") == "" || s.Endpoint != "/hello" {
		t.Errorf("the target is %v, want it normalized", s)
	}
	if again := parsed(t, good); again.Seed != p.Seed {
		t.Errorf("seed %d, then %d: it comes from the file", p.Seed, again.Seed)
	}
	if other := parsed(t, good+"# \n"); other.Seed == p.Seed || other.SHA256 == p.SHA256 {
		t.Error("another file has the same seed or hash")
	}
}

const everyKey = `benchtop: 1
id: all-of-it
title: 'Every key, "quoted"'
track: connections
minutes: 3
claims: [C1, {id: C32, part: "one core"}]
requires: []
lesson: |
  # Heading

  Text with a	tab, *stars* and [brackets].
look: |
  - here

  ## And why
target: {server: builtin, workers: 2, engine: fasthttp, concurrency: threadpool, threads: 7, keepalive: false,
  keepalive_timeout: 1m30s, accept: shared, gomaxprocs: 2, access_log: true, heartbeat: 10s, endpoint: "/work?units=5"}
variants:
- id: a
- id: b
  label: other
  workers: 3
  keepalive: true
  endpoint: /hello
  load: {rate: 80%, keepalive: true}
baseline: b
load:
  model: open
  rate: 1500.5
  connections: 100
  arrivals: constant
  keepalive: false
  timeout: 250ms
  method: POST
  header: {X-A: "1", accept: "*/*"}
  body: hello
  expect_status: [404, 503]
plan: {warmup: 1s, slice: 2s, settle: 0s, blocks: 3, order: sequential, metric: p95, smallest_effect: 2.5%, max_errors: 50 %, seed: 42}
predict: {ask: Which?, metric: p99, variant: a}
expect: ["p95(a) / p95(b) > 1", 'errors(a) == 0']
mechanism:
  - connections_per_request(a) > 0.9
conclusions:
  - {when: verdict(a) == higher, means: More., do: Keep it.}
  - {when: [p95(a) < 5ms, "verdict(a) == lower"], means: Less., do: "Drop it: it costs."}
  - {means: Who knows., do: Run longer.}
quiz:
  - {ask: Q?, options: [{text: x, correct: true, proof: workers}, {text: "y", correct: false}], why: Because.}
notes: short
`

func TestValues(t *testing.T) {
	p := parsed(t, everyKey)
	if err := Validate(p); len(err) > 0 {
		t.Fatal(err)
	}
	a, b := p.Variants[0], p.Variants[1]
	wantLoad := lab.Load{
		Model: load.Open, Rate: 1500.5, Connections: 100, Arrivals: "constant", Timeout: 250 * time.Millisecond, Method: "POST",
		Header: [][2]string{{"X-A", "1"}, {"accept", "*/*"}}, Body: "hello", ExpectStatus: []int{404, 503},
	}
	if !reflect.DeepEqual(a.Load, wantLoad) {
		t.Errorf("load is %+v\nwant    %+v", a.Load, wantLoad)
	}
	if s := a.Target; s.Workers != 2 || s.Shown("engine") != "fasthttp" || s.Shown("concurrency") != "threadpool" || s.Shown("threads") != "7" || s.Shown("keepalive") != "false" ||
		s.KeepaliveTimeout != 90*time.Second || s.Shown("accept") != "shared" || s.Shown("gomaxprocs") != "2" || !s.AccessLog || s.Heartbeat != 10*time.Second || s.Endpoint != "/work?units=5" {
		t.Errorf("target of a is %v", s)
	}
	wantLoad.Rate, wantLoad.RateShare, wantLoad.KeepAlive = 0, 0.8, true
	if !reflect.DeepEqual(b.Load, wantLoad) {
		t.Errorf("load is %+v\nwant    %+v", b.Load, wantLoad)
	}
	if s := b.Target; s.Workers != 3 || s.Shown("keepalive") != "true" || s.Endpoint != "/hello" || s.Shown("threads") != "7" {
		t.Errorf("target of b is %v", s)
	}
	if p.Order != lab.Sequential || p.Settle != 0 || p.SmallestEffect != 0.025 || p.ErrorLimit != 0.5 || p.Seed != 42 || p.Metric != "p95" || p.Baseline != "b" {
		t.Errorf("the plan is %+v", p)
	}
	if !strings.Contains(p.Lesson, "a\ttab") || p.Notes != "short" || !strings.HasPrefix(p.Look, "- here\n") || len(p.Quiz) != 1 || p.Quiz[0].Options[0].Proof != "workers" || len(p.Expect) != 2 || len(p.Mechanism) != 1 {
		t.Errorf("the texts are %+v", p)
	}
}

// A closed variant that inherits an open load has a rate that nobody would obey, which must be told.
func TestOpenAndClosedVariants(t *testing.T) {
	const variants = `benchtop: 1
id: mixed
title: Mixed
target: {endpoint: /hello}
variants:
  - {id: a}
  - {id: b, load: {model: closed}}
load: {model: open, rate: 60%}
`
	_, err := Parse("mixed.yaml", []byte(variants))
	if e := wantErrors(t, err); len(e.Problems) != 1 || e.Problems[0].Line != 8 || !strings.Contains(e.Problems[0].Msg, "a rate in a closed model") {
		t.Errorf("the problems are\n%v", e)
	}
	p := parsed(t, strings.Replace(strings.Replace(variants, "load: {model: open, rate: 60%}", "load: {connections: 9}", 1),
		"{model: closed}", "{model: open, rate: 60%}", 1))
	if a, b := p.Variants[0].Load, p.Variants[1].Load; a.Model != load.Closed || b.Model != load.Open || b.RateShare != 0.6 || b.Rate != 0 || b.Connections != 9 {
		t.Errorf("loads are %+v and %+v", a, b)
	}
	if p := parsed(t, strings.Replace(good, "model: closed, connections: 8", "model: open, rate: 10", 1)); p.Variants[0].Load.Connections != 1000 || p.Metric != "p99" {
		t.Errorf("open defaults: %+v, metric %s", p.Variants[0].Load, p.Metric)
	}
	if p := parsed(t, strings.Replace(good, "model: closed, connections: 8", "model: open, rate: 60%", 1)); p.Variants[0].Load.Connections != 64 {
		t.Errorf("open defaults with a share: %+v", p.Variants[0].Load)
	}
}

func TestStages(t *testing.T) {
	const file = `benchtop: 1
id: ramp
title: Where does it bend?
target: {endpoint: /hello}
variants:
  - {id: a}
  - {id: held, load: {rate: 500, arrivals: constant}}
  - {id: other, load: {stages: [{for: 7s, to: 100}]}}
load:
  model: open
  arrivals: poisson
  stages:
    - {for: 2s, rate: 1000}
    - {for: 3s, to: 5000}
    - {for: 500ms, rate: 0}
    - {for: 1500ms, rate: 200, to: 100.5}
`
	p := parsed(t, file)
	a, held, other := p.Variants[0].Load, p.Variants[1].Load, p.Variants[2].Load
	want := load.Stages{{For: 2 * time.Second, Rate: 1000, To: 1000}, {For: 3 * time.Second, Rate: 1000, To: 5000}, {For: 500 * time.Millisecond}, {For: 1500 * time.Millisecond, Rate: 200, To: 100.5}}
	if !reflect.DeepEqual(a.Stages, want) || a.Arrivals != load.Poisson || a.Rate != 0 || a.Connections != 1000 {
		t.Errorf("load of a is %+v", a)
	}
	if held.Stages != nil || held.Rate != 500 || held.Arrivals != load.Constant {
		t.Errorf("load of held is %+v", held)
	}
	if !reflect.DeepEqual(other.Stages, load.Stages{{For: 7 * time.Second, Rate: 0, To: 100}}) {
		t.Errorf("load of other is %+v", other)
	}
	if p.Slice != 7*time.Second || p.Metric != "p99" || !p.Staged() {
		t.Errorf("slice %v, metric %s", p.Slice, p.Metric)
	}
	if problems := Validate(p); len(problems) > 0 {
		t.Error(problems)
	}
	p.Slice = 2 * time.Second // --slice
	if problems := Validate(p); len(problems) != 2 || !strings.Contains(problems[0].Msg, "stages replace plan.slice") {
		t.Errorf("a slice beside stages: %v", problems)
	}
	p = parsed(t, file)
	if err := Apply(p, []string{"a.load.rate=300", "other.load.model=closed"}); err != nil || p.Variants[0].Load.Stages != nil || p.Variants[2].Load.Stages != nil || p.Staged() {
		t.Errorf("%v, %+v", err, p.Variants)
	}
}

func TestOtherWaysToWriteIt(t *testing.T) {
	plain := parsed(t, good)
	for name, src := range map[string]string{
		"CRLF":             strings.ReplaceAll(good, "\n", "\r\n"),
		"byte order mark":  "\xef\xbb\xbf" + good,
		"document start":   "---\n" + good,
		"no last newline":  strings.TrimSuffix(good, "\n"),
		"comments":         "# first\n" + good + "# last\n",
		"quoted keys":      strings.Replace(good, "title:", `"title":`, 1),
		"keys in disorder": "load: {model: closed, connections: 8}\nvariants: [{id: a}, {id: b}]\nid: good\nbenchtop: 1\ntarget: {endpoint: /hello}\ntitle: Nothing is wrong here\n",
	} {
		t.Run(name, func(t *testing.T) {
			p := parsed(t, src)
			p.SHA256, p.Seed = plain.SHA256, plain.Seed
			if !reflect.DeepEqual(p, plain) {
				t.Errorf("%+v\nwant %+v", p, plain)
			}
		})
	}
}

func TestFind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "workers.yaml")
	if err := os.WriteFile(path, []byte(good), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Find(path)
	if err != nil || f.Plan.ID != "good" || f.Name != path || f.Plan.Source != "workers.yaml" || !bytes.Equal(f.Source, []byte(good)) {
		t.Errorf("file: %+v, %v", f, err)
	}
	if f, err := Find("workers"); err != nil || f.Plan.ID != "workers" || f.Plan.Source != "workers.yaml" {
		t.Errorf("id: %+v, %v", f, err)
	}
	for name, want := range map[string]string{
		"wokers":             `did you mean "workers"? allowed: start-here, workers, client-keepalive`,
		"nothing-like-it":    "allowed: start-here, workers, client-keepalive",
		"not/there.yaml":     "there is no file",
		"there.yaml":         "there is no file",
		"../scenarios":       "",
		"no\x1b[31mescape":   "\\x1b",
		"scenarios\n\nlines": `scenarios`,
	} {
		_, err := Find(name)
		if err == nil || want != "" && (!errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), strings.ReplaceAll(want, "\\x1b", "\uFFFD"))) || strings.ContainsRune(err.Error(), 0x1b) {
			t.Errorf("Find(%q): %v, want %q", name, err, want)
		}
	}
	if _, err := Load("testdata/work-ratio"); !errors.Is(err, ErrUnknown) {
		t.Errorf("Load of a path: %v", err)
	}
}

func BenchmarkParse(b *testing.B) {
	src, err := shipped.ReadFile("workers.yaml")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("workers.yaml", src); err != nil {
			b.Fatal(err)
		}
	}
}

// Two headers that the generator writes itself can be given: Host, and Connection: close, which is a setting.
func TestHostAndCloseAreHeaders(t *testing.T) {
	src := `benchtop: 1
id: x
title: X
track: http
minutes: 1
target: {server: builtin, endpoint: /hello}
variants: [{id: a}, {id: b, load: {header: {Connection: close, X-Own: "1"}}}]
load: {model: closed, connections: 8, header: {Host: a.example}}
`
	p := parsed(t, src)
	a, b := &p.Variants[0].Load, &p.Variants[1].Load
	if !a.KeepAlive || len(a.Header) != 1 || a.Header[0] != [2]string{"Host", "a.example"} {
		t.Errorf("a: %+v", a)
	}
	if b.KeepAlive || len(b.Header) != 1 || b.Header[0] != [2]string{"X-Own", "1"} {
		t.Errorf("b: %+v", b)
	}
}
