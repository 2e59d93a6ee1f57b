// Package builtin is the server that comes with this program: real worker processes, two HTTP engines, three
// concurrency models, and the sample endpoints.
package builtin

import (
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"benchtop/targets"
	"benchtop/targets/endpoint"
	"benchtop/targets/prefork"
)

// Name is the name of this server in the registry.
const Name = "builtin"

// Values of the knobs.
const (
	netHTTP    = "nethttp"
	fastHTTP   = "fasthttp"
	async      = "async"
	threadpool = "threadpool"
	blocking   = "blocking"
	shared     = prefork.Shared
	reuseport  = prefork.Reuseport
)

// Bounds of the knobs.
const (
	maxWorkers       = 64
	maxThreads       = 10_000
	maxProcs         = 256
	maxWorkFactor    = 100
	minHeartbeat     = 4 * prefork.StatusEvery
	maxHeartbeat     = time.Hour
	minIdle          = 10 * time.Millisecond
	maxIdle          = time.Hour
	defaultThreads   = 40 // as many as AnyIO gives to a worker
	defaultIdle      = 75 * time.Second
	defaultHeartbeat = 30 * time.Second
	defaultEndpoint  = "/hello"
	maxBacklog       = 65_535
	maxUnderWay      = 1_000_000
)

// Descriptor describes this server to the registry.
func Descriptor() targets.Descriptor {
	return targets.Descriptor{
		Name:      Name,
		Doc:       "the server that comes with benchtop: worker processes, two HTTP engines, three concurrency models",
		Knobs:     knobs(),
		Normalize: normalize,
		Validate:  validate,
		Weighted:  true,
		Start:     start,
	}
}

func knobs() []targets.Knob {
	return []targets.Knob{
		{Name: "workers", Doc: "serving processes", Type: "int", Default: "1", Min: 1, Max: maxWorkers},
		{Name: "engine", Doc: "HTTP implementation: Go's own, or fasthttp", Type: "string", Default: netHTTP, Enum: []string{netHTTP, fastHTTP}},
		{Name: "concurrency", Doc: "async: others run while a handler waits; blocking: nobody does; threadpool: up to `threads` handlers wait at once, one computes", Type: "string", Default: async, Enum: []string{async, threadpool, blocking}},
		{Name: "threads", Doc: "slots of the thread pool of each worker", Type: "int", Default: strconv.Itoa(defaultThreads), Min: 1, Max: maxThreads},
		{Name: "keepalive", Doc: "false: the server closes the connection after each response", Type: "bool", Default: "true"},
		{Name: "keepalive_timeout", Doc: "the server closes a connection that was idle for this long", Type: "duration", Default: "75s"},
		{Name: "accept", Doc: "shared: all workers accept from one socket; reuseport: each has its own and the kernel spreads the connections (Linux)", Type: "string", Default: prefork.DefaultAccept(""), Enum: []string{shared, reuseport}},
		{Name: "nodelay", Doc: "false: Nagle's algorithm on accepted connections, a small write waits until the one before is acknowledged", Type: "bool", Default: "true"},
		{Name: "backlog", Doc: "connections that may wait to be accepted, per socket: each worker has its own with reuseport", Type: "int", Default: "4096", Min: 1, Max: maxBacklog},
		{Name: "limit_concurrency", Doc: "requests in flight per worker; one more gets a 503 at once; 0: no limit", Type: "int", Default: "0", Max: maxUnderWay},
		{Name: "gomaxprocs", Doc: "threads that run Go code at the same time in each worker", Type: "int", Default: "1", Min: 1, Max: maxProcs},
		{Name: "access_log", Doc: "write a line per request to standard output", Type: "bool", Default: "false"},
		{Name: "heartbeat", Doc: "a worker that is silent for this long is replaced", Type: "duration", Default: "30s"},
		{Name: "endpoint", Doc: "path and query that the load asks for: " + endpoint.Served(), Type: "string", Default: defaultEndpoint},
	}
}

// orDefault sets a value that was left out.
func orDefault[T comparable](v *T, standard T) {
	var zero T
	if *v == zero {
		*v = standard
	}
}

func normalize(s targets.Spec) targets.Spec {
	s.Server = Name
	orDefault(&s.Workers, 1)
	orDefault(&s.Engine, netHTTP)
	orDefault(&s.Concurrency, async)
	orDefault(&s.Threads, defaultThreads)
	on := s.KeepaliveOn()
	s.Keepalive = &on
	orDefault(&s.KeepaliveTimeout, defaultIdle)
	orDefault(&s.Accept, prefork.DefaultAccept(s.Listen))
	nodelay := s.NoDelay == nil || *s.NoDelay
	s.NoDelay = &nodelay
	orDefault(&s.Backlog, prefork.DefaultBacklog())
	if s.TLS != nil {
		resumption := s.TLS.ResumptionOn()
		s.TLS = &targets.TLS{Resumption: &resumption}
	}
	orDefault(&s.GOMAXPROCS, 1)
	orDefault(&s.Heartbeat, defaultHeartbeat)
	orDefault(&s.Endpoint, defaultEndpoint)
	return s
}

func validate(s targets.Spec) []*targets.FieldError {
	var problems []*targets.FieldError
	bad := func(knob, format string, args ...any) {
		problems = append(problems, &targets.FieldError{Knob: knob, Msg: fmt.Sprintf(format, args...)})
	}
	values := map[string]any{
		"workers": s.Workers, "threads": s.Threads, "gomaxprocs": s.GOMAXPROCS, "backlog": s.Backlog, "limit_concurrency": s.LimitConcurrency,
		"engine": s.Engine, "concurrency": s.Concurrency, "accept": s.Accept,
	}
	for _, k := range knobs() {
		switch v := values[k.Name].(type) {
		case int:
			if v < k.Min || v > k.Max {
				bad(k.Name, "%d is not allowed, want %d to %d", v, k.Min, k.Max)
			}
		case string:
			if !slices.Contains(k.Enum, v) {
				bad(k.Name, "%.40q is not known, allowed: %s", v, strings.Join(k.Enum, ", "))
			}
		}
	}
	if s.Accept == reuseport && runtime.GOOS != "linux" {
		bad("accept", "reuseport does not spread connections on %s, want shared", runtime.GOOS)
	}
	if s.Accept == reuseport && targets.IsUnix(s.Listen) {
		bad("accept", "reuseport is not possible on a unix socket, want shared")
	}
	if d := s.KeepaliveTimeout; d < minIdle || d > maxIdle {
		bad("keepalive_timeout", "%v is not allowed, want %v to %v", d, minIdle, maxIdle)
	}
	if d := s.Heartbeat; d < minHeartbeat || d > maxHeartbeat {
		bad("heartbeat", "%v is not allowed, want %v to %v", d, minHeartbeat, maxHeartbeat)
	}
	if s.WorkFactor < 0 || s.WorkFactor > maxWorkFactor {
		bad("work_factor", "%d is not allowed, want 1 to %d", s.WorkFactor, maxWorkFactor)
	}
	if err := endpoint.Check(s.Endpoint); err != nil {
		bad("endpoint", "%v", err)
	}
	if s.Listen != "" {
		if err := targets.CheckListen(s.Listen); err != nil {
			bad("listen", "%v", err)
		}
	}
	if i := strings.IndexFunc(s.RunHeader(), func(r rune) bool { return r <= ' ' || r >= 0x7f }); i >= 0 {
		bad("nonce", "%.60q cannot be the value of a header, want printable ASCII without spaces", s.RunHeader())
	}
	return problems
}
