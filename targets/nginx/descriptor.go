// Package nginx starts nginx as the reverse proxy in front of a server: with a configuration made from the scenario, as
// people write it, and counts that nginx itself keeps.
package nginx

import (
	"fmt"
	"strings"
	"time"

	"benchtop/targets"
	"benchtop/targets/setting"
)

// Name is the name of this kind of proxy in the registry, and of the component.
const Name = "nginx"

// Values of the settings.
const (
	roundRobin       = "round_robin"
	leastConnections = "least_connections"
	powerOfTwo       = "p2c"
	logOff           = "off"
	logBuffered      = "buffered"
	logSync          = "sync"
)

// Bounds of the settings. The defaults are nginx's own unless the setting says otherwise.
const (
	maxKeepalive = 10_000
	maxUpstreams = 16
	maxWorkers   = 64
	minTimeout   = time.Millisecond
	maxTimeout   = time.Hour
	maxBody      = 1 << 30
	maxMinLength = 1 << 20
	maxTypes     = 20
)

// Descriptor describes nginx to the registry.
func Descriptor() targets.ProxyDescriptor {
	return targets.ProxyDescriptor{
		Name:     Name,
		Doc:      "the real nginx, with a generated configuration",
		Requires: []string{Name},
		Settings: settings(),
		Complete: complete,
		Check:    check,
		Config:   shown,
		Start:    start,
	}
}

func settings() []setting.Setting {
	return append(targets.FrontSettings(), []setting.Setting{
		{
			Key: "keepalive", Doc: "idle connections kept to the upstreams, per nginx worker (`keepalive N`, with `Connection \"\"`); 0: a new one per request, nginx's own default before 1.29.7",
			Default: "0", Max: maxKeepalive, At: setting.At(func(p *targets.Proxy) **int { return &p.Keepalive }),
		},
		{
			Key: "http_version", Type: setting.Version, Values: []string{"1.1", "1.0"}, Default: "1.0, or 1.1 with keepalive", Unset: true,
			Doc: "to the upstreams (`proxy_http_version`); nginx's own default is 1.0, which cannot keep connections, so it is 1.1 where keepalive is more than 0",
			At:  setting.At(func(p *targets.Proxy) *string { return &p.HTTPVersion }),
		},
		{
			Key: "balance", Doc: "round_robin (nginx's own), `least_conn`, or p2c: `random two least_conn`", Default: roundRobin,
			Values: []string{roundRobin, leastConnections, powerOfTwo}, At: setting.At(func(p *targets.Proxy) *string { return &p.Balance }),
		},
		{
			Key: "eject", Doc: "leave an upstream out for 10 s after a failure (`max_fails=1 fail_timeout=10s`); false: `max_fails=0`", Default: "true",
			At: setting.At(func(p *targets.Proxy) **bool { return &p.Eject }),
		},
		{
			Key: "connect_timeout", Doc: "`proxy_connect_timeout`", Default: "60s", Min: float64(minTimeout), Max: float64(maxTimeout),
			At: setting.At(func(p *targets.Proxy) *time.Duration { return &p.ConnectTimeout }),
		},
		{
			Key: "read_timeout", Doc: "between two reads from an upstream (`proxy_read_timeout`)", Default: "60s", Min: float64(minTimeout), Max: float64(maxTimeout),
			At: setting.At(func(p *targets.Proxy) *time.Duration { return &p.ReadTimeout }),
		},
		{
			Key: "gzip", Doc: "Compression of responses (`gzip`); off: none. on: with nginx's own defaults.", Fixed: true,
			At: setting.At(func(p *targets.Proxy) **targets.Gzip { return &p.Gzip }),
			Rows: []setting.Setting{
				{Key: "level", Doc: "`gzip_comp_level`", Default: "1", Min: 1, Max: 9, At: setting.At(func(g *targets.Gzip) *int { return &g.Level })},
				{
					Key: "min_length", Doc: "bytes; shorter responses are sent as they are (`gzip_min_length`)", Default: "20", Min: 1, Max: maxMinLength,
					At: setting.At(func(g *targets.Gzip) *int { return &g.MinLength }),
				},
				{
					Key: "types", Doc: "media types besides text/html, which always is; * is all (`gzip_types`)", Default: "text/html", Least: 1, Most: maxTypes, Longest: 100,
					At: setting.At(func(g *targets.Gzip) *[]string { return &g.Types }),
				},
			},
		},
		{
			Key: "buffering", Doc: "read the whole response before sending it on (`proxy_buffering`)", Default: "true",
			At: setting.At(func(p *targets.Proxy) **bool { return &p.Buffering }),
		},
		{
			Key: "body_limit", Doc: "bytes of a request's body, 413 above it (`client_max_body_size`)", Default: "1MiB", Min: 1, Max: maxBody, Fixed: true,
			At: setting.At(func(p *targets.Proxy) *int64 { return &p.BodyLimit }),
		},
		{
			Key: "access_log", Doc: "off, buffered (64 KiB, 1 s), or sync: a write per request, which is nginx's own default", Default: logOff,
			Values: []string{logOff, logBuffered, logSync}, At: setting.At(func(p *targets.Proxy) *string { return &p.AccessLog }),
		},
		{Key: "workers", Doc: "`worker_processes`", Default: "1", Min: 1, Max: maxWorkers, At: setting.At(func(p *targets.Proxy) *int { return &p.Workers })},
	}...)
}

// complete chooses the version that can keep connections where some are to be kept.
func complete(p *targets.Proxy) {
	if p.HTTPVersion == "" {
		p.HTTPVersion = "1.0"
		if keepalive(p) > 0 {
			p.HTTPVersion = "1.1"
		}
	}
}

// check looks at the media types.
func check(p targets.Proxy) []*targets.Fault {
	if p.Gzip == nil {
		return nil
	}
	var faults []*targets.Fault
	for _, t := range p.Gzip.Types {
		if !mediaType(t) {
			faults = append(faults, &targets.Fault{Key: "gzip.types", Msg: fmt.Sprintf("%.60q is not a media type; example: application/json", t)})
		}
	}
	return faults
}

// mediaType reports whether a text is a type and a subtype of the characters that such names have, or * for all.
func mediaType(t string) bool {
	if t == "*" {
		return true
	}
	major, minor, ok := strings.Cut(t, "/")
	return ok && major != "" && minor != "" && len(t) <= 100 && !strings.ContainsFunc(major+minor, func(c rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+-_", c)
	})
}
