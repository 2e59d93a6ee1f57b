// Package nginx starts nginx as the reverse proxy in front of a server: with a configuration made from the scenario, as
// people write it, and counts that nginx itself keeps.
package nginx

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"benchtop/targets"
)

// Name is the name of this kind of proxy in the registry, and of the component.
const Name = "nginx"

// Values of the knobs.
const (
	roundRobin       = "round_robin"
	leastConnections = "least_connections"
	powerOfTwo       = "p2c"
	logOff           = "off"
	logBuffered      = "buffered"
	logSync          = "sync"
)

// Bounds and defaults of the knobs. The defaults are nginx's own unless the knob says otherwise.
const (
	maxKeepalive   = 10_000
	maxUpstreams   = 16
	maxWorkers     = 64
	minTimeout     = time.Millisecond
	maxTimeout     = time.Hour
	defaultTimeout = 60 * time.Second
	defaultBody    = 1 << 20
	maxBody        = 1 << 30
	maxMinLength   = 1 << 20
	defaultMinimum = 20
)

// Descriptor describes nginx to the registry.
func Descriptor() targets.ProxyDescriptor {
	return targets.ProxyDescriptor{
		Name:      Name,
		Doc:       "the real nginx, with a generated configuration",
		Knobs:     knobs(),
		Normalize: normalize,
		Validate:  validate,
		Config:    shown,
		Start:     start,
	}
}

func knobs() []targets.Knob {
	return append(targets.FrontKnobs(), []targets.Knob{
		{Name: "keepalive", Doc: "idle connections kept to the upstreams, per nginx worker (`keepalive N`, with `Connection \"\"`); 0: a new one per request, nginx's own default before 1.29.7", Type: "int", Default: "0", Min: 0, Max: maxKeepalive},
		{Name: "http_version", Doc: "to the upstreams (`proxy_http_version`); nginx's own default is 1.0, which cannot keep connections, so it is 1.1 where keepalive is more than 0", Type: "string", Default: "1.0, or 1.1 with keepalive", Enum: []string{"1.1", "1.0"}},
		{Name: "balance", Doc: "round_robin (nginx's own), `least_conn`, or p2c: `random two least_conn`", Type: "string", Default: roundRobin, Enum: []string{roundRobin, leastConnections, powerOfTwo}},
		{Name: "eject", Doc: "leave an upstream out for 10 s after a failure (`max_fails=1 fail_timeout=10s`); false: `max_fails=0`", Type: "bool", Default: "true"},
		{Name: "connect_timeout", Doc: "`proxy_connect_timeout`", Type: "duration", Default: "60s"},
		{Name: "read_timeout", Doc: "between two reads from an upstream (`proxy_read_timeout`)", Type: "duration", Default: "60s"},
		{Name: "gzip.level", Doc: "`gzip_comp_level`", Type: "int", Default: "1", Min: 1, Max: 9},
		{Name: "gzip.min_length", Doc: "bytes; shorter responses are sent as they are (`gzip_min_length`)", Type: "int", Default: "20", Min: 1, Max: maxMinLength},
		{Name: "gzip.types", Doc: "media types besides text/html, which always is; * is all (`gzip_types`)", Type: "strings", Default: "text/html"},
		{Name: "buffering", Doc: "read the whole response before sending it on (`proxy_buffering`)", Type: "bool", Default: "true"},
		{Name: "body_limit", Doc: "bytes of a request's body, 413 above it (`client_max_body_size`)", Type: "int", Default: strconv.Itoa(defaultBody), Min: 1, Max: maxBody},
		{Name: "access_log", Doc: "off, buffered (64 KiB, 1 s), or sync: a write per request, which is nginx's own default", Type: "string", Default: logOff, Enum: []string{logOff, logBuffered, logSync}},
		{Name: "workers", Doc: "`worker_processes`", Type: "int", Default: "1", Min: 1, Max: maxWorkers},
	}...)
}

// orDefault sets a value that was left out.
func orDefault[T comparable](v *T, standard T) {
	var zero T
	if *v == zero {
		*v = standard
	}
}

func normalize(p targets.Proxy) targets.Proxy {
	p.Kind = Name
	kept, eject, buffering := keepalive(&p), p.Eject == nil || *p.Eject, p.Buffering == nil || *p.Buffering
	p.Keepalive, p.Eject, p.Buffering = &kept, &eject, &buffering
	if kept > 0 {
		orDefault(&p.HTTPVersion, "1.1")
	}
	orDefault(&p.HTTPVersion, "1.0")
	orDefault(&p.Balance, roundRobin)
	orDefault(&p.ConnectTimeout, defaultTimeout)
	orDefault(&p.ReadTimeout, defaultTimeout)
	orDefault(&p.BodyLimit, defaultBody)
	orDefault(&p.AccessLog, logOff)
	orDefault(&p.Workers, 1)
	if p.Gzip != nil {
		g := *p.Gzip
		orDefault(&g.Level, 1)
		orDefault(&g.MinLength, defaultMinimum)
		if len(g.Types) == 0 {
			g.Types = []string{"text/html"}
		}
		p.Gzip = &g
	}
	return p
}

func validate(p targets.Proxy) []*targets.FieldError {
	var problems []*targets.FieldError
	bad := func(knob, format string, args ...any) {
		problems = append(problems, &targets.FieldError{Knob: knob, Msg: fmt.Sprintf(format, args...)})
	}
	values := map[string]any{
		"keepalive": keepalive(&p), "http_version": p.HTTPVersion,
		"balance": p.Balance, "access_log": p.AccessLog, "workers": p.Workers, "body_limit": int(p.BodyLimit),
	}
	if g := p.Gzip; g != nil {
		values["gzip.level"], values["gzip.min_length"] = g.Level, g.MinLength
		for _, t := range g.Types {
			if !mediaType(t) {
				bad("gzip.types", "%.60q is not a media type; example: application/json", t)
			}
		}
	}
	for _, k := range knobs() {
		switch v := values[k.Name].(type) {
		case int:
			if v < k.Min || v > k.Max {
				bad(k.Name, "%d is not allowed, want %d to %d", v, k.Min, k.Max)
			}
		case string:
			if len(k.Enum) > 0 && !slices.Contains(k.Enum, v) {
				bad(k.Name, "%.40q is not known, allowed: %s", v, strings.Join(k.Enum, ", "))
			}
		}
	}
	for _, t := range []struct {
		knob string
		d    time.Duration
	}{{"connect_timeout", p.ConnectTimeout}, {"read_timeout", p.ReadTimeout}} {
		if t.d < minTimeout || t.d > maxTimeout {
			bad(t.knob, "%v is not allowed, want %v to %v", t.d, minTimeout, maxTimeout)
		}
	}
	return problems
}

// mediaType tells whether a text is a type and a subtype of the characters that such names have, or * for all.
func mediaType(t string) bool {
	if t == "*" {
		return true
	}
	major, minor, ok := strings.Cut(t, "/")
	return ok && major != "" && minor != "" && len(t) <= 100 && !strings.ContainsFunc(major+minor, func(c rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+-_", c)
	})
}
