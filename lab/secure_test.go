package lab_test

import (
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/lab/load/generator"
	"benchtop/targets"
	"benchtop/targets/builtin"
	"benchtop/targets/selfsigned"
)

// Real targets and the real generator: what a new connection per request costs in handshakes, whole and resumed, as
// both sides count them.
func TestHandshakesAreCountedOnBothSides(t *testing.T) {
	t.Parallel()
	on, off := true, false
	p := plan("kept", "resumed", "client-off", "server-off", "plain", "proxied")
	p.Blocks, p.Warmup, p.Slice = 1, 300*time.Millisecond, 600*time.Millisecond // long against a slow handshake
	for i := range p.Variants {
		v := &p.Variants[i]
		v.Target = targets.Spec{Server: "builtin", Workers: 2, Endpoint: "/hello", TLS: &targets.TLS{}}
		v.Load.Connections, v.Load.Timeout, v.Load.KeepAlive = 1, 20*time.Second, false
		switch v.ID {
		case "kept":
			v.Load.KeepAlive = true
		case "resumed":
			v.Load.Resume, v.Target.Own = &on, &builtin.Settings{Engine: "fasthttp"}
		case "client-off":
			v.Load.Resume = &off
		case "server-off":
			v.Target.TLS.Resumption, v.Target.Own = &off, &builtin.Settings{Engine: "fasthttp"}
		case "plain":
			v.Target.TLS = nil
		case "proxied": // TLS ends at the proxy
			v.Target.Workers, v.Target.Proxy = 1, &targets.Proxy{Kind: "builtin"}
		}
	}
	var fold *lab.Fold
	counted, void := 0, map[string]int{}
	sink := func(e lab.Event) {
		fold.Apply(e)
		s := e.Slice
		if s == nil || s.Warmup {
			return
		}
		counted++
		if s.Void != "" { // the machine stood still
			void[s.Variant]++
		}
		l := &s.Load
		var theirs, theirResumed uint64
		for _, w := range s.Workers {
			theirs += w.TLSHere
			theirResumed += w.ResumedHere
		}
		if s.Void != "" && !strings.Contains(s.Void, "stood still") || l.Engine != load.NetEngine || l.Counts.OK == 0 || len(l.Total.Errors) > 0 {
			t.Errorf("%s: void %q, engine %s, %+v, note %q", s.Variant, s.Void, l.Engine, l.Total, l.Note)
		}
		if l.Handshakes != theirs || l.Resumed != theirResumed {
			t.Errorf("%s: %d handshakes, %d resumed; the workers counted %d, %d", s.Variant, l.Handshakes, l.Resumed, theirs, theirResumed)
		}
		connections := uint64(s.Settings.Connections)
		switch s.Variant {
		case "plain":
			if l.Handshakes != 0 {
				t.Errorf("plain: %d handshakes", l.Handshakes)
			}
		case "kept":
			if l.Handshakes != connections {
				t.Errorf("kept: %d handshakes on %d connections", l.Handshakes, connections)
			}
		case "resumed", "proxied": // the first of each connection may come before there is anything to resume
			if l.Handshakes != l.Total.Connects || l.Resumed+connections < l.Handshakes || l.Resumed == 0 {
				t.Errorf("resumed: %d of %d handshakes, %d connects", l.Resumed, l.Handshakes, l.Total.Connects)
			}
		default:
			if l.Handshakes != l.Total.Connects || l.Resumed != 0 {
				t.Errorf("%s: %d of %d handshakes resumed, %d connects", s.Variant, l.Resumed, l.Handshakes, l.Total.Connects)
			}
		}
	}
	for {
		fold = lab.NewFold()
		clear(void)
		if err := lab.Run(t.Context(), p, lab.Options{Version: "test", Sink: sink}); err != nil {
			t.Fatal(err)
		}
		if fold.State().End.Class != lab.ClassWindowTooShort || p.Slice > 10*time.Second {
			break
		}
		p.Slice *= 4 // a machine on which handshakes take longer needs longer slices
	}
	r := fold.Result()
	if !r.Complete || counted < 2*len(p.Variants) {
		t.Fatalf("complete %v, %d slices, %+v", r.Complete, counted, fold.State().End)
	}
	for _, v := range r.Variants {
		perRequest, some := v.Mechanism["tls_handshakes_per_request"]
		share, shared := v.Mechanism["tls_resumed_share"]
		if void[v.ID] >= p.SlicesPerVariant() { // there are no figures of it
			continue
		}
		switch v.ID {
		case "plain":
			if some || shared {
				t.Errorf("plain has metrics of TLS: %v", v.Mechanism)
			}
		case "kept":
			if !some || perRequest >= 1 {
				t.Errorf("kept: %v handshakes per request", perRequest)
			}
		default:
			if perRequest != 1 || (share > 0) != (v.ID == "resumed" || v.ID == "proxied") {
				t.Errorf("%s: %v handshakes per request, %v resumed", v.ID, perRequest, share)
			}
		}
	}
}

// A server that shows another certificate than the target's own is not the target.
func TestTheProbeInsistsOnTheTargetsCertificate(t *testing.T) {
	t.Parallel()
	foreign, err := selfsigned.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name  string
		shown func(own string) string // what the target says that it shows
		want  string
	}{
		{"its own", func(own string) string { return own }, ""},
		{"not told", func(string) string { return "" }, ""}, // of a server of somebody else, on this machine
		{"another", func(string) string { return string(foreign.CertPEM) }, "certificate"},
		{"no certificate", func(string) string { return "x" }, "hold no certificate"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(map[string]float64{"a": 10000})
			p := plan("a")
			p.Blocks = 1
			start := func(_ context.Context, spec targets.Spec, _ targets.Hooks) (targets.Target, error) {
				f := &fakeTarget{done: make(chan struct{}), pid: os.Getpid()}
				f.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
					if q.Host != f.Addr() || q.ProtoMajor != 1 {
						t.Errorf("asked for host %q over %s", q.Host, q.Proto)
					}
					w.Header().Set("X-Benchtop-Run", spec.Nonce+"."+spec.Variant)
					fmt.Fprint(w, "hello")
				}))
				f.server.Config.ErrorLog = log.New(io.Discard, "", 0)
				f.server.StartTLS()
				own := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.server.Certificate().Raw})
				spec.TLS = &targets.TLS{Certificate: test.shown(string(own))}
				f.spec = spec
				b.targets[f.Addr()] = f
				return f, nil
			}
			p.Variants[0].Target.TLS = &targets.TLS{}
			var end lab.EndEvent
			err := lab.Run(t.Context(), p, lab.Options{
				Version: "test", StartTarget: start,
				StartGenerator: func(context.Context, generator.Config) (lab.Generator, error) { return b, nil },
				Sink: func(e lab.Event) {
					if e.End != nil {
						end = *e.End
					}
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			if (end.How == lab.EndComplete) != (test.want == "") || !strings.Contains(end.Reason, test.want) {
				t.Errorf("%+v, want %q", end, test.want)
			}
			for _, s := range b.seen {
				if s.TLS == nil || s.TLS.ServerName != "127.0.0.1" || !s.TLS.Resume || s.TLS.Insecure != (test.name == "not told") || s.Engine != load.NetEngine {
					t.Errorf("slice with %+v on engine %q", s.TLS, s.Engine)
				}
			}
		})
	}
}
