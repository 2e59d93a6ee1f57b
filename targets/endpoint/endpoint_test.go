package endpoint

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// idle is a worker that does not wait.
type idle struct {
	waited    time.Duration
	calls     int
	addresses map[string]string
}

func (w *idle) Wait(d time.Duration) { w.waited += d }
func (w *idle) Await(call func())    { call() }
func (w *idle) Together(_ int, call func(int)) func() int {
	return func() int { w.calls++; call(0); return 0 }
}
func (w *idle) After(task func())             { task() }
func (w *idle) WorkFactor() int64             { return 1 }
func (w *idle) AppendMetrics(b []byte) []byte { return append(b, "metrics\n"...) }
func (w *idle) Address(service string) string { return w.addresses[service] }
func ask(request string, body ...byte) (*Exchange, *idle) {
	w := &idle{addresses: map[string]string{"database": "127.0.0.1:1"}}
	x := &Exchange{Worker: w, Body: body}
	path, query, _ := strings.Cut(request, "?")
	e := Lookup(path)
	x.Respond(e, path, query, int64(len(body)) > e.BodyLimit())
	return x, w
}

// text is the body of the response, chunks one after the other.
func (x *Exchange) text() string {
	if x.Response.Next == nil {
		return string(x.Response.Body)
	}
	var b strings.Builder
	for chunk := x.Response.Next(x); len(chunk) > 0; chunk = x.Response.Next(x) {
		b.Write(chunk)
	}
	return b.String()
}

// Every row is one that the decoder, the handlers and the documents can work with.
func TestRows(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range All() {
		if seen[e.Path] || !strings.HasPrefix(e.Path, "/") || e.Doc == "" || e.Handle == nil || len(e.Params) > MaxParams {
			t.Errorf("%+v", e)
		}
		seen[e.Path] = true
		for i := range e.Params {
			p := &e.Params[i]
			if p.Doc == "" || p.Min > p.Max || (p.Type == Word) != (len(p.Words) > 0) || p.Type != Word && p.Type != Text && (p.Default < p.Min || p.Default > p.Max) {
				t.Errorf("%s: %+v", e.Path, p)
			}
		}
		for _, query := range append([]string{""}, e.Samples...) {
			if err := Check(e.request(query), e.Services); err != nil {
				t.Error(err)
			}
			if x, _ := ask(e.request(query)); x.Response.Status != http.StatusOK || x.Response.ContentType == "" {
				t.Errorf("%s: %+v", e.request(query), x.Response)
			}
		}
	}
}

func TestHandlers(t *testing.T) {
	for _, test := range []struct {
		request, body string
		waited        time.Duration
	}{
		{"/hello", "Hello, world!", 0},
		{"/wait?for=1.5ms", "waited 1.5ms\n", 1500 * time.Microsecond},
		{"/bytes?n=28", "abcdefghijklmnopqrstuvwxyzab", 0},
		{"/file", strings.Repeat("abcdefghijklmnopqrstuvwxyz", 769) + "abcdef", 0},
		{"/stream?chunks=3&every=2ms", "chunk 0\nchunk 1\nchunk 2\n", 4 * time.Millisecond},
		{"/fanout?calls=3&wait=2ms", "calls 3, each waited 2ms\n", 0},
		{"/health", "ok\n", 0},
		{"/metrics", "metrics\n", 0},
	} {
		x, w := ask(test.request)
		if got := x.text(); got != test.body || w.waited != test.waited {
			t.Errorf("%s: %q after %v, want %q after %v", test.request, got, w.waited, test.body, test.waited)
		}
	}
	began := time.Now()
	if _, w := ask("/fanout?calls=3&wait=2ms"); w.calls != 3 || time.Since(began) < 6*time.Millisecond {
		t.Errorf("%d calls in %v", w.calls, time.Since(began))
	}
	once, _ := ask("/work?units=1")
	twice, _ := ask("/work?units=2")
	if len(once.text()) != 17 || once.text() == twice.text() {
		t.Errorf("%q and %q", once.text(), twice.text())
	}
	if x, _ := ask("/bytes?n=2MiB"); len(x.text()) != 2<<20 {
		t.Errorf("%d bytes", len(x.text()))
	}
}

// What is wrong with a request is said by the name of the parameter, what was found, what was likely meant, and what is
// allowed.
func TestCheck(t *testing.T) {
	for _, test := range []struct{ request, want string }{
		{"/work?units=5", ""},
		{"/work?&units=%35&", ""},
		{"/hello", ""},
		{"hello", `"hello" does not begin with /; allowed: /hello /work`},
		{"/hello\r\nX: y", `is not a path with a query; example: /work?units=400`},
		{"/helo", `"/helo" is not served, did you mean "/hello"? allowed: /hello /work /wait`},
		{"/nothing?y=1", `"/nothing" is not served, allowed: /hello`},
		{"/hello?x=1", `/hello: the parameter "x" is not known, this endpoint takes none`},
		{"/work?unit=1", `/work: the parameter "unit" is not known, did you mean "units"? allowed: units (a whole number from 1 to 1000000)`},
		{"/work?units=1&units=2", `/work: the parameter units is given more than once`},
		{"/work?units=0", `/work: units is "0", allowed is a whole number from 1 to 1000000`},
		{"/work?units=x", `/work: units is "x", allowed is a whole number from 1 to 1000000`},
		{"/wait?for=5", `/wait: for is "5", allowed is a duration with its unit from 0s to 1m0s, such as 5ms`},
		{"/wait?for=2m", `/wait: for is "2m", allowed is`},
		{"/bytes?n=17MiB", `/bytes: n is "17MiB", allowed is a number of bytes from 0 to 16777216, plain or with a unit such as 64KiB`},
		{"/bytes?n=1mb", `/bytes: n is "1mb", allowed is a number of bytes`},
		{"/bytes?n=9223372036854775807GiB", `/bytes: n is "9223372036854775807GiB", allowed is a number of bytes`},
	} {
		err := Check(test.request, nil)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%q: %v, want %q", test.request, err, test.want)
		}
	}
	if err := Check("/b/work?units=5", nil, "/a", "/b"); err != nil {
		t.Error(err)
	}
	if err := Check("/a/helo", nil, "/a", "/b"); err == nil || !strings.Contains(err.Error(), `did you mean "/a/hello"? `) || !strings.HasSuffix(err.Error(), ", each also below /a and /b") {
		t.Error(err)
	}
}

// toy has a parameter of every type, a body and a service.
var toy = &Endpoint{
	Path: "/toy", Doc: "a toy", Body: 8, Services: []string{"database"}, Samples: []string{"mode=slow"},
	Params: []Param{
		{Name: "mode", Doc: "how", Type: Word, Words: []string{"fast", "slow"}},
		{Name: "note", Doc: "what", Type: Text, Max: 5},
		{Name: "limit", Doc: "how much", Type: Size, Min: 1, Max: 1 << 20, Default: 1000},
		{Name: "pause", Doc: "how long", Type: Duration, Max: int64(time.Second), Default: int64(time.Millisecond)},
	},
	Handle: func(x *Exchange) {
		b := append(x.Scratch(), x.Text("mode")+" "+x.Text("note")+" "+x.Duration("pause").String()+" "+x.Worker.Address("database")+" "...)
		x.SendScratch(PlainText, append(b, x.Body...))
	},
}

// An endpoint that is registered is found in every place that walks the table.
func TestToy(t *testing.T) {
	remove := Register(toy)
	for _, test := range []struct{ request, body, want string }{
		{"/toy", "", "200 fast  1ms 127.0.0.1:1 "},
		{"/toy?mode=slow&note=a+%C3%A9&pause=2ms&limit=1MiB", "12345678", "200 slow a é 2ms 127.0.0.1:1 12345678"},
		{"/toy", "123456789", "413 the body is too long: /toy takes at most 8 bytes\n"},
		{"/toy?mode=fsat", "", `400 bad request: mode is "fsat", did you mean "fast"? allowed is one of fast, slow` + "\n"},
		{"/toy?note=123456", "", `400 bad request: note is "123456", allowed is a text of 0 to 5 bytes without control characters` + "\n"},
		{"/toy?note=a%0A", "", `400 bad request: note is "a\n", allowed is a text`},
		{"/toy?note=%FF", "", `400 bad request: note is "\xff", allowed is a text`},
		{"/toy?limit=0", "", `400 bad request: limit is "0", allowed is a number of bytes from 1 to 1048576`},
		{"/toys", "", `404 not found: "/toys" is not served, did you mean "/toy"? allowed: /hello`},
	} {
		x, _ := ask(test.request, []byte(test.body)...)
		if got := http.StatusText(x.Response.Status); got == "" || !strings.HasPrefix(statusAnd(x), test.want) {
			t.Errorf("%s: %q, want %q", test.request, statusAnd(x), test.want)
		}
	}
	if err := Check("/toi", nil); err == nil || !strings.Contains(err.Error(), `did you mean "/toy"? `) || !strings.HasSuffix(err.Error(), " /toy") {
		t.Error(err)
	}
	if err := Check("/toy", []string{"cache"}); err == nil || err.Error() != "/toy needs the service database, which this target does not have; add it to services:" {
		t.Error(err)
	}
	if err := Check("/toy", []string{"cache", "database"}); err != nil {
		t.Error(err)
	}
	without := &Exchange{Worker: &idle{}}
	if without.Respond(toy, "/toy", "", false); statusAnd(without) != "501 /toy needs the service database, which this target does not have\n" {
		t.Error(statusAnd(without))
	}
	if !strings.Contains(strings.Join(Samples(), " "), "/toy?mode=slow") {
		t.Error(Samples())
	}
	want := "| `/toy` | `mode`: how, fast or slow, default fast; `note`: what, text of 0 to 5 bytes; `limit`: how much, 1 to 1048576 bytes, default 1000; " +
		"`pause`: how long, 0s to 1s, default 1ms; a body of up to 8 bytes | a toy; needs the service database |\n"
	if table := Markdown(); !strings.HasSuffix(table, want) {
		t.Error(table)
	}
	rows := exported(t)
	last := rows[len(rows)-1]
	if last.Path != "/toy" || last.Body != 8 || last.Limit != 8 || len(last.Params) != 4 || last.Params[0].Words[1] != "slow" || last.Params[3].Default != 1e6 || last.Params[2].Allowed == "" {
		t.Errorf("%+v", last)
	}
	remove()
	if rows := exported(t); rows[len(rows)-1].Path == "/toy" || Lookup("/toy") != nil || rows[0].Limit != IgnoredBody {
		t.Errorf("%+v", rows)
	}
}

func statusAnd(x *Exchange) string {
	b, _ := json.Marshal(x.Response.Status)
	return string(b) + " " + x.text()
}

func exported(t *testing.T) []row {
	t.Helper()
	b, err := JSON(map[string]string{"database": "127.0.0.1:1"}, map[string]any{"more": 1}, "/a", "/b")
	if err != nil {
		t.Fatal(err)
	}
	var table struct {
		Endpoints []row
		Served    string
		Services  map[string]string
		More      int
	}
	if err := json.Unmarshal(b, &table); err != nil {
		t.Fatal(err)
	}
	if table.More != 1 || table.Services["database"] != "127.0.0.1:1" || !strings.HasSuffix(table.Served, ", each also below /a and /b") {
		t.Errorf("%+v", table)
	}
	return table.Endpoints
}

// A handler that asks for what its row does not have is found by its first request.
func TestHandlerAsksForAnotherParameter(t *testing.T) {
	defer func() {
		if p, _ := recover().(string); !strings.Contains(p, `/hello asks for a parameter "units"`) {
			t.Errorf("%q", p)
		}
	}()
	x, _ := ask("/hello")
	x.Int("units")
}
