package targets

import (
	"fmt"
	"strconv"
	"strings"
)

// Bounds of a server with a proxy in front of it.
const (
	maxUpstreams = 16
	maxUneven    = 100
	maxProcesses = 64 // of all copies of the server
)

// Values of proxy.upstream.
const (
	upstreamUnix = "unix"
	upstreamTCP  = "tcp"
)

// FrontKnobs documents the keys of a proxy that concern the servers behind it and are the same for every kind.
func FrontKnobs() []Knob {
	return []Knob{
		{Name: "upstream", Doc: "how the proxy reaches the server: a unix socket, or TCP on the loopback address", Type: "string", Default: upstreamUnix, Enum: []string{upstreamUnix, upstreamTCP}},
		{Name: "upstreams", Doc: "copies of the server behind the proxy", Type: "int", Default: "1", Min: 1, Max: maxUpstreams},
		{Name: "uneven", Doc: "the last copy does so many times the work units of each request", Type: "int", Default: "1", Min: 1, Max: maxUneven},
	}
}

// checkFronted normalizes a Spec with a proxy and returns every problem that it has. Those of the proxy have knobs that
// begin with "proxy.".
func checkFronted(d Descriptor, s Spec) (Spec, []*FieldError) {
	var problems []*FieldError
	bad := func(knob, format string, args ...any) {
		problems = append(problems, &FieldError{Knob: knob, Msg: fmt.Sprintf(format, args...)})
	}
	p := *s.Proxy
	kind, known := LookupProxy(p.Kind)
	if known {
		p = kind.Normalize(p)
	} else {
		names := []string{}
		for _, k := range Proxies() {
			names = append(names, k.Name)
		}
		bad("proxy.kind", "%.40q is not known; allowed: %s", p.Kind, strings.Join(names, ", "))
	}
	p = normalizeFront(p)

	server := behind(s)
	if p.Upstream == upstreamUnix {
		server.Listen = UnixPrefix + "/" + socketName(0) // only the kind of address matters here
	}
	server = d.Normalize(server)
	for _, e := range d.Validate(server) {
		if e.Knob == "listen" { // nobody gave one: it is the way to the server that does not suit it
			e = &FieldError{Knob: "proxy.upstream", Msg: fmt.Sprintf("%s does not suit the server %s: %s", p.Upstream, s.Server, e.Msg)}
		}
		problems = append(problems, e)
	}
	if known {
		for _, e := range kind.Validate(p) {
			problems = append(problems, &FieldError{Knob: "proxy." + e.Knob, Msg: e.Msg})
		}
	}
	if p.Upstream != upstreamUnix && p.Upstream != upstreamTCP {
		bad("proxy.upstream", "%.40q is not known, allowed: %s, %s", p.Upstream, upstreamUnix, upstreamTCP)
	}
	switch {
	case p.Upstreams < 1 || p.Upstreams > maxUpstreams:
		bad("proxy.upstreams", "%d is not allowed, want 1 to %d", p.Upstreams, maxUpstreams)
	case p.Upstreams*server.Workers > maxProcesses:
		bad("proxy.upstreams", "%d copies of %d workers are more than %d processes; want fewer of either", p.Upstreams, server.Workers, maxProcesses)
	}
	switch {
	case p.Uneven < 1 || p.Uneven > maxUneven:
		bad("proxy.uneven", "%d is not allowed, want 1 to %d", p.Uneven, maxUneven)
	case p.Uneven > 1 && p.Upstreams == 1:
		bad("proxy.uneven", "there is one copy of the server, and uneven needs two; set proxy.upstreams to 2 or more")
	case p.Uneven > 1 && !d.Weighted:
		bad("proxy.uneven", "the server %s cannot do more work than it is asked for; servers that can: %s", s.Server, strings.Join(weighted(), ", "))
	}
	if s.Listen != "" {
		if err := CheckListen(s.Listen); err != nil {
			bad("listen", "%v", err)
		}
	}
	server.Proxy, server.TLS, server.Listen = &p, s.TLS, s.Listen
	return server, problems
}

// normalizeFront fills in what every kind of proxy has.
func normalizeFront(p Proxy) Proxy {
	if p.Upstream == "" {
		p.Upstream = upstreamUnix
	}
	if p.Upstreams == 0 {
		p.Upstreams = 1
	}
	if p.Uneven == 0 {
		p.Uneven = 1
	}
	return p
}

// behind is the Spec of a server behind the proxy, without its address. TLS ends at the proxy.
func behind(s Spec) Spec {
	s.Proxy, s.TLS, s.Listen = nil, nil, ""
	return s
}

func socketName(copied int) string { return "s" + strconv.Itoa(copied) + ".sock" }

// weighted names the servers whose work can be multiplied.
func weighted() []string {
	var names []string
	for _, d := range All() {
		if d.Weighted {
			names = append(names, d.Name)
		}
	}
	return names
}
