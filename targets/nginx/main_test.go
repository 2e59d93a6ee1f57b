package nginx

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"benchtop/targets"
	"benchtop/targets/fixture"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/guard"
	"benchtop/targets/proc"
	"benchtop/targets/runfolder"
)

func TestMain(m *testing.M) {
	proc.Dispatch(map[string]proc.RoleFunc{guard.Role: guard.Guard})
	suite.Main(m, runfolder.Remove)
}

// backend is an upstream that counts its connections itself.
type backend struct {
	address string
	opened  atomic.Uint64
	served  atomic.Uint64
}

// newBackend serves on a unix socket or on TCP.
func newBackend(t *testing.T, network, where string) *backend {
	t.Helper()
	l, err := net.Listen(network, where)
	if err != nil {
		t.Fatal(err)
	}
	b := &backend{address: l.Addr().String()}
	if network == "unix" {
		b.address = targets.UnixPrefix + where
	}
	server := &httptest.Server{Listener: l, Config: &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			b.served.Add(1)
			_, _ = w.Write([]byte(strings.Repeat("Hello, world! ", 40)))
		}),
		ConnState: func(_ net.Conn, s http.ConnState) {
			if s == http.StateNew {
				b.opened.Add(1)
			}
		},
	}}
	server.Start()
	t.Cleanup(server.Close)
	return b
}

// proxied is a Spec with an nginx in front of it.
func proxied(p targets.Proxy) targets.Spec {
	p = Descriptor().Normalize(p)
	p.Upstream, p.Upstreams = "tcp", 1
	return targets.Spec{Server: "x", Workers: 1, Nonce: "n", Variant: "v", Proxy: &p}
}

// started starts an nginx that the end of the test stops.
func started(t *testing.T, spec targets.Spec, hooks targets.Hooks, upstreams ...*backend) *target {
	t.Helper()
	var addresses []string
	for _, b := range upstreams {
		addresses = append(addresses, b.address)
	}
	ctx, cancel := context.WithTimeout(t.Context(), suite.Deadline)
	defer cancel()
	got, err := start(ctx, spec, addresses, hooks)
	if err != nil {
		t.Fatal(err)
	}
	running := got.(*target)
	t.Cleanup(func() { fixture.ComponentStopped(t, running.Target) })
	return running
}
