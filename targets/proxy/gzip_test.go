package proxy

import (
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"benchtop/targets"
)

func TestGzip(t *testing.T) {
	text := strings.Repeat("hello, world\n", 100)
	upstream := serverHere(t, func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		for _, name := range []string{"Content-Type", "Content-Encoding", "Etag"} {
			if v := q.Get(name); v != "" {
				w.Header().Set(name, v)
			}
		}
		n, err := strconv.Atoi(q.Get("n"))
		if err != nil {
			t.Error(err)
		}
		if q.Get("chunked") == "" {
			w.Header().Set("Content-Length", q.Get("n"))
		}
		if s := q.Get("status"); s != "" {
			code, err := strconv.Atoi(s)
			if err != nil {
				t.Error(err)
			}
			w.WriteHeader(code)
		}
		_, _ = io.WriteString(w, text[:n/2])
		if q.Get("chunked") != "" {
			_ = http.NewResponseController(w).Flush()
		}
		_, _ = io.WriteString(w, text[n/2:n])
	})
	json := &targets.Gzip{Types: []string{"application/json"}, MinLength: 200, Level: 6}
	for _, test := range []struct {
		name, query, accept string
		gzip                *targets.Gzip
		want                bool
	}{
		{"off", "n=1000&Content-Type=text/html", "gzip", nil, false},
		{"html by default", "n=1000&Content-Type=text/html%3Bcharset%3Dutf-8", "gzip", &targets.Gzip{}, true},
		{"json is not html", "n=1000&Content-Type=application/json", "gzip", &targets.Gzip{}, false},
		{"json", "n=1000&Content-Type=application/json", "gzip", json, true},
		{"html always", "n=1000&Content-Type=text/html", "gzip", json, true},
		{"text", "n=1000&Content-Type=text/plain", "gzip", json, false},
		{"all types", "n=1000&Content-Type=text/plain", "gzip", &targets.Gzip{Types: []string{"*"}}, true},
		{"short", "n=199&Content-Type=application/json", "gzip", json, false},
		{"long enough", "n=200&Content-Type=application/json", "gzip", json, true},
		{"not asked for", "n=1000&Content-Type=application/json", "", json, false},
		{"something else", "n=1000&Content-Type=application/json", "br, deflate", json, false},
		{"among others", "n=1000&Content-Type=application/json", "deflate, gzip;q=0.5, br", json, true},
		{"refused", "n=1000&Content-Type=application/json", "gzip;q=0, *", json, false},
		{"anything", "n=1000&Content-Type=application/json", "*", json, true},
		{"compressed already", "n=1000&Content-Type=application/json&Content-Encoding=br", "gzip", json, false},
		{"an error page", "n=1000&Content-Type=text/html&status=404", "gzip", json, true},
		{"another error page", "n=1000&Content-Type=text/html&status=500", "gzip", json, false},
		{"length not known", "n=1000&Content-Type=application/json&chunked=1", "gzip", json, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, buffering := range []bool{true, false} {
				address, f := frontHere(t, targets.Proxy{Keepalive: number(1), Gzip: test.gzip, Buffering: &buffering}, upstream)
				for _, method := range []string{"GET", "GET", "HEAD"} { // the second has a compressor that was used before
					a := ask(t, client(t), method, address, "/?Etag=%22x%22&"+test.query, nil, "Accept-Encoding: "+test.accept)
					body, tag := a.body, `"x"`
					if test.want && method == "GET" {
						if tag = `W/"x"`; a.header.Get("Content-Encoding") != "gzip" || a.header.Get("Content-Length") != "" {
							t.Fatalf("buffering %v: headers %v", buffering, a.header)
						}
						z, err := gzip.NewReader(strings.NewReader(a.body))
						if err != nil {
							t.Fatal(err)
						}
						b, err := io.ReadAll(z)
						if err != nil {
							t.Fatal(err)
						}
						if len(a.body) >= len(b) {
							t.Errorf("%d bytes became %d", len(b), len(a.body))
						}
						body = string(b)
					} else if a.header.Get("Content-Encoding") == "gzip" {
						t.Errorf("buffering %v: %s is compressed", buffering, method)
					}
					if a.header.Get("Etag") != tag {
						t.Errorf("tag %q", a.header.Get("Etag"))
					}
					if method == "GET" && (body == "" || !strings.HasPrefix(text, body)) {
						t.Errorf("buffering %v: body %.100q", buffering, body)
					}
				}
				if p := f.upstreams.pool(); p.Failed != 0 || p.Requests != 3 {
					t.Errorf("counted %+v", p)
				}
			}
		})
	}
}
