// Package builtin is the server that comes with this program: real worker processes, two HTTP engines, three
// concurrency models, and the sample endpoints.
package builtin

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"benchtop/targets"
	"benchtop/targets/calls"
	"benchtop/targets/endpoint"
	"benchtop/targets/payload"
	"benchtop/targets/prefork"
	"benchtop/targets/setting"
	"benchtop/targets/shop"
	"benchtop/targets/telemetry"
)

// Name is the name of this server in the registry.
const Name = "builtin"

// Values of the settings.
const (
	netHTTP    = "nethttp"
	fastHTTP   = "fasthttp"
	async      = "async"
	threadpool = "threadpool"
	blocking   = "blocking"
	shared     = prefork.Shared
	reuseport  = prefork.Reuseport
)

// Bounds of the settings.
const (
	maxWorkers      = 64
	maxThreads      = 10_000
	maxProcs        = 256
	minHeartbeat    = 4 * prefork.StatusEvery
	maxHeartbeat    = time.Hour
	minIdle         = 10 * time.Millisecond
	maxIdle         = time.Hour
	defaultThreads  = 40 // as many as AnyIO gives to a worker
	defaultEndpoint = "/hello"
	maxBacklog      = 65_535
	maxUnderWay     = 1_000_000
)

// Settings are those that only this server has.
type Settings struct {
	Engine      string `json:"engine,omitempty"`      // nethttp | fasthttp
	Concurrency string `json:"concurrency,omitempty"` // async | threadpool | blocking
	Threads     int    `json:"threads,omitempty"`     // slots of the thread pool
	Keepalive   *bool  `json:"keepalive,omitempty"`   // false: the server closes after each response

	Accept     string `json:"accept,omitempty"`     // shared | reuseport
	GOMAXPROCS int    `json:"gomaxprocs,omitempty"` // per worker

	NoDelay *bool `json:"nodelay,omitempty"` // false: Nagle's algorithm on connections to clients

	LogUnread bool `json:"log_unread,omitempty"` // the access log goes to a pipe that nobody reads

	DB    *shop.DB    `json:"db,omitempty"`    // nil: the defaults, as of the cache
	Cache *shop.Cache `json:"cache,omitempty"` // of the shop's responses

	Gzip *payload.Gzip `json:"gzip,omitempty"` // nil: off
	JSON *payload.JSON `json:"json,omitempty"` // nil: the defaults

	Client *calls.Client `json:"client,omitempty"`

	Telemetry *telemetry.Telemetry `json:"telemetry,omitempty"` // nil: none

	Shutdown *Shutdown `json:"shutdown,omitempty"` // nil: the defaults

	Scale *Scale `json:"scale,omitempty"` // nil: as many workers all the time
}

func own(s *targets.Spec) *Settings { return targets.Own[Settings](s) }

// keepaliveOn reports whether the server keeps connections open; the default is yes.
func (o *Settings) keepaliveOn() bool { return o.Keepalive == nil || *o.Keepalive }

// Descriptor describes this server to the registry.
func Descriptor() targets.Descriptor {
	return targets.Descriptor{
		Name:     Name,
		Doc:      "the server that comes with benchtop: worker processes, two HTTP engines, three concurrency models",
		Settings: settings(),
		New:      func() any { return &Settings{} },
		Complete: complete,
		Check:    check,
		Advise:   advise,
		Weighted: true,
		Signals:  prefork.Server(),
		Start:    start,
	}
}

func settings() []setting.Setting {
	return slices.Concat(serverSettings(),
		shop.Settings(func(s *Settings) **shop.DB { return &s.DB }, func(s *Settings) **shop.Cache { return &s.Cache }),
		payload.Settings(func(s *Settings) **payload.Gzip { return &s.Gzip }, func(s *Settings) **payload.JSON { return &s.JSON }),
		[]setting.Setting{
			calls.Setting(func(s *Settings) **calls.Client { return &s.Client }),
			telemetry.Setting(func(s *Settings) **telemetry.Telemetry { return &s.Telemetry }),
			shutdownSetting(),
			scaleSetting(),
		},
	)
}

func serverSettings() []setting.Setting {
	return []setting.Setting{
		{Key: "workers", Main: true, Doc: "serving processes", Default: "1", Min: 1, Max: maxWorkers, At: setting.At(func(s *targets.Spec) *int { return &s.Workers })},
		{
			Key: "engine", Main: true, Said: "%s", Doc: "HTTP implementation: Go's own, or fasthttp", Default: netHTTP, Values: []string{netHTTP, fastHTTP},
			At: targets.OfServer(func(s *Settings) *string { return &s.Engine }),
		},
		{
			Key: "concurrency", Main: true, Said: "%s", Doc: "async: others run while a handler waits; blocking: nobody does; threadpool: up to `threads` handlers wait at once, one computes",
			Default: async, Values: []string{async, threadpool, blocking}, At: targets.OfServer(func(s *Settings) *string { return &s.Concurrency }),
		},
		{
			Key: "threads", Doc: "slots of the thread pool of each worker", Default: strconv.Itoa(defaultThreads), Min: 1, Max: maxThreads,
			At:   targets.OfServer(func(s *Settings) *int { return &s.Threads }),
			Idle: setting.When(idleThreads),
		},
		{
			Key: "keepalive", Said: "keep-alive off", Name: "server keepalive", Doc: "false: the server closes the connection after each response", Default: "true",
			At: targets.OfServer(func(s *Settings) **bool { return &s.Keepalive }),
		},
		{
			Key: "keepalive_timeout", Doc: "the server closes a connection that was idle for this long", Default: "75s", Min: float64(minIdle), Max: float64(maxIdle),
			At:   setting.At(func(s *targets.Spec) *time.Duration { return &s.KeepaliveTimeout }),
			Idle: setting.When(idleTimeout),
		},
		{
			Key: "accept", Main: true, Said: "%s", Doc: "shared: all workers accept from one socket; reuseport: each has its own and the kernel spreads the connections (Linux)",
			Default: prefork.DefaultAccept(""), Varies: true, Values: []string{shared, reuseport}, At: targets.OfServer(func(s *Settings) *string { return &s.Accept }),
			Idle: setting.When(idleAccept),
		},
		{
			Key: "nodelay", Said: "Nagle on", Doc: "false: Nagle's algorithm on accepted connections, a small write waits until the one before is acknowledged", Default: "true",
			At: targets.OfServer(func(s *Settings) **bool { return &s.NoDelay }),
		},
		{
			Key: "backlog", Varies: true, Doc: "connections that may wait to be accepted, per socket: each worker has its own with reuseport", Default: "4096", Min: 1, Max: maxBacklog,
			At: setting.At(func(s *targets.Spec) *int { return &s.Backlog }),
		},
		{
			Key: "limit_concurrency", Said: "at most %s requests at once", Doc: "requests in flight per worker; one more gets a 503 at once; 0: no limit", Default: "0", Max: maxUnderWay,
			At: setting.At(func(s *targets.Spec) *int { return &s.LimitConcurrency }),
		},
		{
			Key: "gomaxprocs", Doc: "threads that run Go code at the same time in each worker", Default: "1", Min: 1, Max: maxProcs,
			At: targets.OfServer(func(s *Settings) *int { return &s.GOMAXPROCS }),
		},
		{Key: "access_log", Said: "access log", Doc: "write a line per request to standard output", Default: "false", At: setting.At(func(s *targets.Spec) *bool { return &s.AccessLog })},
		{
			Key: "log_unread", Fixed: true, Said: "nobody reads its log", Doc: "true: nobody reads the access log; once its pipe is full, the next line waits for ever and the worker with it", Default: "false",
			At:   targets.OfServer(func(s *Settings) *bool { return &s.LogUnread }),
			Idle: setting.When(func(s *targets.Spec) string { return setting.Because(!s.AccessLog, "there is no access log") }),
		},
		{
			Key: "heartbeat", Doc: "a worker that is silent for this long is replaced", Default: "30s", Min: float64(minHeartbeat), Max: float64(maxHeartbeat),
			At: setting.At(func(s *targets.Spec) *time.Duration { return &s.Heartbeat }),
		},
		{
			Key: "endpoint", Main: true, Said: "%s", Flag: "-", Type: setting.Path, Doc: "path and query that the load asks for: " + endpoint.Served(), Default: defaultEndpoint, Live: true, Steps: endpoint.Samples(),
			At: setting.At(func(s *targets.Spec) *string { return &s.Endpoint }),
		},
	}
}

func idleThreads(s *targets.Spec) string {
	if c := own(s).Concurrency; c != "" && c != threadpool {
		return "threads are for concurrency: threadpool only"
	}
	return ""
}

func idleTimeout(s *targets.Spec) string {
	if !own(s).keepaliveOn() {
		return "the server keeps no connection"
	}
	return ""
}

func idleAccept(s *targets.Spec) string {
	if s.Proxy != nil && s.Proxy.Upstream == targets.UpstreamUnix {
		return "the proxy reaches the server on one unix socket"
	}
	if s.Proxy == nil && s.Link != nil {
		return "the link reaches the server on one unix socket"
	}
	return ""
}

// complete sets the defaults that depend on the system and on the address.
func complete(s *targets.Spec) {
	o := *own(s)
	o.Accept = cmp.Or(o.Accept, prefork.DefaultAccept(s.Listen))
	s.Own = &o
	s.Backlog = cmp.Or(s.Backlog, prefork.DefaultBacklog())
	if s.TLS != nil {
		resumption := s.TLS.ResumptionOn()
		s.TLS = &targets.TLS{Resumption: &resumption}
	}
}

func advise(s targets.Spec) []string {
	copies := 1
	if s.Proxy != nil {
		copies = s.Proxy.Upstreams
	}
	return shop.Advise(own(&s).DB, s.Workers, copies, s.Services)
}

// check holds the settings against the system and each other.
func check(s targets.Spec) []*targets.Fault {
	var faults []*targets.Fault
	bad := func(key, format string, args ...any) {
		faults = append(faults, &targets.Fault{Key: key, Msg: fmt.Sprintf(format, args...)})
	}
	if own(&s).Accept == reuseport && targets.IsUnix(s.Listen) {
		bad("accept", "reuseport is not possible on a unix socket, want shared")
	}
	if err := endpoint.Check(s.Endpoint, slices.Collect(maps.Keys(s.Services))); err != nil {
		bad("endpoint", "%v", err)
	}
	o := own(&s)
	if o.Concurrency == blocking && o.Gzip.Filled().Where == payload.Pool {
		bad("gzip.where", "%s, and a worker with concurrency: %s has none; allowed: %s, %s", payload.Pool, blocking, payload.Off, payload.Loop)
	}
	if rule := o.Scale.rule(); rule != nil && rule.Most < s.Workers {
		bad("scale.most", "%d, and the target begins with %d workers, which are the fewest; want %[2]d or more, or fewer workers", rule.Most, s.Workers)
	}
	return slices.Concat(faults, shop.Check(o.DB, o.Cache, s.Endpoint, s.HasService), calls.Check(o.Client, s.HasService))
}
