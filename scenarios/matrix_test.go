package scenarios

import (
	"reflect"
	"strings"
	"testing"
)

const matrixFile = `benchtop: 1
id: idle-pool
title: How many idle connections?
target: {server: builtin, proxy: {keepalive: 2, upstream: tcp}}
matrix: {proxy.keepalive: [0, 8, 32], load.connections: [50, 100]}
exclude: [{proxy.keepalive: 0, load.connections: 50}, {proxy.keepalive: 32, load.connections: 100}]
load: {connections: 8, timeout: 1s}
baseline: k0-c100
expect: ["rps(k8-c50) / rps(k0-c100) > 1"]
`

func TestMatrix(t *testing.T) {
	p := parsed(t, matrixFile)
	var ids, labels []string
	for _, v := range p.Variants {
		ids = append(ids, v.ID)
		labels = append(labels, v.Label)
		if v.Target.Proxy.Upstream != "tcp" || v.Load.Timeout.Seconds() != 1 {
			t.Errorf("%s does not have the defaults: %+v, %+v", v.ID, v.Target.Proxy, v.Load)
		}
	}
	if want := []string{"k0-c100", "k8-c50", "k8-c100", "k32-c50"}; !reflect.DeepEqual(ids, want) {
		t.Errorf("ids %v, want %v", ids, want)
	}
	if labels[1] != "keepalive 8, connections 50" {
		t.Errorf("label %q", labels[1])
	}
	if v := p.Variants[3]; *v.Target.Proxy.Keepalive != 32 || v.Load.Connections != 50 {
		t.Errorf("k32-c50 is %+v, %+v", v.Target.Proxy, v.Load)
	}
	// The same plan, written out.
	written := strings.Replace(matrixFile, "matrix: {proxy.keepalive: [0, 8, 32], load.connections: [50, 100]}", `variants:
  - {id: k0-c100, label: "keepalive 0, connections 100", proxy: {keepalive: 0}, load: {connections: 100}}
  - {id: k8-c50, label: "keepalive 8, connections 50", proxy: {keepalive: 8}, load: {connections: 50}}
  - {id: k8-c100, label: "keepalive 8, connections 100", proxy: {keepalive: 8}, load: {connections: 100}}
  - {id: k32-c50, label: "keepalive 32, connections 50", proxy: {keepalive: 32}, load: {connections: 50}}`, 1)
	written = written[:strings.Index(written, "exclude:")] + written[strings.Index(written, "load: {connections: 8"):]
	if q := parsed(t, written); !reflect.DeepEqual(p.Variants, q.Variants) {
		t.Errorf("the matrix gives\n%+v\nwritten out it is\n%+v", p.Variants, q.Variants)
	}
	if p := parsed(t, strings.Replace(matrixFile, "baseline: k0-c100\n", "", 1)); p.Baseline != "k0-c100" {
		t.Errorf("without one the baseline is %s, want the first", p.Baseline)
	}
}

func TestIDsOfAMatrix(t *testing.T) {
	for matrix, want := range map[string]string{
		`{workers: [1, 2]}`: "w1 w2",
		`{proxy.gzip: [off, on], proxy.gzip.level: [1]}`:             "",
		`{proxy: [off, on]}`:                                         "no-proxy proxy",
		`{load.keepalive: [true, false]}`:                            "keepalive no-keepalive",
		`{engine: [nethttp, fasthttp], workers: [2]}`:                "nethttp-w2 fasthttp-w2",
		`{keepalive_timeout: [250ms, 1.5s]}`:                         "kt250ms kt1-5s",
		`{workers: [1], proxy.workers: [1, 2]}`:                      "workers1-proxy-workers1 workers1-proxy-workers2",
		`{load.connections: [8], concurrency: [async, threadpool]}`:  "c8-async c8-threadpool",
		`{proxy.keepalive: [8], keepalive_timeout: [1s], tls: [on]}`: "k8-kt1s-tls",
		`{load.think: [1s], threads: [4]}`:                           "think1s-threads4",
	} {
		src := "benchtop: 1\nid: m\ntitle: M\ntarget: {endpoint: /hello}\nload: {connections: 8}\nmatrix: " + matrix + "\n"
		f, err := Parse("m.yaml", []byte(src))
		if want == "" {
			_ = wantErrors(t, err)
			continue
		}
		var ids []string
		if err == nil {
			for _, v := range f.Plan.Variants {
				ids = append(ids, v.ID)
			}
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%s gives %q, want %q (%v)", matrix, got, want, err)
		}
	}
}
