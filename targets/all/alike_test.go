package all

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"benchtop/targets"
	"benchtop/targets/builtin"
	"benchtop/targets/endpoint"
	"benchtop/targets/fixture/suite"
)

// question is a request and the status that it gets.
type question struct {
	method, request string
	body            string
	status          int
}

// questions are the samples of every endpoint, and what is wrong in every way that the table can tell.
func questions() []question {
	ask := []question{
		{"GET", "/wait?for=90us", "", 200},
		{"GET", "/wait?for=1.5ms", "", 200},
		{"GET", "/wait?for=0.0000333s&", "", 200},
		{"GET", "/wait?for=%2B.5ms", "", 200},
		{"GET", "/wait?for=0", "", 200},
		{"GET", "/work?units=%31", "", 200},
		{"GET", "/json?items=0", "", 200},
		{"GET", "/bytes?n=0", "", 200},
		{"GET", "/bytes?n=1kB", "", 200},
		{"GET", "/bytes?n=2MiB", "", 200},
		{"HEAD", "/hello", "", 200},
		{"HEAD", "/stream?chunks=10000&every=10s", "", 200},
		{"HEAD", "/nothing", "", 404},
		{"POST", "/hello", "12345", 200},
		{"PUT", "/work?units=3", "12345", 200},
		{"DELETE", "/hello", "", 200},
		{"PURGE", "/hello", "", 200},
		{"POST", "/work?units=x", "12345", 400},
		{"POST", "/hello", strings.Repeat("x", endpoint.IgnoredBody), 200},
		{"POST", "/hello", strings.Repeat("x", endpoint.IgnoredBody+1), 413},
		{"GET", "/hello?x=1", "", 400},
		{"GET", "/hello/", "", 404},
		{"GET", "/work?units=1&units=1", "", 400},
		{"GET", "/work?unit=1", "", 400},
		{"GET", "/work?=1", "", 400},
		{"GET", "/work?units", "", 400},
		{"GET", "/work?units=%zz", "", 400},
		{"GET", "/work?units=%FF%22%5C%0A%C3%A9%E2%80%8B%F0%9F%98%80", "", 400},
		{"GET", "/work?units=" + strings.Repeat("long", 50), "", 400},
		{"GET", "/work?%FFunits=1", "", 400},
	}
	for _, e := range endpoint.All() {
		fine, wrong := 200, 400
		if len(e.Services) > 0 { // these targets have none
			fine, wrong = 501, 501
		}
		if e.Path == "/cached" {
			fine = 501
		}
		for _, query := range append([]string{""}, e.Samples...) {
			ask = append(ask, question{"GET", e.Path + "?" + query, "", fine})
		}
		for _, p := range e.Params {
			values := []string{"", "x", "-1", "1.5", "1_0", "+1", "5", "99999999999999999999999", "99999999999999999999h", "1..s", ".s", "1s1", "17MiB", "1mb", "1GiB1"}
			for _, v := range values {
				if endpoint.Check(e.Path+"?"+p.Name+"="+v, e.Services) != nil {
					ask = append(ask, question{"GET", e.Path + "?" + p.Name + "=" + v, "", wrong})
				}
			}
		}
	}
	return ask
}

// The built-in server, with both of its engines, and the Python application, in both of its forms, respond alike: status,
// type and body, byte for byte.
func TestServersRespondAlike(t *testing.T) {
	all := questions()
	want := responses(t, started(t, targets.Spec{Server: "builtin", Nonce: "n", Variant: "v"}), "", all)
	for _, test := range []struct {
		name  string
		spec  targets.Spec
		twins []string
	}{
		{"fasthttp", targets.Spec{Server: "builtin", Own: &builtin.Settings{Engine: "fasthttp"}}, []string{""}},
		{"uvicorn", targets.Spec{Server: "uvicorn"}, []string{"", "/async", "/sync"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.spec.Nonce, test.spec.Variant = "n", "v"
			running := started(t, test.spec)
			for _, twin := range test.twins {
				got := responses(t, running, twin, all)
				for i, q := range all {
					if got[i] != want[i] {
						t.Errorf("%s %s%s with %d bytes:\n%.300q, net/http:\n%.300q", q.method, twin, q.request, len(q.body), got[i], want[i])
					}
				}
			}
		})
	}
	for i, q := range all {
		if !strings.HasPrefix(want[i], fmt.Sprint(q.status)) {
			t.Errorf("%s %s: %.300q, want %d", q.method, q.request, want[i], q.status)
		}
	}
}

// responses asks a target. What differs with good reason is left out: the forms' own list of paths, and the
// body of an endpoint that tells of its worker.
func responses(t *testing.T, running targets.Target, twin string, ask []question) []string {
	t.Helper()
	network, where := targets.Network(running.Addr())
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, where)
	}}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: suite.Deadline}
	var out []string
	for _, q := range ask {
		req, err := http.NewRequestWithContext(t.Context(), q.method, "http://benchtop"+twin+q.request, bytes.NewBufferString(q.body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.Header.Get("X-Benchtop-Run") != "n.v" {
			t.Errorf("%s %s: %v, %v", q.method, q.request, resp.Header, err)
		}
		text := strings.ReplaceAll(string(body), ", each also below /async and /sync", "")
		text = strings.ReplaceAll(text, twin+"/", "/")
		if e := endpoint.Lookup(req.URL.Path, twin); e != nil && e.Varies && resp.StatusCode == http.StatusOK {
			text = "its own"
		}
		out = append(out, fmt.Sprint(resp.StatusCode)+" "+resp.Header.Get("Content-Type")+"\n"+text)
	}
	return out
}
