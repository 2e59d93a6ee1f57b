package targets

import (
	"fmt"
	"strings"
	"time"

	"benchtop/targets/setting"
)

// Values of the settings of a proxy.
const (
	UpstreamUnix     = "unix"
	UpstreamTCP      = "tcp"
	HTTP11           = "1.1"
	HTTP10           = "1.0"
	RoundRobin       = "round_robin"
	LeastConnections = "least_connections"
	PowerOfTwo       = "p2c"
	LogOff           = "off"
	LogBuffered      = "buffered"
	LogSync          = "sync"
)

// Bounds of a server with a proxy in front of it.
const (
	MaxUpstreams = 16
	maxUneven    = 100
	maxProcesses = 64 // of all copies of the server
)

// FrontSettings are the settings of a kind of proxy: those about the servers behind it, which every kind has, and then its
// own. A row of a field of Proxy has its words, default, bounds and place below, except for what the kind itself says.
func FrontSettings(own ...setting.Setting) []setting.Setting {
	return append([]setting.Setting{
		{
			Key: "upstream", Main: true, Said: "over %s", Doc: "how the proxy reaches the server: a unix socket, or TCP on the loopback address", Flag: "upstream",
			Default: UpstreamUnix, Values: []string{UpstreamUnix, UpstreamTCP}, At: setting.At(func(p *Proxy) *string { return &p.Upstream }),
		},
		{
			Key: "upstreams", Said: "%s upstreams", Doc: "copies of the server behind the proxy", Default: "1", Min: 1, Max: MaxUpstreams,
			At: setting.At(func(p *Proxy) *int { return &p.Upstreams }),
		},
		{
			Key: "uneven", Doc: "the last copy does so many times the work units of each request", Default: "1", Min: 1, Max: maxUneven,
			At: setting.At(func(p *Proxy) *int { return &p.Uneven }), Idle: setting.When(idleUneven),
		},
	}, setting.Inherit(own, ofProxies())...)
}

func idleUneven(p *Proxy) string {
	if p.Upstreams < 2 {
		return "there is one copy of the server; turn proxy.upstreams"
	}
	return ""
}

// ofProxies are the rows of the fields of Proxy that a kind may obey.
func ofProxies() []setting.Setting {
	const least, most = float64(time.Millisecond), float64(time.Hour)
	return []setting.Setting{
		{
			Key: "keepalive", Main: true, Said: "keeping %s", Doc: "idle connections kept to all upstreams together, per process of the proxy; 0: a new connection for each request",
			Default: "0", Max: 10_000, At: setting.At(func(p *Proxy) **int { return &p.Keepalive }),
		},
		{
			Key: "http_version", Said: "HTTP/%s", Type: setting.Version, Doc: "spoken to the upstreams; with 1.0 a connection is never used again, whatever keepalive says",
			Default: HTTP11, Values: []string{HTTP11, HTTP10}, At: setting.At(func(p *Proxy) *string { return &p.HTTPVersion }),
		},
		{
			Key: "balance", Said: "balanced by %s", Doc: "which upstream gets a request: each in turn; the one with the fewest requests in flight; the better of two drawn at random",
			Default: RoundRobin, Values: []string{RoundRobin, LeastConnections, PowerOfTwo}, At: setting.At(func(p *Proxy) *string { return &p.Balance }),
		},
		{
			Key: "eject", Said: "leaving none out", Doc: "leave an upstream out for 10 s after a failure; a single one never is", Default: "true",
			At: setting.At(func(p *Proxy) **bool { return &p.Eject }),
		},
		{
			Key: "connect_timeout", Doc: "for a connection to an upstream, then 504", Default: "1m", Min: least, Max: most,
			At: setting.At(func(p *Proxy) *time.Duration { return &p.ConnectTimeout }),
		},
		{
			Key: "read_timeout", Doc: "between two reads from an upstream, then 504", Default: "1m", Min: least, Max: most,
			At: setting.At(func(p *Proxy) *time.Duration { return &p.ReadTimeout }),
		},
		{
			Key: "gzip", Doc: "Compression of responses; off: none. on: with the defaults of the kind.", Fixed: true,
			At: setting.At(func(p *Proxy) **Gzip { return &p.Gzip }),
			Rows: []setting.Setting{
				{Key: "level", Main: true, Doc: "1 is fastest, 9 is smallest.", Default: "1", Min: 1, Max: 9, At: setting.At(func(g *Gzip) *int { return &g.Level })},
				{
					Key: "min_length", Doc: "Bytes; a shorter response is sent as it is.", Default: "20", Min: 1, Max: 1 << 20,
					At: setting.At(func(g *Gzip) *int { return &g.MinLength }),
				},
				{
					Key: "types", Doc: "Media types that are compressed.", Default: "text/html", Least: 1, Most: 20, Longest: 100,
					At: setting.At(func(g *Gzip) *[]string { return &g.Types }),
				},
			},
		},
		{
			Key: "buffering", Said: "unbuffered", Doc: "read the whole response before sending it on, so that a slow client does not hold a worker", Default: "true",
			At: setting.At(func(p *Proxy) **bool { return &p.Buffering }),
		},
		{
			Key: "body_limit", Doc: "bytes of the body of a request, 413 above it", Default: "1MiB", Min: 1, Max: 1 << 30, Fixed: true,
			At: setting.At(func(p *Proxy) *int64 { return &p.BodyLimit }),
		},
		{
			Key: "access_log", Doc: "a line per request on standard output: none; written 64 KiB or a second at a time; each with a system call of its own",
			Default: LogOff, Values: []string{LogOff, LogBuffered, LogSync}, At: setting.At(func(p *Proxy) *string { return &p.AccessLog }),
		},
		{
			Key: "workers", Said: "%s workers", Doc: "processes of the proxy, each with a pool and a balance of its own", Default: "1", Min: 1, Max: 64,
			At: setting.At(func(p *Proxy) *int { return &p.Workers }),
		},
	}
}

// wrongTypes are the faults of what is no media type.
func (g *Gzip) wrongTypes() []*Fault {
	var faults []*Fault
	for _, t := range g.Types {
		if t != "*" && !mediaType(t) {
			faults = append(faults, &Fault{Key: "gzip.types", Msg: fmt.Sprintf("%.60q is not a media type; examples: application/json, *", t)})
		}
	}
	return faults
}

// mediaType reports whether a text is a type and a subtype of the characters that such names have, without parameters.
func mediaType(t string) bool {
	major, minor, ok := strings.Cut(t, "/")
	return ok && major != "" && minor != "" && !strings.ContainsFunc(major+minor, func(c rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+-_", c)
	})
}
