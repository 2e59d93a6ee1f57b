// Package python starts uvicorn and gunicorn with the sample application, the way their users start them, and tells
// their processes apart. They run under a guard; what they count is read from files in the run folder.
package python

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"benchtop/targets"
	"benchtop/targets/endpoint"
)

// Names of the servers in the registry and of their components.
const (
	Uvicorn  = "uvicorn"
	Gunicorn = "gunicorn"
)

// twins are the prefixes of the two forms in which the application serves each endpoint.
var twins = []string{"/async", "/sync"}

// auto leaves the loop and the parser to uvicorn, which takes uvloop and httptools where they are installed.
const auto = "auto"

// Bounds of the knobs, and the servers' own defaults.
const (
	maxWorkers       = 64
	maxBacklog       = 65535
	maxRequests      = 10_000_000
	maxConcurrency   = 100_000
	maxSeconds       = 3600
	maxWorkFactor    = 100
	defaultBacklog   = 2048
	uvicornIdle      = 5 * time.Second
	gunicornIdle     = 2 * time.Second
	defaultHeartbeat = 30 * time.Second
	defaultEndpoint  = "/hello"
)

// Descriptors describe both servers to the registry.
func Descriptors() []targets.Descriptor {
	return []targets.Descriptor{
		descriptor(Uvicorn, "the real uvicorn with a FastAPI application: `python3 -m uvicorn`", []string{Uvicorn}, uvicornKnobs()),
		descriptor(Gunicorn, "the real gunicorn with uvicorn's worker class and a FastAPI application: `gunicorn -k uvicorn.workers.UvicornWorker`", []string{Gunicorn, Uvicorn}, gunicornKnobs()),
	}
}

func descriptor(name, doc string, requires []string, knobs []targets.Knob) targets.Descriptor {
	return targets.Descriptor{
		Name: name, Doc: doc, Knobs: knobs, Requires: requires, Weighted: true,
		Normalize: func(s targets.Spec) targets.Spec { return normalize(name, s) },
		Validate:  func(s targets.Spec) []*targets.FieldError { return validate(knobs, s) },
		Start:     standard.start,
	}
}

func sharedKnobs() []targets.Knob {
	return []targets.Knob{
		{Name: "workers", Doc: "worker processes", Type: "int", Default: "1", Min: 1, Max: maxWorkers},
		{Name: "loop", Doc: "event loop; auto, which is the server's own default, is uvloop where that is installed", Type: "string", Default: auto, Enum: []string{auto, "asyncio", "uvloop"}},
		{Name: "http", Doc: "parser; auto, which is the server's own default, is httptools where that is installed", Type: "string", Default: auto, Enum: []string{auto, "h11", "httptools"}},
		{Name: "limit_concurrency", Doc: "503 when a worker has this many connections or requests, the new one included (`--limit-concurrency`); 0, the server's own default: no limit", Type: "int", Default: "0", Min: 0, Max: maxConcurrency},
		{Name: "backlog", Doc: "of listen(2), as by the server's own default (`--backlog`)", Type: "int", Default: strconv.Itoa(defaultBacklog), Min: 1, Max: maxBacklog},
		{Name: "endpoint", Doc: "path and query that the load asks for: " + endpoint.Served(twins...) + "; without a prefix it is the async one", Type: "string", Default: defaultEndpoint},
	}
}

func uvicornKnobs() []targets.Knob {
	return append(sharedKnobs(),
		targets.Knob{Name: "keepalive_timeout", Doc: "idle connections are closed after so many whole seconds (`--timeout-keep-alive`); uvicorn's own default", Type: "duration", Default: "5s"},
		targets.Knob{Name: "access_log", Doc: "a line per request on standard output; uvicorn's own default is true", Type: "bool", Default: "false"},
		targets.Knob{Name: "max_requests", Doc: "a worker ends after so many (`--limit-max-requests`), and uvicorn before 0.30 starts no other; 0, its own default: never", Type: "int", Default: "0", Min: 0, Max: maxRequests},
	)
}

func gunicornKnobs() []targets.Knob {
	return append(sharedKnobs(),
		targets.Knob{Name: "keepalive_timeout", Doc: "idle connections are closed after so many whole seconds (`--keep-alive`); gunicorn's own default", Type: "duration", Default: "2s"},
		targets.Knob{Name: "access_log", Doc: "a line per request on standard output (`--access-logfile -`); gunicorn's own default is false", Type: "bool", Default: "false"},
		targets.Knob{Name: "max_requests", Doc: "a worker is replaced after so many (`--max-requests`); 0, gunicorn's own default: never", Type: "int", Default: "0", Min: 0, Max: maxRequests},
		targets.Knob{Name: "max_requests_jitter", Doc: "plus a random number up to this, drawn per worker (`--max-requests-jitter`)", Type: "int", Default: "0", Min: 0, Max: maxRequests},
		targets.Knob{Name: "heartbeat", Doc: "a worker that is silent for so many whole seconds is replaced (`--timeout`); gunicorn's own default", Type: "duration", Default: "30s"},
	)
}

// orDefault sets a value that was left out.
func orDefault[T comparable](v *T, standard T) {
	var zero T
	if *v == zero {
		*v = standard
	}
}

func normalize(name string, s targets.Spec) targets.Spec {
	s.Server = name
	orDefault(&s.Workers, 1)
	orDefault(&s.Loop, auto)
	orDefault(&s.HTTP, auto)
	orDefault(&s.Backlog, defaultBacklog)
	orDefault(&s.Endpoint, defaultEndpoint)
	if name == Gunicorn {
		orDefault(&s.KeepaliveTimeout, gunicornIdle)
		orDefault(&s.Heartbeat, defaultHeartbeat)
	} else {
		orDefault(&s.KeepaliveTimeout, uvicornIdle)
	}
	return s
}

func validate(knobs []targets.Knob, s targets.Spec) []*targets.FieldError {
	var problems []*targets.FieldError
	bad := func(knob, format string, args ...any) {
		problems = append(problems, &targets.FieldError{Knob: knob, Msg: fmt.Sprintf(format, args...)})
	}
	// What is set beyond the zero value, by knob.
	values := map[string]any{
		"workers": s.Workers, "loop": s.Loop, "http": s.HTTP, "limit_concurrency": s.LimitConcurrency, "backlog": s.Backlog,
		"max_requests": s.MaxRequests, "max_requests_jitter": s.MaxRequestsJitter,
		"keepalive_timeout": s.KeepaliveTimeout, "heartbeat": s.Heartbeat,
		"engine": s.Engine, "concurrency": s.Concurrency, "threads": s.Threads, "accept": s.Accept, "gomaxprocs": s.GOMAXPROCS,
	}
	for _, k := range knobs {
		switch v := values[k.Name].(type) {
		case int:
			if v < k.Min || v > k.Max {
				bad(k.Name, "%d is not allowed, want %d to %d", v, k.Min, k.Max)
			}
		case string:
			if !slices.Contains(k.Enum, v) {
				bad(k.Name, "%.40q is not known, allowed: %s", v, strings.Join(k.Enum, ", "))
			}
		case time.Duration:
			if v%time.Second != 0 || v < time.Second || v > maxSeconds*time.Second {
				bad(k.Name, "%v is not allowed: %s takes whole seconds, 1s to %v", v, s.Server, maxSeconds*time.Second)
			}
		}
		delete(values, k.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if v := values[name]; v != 0 && v != "" && v != time.Duration(0) {
			bad(name, "%s has no such setting", s.Server)
		}
	}
	if !s.KeepaliveOn() {
		bad("keepalive", "%s cannot be told to close each connection after its response; leave keepalive out", s.Server)
	}
	if s.NoDelay != nil && !*s.NoDelay {
		bad("nodelay", "%s cannot be told to leave Nagle's algorithm on; leave nodelay out", s.Server)
	}
	if s.TLS != nil && s.Proxy == nil {
		bad("tls", "not with %s itself; put a proxy in front of it, which then speaks HTTPS", s.Server)
	}
	if s.WorkFactor < 0 || s.WorkFactor > maxWorkFactor {
		bad("work_factor", "%d is not allowed, want 1 to %d", s.WorkFactor, maxWorkFactor)
	}
	if s.MaxRequestsJitter > 0 && s.MaxRequests == 0 {
		bad("max_requests_jitter", "it means nothing without max_requests")
	}
	if err := endpoint.Check(s.Endpoint, twins...); err != nil {
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
