package requests

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"benchtop/lab/load"
)

func task(k *load.Keys, entries ...load.Entry) *load.Task {
	t := &load.Task{KeepAlive: true, Keys: k, Mix: entries}
	if len(entries) == 1 {
		t.Mix, t.Request = nil, entries[0].Request
	}
	return t
}

func entry(weight float64, path, body string, header ...[2]string) load.Entry {
	e := load.Entry{Name: path, Weight: weight, Request: load.Request{Method: "GET", Path: path, Host: "h", Body: []byte(body), Header: header}}
	if body != "" {
		e.Method = "POST"
	}
	return e
}

func set(t *testing.T, task *load.Task) *Set {
	t.Helper()
	s, err := New(task)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// all are the requests of a set as text.
func (s *Set) all() (out []string) {
	rows := max(1, len(s.keys))
	room := s.Room()
	for e := range s.entries {
		for row := range rows {
			if s.entries[e].fixed == nil || row == 0 {
				out = append(out, string(s.Bytes(room, int32(row), uint8(e))))
			}
		}
	}
	return out
}

func keysFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestBytes(t *testing.T) {
	plain := entry(1, "/hello", "")
	if s := set(t, task(nil, plain)); s.Varies() || len(s.all()) != 1 || s.all()[0] != "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n" {
		t.Errorf("%q", s.all())
	}
	if s := set(t, task(nil, entry(1, "/raw", "a\x00b\x00"))); s.all()[0] != "POST /raw HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\na\x00b\x00" {
		t.Errorf("a body of bytes: %q", s.all())
	}
	s := set(t, task(&load.Keys{Count: 2}, entry(1, "/item/{key}", ""), plain, entry(1, "/buy", `{"id": {key}0}`, [2]string{"X-Id", "<{key}>"})))
	want := []string{
		"GET /item/1 HTTP/1.1\r\nHost: h\r\n\r\n", "GET /item/2 HTTP/1.1\r\nHost: h\r\n\r\n",
		"GET /hello HTTP/1.1\r\nHost: h\r\n\r\n",
		"POST /buy HTTP/1.1\r\nHost: h\r\nX-Id: <1>\r\nContent-Length: 10\r\n\r\n{\"id\": 10}",
		"POST /buy HTTP/1.1\r\nHost: h\r\nX-Id: <2>\r\nContent-Length: 10\r\n\r\n{\"id\": 20}",
	}
	if got := s.all(); strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("%q", got)
	}
}

// The length of the body is that of the row's own.
func TestBytesOfAFile(t *testing.T) {
	path := keysFile(t, "\ufeffuser,text\nann,\"x \"\"y\"\"\"\nbob,longer than the other\n")
	s := set(t, task(&load.Keys{From: path}, entry(1, "/of/{user}", "{text}")))
	want := []string{
		"POST /of/ann HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nx \"y\"",
		"POST /of/bob HTTP/1.1\r\nHost: h\r\nContent-Length: 21\r\n\r\nlonger than the other",
	}
	if got := s.all(); strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("%q", got)
	}
}

func TestRefused(t *testing.T) {
	keyed := entry(1, "/item/{key}", "")
	dir := t.TempDir()
	for _, c := range []struct {
		name string
		keys load.Keys
		of   load.Entry
		want string
	}{
		{"missing", load.Keys{From: filepath.Join(dir, "no.csv")}, keyed, "no such file"},
		{"a folder", load.Keys{From: dir}, keyed, "not a regular file"},
		{"empty", load.Keys{From: keysFile(t, "")}, keyed, "it is empty"},
		{"no row", load.Keys{From: keysFile(t, "key\n")}, keyed, "no row below"},
		{"control", load.Keys{From: keysFile(t, "key\nok\n\"a\tb\"\n")}, keyed, `line 3, column 1: "a\tb" has a control character`},
		{"line feed", load.Keys{From: keysFile(t, "key\n\"a\nX-Evil: 1\"\n")}, keyed, "control character"},
		{"columns differ", load.Keys{From: keysFile(t, "key,b\n1\n")}, keyed, "line 2"},
		{"twice", load.Keys{From: keysFile(t, "key,key\n1,2\n")}, keyed, "there twice"},
		{"bad name", load.Keys{From: keysFile(t, "key,a b\n1,2\n")}, keyed, `"a b"`},
		{"other column", load.Keys{From: keysFile(t, "user\nann\n")}, keyed, "its columns are user"},
		{"not in a path", load.Keys{From: keysFile(t, "key\na b\n")}, keyed, `row 1: "a b" cannot stand in a path`},
		{"unused", load.Keys{Count: 3}, entry(1, "/x", ""), "no request has {key}"},
		{"changed", load.Keys{From: keysFile(t, "key\n1\n"), Hash: "00"}, keyed, "has changed"},
	} {
		if _, err := New(task(&c.keys, c.of)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// A file that is too large is not read.
func TestLargeFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "large.csv")
	f, err := os.Create(path)
	if err == nil {
		err = f.Truncate(1 << 30) // sparse
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(task(&load.Keys{From: path}, entry(1, "/{key}", ""))); err == nil || !strings.Contains(err.Error(), "allowed: at most") {
		t.Error(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

// What is drawn is held against the distribution that it is drawn from: Pearson's chi-square over the cells that expect at least
// ten, the rest as one. Its mean is the number of cells less one and its deviation sqrt(2 (cells-1)), so that a right one
// stays within six deviations.
func TestDistribution(t *testing.T) {
	const n, draws = 10_000, 2_000_000
	for _, s := range []float64{0, 1, 2} {
		r := set(t, task(&load.Keys{Count: n, Zipf: s}, entry(1, "/{key}", "")))
		rng := rand.NewPCG(7, 8)
		got := make([]float64, n)
		for range draws {
			i, _ := r.Draw(rng)
			got[i]++
		}
		sum := 0.0
		for i := 1; i <= n; i++ {
			sum += math.Pow(float64(i), -s)
		}
		chi2, cells, restGot, restWant := 0.0, 0.0, 0.0, 0.0
		add := func(got, want float64) {
			if want > 0 {
				chi2 += (got - want) * (got - want) / want
				cells++
			}
		}
		for i := range got {
			want := draws * math.Pow(float64(i+1), -s) / sum
			if want < 10 {
				restGot, restWant = restGot+got[i], restWant+want
				continue
			}
			add(got[i], want)
		}
		add(restGot, restWant)
		if off := (chi2 - (cells - 1)) / math.Sqrt(2*(cells-1)); math.Abs(off) > 6 {
			t.Errorf("zipf(%v): chi-square %.0f of %.0f cells, %.1f deviations off", s, chi2, cells, off)
		}
	}
}

func TestWeights(t *testing.T) {
	weights := []float64{70, 20, 9, 1, 0.5}
	var entries []load.Entry
	sum := 0.0
	for i, w := range weights {
		entries = append(entries, entry(w, fmt.Sprintf("/%d", i), ""))
		sum += w
	}
	s := set(t, task(nil, entries...))
	rng := rand.NewPCG(1, 2)
	const draws = 1_000_000
	got := make([]float64, len(weights))
	for range draws {
		row, e := s.Draw(rng)
		if !strings.Contains(string(s.Bytes(nil, row, e)), entries[e].Path+" ") {
			t.Fatalf("not a request of entry %d", e)
		}
		got[e]++
	}
	for i, w := range weights {
		want := draws * w / sum
		if math.Abs(got[i]-want) > 6*math.Sqrt(want) {
			t.Errorf("entry %d: %.0f, want %.0f", i, got[i], want)
		}
	}
}

func TestDrawAllocatesNothing(t *testing.T) {
	s := set(t, task(&load.Keys{Count: 1000, Zipf: 1}, entry(1, "/{key}", ""), entry(2, "/b", "<{key}>", [2]string{"X-Id", "{key}"})))
	rng, room := rand.NewPCG(1, 2), s.Room()
	if n := testing.AllocsPerRun(1000, func() {
		row, entry := s.Draw(rng)
		s.Bytes(room, row, entry)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// An operation draws a request of 50,000 and puts it together.
func BenchmarkDraw(b *testing.B) {
	var entries []load.Entry
	for i := range 5 {
		entries = append(entries, entry(float64(5-i), fmt.Sprintf("/item%d/{key}", i), ""))
	}
	s, err := New(task(&load.Keys{Count: 10_000, Zipf: 1}, entries...))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	rng, room := rand.NewPCG(1, 2), s.Room()
	for b.Loop() {
		row, entry := s.Draw(rng)
		s.Bytes(room, row, entry)
	}
}

// Slices that send the same share their requests; another host, another rate of keys or a file that may change is built again.
func TestKept(t *testing.T) {
	var k Kept
	get := func(task *load.Task) *Set {
		t.Helper()
		s, err := k.Set(task)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	keyed, plain := entry(1, "/item/{key}", ""), entry(2, "/hello", "")
	first := get(task(&load.Keys{Count: 10}, keyed, plain))
	other := keyed
	other.Host = "elsewhere"
	if second := get(task(&load.Keys{Count: 10}, other, plain)); second == first || !strings.Contains(second.all()[0], "elsewhere") {
		t.Error("another host got the same requests")
	}
	if get(task(&load.Keys{Count: 10, Zipf: 1}, keyed, plain)) == first {
		t.Error("another distribution got the same requests")
	}
	if get(task(&load.Keys{Count: 10}, keyed, plain)) != first {
		t.Error("the same requests were built again")
	}
	path := keysFile(t, "key\n1\n")
	file := &load.Keys{From: path}
	if before := get(task(file, keyed)); get(task(file, keyed)) == before {
		t.Error("a file that was not checked was not read again")
	}
	if _, err := k.Set(task(&load.Keys{Count: 10}, plain)); err == nil {
		t.Error("keys that no request has")
	}
	for i := range maxKept {
		get(task(&load.Keys{Count: i + 20}, keyed))
	}
	if len(k.sets) != maxKept {
		t.Errorf("%d sets are kept", len(k.sets))
	}
}
