package scenarios

import (
	"fmt"
	"strings"

	"benchtop/targets"
)

// registerDoubles adds the kinds of servers and proxies that these tests write about and that are not registered in
// this build, and a proxy "small" that lacks what others have. They document knobs and never start anything.
func registerDoubles() {
	python := []targets.Knob{
		{Name: "workers", Doc: "w", Type: "int", Default: "1", Min: 1, Max: 64},
		{Name: "loop", Doc: "l", Type: "string", Default: "asyncio", Enum: []string{"asyncio", "uvloop"}},
		{Name: "http", Doc: "h", Type: "string", Default: "h11", Enum: []string{"h11", "httptools"}},
		{Name: "max_requests", Doc: "m", Type: "int", Min: 0, Max: 1_000_000},
		{Name: "max_requests_jitter", Doc: "j", Type: "int", Min: 0, Max: 1_000_000},
		{Name: "endpoint", Doc: "e", Type: "string", Default: "/async/hello"},
	}
	server(targets.Descriptor{Name: "uvicorn", Knobs: python, Requires: []string{"uvicorn"}})
	server(targets.Descriptor{Name: "gunicorn", Knobs: python, Requires: []string{"gunicorn", "uvicorn"}})
	server(targets.Descriptor{Name: "command", Knobs: []targets.Knob{
		{Name: "command", Doc: "c", Type: "strings"}, {Name: "ready", Doc: "r", Type: "string"}, {Name: "endpoint", Doc: "e", Type: "string"},
	}})
	common := append(targets.FrontKnobs(), []targets.Knob{
		{Name: "keepalive", Doc: "k", Type: "int", Default: "8", Min: 0, Max: 10000},
		{Name: "http_version", Doc: "v", Type: "string", Default: "1.1", Enum: []string{"1.0", "1.1"}},
		{Name: "connect_timeout", Doc: "c", Type: "duration", Default: "5s"},
		{Name: "read_timeout", Doc: "r", Type: "duration", Default: "60s"},
		{Name: "gzip.level", Doc: "g", Type: "int", Min: 1, Max: 9},
		{Name: "buffering", Doc: "b", Type: "bool", Default: "true"},
		{Name: "body_limit", Doc: "l", Type: "int", Default: "1048576", Min: 1, Max: 1 << 26},
		{Name: "access_log", Doc: "a", Type: "string", Default: "off", Enum: []string{"off", "buffered", "sync"}},
		{Name: "workers", Doc: "w", Type: "int", Default: "1", Min: 1, Max: 64},
	}...)
	own := []targets.Knob{
		{Name: "balance", Doc: "b", Type: "string", Default: "round_robin", Enum: []string{"round_robin", "least_connections", "p2c"}},
		{Name: "eject", Doc: "e", Type: "bool", Default: "true"},
	}
	proxy(targets.ProxyDescriptor{Name: "builtin", Knobs: append(own, common...)})
	proxy(targets.ProxyDescriptor{Name: "small", Knobs: common})
	proxy(targets.ProxyDescriptor{Name: "nginx", Knobs: append(own, common...), Config: func(s targets.Spec, upstreams []string) string {
		return fmt.Sprintf("keepalive %d to %s\n", *s.Proxy.Keepalive, strings.Join(upstreams, " "))
	}})
}

func server(d targets.Descriptor) {
	if _, ok := targets.Lookup(d.Name); ok {
		return
	}
	d.Normalize = func(s targets.Spec) targets.Spec { return s }
	d.Validate = func(targets.Spec) []*targets.FieldError { return nil }
	targets.Register(d)
}

func proxy(d targets.ProxyDescriptor) {
	if _, ok := targets.LookupProxy(d.Name); ok {
		return
	}
	d.Normalize = func(p targets.Proxy) targets.Proxy { return p }
	d.Validate = func(targets.Proxy) []*targets.FieldError { return nil }
	targets.RegisterProxy(d)
}
