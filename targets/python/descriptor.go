// Package python starts uvicorn and gunicorn with the sample application, the way their users start them, and tells
// their processes apart. They run under a guard; what they count is read from files in the run folder.
package python

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"benchtop/targets"
	"benchtop/targets/calls"
	"benchtop/targets/endpoint"
	"benchtop/targets/payload"
	"benchtop/targets/setting"
	"benchtop/targets/shop"
	"benchtop/targets/telemetry"
)

// Names of the servers in the registry and of their components.
const (
	Uvicorn  = "uvicorn"
	Gunicorn = "gunicorn"
)

// twins are the prefixes of the two forms in which the application serves each endpoint.
var twins = []string{"/async", "/sync"}

// drivers are the components with which the application talks to services, by the names of the services.
var drivers = map[string]string{shop.Database: "asyncpg", shop.Service: "redis-py", targets.ServiceUpstream: "httpx"}

// Components that a setting may need: another encoder of JSON, and the client library of Prometheus.
const (
	ujson            = "ujson"
	prometheusClient = "prometheus-client"
)

// cProfile is the profile that the application can make: of each request.
const cProfile = "cprofile"

// auto leaves the loop and the parser to uvicorn, which takes uvloop and httptools where they are installed.
const auto = "auto"

// Values of preload.
const (
	preloadOff    = "off"
	preloadFreeze = "freeze"
)

// Bounds of the settings. The defaults are the servers' own.
const (
	maxWorkers     = 64
	maxBacklog     = 65535
	maxRequests    = 10_000_000
	maxConcurrency = 100_000
	maxThreads     = 10_000
	defaultThreads = 40 // AnyIO's own
	longest        = time.Hour
)

// Settings are those that only these servers have.
type Settings struct {
	Loop              string `json:"loop,omitempty"`                // asyncio | uvloop | auto
	HTTP              string `json:"http,omitempty"`                // h11 | httptools | auto
	MaxRequests       int    `json:"max_requests,omitempty"`        // a worker is replaced after so many; 0: never
	MaxRequestsJitter int    `json:"max_requests_jitter,omitempty"` // plus a random number up to this, drawn per worker
	Threads           int    `json:"threads,omitempty"`             // of a worker, for endpoints with def
	Preload           string `json:"preload,omitempty"`             // the master of gunicorn imports the application, and then forks: off | on | freeze

	DB    *shop.DB    `json:"db,omitempty"`
	Cache *shop.Cache `json:"cache,omitempty"`

	Gzip *payload.Gzip `json:"gzip,omitempty"` // nil: off
	JSON *payload.JSON `json:"json,omitempty"` // nil: the defaults

	Client *calls.Client `json:"client,omitempty"`

	Telemetry *telemetry.Telemetry `json:"telemetry,omitempty"` // nil: none
}

func own(s *targets.Spec) *Settings { return targets.Own[Settings](s) }

// Descriptors describe both servers to the registry.
func Descriptors() []targets.Descriptor {
	return []targets.Descriptor{
		descriptor(Uvicorn, "the real uvicorn with a FastAPI application: `python3 -m uvicorn`", []string{Uvicorn}, uvicornSettings()),
		gunicorn(descriptor(Gunicorn, "the real gunicorn with uvicorn's worker class and a FastAPI application: `gunicorn -k uvicorn.workers.UvicornWorker`", []string{Gunicorn, Uvicorn}, gunicornSettings())),
	}
}

// gunicorn adds what the master and the workers of gunicorn take. uvicorn before 0.30 starts no worker for one that ended.
func gunicorn(d targets.Descriptor) targets.Descriptor {
	d.Signals = []targets.Signal{
		{Name: targets.SignalTerm, One: true, Doc: "it finishes what is in flight and ends; the master starts another one then"},
		{Name: targets.SignalKill, One: true, Doc: "it dies at once, and the master starts another one"},
		{Name: targets.SignalHup, Doc: "the master starts new workers and asks the old ones to stop"},
		{Name: targets.SignalIn, Doc: "one worker more"},
		{Name: targets.SignalOut, Doc: "one worker less"},
	}
	return d
}

func descriptor(name, doc string, requires []string, settings []setting.Setting) targets.Descriptor {
	return targets.Descriptor{Name: name, Doc: doc, Settings: settings, New: func() any { return &Settings{} }, Requires: requires, Drivers: drivers, Weighted: true, Check: check, Advise: advise, Start: standard.start}
}

func sharedSettings() []setting.Setting {
	return append([]setting.Setting{
		{Key: "workers", Main: true, Doc: "worker processes", Default: "1", Min: 1, Max: maxWorkers, At: setting.At(func(s *targets.Spec) *int { return &s.Workers })},
		{
			Key: "loop", Main: true, Said: "%s", Doc: "event loop; auto, which is the server's own default, is uvloop where that is installed", Default: auto,
			Values: []string{auto, "asyncio", "uvloop"}, Needs: map[string]string{"uvloop": "uvloop"}, At: targets.OfServer(func(s *Settings) *string { return &s.Loop }),
		},
		{
			Key: "http", Main: true, Said: "%s", Doc: "parser; auto, which is the server's own default, is httptools where that is installed", Default: auto,
			Values: []string{auto, "h11", "httptools"}, Needs: map[string]string{"httptools": "httptools"}, At: targets.OfServer(func(s *Settings) *string { return &s.HTTP }),
		},
		{
			Key: "limit_concurrency", Said: "at most %s requests at once", Doc: "503 when a worker has this many connections or requests, the new one included (`--limit-concurrency`); 0, the server's own default: no limit",
			Default: "0", Max: maxConcurrency, At: setting.At(func(s *targets.Spec) *int { return &s.LimitConcurrency }),
		},
		{
			Key: "threads", Said: "%s threads", Doc: "threads of each worker for endpoints with `def`, those below /sync: the tokens of AnyIO's limiter, with its own default",
			Default: strconv.Itoa(defaultThreads), Min: 1, Max: maxThreads, At: targets.OfServer(func(s *Settings) *int { return &s.Threads }),
		},
		{
			Key: "backlog", Doc: "of listen(2), as by the server's own default (`--backlog`)", Default: "2048", Min: 1, Max: maxBacklog,
			At: setting.At(func(s *targets.Spec) *int { return &s.Backlog }),
		},
		{
			Key: "endpoint", Main: true, Said: "%s", Flag: "-", Type: setting.Path, Doc: "path and query that the load asks for: " + endpoint.Served(twins...) + "; without a prefix it is the async one",
			Default: "/hello", Live: true, Steps: endpoint.Samples(), At: setting.At(func(s *targets.Spec) *string { return &s.Endpoint }),
		},
	}, applicationSettings()...)
}

// applicationSettings are the rows of what the application does. What they mean to asyncpg and starlette differs here and there.
func applicationSettings() []setting.Setting {
	rows := shop.Settings(func(s *Settings) **shop.DB { return &s.DB }, func(s *Settings) **shop.Cache { return &s.Cache })
	db, cache := setting.Find(rows, "db").Rows, setting.Find(rows, "cache").Rows
	setting.Find(db, "max_uses").Doc = "a connection is closed after so many queries (`max_queries`), those that clear it between two requests included; 0: never"
	setting.Find(db, "query_timeout").Doc = "a request whose query takes longer gets a 504, and the query is cancelled (`command_timeout`); 0s: no limit"
	policy := setting.Find(cache, "policy")
	policy.Doc = "what a full cache in the process puts out: fifo: what came first; lru: what was not asked for the longest; ttl: as lru, and what has expired is taken out at once"
	policy.Values = slices.DeleteFunc(slices.Clone(policy.Values), func(word string) bool { return word == "tinylfu" }) // nobody's Python has it
	bodies := payload.Settings(func(s *Settings) **payload.Gzip { return &s.Gzip }, func(s *Settings) **payload.JSON { return &s.JSON })
	setting.Find(setting.Find(bodies, "gzip").Rows, "where").Doc = "off: nowhere; loop: by starlette's GZipMiddleware, on the event loop; pool: the same in a thread of AnyIO's pool"
	encoder := setting.Find(setting.Find(bodies, "json").Rows, "encoder")
	encoder.Default, encoder.Values, encoder.Needs = "dict", []string{"dict", "model", "JSONResponse", ujson, "response_class", payload.Pre}, map[string]string{ujson: ujson, "response_class": ujson}
	encoder.Doc = "dict: the handler returns plain data, which FastAPI walks through and then encodes; model: the same, checked by a model of pydantic first; " +
		"JSONResponse: it returns the response, and FastAPI does neither; ujson: a UJSONResponse; response_class: plain data of a route with response_class=UJSONResponse; pre: encoded once and kept"
	return append(append(rows, bodies...), calls.Setting(func(s *Settings) **calls.Client { return &s.Client }), telemetrySetting())
}

func telemetrySetting() setting.Setting {
	group := telemetry.Setting(func(s *Settings) **telemetry.Telemetry { return &s.Telemetry })
	metrics := setting.Find(group.Rows, "metrics")
	metrics.Needs = map[string]string{telemetry.Route: prometheusClient, telemetry.Path: prometheusClient}
	metrics.Doc = "a counter and a histogram of durations of prometheus-client in /metrics, with a label; route: the endpoint; path: what was asked for, its query included"
	profile := setting.Find(group.Rows, "profile")
	profile.Values, profile.Doc = []string{telemetry.Off, cProfile}, "cprofile: the handler runs under a cProfile of its own in each request, whose statistics are then written as a text, as a decorator does it"
	group.Rows = append(group.Rows, setting.Setting{
		Key: "form", Main: true, Said: "as %s", Default: "asgi", Values: []string{"asgi", "http"}, At: setting.At(func(t *telemetry.Telemetry) *string { return &t.Form }),
		Doc: `asgi: the middleware is a plain ASGI application around the other; http: a function under @app.middleware("http"), which is starlette's BaseHTTPMiddleware`,
		Idle: setting.When(func(t *telemetry.Telemetry) string {
			return setting.Because(!t.Timing && (t.Metrics == "" || t.Metrics == telemetry.Off), "there is no middleware")
		}),
	})
	return group
}

// observed is what the application observes of its requests.
func observed(s targets.Spec) telemetry.Telemetry {
	return setting.Filled(setting.Find(applicationSettings(), "telemetry").Rows, own(&s).Telemetry)
}

func uvicornSettings() []setting.Setting {
	return append(sharedSettings(),
		idle("idle connections are closed after so many whole seconds (`--timeout-keep-alive`); uvicorn's own default", "5s"),
		log("a line per request on standard output; uvicorn's own default is true"),
		recycle("a worker ends after so many (`--limit-max-requests`), and uvicorn before 0.30 starts no other; 0, its own default: never"),
	)
}

func gunicornSettings() []setting.Setting {
	return append(sharedSettings(),
		idle("idle connections are closed after so many whole seconds (`--keep-alive`); gunicorn's own default", "2s"),
		log("a line per request on standard output (`--access-logfile -`); gunicorn's own default is false"),
		recycle("a worker is replaced after so many (`--max-requests`); 0, gunicorn's own default: never"),
		setting.Setting{
			Key: "max_requests_jitter", Doc: "plus a random number up to this, drawn per worker (`--max-requests-jitter`)", Default: "0", Max: maxRequests,
			At: targets.OfServer(func(s *Settings) *int { return &s.MaxRequestsJitter }),
		},
		setting.Setting{
			Key: "preload", Said: "preload %s", Doc: "on: the master imports the application and then forks the workers, which share that memory until they write to it (`--preload`); " +
				"freeze: and calls gc.freeze() before, so that the collector of garbage leaves it alone; off is gunicorn's own default",
			Default: preloadOff, Values: []string{preloadOff, "on", preloadFreeze}, At: targets.OfServer(func(s *Settings) *string { return &s.Preload }),
		},
		setting.Setting{
			Key: "heartbeat", Doc: "a worker that is silent for so many whole seconds is replaced (`--timeout`); gunicorn's own default", Default: "30s",
			Min: float64(time.Second), Max: float64(longest), Step: float64(time.Second), At: setting.At(func(s *targets.Spec) *time.Duration { return &s.Heartbeat }),
		},
	)
}

func idle(doc, standard string) setting.Setting {
	return setting.Setting{
		Key: "keepalive_timeout", Doc: doc, Default: standard, Min: float64(time.Second), Max: float64(longest), Step: float64(time.Second),
		At: setting.At(func(s *targets.Spec) *time.Duration { return &s.KeepaliveTimeout }),
	}
}

func log(doc string) setting.Setting {
	return setting.Setting{Key: "access_log", Said: "access log", Doc: doc, Default: "false", At: setting.At(func(s *targets.Spec) *bool { return &s.AccessLog })}
}

func recycle(doc string) setting.Setting {
	return setting.Setting{
		Key: "max_requests", Said: "replaced after %s requests", Doc: doc, Default: "0", Max: maxRequests, At: targets.OfServer(func(s *Settings) *int { return &s.MaxRequests }),
	}
}

// check holds the settings against each other and the application.
func check(s targets.Spec) []*targets.Fault {
	var faults []*targets.Fault
	bad := func(key, format string, args ...any) {
		faults = append(faults, &targets.Fault{Key: key, Msg: fmt.Sprintf(format, args...)})
	}
	if s.TLS != nil && s.Proxy == nil {
		bad("tls", "not with %s itself; put a proxy in front of it, which then speaks HTTPS", s.Server)
	}
	o := own(&s)
	if o.MaxRequestsJitter > 0 && o.MaxRequests == 0 {
		bad("max_requests_jitter", "it means nothing without max_requests")
	}
	if err := endpoint.Check(s.Endpoint, slices.Collect(maps.Keys(s.Services)), twins...); err != nil {
		bad("endpoint", "%v", err)
	}
	return slices.Concat(faults, shop.Check(o.DB, o.Cache, s.Endpoint, s.HasService, twins...), calls.Check(o.Client, s.HasService))
}

func advise(s targets.Spec) []string {
	copies := 1
	if s.Proxy != nil {
		copies = s.Proxy.Upstreams
	}
	return shop.Advise(own(&s).DB, s.Workers, copies, s.Services)
}

// encoderOf is how the application encodes the list of /json.
func encoderOf(s targets.Spec) string {
	return setting.Filled(setting.Find(applicationSettings(), "json").Rows, own(&s).JSON).Encoder
}
