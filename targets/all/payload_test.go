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
	"slices"
	"strings"
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

// compressed is what the one worker of a target counts of what it compresses.
func compressed(t *testing.T, running targets.Target) map[string]uint64 {
	t.Helper()
	out := map[string]uint64{}
	for _, st := range marked(t, running) {
		for name, n := range st.Counters {
			if strings.HasPrefix(name, "gzip_") {
				out[name] = n
			}
		}
	}
	return out
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
				if got := compressed(t, running); !maps.Equal(got, want) {
					t.Errorf("counted %v, the client %v", got, want)
				}
				if got := compressed(t, bare); len(got) > 0 {
					t.Errorf("a server that does not compress counts %v", got)
				}
			})
		}
	}
}

// Whoever encodes the list, and whatever FastAPI does with it before, the bytes are the same.
func TestEncodersAlike(t *testing.T) {
	ask := []question{{"GET", "/json", "", 200}, {"GET", "/json?items=0", "", 200}, {"GET", "/json?items=1000", "", 200}, {"HEAD", "/json?items=3", "", 200}}
	want := responses(t, started(t, targets.Spec{Server: "builtin", Nonce: "n", Variant: "v"}), "", ask)
	specs := map[string]targets.Spec{}
	for _, encoder := range []string{payload.Generated, payload.Pre} {
		specs["builtin "+encoder] = targets.Spec{Server: "builtin", Own: &builtin.Settings{JSON: &payload.JSON{Encoder: encoder}}}
	}
	for _, encoder := range []string{"dict", "model", "JSONResponse", "ujson", "response_class", payload.Pre} {
		specs["uvicorn "+encoder] = targets.Spec{Server: "uvicorn", Own: &python.Settings{JSON: &payload.JSON{Encoder: encoder}}}
	}
	for name, spec := range specs {
		t.Run(name, func(t *testing.T) {
			spec.Nonce, spec.Variant = "n", "v"
			twins := []string{""}
			if spec.Server == "uvicorn" {
				twins = []string{"/async", "/sync"}
			}
			running := started(t, spec)
			for _, twin := range twins {
				for i, got := range responses(t, running, twin, ask) {
					if got != want[i] {
						t.Errorf("%s%s: %.300q, want %.300q", twin, ask[i].request, got, want[i])
					}
				}
			}
		})
	}
}

// What only an encoder of Python needs is named, and asked for where it is used.
func TestAnEncoderThatIsAComponent(t *testing.T) {
	for encoder, want := range map[string]bool{"dict": false, "ujson": true, "response_class": true} {
		needs := targets.Needs(targets.Spec{Server: "uvicorn", Own: &python.Settings{JSON: &payload.JSON{Encoder: encoder}}})
		if slices.Contains(needs, "ujson") != want {
			t.Errorf("%s needs %v", encoder, needs)
		}
	}
	if !slices.Contains(targets.Requirable(), "ujson") {
		t.Error("no scenario may require ujson")
	}
}
