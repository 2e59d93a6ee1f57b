// Package targets starts the systems under test. A target is a set of processes and one address that they
// serve on; which server it is, and how it is configured, is a Spec. Each kind of server is a Descriptor in the
// registry, with its own documentation and validation.
package targets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"benchtop/targets/setting"
)

// Spec is one configuration of one target. The zero value of a field means "the server's default"; Normalize of
// the descriptor replaces it, so that a started target always shows what it really runs with.
type Spec struct {
	Server           string        `json:"server"`                      // name in the registry: builtin
	Workers          int           `json:"workers,omitempty"`           // serving processes, 1 to 64
	KeepaliveTimeout time.Duration `json:"keepalive_timeout,omitempty"` // nanoseconds; idle connections are closed after it
	AccessLog        bool          `json:"access_log,omitempty"`        // one line per request on standard output
	Heartbeat        time.Duration `json:"heartbeat,omitempty"`         // a worker silent for longer is replaced
	Endpoint         string        `json:"endpoint,omitempty"`          // path and query that the load asks for
	Backlog          int           `json:"backlog,omitempty"`           // of listen(2), per socket
	LimitConcurrency int           `json:"limit_concurrency,omitempty"` // requests in flight per worker, 503 above it; 0: no limit

	TLS      *TLS            `json:"tls,omitempty"`      // the target speaks HTTPS: its proxy if it has one, else its server
	Proxy    *Proxy          `json:"proxy,omitempty"`    // what stands in front of the server
	Link     *Link           `json:"link,omitempty"`     // between all of it and the clients
	Limits   *Limits         `json:"limits,omitempty"`   // what the processes of the server may use
	Services map[string]Part `json:"services,omitempty"` // what the server needs besides it, by name

	// Own are the settings that only its kind of server has: what New of the kind gives; nil: all left out.
	Own any `json:"-"`

	// AllowExec permits to start a program that the settings name. The command line sets it, by a person's word: no file and
	// no stored plan can carry it.
	AllowExec bool `json:"-"`

	// The code that starts the target sets these; a scenario file never does.
	Listen  string `json:"listen,omitempty"`  // host:port, or unix: and the path of a socket; empty is 127.0.0.1 and a free port
	Nonce   string `json:"nonce,omitempty"`   // echoed in X-Benchtop-Run as nonce.variant
	Variant string `json:"variant,omitempty"` // id of the variant
	HTTP2   bool   `json:"http2,omitempty"`   // its clients speak HTTP/2: to a server of others that may be all it speaks
	Crash   bool   `json:"crash,omitempty"`   // every worker ends itself at once (crash_on_start), for tests and lessons

	Addresses map[string]string `json:"addresses,omitempty"` // of the services, by name

	Group string `json:"-"` // folder of the control group that the processes of the server are started in; empty: none

	WorkFactor int `json:"work_factor,omitempty"` // /work does so many times the units that are asked for; 0: once
}

// RunHeader is the value of X-Benchtop-Run that every response of this target must carry.
func (s Spec) RunHeader() string { return s.Nonce + "." + s.Variant }

// HasService reports whether the target has a service of this name.
func (s Spec) HasService(name string) bool {
	_, ok := s.Services[name]
	return ok
}

// Protocols are the versions of HTTP that the clients of this target speak, without TLS or over it: one.
func (s Spec) Protocols() *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(!s.HTTP2)
	p.SetHTTP2(s.HTTP2)
	p.SetUnencryptedHTTP2(s.HTTP2)
	return p
}

// Permitted refuses a Spec that names a program to start, unless AllowExec is set.
func (s Spec) Permitted() *Fault {
	if d, _ := Lookup(s.Server); !d.Executes || s.AllowExec {
		return nil
	}
	return &Fault{Key: "server", Msg: "command starts a program named in the file; allow it with --allow-exec"}
}

// TLS is how a target speaks HTTPS. Its certificate is made at the start, signed by itself, for loopback addresses.
type TLS struct {
	Resumption *bool `json:"resumption,omitempty"` // false: no session tickets, every handshake is a full one; default true

	// Certificate is what the target shows to its clients, in PEM. A target that made it itself sets it in its Spec at
	// its start, so that its clients can insist on this one; never set by a scenario file.
	Certificate string `json:"certificate,omitempty"`
}

// ResumptionOn reports whether sessions may be resumed; the default is yes.
func (t *TLS) ResumptionOn() bool { return t.Resumption == nil || *t.Resumption }

// TLSSetting is the setting of a *Spec that makes it speak HTTPS.
func TLSSetting() setting.Setting {
	return setting.Setting{
		Key: "tls", Said: "TLS", Doc: "the target speaks HTTPS", Example: "resumption: true", At: setting.At(func(s *Spec) **TLS { return &s.TLS }),
		More: "The target speaks HTTPS: its proxy if it has one, else its server. A variant's keys are laid over the target's. off: it does not. on: as it is, with the defaults.",
		Rows: []setting.Setting{{
			Key: "resumption", Said: "without resumption", Flag: "no-resumption", Doc: "false: no session is taken up again, every handshake is a full one.", Default: "true", Unset: true,
			At: setting.At(func(t *TLS) **bool { return &t.Resumption }),
		}},
	}
}

// Process is one process of a target.
type Process struct {
	PID    int    `json:"pid"`
	Parent int    `json:"parent"`
	Role   string `json:"role"`  // worker, proxy, master, tracker ...
	State  string `json:"state"` // starting | serving | gone
	Index  int    `json:"index"` // slot of the worker, 0-based; a replacement has the slot of the one it replaces

	// Part is what it belongs to: PartServer, PartProxy, PartLink, or the name of a service.
	Part string `json:"part,omitempty"`

	// Reaps says that it is the parent of the others of its part, of which some end before anybody has seen them: what they
	// used is counted as its own.
	Reaps bool `json:"reaps,omitempty"`

	// Group is the folder of the control group whose CPU time and memory count for it; empty: its own do.
	Group string `json:"group,omitempty"`

	// Forked says that it has memory in common with others of its part, of which the resident memory counts for each of them.
	Forked bool `json:"forked,omitempty"`
}

// WorkerStatus is what a worker says about itself. Counts are since its start; the histograms (HDR V2, base64,
// nanoseconds, empty when nothing was recorded) and the percentiles cover the time since the previous marked
// status, or since the previous periodic one for a periodic status.
type WorkerStatus struct {
	PID        int    `json:"pid"`
	At         int64  `json:"at"`           // proc.Now of the worker, nanoseconds
	Served     uint64 `json:"served"`       // responses written
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

	// Of a service, and of a worker of a server that uses services: what it counts since its start, and what it holds now,
	// by name.
	Counters   map[string]uint64 `json:"counters,omitempty"`
	Levels     map[string]int64  `json:"levels,omitempty"`
	Histograms map[string]string `json:"histograms,omitempty"` // marked statuses only
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
	Part string    `json:"part,omitempty"` // as of Process
	Text string    `json:"text,omitempty"`
}

// Hooks are called by a target from goroutines of its own; they must not block and may be nil.
type Hooks struct {
	OnEvent  func(Event)
	OnStatus func(WorkerStatus) // about every 250 ms per worker
}

// of gives the hooks for one part of a target: its events name it.
func (h Hooks) of(part string) Hooks {
	if on := h.OnEvent; on != nil {
		h.OnEvent = func(e Event) {
			e.Part = part
			on(e)
		}
	}
	return h
}

// Running is a part of a target that serves: a server, a proxy, a service.
type Running interface {
	// Addr is host:port that it serves on, or unix: and the path of its socket.
	Addr() string
	// Processes lists the processes, dead ones included (state gone), in order of start.
	Processes() []Process
	// Mark asks every process that counts for its status now and starts new histograms in it. Processes that do not
	// answer in time are left out and named in the error; of what keeps no counts there are none.
	Mark(ctx context.Context) ([]WorkerStatus, error)
	// Stop ends it gracefully and waits until every process is reaped; when ctx ends first, or a process does not stop, it
	// is killed. Stop is idempotent.
	Stop(ctx context.Context) error
	// Done is closed when it is gone or gave up; Err then says why (nil after Stop).
	Done() <-chan struct{}
	Err() error
}

// Target is a running system under test, all its parts together.
type Target interface {
	Running
	// Spec is the configuration after Normalize.
	Spec() Spec
}

// Guarded is a target with processes of the lab's own between the lab and it. What they use is neither the target's nor
// another program's.
type Guarded interface {
	// Guards lists their process ids.
	Guards() []int
}

// Grouped is a target whose server has a control group.
type Grouped interface {
	// Group is its folder; empty: it has none.
	Group() string
}

// Fault is what is wrong with a setting of a Spec: its key, what was found and what is allowed.
type Fault = setting.Fault

// Descriptor describes one kind of server.
type Descriptor struct {
	Name     string
	Doc      string
	Settings []setting.Setting   // of a *Spec
	New      func() any          // a new struct of the settings that only this kind has (OfServer); nil: it has none
	Complete func(*Spec)         // fills in the defaults that depend on other things, before those of the rows; may be nil
	Check    func(Spec) []*Fault // what the rows cannot say is wrong with a complete Spec, all in one pass; may be nil
	Advise   func(Spec) []string // what is allowed in a complete Spec and yet most likely not meant; may be nil
	Requires []string            // components, as `requires:` names them
	Drivers  map[string]string   // components that it needs besides, by the name of the service that it talks to with them
	Executes bool                // it starts a program that the Spec names
	Found    bool                // it runs already: nothing of it is started
	Unmarked bool                // its responses carry no X-Benchtop-Run, because somebody else wrote it
	Weighted bool                // its /work obeys Spec.WorkFactor
	Signals  []Signal            // that it can be told while it runs
	Start    func(context.Context, Spec, Hooks) (Target, error)
}

// Normalize fills the defaults in.
func (d Descriptor) Normalize(s Spec) Spec {
	s.Server = d.Name
	if d.Complete != nil {
		d.Complete(&s)
	}
	setting.Fill(d.Settings, &s)
	return s
}

// Validate gives every problem of a normalized Spec.
func (d Descriptor) Validate(s Spec) []*Fault {
	faults := append(setting.Check(d.Settings, &s), d.foreign(&s)...)
	if d.Check != nil {
		faults = append(faults, d.Check(s)...)
	}
	if !d.Unmarked {
		faults = append(faults, checkOurs(s)...)
	}
	return faults
}

// foreign finds settings that only other kinds of server have.
func (d Descriptor) foreign(s *Spec) []*Fault {
	var faults []*Fault
	for _, other := range All() {
		for i := range other.Settings {
			row := &other.Settings[i]
			known := func(f *Fault) bool { return f.Key == row.Key }
			if _, set := row.Get(s); set && setting.Find(d.Settings, row.Key) == nil && !slices.ContainsFunc(faults, known) {
				faults = append(faults, &Fault{Key: row.Key, Msg: d.Name + " has no such setting"})
			}
		}
	}
	return faults
}

// maxWorkFactor bounds Spec.WorkFactor.
const maxWorkFactor = 100

// checkOurs finds what is wrong with what is set at the start of a server that comes with this program.
func checkOurs(s Spec) []*Fault {
	var faults []*Fault
	bad := func(key, format string, args ...any) {
		faults = append(faults, &Fault{Key: key, Msg: fmt.Sprintf(format, args...)})
	}
	if s.WorkFactor < 0 || s.WorkFactor > maxWorkFactor {
		bad("work_factor", "%d is not allowed, want 1 to %d", s.WorkFactor, maxWorkFactor)
	}
	if s.Listen != "" {
		if err := CheckListen(s.Listen); err != nil {
			bad("listen", "%v", err)
		}
	}
	if strings.ContainsFunc(s.RunHeader(), func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		bad("nonce", "%.60q cannot be the value of a header, want printable ASCII without spaces", s.RunHeader())
	}
	return faults
}

// Check normalizes a Spec and returns every problem that it has.
func Check(s Spec) (Spec, []*Fault) {
	d, ok := Lookup(s.Server)
	if !ok {
		return s, []*Fault{{Key: "server", Msg: fmt.Sprintf("%q is not known; allowed: %s", s.Server, strings.Join(Names(All()), ", "))}}
	}
	s, faults := checkServices(s)
	s, wrong := checkLink(d, s)
	faults = append(append(faults, wrong...), checkLimits(d, &s)...)
	if s.Proxy != nil {
		normal, more := checkFronted(d, s)
		return normal, append(faults, more...)
	}
	listen := s.Listen
	if s.Link != nil {
		s.Listen = behindLink(d, s)
	}
	s = d.Normalize(s)
	faults = append(faults, d.Validate(s)...)
	s.Listen = listen
	return s, faults
}

// Advice says what is allowed in a Spec and yet most likely not what is meant, for a person to know before the start.
func Advice(s Spec) []string {
	d, _ := Lookup(s.Server)
	s, problems := Check(s)
	if d.Advise == nil || len(problems) > 0 {
		return nil
	}
	return d.Advise(s)
}

// Start checks the Spec and starts the target with all its parts; it returns when every process is ready.
func Start(ctx context.Context, s Spec, h Hooks) (Target, error) {
	s, problems := Check(s)
	if len(problems) > 0 {
		errs := make([]error, len(problems))
		for i, p := range problems {
			errs[i] = p
		}
		return nil, fmt.Errorf("target %s: %w", s.Server, errors.Join(errs...))
	}
	return startParts(ctx, s, h)
}

// String gives the Spec as one line of JSON, for logs and run files.
func (s Spec) String() string {
	b, err := json.Marshal(s)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
