// Package targets starts the systems under test. A target is a set of processes and one address that they
// serve on; which server it is, and how it is configured, is a Spec. Each kind of server is a Descriptor in the
// registry, with its own documentation and validation.
package targets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Spec is one configuration of one target. The zero value of a field means "the server's default"; Normalize of
// the descriptor replaces it, so that a started target always shows what it really runs with.
type Spec struct {
	Server           string        `json:"server"`                      // name in the registry: builtin
	Workers          int           `json:"workers,omitempty"`           // serving processes, 1 to 64
	Engine           string        `json:"engine,omitempty"`            // nethttp | fasthttp
	Concurrency      string        `json:"concurrency,omitempty"`       // async | threadpool | blocking
	Threads          int           `json:"threads,omitempty"`           // slots of the thread pool
	Keepalive        *bool         `json:"keepalive,omitempty"`         // false: the server closes after each answer
	KeepaliveTimeout time.Duration `json:"keepalive_timeout,omitempty"` // nanoseconds; idle connections are closed after it
	Accept           string        `json:"accept,omitempty"`            // shared | reuseport
	GOMAXPROCS       int           `json:"gomaxprocs,omitempty"`        // per worker
	AccessLog        bool          `json:"access_log,omitempty"`        // one line per request on standard output
	Heartbeat        time.Duration `json:"heartbeat,omitempty"`         // a worker silent for longer is replaced
	Endpoint         string        `json:"endpoint,omitempty"`          // path and query that the load asks for
	NoDelay          *bool         `json:"nodelay,omitempty"`           // false: Nagle's algorithm on connections to clients
	Backlog          int           `json:"backlog,omitempty"`           // of listen(2), per socket
	LimitConcurrency int           `json:"limit_concurrency,omitempty"` // requests in flight per worker, 503 above it; 0: no limit

	// Of uvicorn and gunicorn.
	Loop              string `json:"loop,omitempty"`                // asyncio | uvloop
	HTTP              string `json:"http,omitempty"`                // h11 | httptools
	MaxRequests       int    `json:"max_requests,omitempty"`        // a worker is replaced after so many; 0: never
	MaxRequestsJitter int    `json:"max_requests_jitter,omitempty"` // plus a random number up to this, drawn per worker

	// Of a server that somebody else wrote.
	URL     string   `json:"url,omitempty"`     // server url: where it runs already
	Command []string `json:"command,omitempty"` // server command: argv; {port} stands for the port that it is to serve on
	Ready   string   `json:"ready,omitempty"`   // server command: path that answers 2xx or 3xx once it serves

	TLS   *TLS   `json:"tls,omitempty"`   // the target speaks HTTPS: its proxy if it has one, else its server
	Proxy *Proxy `json:"proxy,omitempty"` // what stands in front of the server

	// AllowExec permits to start the program that Command names. It is set by whoever starts the target, from a person's
	// word on the command line: no file and no stored plan can carry it.
	AllowExec bool `json:"-"`

	// Set by whoever starts the target, never by a scenario file.
	Listen  string `json:"listen,omitempty"`  // host:port, or unix: and the path of a socket; empty is 127.0.0.1 and a free port
	Nonce   string `json:"nonce,omitempty"`   // echoed in X-Benchtop-Run as nonce.variant
	Variant string `json:"variant,omitempty"` // id of the variant
	Crash   bool   `json:"crash,omitempty"`   // every worker ends itself at once (crash_on_start), for tests and lessons

	WorkFactor int `json:"work_factor,omitempty"` // /work does so many times the units that are asked for; 0: once
}

// KeepaliveOn tells whether the server keeps connections open; the default is yes.
func (s Spec) KeepaliveOn() bool { return s.Keepalive == nil || *s.Keepalive }

// RunHeader is the value of X-Benchtop-Run that every answer of this target must carry.
func (s Spec) RunHeader() string { return s.Nonce + "." + s.Variant }

// Permitted refuses a Spec that names a program to start, unless whoever starts the target has allowed that.
func (s Spec) Permitted() *FieldError {
	if len(s.Command) == 0 || s.AllowExec {
		return nil
	}
	return &FieldError{Knob: "server", Msg: "command starts a program named in the file; allow it with --allow-exec"}
}

// TLS is how a target speaks HTTPS. Its certificate is made at the start, signed by itself, for loopback addresses.
type TLS struct {
	Resumption *bool `json:"resumption,omitempty"` // false: no session tickets, every handshake is a full one; default true

	// Certificate is what the target shows to its clients, in PEM. A target that made it itself sets it in its Spec at
	// its start, so that its clients can insist on this one; never set by a scenario file.
	Certificate string `json:"certificate,omitempty"`
}

// ResumptionOn tells whether sessions may be resumed; the default is yes.
func (t *TLS) ResumptionOn() bool { return t.Resumption == nil || *t.Resumption }

// Proxy is a reverse proxy in front of a server. The zero value of a field means the kind's default, as in Spec.
type Proxy struct {
	Kind           string        `json:"kind"`                      // builtin | nginx
	Keepalive      *int          `json:"keepalive,omitempty"`       // idle connections kept to the upstreams, per proxy process; 0: a new one per request
	Upstream       string        `json:"upstream,omitempty"`        // unix | tcp
	Upstreams      int           `json:"upstreams,omitempty"`       // copies of the server, 1 to 16
	Uneven         int           `json:"uneven,omitempty"`          // the last copy does so many times the work units of a request (declared), 1 to 100
	HTTPVersion    string        `json:"http_version,omitempty"`    // to the upstreams: 1.1 | 1.0
	Balance        string        `json:"balance,omitempty"`         // round_robin | least_connections | p2c
	Eject          *bool         `json:"eject,omitempty"`           // leave an upstream out for a while after failures
	ConnectTimeout time.Duration `json:"connect_timeout,omitempty"` // to an upstream
	ReadTimeout    time.Duration `json:"read_timeout,omitempty"`    // between two reads from an upstream
	Gzip           *Gzip         `json:"gzip,omitempty"`
	Buffering      *bool         `json:"buffering,omitempty"`  // read the whole response before sending it on
	BodyLimit      int64         `json:"body_limit,omitempty"` // bytes of a request's body, 413 above it
	AccessLog      string        `json:"access_log,omitempty"` // off | buffered | sync
	Workers        int           `json:"workers,omitempty"`    // processes of the proxy
}

// Gzip is the compression of answers by a proxy.
type Gzip struct {
	Level     int      `json:"level,omitempty"`      // 1 to 9
	MinLength int      `json:"min_length,omitempty"` // bytes; shorter responses are sent as they are
	Types     []string `json:"types,omitempty"`      // media types
}

// Process is one process of a target.
type Process struct {
	PID    int    `json:"pid"`
	Parent int    `json:"parent"`
	Role   string `json:"role"`  // worker, proxy, master, tracker ...
	State  string `json:"state"` // starting | serving | gone
	Index  int    `json:"index"` // slot of the worker, 0-based; a replacement has the slot of the one it replaces
}

// WorkerStatus is what a worker says about itself. Counts are since its start; the histograms (HDR V2, base64,
// nanoseconds, empty when nothing was recorded) and the percentiles cover the time since the previous marked
// status, or since the previous periodic one for a periodic status.
type WorkerStatus struct {
	PID        int    `json:"pid"`
	At         int64  `json:"at"`           // proc.Now of the worker, nanoseconds
	Served     uint64 `json:"served"`       // answers written
	InFlight   int64  `json:"in_flight"`    // requests being handled
	Accepted   uint64 `json:"accepted"`     // connections accepted
	Open       int64  `json:"open"`         // connections open now
	LoopLagP99 int64  `json:"loop_lag_p99"` // nanoseconds; token wait of the 10 ms probe
	LoopLagMax int64  `json:"loop_lag_max"`
	QueueP99   int64  `json:"queue_p99"`            // nanoseconds; wait of requests for a slot and the token
	QueueMax   int64  `json:"queue_max"`            // nanoseconds
	Goroutines int    `json:"goroutines"`           // of the worker
	Busy       int64  `json:"busy,omitempty"`       // nanoseconds in which at least one request was being handled
	Rejected   uint64 `json:"rejected,omitempty"`   // requests answered 503 because limit_concurrency was reached
	Handshakes uint64 `json:"handshakes,omitempty"` // of TLS with clients, whole and resumed ones
	Resumed    uint64 `json:"resumed,omitempty"`    // of these, the ones that took up an earlier session
	Role       string `json:"role,omitempty"`       // proxy; empty: worker
	Upstream   *Pool  `json:"upstream,omitempty"`   // of a proxy
	LoopLag    string `json:"loop_lag,omitempty"`   // histogram; marked statuses only
	QueueWait  string `json:"queue_wait,omitempty"` // histogram; marked statuses only
}

// Pool is what a proxy counted of its connections to the upstreams since its start.
type Pool struct {
	Requests uint64 `json:"requests"` // sent upstream, tries that failed included
	Opened   uint64 `json:"opened"`   // connections opened
	Failed   uint64 `json:"failed"`   // requests that no upstream answered
	Ejected  uint64 `json:"ejected"`  // times that an upstream was left out
	Idle     int64  `json:"idle"`     // connections idle now
}

// EventKind says what happened to a process of a target.
type EventKind string

// The kinds of process events.
const (
	WorkerUp       EventKind = "worker_up"
	WorkerGone     EventKind = "worker_gone"     // it died, Text says how
	WorkerReplaced EventKind = "worker_replaced" // PID is the new one
	WorkerHung     EventKind = "worker_hung"     // heartbeat missed; it was ended
	WorkerRecycled EventKind = "worker_recycled" // it ended as planned, after max_requests
	GaveUp         EventKind = "gave_up"         // it kept dying; the target is dead
)

// Event is something that happened to a process of a target.
type Event struct {
	At   int64     `json:"at"` // proc.Now, nanoseconds
	Kind EventKind `json:"kind"`
	PID  int       `json:"pid,omitempty"`
	Role string    `json:"role,omitempty"`
	Text string    `json:"text,omitempty"`
}

// Hooks are called by a target from goroutines of its own; they must not block and may be nil.
type Hooks struct {
	OnEvent  func(Event)
	OnStatus func(WorkerStatus) // about every 250 ms per worker
}

// Target is a running system under test.
type Target interface {
	// Spec is the configuration after Normalize.
	Spec() Spec
	// Addr is host:port that the target serves on, or unix: and the path of its socket.
	Addr() string
	// Processes lists the processes, dead ones included (state gone), in order of start.
	Processes() []Process
	// Mark asks every worker and proxy for its status now and starts new histograms in it. Processes that do not
	// answer in time are left out and named in the error; of a server that keeps no counts there are none.
	Mark(ctx context.Context) ([]WorkerStatus, error)
	// Stop ends the target gracefully and waits until every process is reaped; when ctx ends first, or a process
	// does not stop, it is killed. Stop is idempotent.
	Stop(ctx context.Context) error
	// Done is closed when the target is gone or gave up; Err then says why (nil after Stop).
	Done() <-chan struct{}
	Err() error
}

// Guarded is a target with processes of the lab's own between the lab and it. What they use is neither the target's nor
// another program's.
type Guarded interface {
	// Guards lists their process ids.
	Guards() []int
}

// Knob documents one key of a scenario's target for the catalogue, the schema and the error messages.
type Knob struct {
	Name    string   // YAML key
	Doc     string   // one line
	Type    string   // int | string | bool | duration | strings
	Default string   // as written in YAML
	Enum    []string // allowed values, if a closed set
	Min     int      // for int, inclusive
	Max     int      // for int, inclusive; 0 and 0 mean unbounded
}

// FieldError is a problem with one knob of a Spec.
type FieldError struct {
	Knob string // YAML key
	Msg  string // what was found and what is allowed
}

func (e *FieldError) Error() string { return e.Knob + ": " + e.Msg }

// Descriptor describes one kind of server.
type Descriptor struct {
	Name      string
	Doc       string
	Knobs     []Knob
	Normalize func(Spec) Spec          // fills the defaults in
	Validate  func(Spec) []*FieldError // of a normalized Spec; all problems in one pass
	Requires  []string                 // components, as `requires:` names them
	Unmarked  bool                     // its answers carry no X-Benchtop-Run, because somebody else wrote it
	Weighted  bool                     // its /work obeys Spec.WorkFactor
	Start     func(context.Context, Spec, Hooks) (Target, error)
}

// ProxyDescriptor describes one kind of reverse proxy.
type ProxyDescriptor struct {
	Name      string
	Doc       string
	Knobs     []Knob
	Normalize func(Proxy) Proxy                       // fills the defaults in
	Validate  func(Proxy) []*FieldError               // of a normalized Proxy; all problems in one pass
	Config    func(s Spec, upstreams []string) string // the configuration file that it gets, for people to read; nil: it has none
	// Start starts the proxy of the Spec alone, in front of upstreams (host:port, or unix: and a path) that serve
	// already. Its processes have the role proxy, or for several of a kind proxy-master and proxy.
	Start func(ctx context.Context, s Spec, upstreams []string, h Hooks) (Target, error)
}

var registry struct {
	sync.Mutex
	byName  map[string]Descriptor
	proxies map[string]ProxyDescriptor
}

// RegisterProxy adds a kind of proxy, as Register does for servers.
func RegisterProxy(d ProxyDescriptor) {
	registry.Lock()
	defer registry.Unlock()
	if registry.proxies == nil {
		registry.proxies = map[string]ProxyDescriptor{}
	}
	registry.proxies[d.Name] = d
}

// LookupProxy finds a kind of proxy by its name.
func LookupProxy(name string) (ProxyDescriptor, bool) {
	registry.Lock()
	defer registry.Unlock()
	d, ok := registry.proxies[name]
	return d, ok
}

// Proxies lists the registered kinds of proxy by name.
func Proxies() []ProxyDescriptor {
	registry.Lock()
	defer registry.Unlock()
	return slices.SortedFunc(maps.Values(registry.proxies), func(a, b ProxyDescriptor) int { return strings.Compare(a.Name, b.Name) })
}

// Lack is a component that a server or proxy needs and that this machine does not have.
type Lack struct {
	Component string // as `requires:` names it: nginx, uvicorn ...
	Found     string // what was looked at, and what it said
	Install   string // the line that installs it
}

func (e *Lack) Error() string {
	return fmt.Sprintf("%s is missing (%s); install it with: %s", e.Component, e.Found, e.Install)
}

// Unusable is the error for a component that is there and does not work, so that installing it is no help.
type Unusable struct {
	Component string // as `requires:` names it
	Failed    string // what was tried, and how it failed
	Next      string // what to do
}

func (e *Unusable) Error() string { return e.Failed + "; " + e.Next }

// Register adds a kind of server; registering a name again replaces it, so that tests may register everything
// more than once.
func Register(d Descriptor) {
	registry.Lock()
	defer registry.Unlock()
	if registry.byName == nil {
		registry.byName = map[string]Descriptor{}
	}
	registry.byName[d.Name] = d
}

// Lookup finds a kind of server by its name.
func Lookup(name string) (Descriptor, bool) {
	registry.Lock()
	defer registry.Unlock()
	d, ok := registry.byName[name]
	return d, ok
}

// All lists the registered kinds of server by name.
func All() []Descriptor {
	registry.Lock()
	defer registry.Unlock()
	out := make([]Descriptor, 0, len(registry.byName))
	for _, d := range registry.byName {
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b Descriptor) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// ErrUnknownServer is wrapped by Start and Check for a server that is not registered.
var ErrUnknownServer = errors.New("unknown server")

// Check normalizes a Spec and returns every problem that it has.
func Check(s Spec) (Spec, []*FieldError) {
	d, ok := Lookup(s.Server)
	if !ok {
		names := []string{}
		for _, d := range All() {
			names = append(names, d.Name)
		}
		return s, []*FieldError{{Knob: "server", Msg: fmt.Sprintf("%q is not known; allowed: %s", s.Server, strings.Join(names, ", "))}}
	}
	if s.Proxy != nil {
		return checkFronted(d, s)
	}
	s = d.Normalize(s)
	return s, d.Validate(s)
}

// Start checks the Spec and starts the target, with the proxy in front of it if it has one; it returns when every
// process is ready.
func Start(ctx context.Context, s Spec, h Hooks) (Target, error) {
	s, problems := Check(s)
	if len(problems) > 0 {
		errs := make([]error, len(problems))
		for i, p := range problems {
			errs[i] = p
		}
		return nil, fmt.Errorf("target %s: %w", s.Server, errors.Join(errs...))
	}
	d, _ := Lookup(s.Server)
	if s.Proxy != nil {
		return startFronted(ctx, d, s, h)
	}
	return d.Start(ctx, s, h)
}

// String gives the Spec as one line of JSON, for logs and run files.
func (s Spec) String() string {
	b, err := json.Marshal(s)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
