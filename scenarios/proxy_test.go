package scenarios

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"benchtop/lab/load"
	"benchtop/targets"
	"benchtop/targets/foreign"
	"benchtop/targets/python"
)

const proxied = `benchtop: 1
id: proxied
title: With a proxy
requires: [nginx, gunicorn, uvicorn, uvloop]
target:
  endpoint: /hello
  tls: {resumption: false}
  proxy: {keepalive: 8, upstream: unix, gzip: {level: 6, min_length: 20, types: [text/plain]}}
variants:
  - {id: same}
  - {id: none, proxy: off, tls: off}
  - {id: other, proxy: {kind: nginx, keepalive: 0, http_version: 1.0, connect_timeout: 5s, read_timeout: 1m, gzip: off, buffering: false,
      body_limit: 20MB, access_log: buffered, workers: 2}, tls: on}
  - {id: spread, proxy: {upstreams: 2, uneven: 4, balance: p2c, eject: false, gzip: {level: 1}}, tls: {}}
  - {id: real, server: gunicorn, loop: uvloop, http: h11, max_requests: 1000, max_requests_jitter: 100, endpoint: /async/hello}
load: {connections: 4}
`

func TestProxyIsLaidOverTheTargets(t *testing.T) {
	file, err := Parse("proxied.yaml", []byte(proxied))
	if err != nil {
		t.Fatal(err)
	}
	p := file.Plan
	same, none, other, spread, real := p.Variants[0].Target, p.Variants[1].Target, p.Variants[2].Target, p.Variants[3].Target, p.Variants[4].Target
	if s := same.Proxy; s.Kind != "builtin" || *s.Keepalive != 8 || s.Upstream != "unix" || !reflect.DeepEqual(s.Gzip, &targets.Gzip{Level: 6, MinLength: 20, Types: []string{"text/plain"}}) {
		t.Errorf("same has %+v", s)
	}
	if same.TLS == nil || *same.TLS.Resumption {
		t.Errorf("same has TLS %+v", same.TLS)
	}
	if none.Proxy != nil || none.TLS != nil {
		t.Errorf("none has %+v, %+v", none.Proxy, none.TLS)
	}
	if s := other.Proxy; s.Kind != "nginx" || *s.Keepalive != 0 || s.Upstream != "unix" || s.HTTPVersion != "1.0" || s.ConnectTimeout != 5*time.Second ||
		s.ReadTimeout != time.Minute || s.Gzip != nil || *s.Buffering || s.BodyLimit != 20_000_000 || s.AccessLog != "buffered" || s.Workers != 2 {
		t.Errorf("other has %+v", s)
	}
	if other.TLS == nil || *other.TLS.Resumption {
		t.Errorf("other has TLS %+v", other.TLS)
	}
	if s := spread.Proxy; *s.Keepalive != 8 || s.Upstreams != 2 || s.Uneven != 4 || s.Balance != "p2c" || *s.Eject || s.Gzip.Level != 1 || len(s.Gzip.Types) != 1 {
		t.Errorf("spread has %+v, %+v", s, s.Gzip)
	}
	if real.Server != "gunicorn" || targets.Own[python.Settings](&real).Loop != "uvloop" || targets.Own[python.Settings](&real).HTTP != "h11" || targets.Own[python.Settings](&real).MaxRequestsJitter != 100 || *real.Proxy.Keepalive != 8 {
		t.Errorf("real is %+v", real)
	}
	if problems := Validate(p); len(problems) > 0 {
		t.Error(problems)
	}
}

func TestCommand(t *testing.T) {
	p := parsed(t, `benchtop: 1
id: builds
title: Two builds
target: {server: command, ready: /ready, endpoint: "/x?y=1"}
variants:
  - {id: old, command: [./old, --port, "{port}"]}
  - {id: new, command: [./new, --port, "{port}"]}
load: {connections: 4}
`)
	if s := p.Variants[1].Target; !slices.Equal(targets.Own[foreign.CommandSettings](&s).Command, []string{"./new", "--port", "{port}"}) || targets.Own[foreign.CommandSettings](&s).Ready != "/ready" || s.Endpoint != "/x?y=1" {
		t.Errorf("new is %+v", s)
	}
}

func TestPolicy(t *testing.T) {
	p := parsed(t, `benchtop: 1
id: policy
title: A client's policy
target: {endpoint: /hello}
variants:
  - {id: a}
  - {id: b, load: {retry: {max: 5, budget: 10%}, timeouts: {first_byte: 50ms}}}
  - {id: c, load: {retry: off, timeouts: off, resume: true, think: 0s}}
load:
  connections: 4
  think: 3s
  pool: 2
  resume: false
  timeouts: {connect: 250ms}
  retry: {max: 2, backoff: 100ms, max_backoff: 1s, jitter: true, on: [429, 503], retry_after: true}
`)
	no := false
	first := load.Retry{Max: 2, Backoff: 100 * time.Millisecond, MaxBackoff: time.Second, Jitter: true, On: []int{429, 503}, RetryAfter: true}
	a, b, c := p.Variants[0].Load, p.Variants[1].Load, p.Variants[2].Load
	if a.Think != 3*time.Second || a.Pool != 2 || !reflect.DeepEqual(a.Resume, &no) || !reflect.DeepEqual(a.Retry, &first) || *a.Timeouts != (load.Timeouts{Connect: 250 * time.Millisecond}) {
		t.Errorf("a is %+v, %+v, %+v", a, a.Retry, a.Timeouts)
	}
	first.Max, first.Budget = 5, 0.1
	if !reflect.DeepEqual(b.Retry, &first) || *b.Timeouts != (load.Timeouts{Connect: 250 * time.Millisecond, FirstByte: 50 * time.Millisecond}) {
		t.Errorf("b is %+v, %+v", b.Retry, b.Timeouts)
	}
	if c.Retry != nil || c.Timeouts != nil || !*c.Resume || c.Think != 0 || c.Pool != 2 {
		t.Errorf("c is %+v", c)
	}
}

func TestApplyReachesNestedKeys(t *testing.T) {
	p := parsed(t, proxied)
	set := []string{
		"same.proxy.keepalive=4", "same.proxy.gzip.level=9", "none.proxy=on", "none.tls=on", "none.tls.resumption=false", "other.proxy=off", "spread.proxy.kind=small",
		"same.load.retry.max=3", "same.load.retry.backoff=1s", "same.load.timeouts.connect=1s", "same.load.pool=2", "same.load.think=1s",
	}
	if err := Apply(p, set); err != nil {
		t.Fatal(err)
	}
	same, none, other, spread := p.Variants[0], p.Variants[1].Target, p.Variants[2].Target, p.Variants[3].Target
	if s := same.Target.Proxy; *s.Keepalive != 4 || s.Gzip.Level != 9 || s.Gzip.Types[0] != "text/plain" {
		t.Errorf("same has %+v", s)
	}
	if l := same.Load; l.Retry.Max != 3 || l.Retry.Backoff != time.Second || l.Timeouts.Connect != time.Second || l.Pool != 2 || l.Think != time.Second {
		t.Errorf("same has load %+v", l)
	}
	if none.Proxy.Kind != "builtin" || *none.Proxy.Keepalive != 0 || none.Shown("accept") != "shared" || *none.TLS.Resumption || other.Proxy != nil {
		t.Errorf("none has %+v, %+v, other %+v", none.Proxy, none.TLS, other.Proxy)
	}
	if s := spread.Proxy; s.Kind != "small" || s.Balance != "" || s.Eject != nil || s.Uneven != 4 || s.Upstreams != 2 || *s.Keepalive != 8 {
		t.Errorf("a proxy of another kind keeps what that kind has: %+v", s)
	}
	if *p.Variants[4].Target.Proxy.Keepalive != 8 {
		t.Error("the proxy of another variant was changed")
	}
	// What is needed follows the variants.
	if err := Apply(p, []string{"spread.proxy.kind=builtin", "real.loop=asyncio"}); err != nil || !slices.Equal(p.Requires, []string{"uvicorn", "gunicorn"}) {
		t.Errorf("requires %v, %v", p.Requires, err)
	}
	for set, want := range map[string]string{
		"same.proxy.kepalive=4":     `did you mean "keepalive"?`,
		"same.proxy.keepalive=many": "wants a whole number",
		"same.keepalive=4":          "wants true or false",
		"same.upstreams=4":          `did you mean "proxy.upstreams"?`,
		"same.proxy.kind=ngnix":     `did you mean "nginx"?`,
		"same.tls.resume=true":      "it is a key of load",
		"none.load.retry.jitter=on": "write true",
		"none.load.retry.backof=1s": `did you mean "backoff"?`,
		"none.load.think.x=1s":      "unknown key",
	} {
		err := Apply(parsed(t, proxied), []string{set})
		if e := wantErrors(t, err); !strings.Contains(e.Error(), want) {
			t.Errorf("--set %s: %v\nwant %s", set, e, want)
		}
	}
}
