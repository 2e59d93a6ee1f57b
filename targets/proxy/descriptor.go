// Package proxy is the reverse proxy that comes with this program: real processes in front of the server, with a pool
// of connections to it, and the knobs that people turn in such proxies. Where it has a choice it does what nginx does,
// so that the two can be compared; defaults are those of nginx 1.22 unless a knob says otherwise.
package proxy

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"benchtop/targets"
)

// Name is the name of this kind of proxy in the registry.
const Name = "builtin"

// Values of the knobs.
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

// Bounds and defaults of the knobs.
const (
	maxKeepalive     = 10_000
	maxWorkers       = 64
	maxTypes         = 32
	minTimeout       = time.Millisecond
	maxTimeout       = time.Hour
	maxBodyLimit     = 64 << 20 // bodies of requests are held in memory
	defaultTimeout   = time.Minute
	defaultBodyLimit = 1 << 20
	defaultLevel     = 1
	defaultMinLength = 20
	htmlType         = "text/html"
)

// Descriptor describes this proxy to the registry.
func Descriptor() targets.ProxyDescriptor {
	return targets.ProxyDescriptor{
		Name:      Name,
		Doc:       "the reverse proxy that comes with benchtop, written with net/http",
		Knobs:     knobs(),
		Normalize: normalize,
		Validate:  validate,
		Start:     start,
	}
}

func knobs() []targets.Knob {
	return append(targets.FrontKnobs(), []targets.Knob{
		{Name: "keepalive", Doc: "idle connections kept to all upstreams together, per process of the proxy; 0: a new connection for each request", Type: "int", Default: "0", Min: 0, Max: maxKeepalive},
		{Name: "http_version", Doc: "spoken to the upstreams; with 1.0 a connection is never used again, whatever keepalive says", Type: "string", Default: http11, Enum: []string{http11, http10}},
		{Name: "balance", Doc: "which upstream gets a request: each in turn; the one with the fewest requests in flight; the better of two drawn at random", Type: "string", Default: roundRobin, Enum: []string{roundRobin, leastConnections, powerOfTwo}},
		{Name: "eject", Doc: "leave an upstream out for 10 s after a failure; a single one never is", Type: "bool", Default: "true"},
		{Name: "connect_timeout", Doc: "for a connection to an upstream, then 504", Type: "duration", Default: "1m"},
		{Name: "read_timeout", Doc: "between two reads from an upstream, then 504", Type: "duration", Default: "1m"},
		{Name: "gzip.level", Doc: "of the compression, fast to small", Type: "int", Default: strconv.Itoa(defaultLevel), Min: 1, Max: 9},
		{Name: "gzip.min_length", Doc: "bytes; shorter responses are sent as they are", Type: "int", Default: strconv.Itoa(defaultMinLength), Min: 1, Max: math.MaxInt32},
		{Name: "gzip.types", Doc: "media types that are compressed besides text/html; * is all", Type: "strings", Default: htmlType},
		{Name: "buffering", Doc: "read the whole response before sending it on, so that a slow client does not hold a worker", Type: "bool", Default: "true"},
		{Name: "body_limit", Doc: "bytes of the body of a request, 413 above it", Type: "int", Default: strconv.Itoa(defaultBodyLimit), Min: 1, Max: maxBodyLimit},
		{Name: "access_log", Doc: "a line per request on standard output: none; written 64 KiB or a second at a time; each with a system call of its own", Type: "string", Default: logOff, Enum: []string{logOff, logBuffered, logSync}},
		{Name: "workers", Doc: "processes of the proxy, each with a pool and a balance of its own", Type: "int", Default: "1", Min: 1, Max: maxWorkers},
	}...)
}

// orDefault sets a value that was left out.
func orDefault[T comparable](v *T, standard T) {
	var zero T
	if *v == zero {
		*v = standard
	}
}

// pointerTo gives the value, or the standard one if it was left out, in memory of its own.
func pointerTo[T any](v *T, standard T) *T {
	if v != nil {
		standard = *v
	}
	return &standard
}

func normalize(p targets.Proxy) targets.Proxy {
	p.Kind = Name
	p.Keepalive = pointerTo(p.Keepalive, 0)
	orDefault(&p.HTTPVersion, http11)
	orDefault(&p.Balance, roundRobin)
	p.Eject = pointerTo(p.Eject, true)
	orDefault(&p.ConnectTimeout, defaultTimeout)
	orDefault(&p.ReadTimeout, defaultTimeout)
	if p.Gzip != nil {
		g := *p.Gzip
		orDefault(&g.Level, defaultLevel)
		orDefault(&g.MinLength, defaultMinLength)
		if len(g.Types) == 0 {
			g.Types = []string{htmlType}
		}
		p.Gzip = &g
	}
	p.Buffering = pointerTo(p.Buffering, true)
	orDefault(&p.BodyLimit, defaultBodyLimit)
	orDefault(&p.AccessLog, logOff)
	orDefault(&p.Workers, 1)
	return p
}

func validate(p targets.Proxy) []*targets.FieldError {
	var problems []*targets.FieldError
	bad := func(knob, format string, args ...any) {
		problems = append(problems, &targets.FieldError{Knob: knob, Msg: fmt.Sprintf(format, args...)})
	}
	values := map[string]any{
		"keepalive": *p.Keepalive, "http_version": p.HTTPVersion, "balance": p.Balance, "connect_timeout": p.ConnectTimeout,
		"read_timeout": p.ReadTimeout, "body_limit": int(p.BodyLimit), "access_log": p.AccessLog, "workers": p.Workers,
	}
	if p.Gzip != nil {
		values["gzip.level"], values["gzip.min_length"] = p.Gzip.Level, p.Gzip.MinLength
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
		case time.Duration:
			if v < minTimeout || v > maxTimeout {
				bad(k.Name, "%v is not allowed, want %v to %v", v, minTimeout, maxTimeout)
			}
		}
	}
	if p.Gzip != nil {
		if n := len(p.Gzip.Types); n > maxTypes {
			bad("gzip.types", "there are %d types, at most %d are allowed", n, maxTypes)
		}
		for _, t := range p.Gzip.Types {
			if t != "*" && !mediaType(t) {
				bad("gzip.types", "%.60q is not a media type; examples: application/json, *", t)
			}
		}
	}
	return problems
}

// mediaType tells whether a text is type/subtype, in lower case and without parameters.
func mediaType(s string) bool {
	major, minor, found := strings.Cut(s, "/")
	return found && major != "" && minor != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '/' && r != '-' && r != '+' && r != '.' && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}) && !strings.Contains(minor, "/")
}
