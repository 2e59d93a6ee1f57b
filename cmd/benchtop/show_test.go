package main

import (
	"fmt"
	"strings"
	"testing"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/targets"
	"benchtop/targets/setting"
)

func TestShowWritesProxyConfigurations(t *testing.T) {
	t.Cleanup(targets.RegisterProxy(targets.ProxyDescriptor{
		Name: "configured", Settings: targets.FrontSettings(
			setting.Setting{Key: "keepalive"}, setting.Setting{Key: "balance"}, setting.Setting{Key: "http_version"}, setting.Setting{Key: "gzip"},
			setting.Setting{Key: "buffering"}, setting.Setting{Key: "access_log"}, setting.Setting{Key: "workers"}),
		Config: func(s targets.Spec, upstreams []string) string {
			return fmt.Sprintf("listen %s\nkeep %d\n\nto %s\n", s.Listen, *s.Proxy.Keepalive, strings.Join(upstreams, " and "))
		},
	}))
	variant := func(id string, p *targets.Proxy) lab.Variant {
		if p != nil {
			kind, _ := targets.LookupProxy(p.Kind)
			whole := kind.Normalize(*p)
			p = &whole
		}
		return lab.Variant{ID: id, Label: id, Target: targets.Spec{Server: "builtin", Workers: 1, Proxy: p}, Load: lab.Load{Model: load.Closed, Connections: 4}}
	}
	none, eight := 0, 8
	off := false
	plan := &lab.Plan{ID: "p", Title: "P", Baseline: "plain", Requires: []string{"nginx"}, Twin: "q", Metric: "rps", Variants: []lab.Variant{
		variant("plain", nil),
		variant("none", &targets.Proxy{Kind: "configured", Keepalive: &none, Upstream: "tcp", Upstreams: 2, Balance: "least_connections", Buffering: &off}),
		variant("eight", &targets.Proxy{Kind: "configured", Keepalive: &eight, Upstream: "unix", HTTPVersion: "1.0", AccessLog: "sync", Workers: 2, Gzip: &targets.Gzip{Level: 6}}),
		variant("again", &targets.Proxy{Kind: "configured", Keepalive: &eight, Upstream: "unix"}),
		variant("builtin", &targets.Proxy{Kind: "builtin", Keepalive: &eight}),
	}}
	plan.Variants[0].Target.TLS = &targets.TLS{Resumption: &off}
	var b strings.Builder
	if err := showPlan(&b, plan); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"needs nginx", "twin q",
		"TLS without resumption",
		"behind a proxy (configured, over tcp, keeping 0, 2 upstreams, balanced by least_connections, unbuffered)",
		"behind a proxy (configured, over unix, keeping 8, HTTP/1.0, gzip level 6, access log sync, 2 workers)",
		"\nproxy configuration of none (configured; its addresses are chosen at the start)\n  listen 127.0.0.1:8080\n  keep 0\n\n  to 127.0.0.1:8081 and 127.0.0.1:8082\n",
		"\nproxy configuration of eight (configured; its addresses are chosen at the start)\n  listen 127.0.0.1:8080\n  keep 8\n\n  to unix:/run/benchtop/server-1.sock\n",
		"\nthe proxy configuration of again is that of eight\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "configuration of plain") || strings.Contains(b.String(), "configuration of builtin") {
		t.Errorf("a configuration where there is none:\n%s", b.String())
	}
}
