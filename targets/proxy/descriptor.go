// Package proxy is the reverse proxy that comes with this program: real processes in front of the server, with a pool
// of connections to it, and the settings that people turn in such proxies. Where it has a choice it does what nginx does,
// so that the two can be compared; defaults are those of nginx 1.22 unless a setting says otherwise.
package proxy

import (
	"fmt"
	"strings"
	"time"

	"benchtop/targets"
	"benchtop/targets/setting"
)

// Name is the name of this kind of proxy in the registry.
const Name = "builtin"

// Values of the settings.
const (
	http11           = "1.1"
	http10           = "1.0"
	roundRobin       = "round_robin"
	leastConnections = "least_connections"
	powerOfTwo       = "p2c"
	logOff           = "off"
	logBuffered      = "buffered"
	logSync          = "sync"
)

// Bounds of the settings.
const (
	maxKeepalive = 10_000
	maxWorkers   = 64
	maxTypes     = 20
	maxMinLength = 1 << 20
	minTimeout   = time.Millisecond
	maxTimeout   = time.Hour
	maxBodyLimit = 64 << 20 // bodies of requests are held in memory
	htmlType     = "text/html"
)

// Descriptor describes this proxy to the registry.
func Descriptor() targets.ProxyDescriptor {
	return targets.ProxyDescriptor{
		Name:     Name,
		Doc:      "the reverse proxy that comes with benchtop, written with net/http",
		Settings: settings(),
		Check:    check,
		Start:    start,
	}
}

func settings() []setting.Setting {
	return append(targets.FrontSettings(), []setting.Setting{
		{
			Key: "keepalive", Doc: "idle connections kept to all upstreams together, per process of the proxy; 0: a new connection for each request",
			Default: "0", Max: maxKeepalive, At: setting.At(func(p *targets.Proxy) **int { return &p.Keepalive }),
		},
		{
			Key: "http_version", Type: setting.Version, Doc: "spoken to the upstreams; with 1.0 a connection is never used again, whatever keepalive says",
			Default: http11, Values: []string{http11, http10}, At: setting.At(func(p *targets.Proxy) *string { return &p.HTTPVersion }),
		},
		{
			Key: "balance", Doc: "which upstream gets a request: each in turn; the one with the fewest requests in flight; the better of two drawn at random",
			Default: roundRobin, Values: []string{roundRobin, leastConnections, powerOfTwo}, At: setting.At(func(p *targets.Proxy) *string { return &p.Balance }),
		},
		{
			Key: "eject", Doc: "leave an upstream out for 10 s after a failure; a single one never is", Default: "true",
			At: setting.At(func(p *targets.Proxy) **bool { return &p.Eject }),
		},
		{
			Key: "connect_timeout", Doc: "for a connection to an upstream, then 504", Default: "1m", Min: float64(minTimeout), Max: float64(maxTimeout),
			At: setting.At(func(p *targets.Proxy) *time.Duration { return &p.ConnectTimeout }),
		},
		{
			Key: "read_timeout", Doc: "between two reads from an upstream, then 504", Default: "1m", Min: float64(minTimeout), Max: float64(maxTimeout),
			At: setting.At(func(p *targets.Proxy) *time.Duration { return &p.ReadTimeout }),
		},
		{
			Key: "gzip", Doc: "Compression of responses; off: none. on: with the defaults of the kind.", Fixed: true,
			At: setting.At(func(p *targets.Proxy) **targets.Gzip { return &p.Gzip }),
			Rows: []setting.Setting{
				{Key: "level", Doc: "1 is fastest, 9 is smallest.", Default: "1", Min: 1, Max: 9, At: setting.At(func(g *targets.Gzip) *int { return &g.Level })},
				{
					Key: "min_length", Doc: "Bytes; a shorter response is sent as it is.", Default: "20", Min: 1, Max: maxMinLength,
					At: setting.At(func(g *targets.Gzip) *int { return &g.MinLength }),
				},
				{
					Key: "types", Doc: "Media types that are compressed.", Default: htmlType, Least: 1, Most: maxTypes, Longest: 100,
					At: setting.At(func(g *targets.Gzip) *[]string { return &g.Types }),
				},
			},
		},
		{
			Key: "buffering", Doc: "read the whole response before sending it on, so that a slow client does not hold a worker", Default: "true",
			At: setting.At(func(p *targets.Proxy) **bool { return &p.Buffering }),
		},
		{
			Key: "body_limit", Doc: "bytes of the body of a request, 413 above it", Default: "1MiB", Min: 1, Max: maxBodyLimit, Fixed: true,
			At: setting.At(func(p *targets.Proxy) *int64 { return &p.BodyLimit }),
		},
		{
			Key: "access_log", Doc: "a line per request on standard output: none; written 64 KiB or a second at a time; each with a system call of its own",
			Default: logOff, Values: []string{logOff, logBuffered, logSync}, At: setting.At(func(p *targets.Proxy) *string { return &p.AccessLog }),
		},
		{Key: "workers", Doc: "processes of the proxy, each with a pool and a balance of its own", Default: "1", Min: 1, Max: maxWorkers, At: setting.At(func(p *targets.Proxy) *int { return &p.Workers })},
	}...)
}

// check looks at the media types.
func check(p targets.Proxy) []*targets.Fault {
	if p.Gzip == nil {
		return nil
	}
	var faults []*targets.Fault
	bad := func(format string, args ...any) {
		faults = append(faults, &targets.Fault{Key: "gzip.types", Msg: fmt.Sprintf(format, args...)})
	}
	if n := len(p.Gzip.Types); n > maxTypes {
		bad("there are %d types, at most %d are allowed", n, maxTypes)
	}
	for _, t := range p.Gzip.Types {
		if t != "*" && !mediaType(t) {
			bad("%.60q is not a media type; examples: application/json, *", t)
		}
	}
	return faults
}

// mediaType reports whether a text is type/subtype, in lower case and without parameters.
func mediaType(s string) bool {
	major, minor, found := strings.Cut(s, "/")
	return found && major != "" && minor != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '/' && r != '-' && r != '+' && r != '.' && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}) && !strings.Contains(minor, "/")
}
