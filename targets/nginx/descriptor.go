// Package nginx starts nginx as the reverse proxy in front of a server: with a configuration made from the scenario, as
// people write it, and counts that nginx itself keeps.
package nginx

import (
	"benchtop/targets"
	"benchtop/targets/endpoint"
	"benchtop/targets/setting"
)

// Name is the name of this kind of proxy in the registry, and of the component.
const Name = "nginx"

// Settings are those that only this kind of proxy has.
type Settings struct {
	Files bool `json:"files,omitempty"` // it sends the files of /file itself
}

// Descriptor describes nginx to the registry.
func Descriptor() targets.ProxyDescriptor {
	return targets.ProxyDescriptor{
		Name:     Name,
		Doc:      "the real nginx, with a generated configuration",
		Requires: []string{Name},
		Settings: settings(),
		New:      func() any { return &Settings{} },
		Complete: complete,
		Config:   shown,
		Start:    start,
	}
}

// settings are in nginx's words. The defaults are its own unless a row says otherwise.
func settings() []setting.Setting {
	return targets.FrontSettings([]setting.Setting{
		{Key: "keepalive", Doc: "idle connections kept to the upstreams, per nginx worker (`keepalive N`, with `Connection \"\"`); 0: a new one per request, nginx's own default before 1.29.7"},
		{
			Key: "http_version", Default: "1.0, or 1.1 with keepalive", Unset: true,
			Doc: "to the upstreams (`proxy_http_version`); nginx's own default is 1.0, which cannot keep connections, so it is 1.1 where keepalive is more than 0",
		},
		{Key: "balance", Doc: "round_robin (nginx's own), `least_conn`, or p2c: `random two least_conn`"},
		{Key: "eject", Doc: "leave an upstream out for 10 s after a failure (`max_fails=1 fail_timeout=10s`); false: `max_fails=0`"},
		{Key: "connect_timeout", Doc: "`proxy_connect_timeout`"},
		{Key: "read_timeout", Doc: "between two reads from an upstream (`proxy_read_timeout`)"},
		{Key: "gzip", Doc: "Compression of responses (`gzip`); off: none. on: with nginx's own defaults.", Rows: []setting.Setting{
			{Key: "level", Doc: "`gzip_comp_level`"},
			{Key: "min_length", Doc: "bytes; shorter responses are sent as they are (`gzip_min_length`)"},
			{Key: "types", Doc: "media types besides text/html, which always is; * is all (`gzip_types`)"},
		}},
		{Key: "buffering", Doc: "read the whole response before sending it on (`proxy_buffering`)"},
		{Key: "body_limit", Doc: "bytes of a request's body, 413 above it (`client_max_body_size`)"},
		{Key: "access_log", Doc: "off, buffered (64 KiB, 1 s), or sync: a write per request, which is nginx's own default"},
		{Key: "workers", Doc: "`worker_processes`"},
		{
			Key: "files", Said: "sending files itself", Doc: "nginx sends the files of " + endpoint.FilePath + ", of which it has copies (`root`, `sendfile on`); false: it passes their requests on as all others",
			Default: "false", At: targets.OfProxy(func(s *Settings) *bool { return &s.Files }),
		},
	}...)
}

// complete chooses the version that can keep connections where some are to be kept.
func complete(p *targets.Proxy) {
	if p.HTTPVersion == "" {
		p.HTTPVersion = targets.HTTP10
		if keepalive(p) > 0 {
			p.HTTPVersion = targets.HTTP11
		}
	}
}
