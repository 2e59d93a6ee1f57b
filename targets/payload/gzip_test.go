package payload_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"maps"
	"strings"
	"testing"

	"benchtop/targets"
	"benchtop/targets/endpoint"
	"benchtop/targets/payload"
)

// worker counts how often a handler gives its turn away.
type worker struct {
	endpoint.Worker
	awaits int
}

func (w *worker) Await(call func()) {
	w.awaits++
	call()
}

func number(n int) *int { return &n }

// plain is a body that was compressed.
func plain(t *testing.T, body []byte) string {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// counts are those of what a payload compresses, by name.
func counts(p *payload.Payload) map[string]uint64 {
	var st targets.WorkerStatus
	p.Status(&st)
	maps.DeleteFunc(st.Counters, func(name string, _ uint64) bool { return strings.HasPrefix(name, "memory_") })
	return st.Counters
}

func TestWholeResponses(t *testing.T) {
	text := strings.Repeat("hello, world\n", 100)
	for _, where := range []string{payload.Loop, payload.Pool} {
		p := payload.Open(&payload.Gzip{Where: where, MinLength: number(200)}, nil)
		w := &worker{}
		before, after := 0, 0
		for _, test := range []struct {
			length int
			media  string
			status int
			want   bool
		}{
			{0, endpoint.PlainText, 200, false},
			{199, endpoint.JSONText, 200, false},
			{200, endpoint.JSONText, 200, true},
			{1000, endpoint.Octets, 500, true}, // any type, any status
			{1300, endpoint.PlainText, 404, true},
		} {
			x := &endpoint.Exchange{Worker: w}
			x.Response.Status = test.status
			x.SendScratch(test.media, []byte(text[:test.length]))
			p.Gzip().Compress(x)
			r := &x.Response
			got := string(r.Body)
			if test.want {
				before, after = before+test.length, after+len(r.Body)
				got = plain(t, r.Body)
			}
			if got != text[:test.length] || (r.Encoding == "gzip") != test.want || r.Reused == test.want || r.Status != test.status || r.ContentType != test.media {
				t.Errorf("%s: %d bytes of %s: %d, %q, reused %v", where, test.length, test.media, len(r.Body), r.Encoding, r.Reused)
			}
		}
		if c := counts(p); c["gzip_responses"] != 3 || c["gzip_bytes_before"] != uint64(before) || c["gzip_bytes_after"] != uint64(after) || after >= before {
			t.Errorf("%s: counted %v, sent %d of %d", where, c, after, before)
		}
		if want := map[string]int{payload.Loop: 0, payload.Pool: 3}[where]; w.awaits != want {
			t.Errorf("%s: the turn was given away %d times, want %d", where, w.awaits, want)
		}
	}
}

// A stream is compressed whatever its length is. Nothing is flushed: what comes before the end is the head of the format, here.
func TestStreams(t *testing.T) {
	for _, where := range []string{payload.Loop, payload.Pool} {
		p := payload.Open(&payload.Gzip{Where: where, MinLength: number(1 << 20)}, nil)
		for range 2 { // the second has a writer that was used before
			x := &endpoint.Exchange{Worker: &worker{}}
			left := []string{"one\n", "two\n", "three\n"}
			x.Stream(endpoint.PlainText, func(*endpoint.Exchange) []byte {
				if len(left) == 0 {
					return nil
				}
				chunk := left[0]
				left = left[1:]
				return []byte(chunk)
			})
			p.Gzip().Compress(x)
			var sent [][]byte
			for b := x.Response.Next(x); len(b) > 0; b = x.Response.Next(x) {
				sent = append(sent, bytes.Clone(b))
			}
			if x.Response.Encoding != "gzip" || len(sent) != 2 || len(sent[0]) != 10 || plain(t, bytes.Join(sent, nil)) != "one\ntwo\nthree\n" {
				t.Errorf("%s: %q, chunks %q", where, x.Response.Encoding, sent)
			}
			if b := x.Response.Next(x); len(b) > 0 {
				t.Errorf("%s: after the end: %q", where, b)
			}
		}
		if c := counts(p); c["gzip_responses"] != 2 || c["gzip_bytes_before"] != 28 {
			t.Errorf("%s: counted %v", where, c)
		}
	}
}

// A higher level is smaller, and a worker without the settings compresses and counts nothing.
func TestLevels(t *testing.T) {
	var text strings.Builder
	for i := range 2000 {
		text.WriteString(strings.Repeat("item", i%7) + "\n")
	}
	size := func(level int) int {
		x := &endpoint.Exchange{Worker: &worker{}}
		x.Send(endpoint.PlainText, []byte(text.String()))
		payload.Open(&payload.Gzip{Level: level}, nil).Gzip().Compress(x)
		return len(x.Response.Body)
	}
	if one, nine := size(1), size(9); nine >= one || nine == 0 || size(0) != nine {
		t.Errorf("level 1 gives %d bytes, 9 gives %d, the default %d", one, nine, size(0))
	}
	for _, g := range []*payload.Gzip{nil, {Where: payload.Off}} {
		if p := payload.Open(g, nil); p.Gzip() != nil || len(counts(p)) > 0 || bytes.Contains(p.AppendMetrics(nil, "1"), []byte("gzip")) {
			t.Errorf("%+v: compresses, or counts %v", g, counts(p))
		}
	}
}

func TestAccepts(t *testing.T) {
	for value, want := range map[string]bool{
		"": false, "gzip": true, "GZIP": true, "x-gzip": true, "br, deflate": false, "deflate, gzip;q=0.5, br": true,
		"gzip;q=0": false, "gzip; q=0, *": false, "*": true, "*;q=0": false, "identity, *;q=0.1": true, "gzipped": false,
	} {
		if payload.Accepts([]string{value}) != want {
			t.Errorf("%q: %v", value, !want)
		}
	}
	if payload.Accepts(nil) || !payload.Accepts([]string{"br", "gzip"}) {
		t.Error("several headers")
	}
}
