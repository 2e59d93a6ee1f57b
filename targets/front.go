package targets

import (
	"context"
	"time"

	"benchtop/targets/setting"
)

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

	Own any `json:"-"` // the settings that only its kind has: what New of the kind gives; nil: all left out
}

// Gzip is the compression of answers by a proxy.
type Gzip struct {
	Level     int      `json:"level,omitempty"`      // 1 to 9
	MinLength int      `json:"min_length,omitempty"` // bytes; shorter responses are sent as they are
	Types     []string `json:"types,omitempty"`      // media types
}

// ProxyDescriptor describes one kind of reverse proxy.
type ProxyDescriptor struct {
	Name     string
	Doc      string
	Settings []setting.Setting                       // of a *Proxy, FrontSettings included
	New      func() any                              // as of Descriptor (OfProxy)
	Complete func(*Proxy)                            // as of Descriptor
	Check    func(Proxy) []*Fault                    // as of Descriptor
	Requires []string                                // components, as `requires:` names them
	Signals  []Signal                                // that it can be told while it runs
	Config   func(s Spec, upstreams []string) string // the configuration file that it gets, for people to read; nil: it has none
	// Start starts the proxy of the Spec alone, in front of upstreams (host:port, or unix: and a path) that serve
	// already. Its processes have the role proxy, or for several of a kind proxy-master and proxy.
	Start func(ctx context.Context, s Spec, upstreams []string, h Hooks) (Target, error)
}

// Normalize fills the defaults in.
func (d ProxyDescriptor) Normalize(p Proxy) Proxy {
	p.Kind = d.Name
	if d.Complete != nil {
		d.Complete(&p)
	}
	setting.Fill(d.Settings, &p)
	return p
}

// Validate gives every problem of a normalized Proxy.
func (d ProxyDescriptor) Validate(p Proxy) []*Fault {
	faults := setting.Check(d.Settings, &p)
	if p.Gzip != nil {
		faults = append(faults, p.Gzip.wrongTypes()...)
	}
	if d.Check != nil {
		faults = append(faults, d.Check(p)...)
	}
	return faults
}
