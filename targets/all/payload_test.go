package all

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"testing"

	"benchtop/targets"
	"benchtop/targets/builtin"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/payload"
	"benchtop/targets/python"
)

// compressing are servers that compress, one of each engine and language.
func compressing(g *payload.Gzip) map[string]targets.Spec {
	return map[string]targets.Spec{
		"nethttp":  {Server: "builtin", Nonce: "n", Variant: "v", Own: &builtin.Settings{Gzip: g}},
		"fasthttp": {Server: "builtin", Nonce: "n", Variant: "v", Own: &builtin.Settings{Gzip: g, Engine: "fasthttp"}},
		"uvicorn":  {Server: "uvicorn", Nonce: "n", Variant: "v", Own: &python.Settings{Gzip: g}},
	}
}

// unpacked asks a target with a header Accept-Encoding and gives the body as it was before it was compressed, and how many bytes
// of body came.
func unpacked(t *testing.T, running targets.Target, method, request, accept string) (body, encoding string, came int) {
	t.Helper()
	network, where := targets.Network(running.Addr())
	transport := &http.Transport{DisableCompression: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, where)
	}}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), method, "http://benchtop"+request, nil)
	if err != nil {
		t.Fatal(err)
	}
	if accept != "" {
		req.Header.Set("Accept-Encoding", accept)
	}
	resp, err := (&http.Client{Transport: transport, Timeout: suite.Deadline}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		t.Fatal(err)
	}
	encoding, came = resp.Header.Get("Content-Encoding"), len(b)
	if (encoding != "") != (resp.Header.Get("Vary") == "Accept-Encoding") {
		t.Errorf("%s: headers %v", request, resp.Header)
	}
	if encoding == "gzip" && came > 0 {
		z, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if b, err = io.ReadAll(z); err != nil {
			t.Fatal(err)
		}
	}
	return fmt.Sprint(resp.StatusCode, " ", resp.Header.Get("Content-Type"), "\n", string(b)), encoding, came
}

// Each engine and each language compresses the same responses, in either place, and counts what the client gets.
func TestCompressionAlike(t *testing.T) {
	least := 100
	for _, where := range []string{payload.Loop, payload.Pool} {
		for server, spec := range compressing(&payload.Gzip{Where: where, Level: 6, MinLength: &least}) {
			t.Run(where+" "+server, func(t *testing.T) {
				t.Parallel()
				running, bare := started(t, spec), started(t, targets.Spec{Server: spec.Server, Nonce: "n", Variant: "v"})
				before, after, responses := 0, 0, 0
				for _, test := range []struct {
					method, request, accept string
					want                    bool
				}{
					{"GET", "/json?items=100", "gzip", true},
					{"GET", "/json?items=100", "br, gzip;q=0.5", true},
					{"GET", "/json?items=100", "", false},
					{"GET", "/json?items=100", "br", false},
					{"GET", "/bytes?n=99", "gzip", false},
					{"GET", "/bytes?n=100", "gzip", true},
					{"GET", "/bytes?n=1MiB", "gzip", true},
					{"GET", "/nothing", "gzip", true}, // a 404 with all paths
					{"GET", "/stream?chunks=5&every=1ms", "gzip", true},
					{"GET", "/stream?chunks=5&every=1ms", "", false},
					{"HEAD", "/bytes?n=100", "", false},
				} {
					got, encoding, came := unpacked(t, running, test.method, test.request, test.accept)
					want, _, length := unpacked(t, bare, test.method, test.request, "")
					if got != want || (encoding == "gzip") != test.want {
						t.Errorf("%s %s for %q: encoded as %q: %.200q, want %.200q", test.method, test.request, test.accept, encoding, got, want)
					}
					if test.want {
						before, after, responses = before+length, after+came, responses+1
					}
				}
				want := map[string]uint64{"gzip_responses": uint64(responses), "gzip_bytes_before": uint64(before), "gzip_bytes_after": uint64(after)}
				for _, st := range marked(t, running) {
					if !maps.Equal(st.Counters, want) {
						t.Errorf("counted %v, the client %v", st.Counters, want)
					}
				}
				for _, st := range marked(t, bare) {
					if len(st.Counters) > 0 {
						t.Errorf("a server that does not compress counts %v", st.Counters)
					}
				}
			})
		}
	}
}
