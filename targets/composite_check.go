package targets

import (
	"fmt"
	"strconv"
	"strings"

	"benchtop/targets/setting"
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

// FrontSettings are the settings of a proxy that concern the servers behind it and are the same for every kind.
func FrontSettings() []setting.Setting {
	return []setting.Setting{
		{
			Key: "upstream", Doc: "how the proxy reaches the server: a unix socket, or TCP on the loopback address", Flag: "upstream",
			Default: upstreamUnix, Values: []string{upstreamUnix, upstreamTCP}, At: setting.At(func(p *Proxy) *string { return &p.Upstream }),
		},
		{Key: "upstreams", Doc: "copies of the server behind the proxy", Default: "1", Min: 1, Max: maxUpstreams, At: setting.At(func(p *Proxy) *int { return &p.Upstreams })},
		{
			Key: "uneven", Doc: "the last copy does so many times the work units of each request", Default: "1", Min: 1, Max: maxUneven,
			At: setting.At(func(p *Proxy) *int { return &p.Uneven }), Idle: setting.When(idleUneven),
		},
	}
}

func idleUneven(p *Proxy) string {
	if p.Upstreams < 2 {
		return "there is one copy of the server; turn proxy.upstreams"
	}
	return ""
}

// checkFronted normalizes a Spec with a proxy and returns every problem that it has. Those of the proxy have keys that
// begin with "proxy.".
func checkFronted(d Descriptor, s Spec) (Spec, []*Fault) {
	var faults []*Fault
	bad := func(key, format string, args ...any) {
		faults = append(faults, &Fault{Key: key, Msg: fmt.Sprintf(format, args...)})
	}
	kind, known := LookupProxy(s.Proxy.Kind)
	if !known {
		bad("proxy.kind", "%.40q is not known; allowed: %s", s.Proxy.Kind, strings.Join(Names(Proxies()), ", "))
		kind = ProxyDescriptor{Name: s.Proxy.Kind, Settings: FrontSettings()}
	}
	p := kind.Normalize(*s.Proxy)

	server := behind(s)
	if p.Upstream == upstreamUnix {
		server.Listen = UnixPrefix + "/" + socketName(0) // only the kind of address matters here
	}
	server = d.Normalize(server)
	for _, f := range d.Validate(server) {
		if f.Key == "listen" { // nobody gave one: it is the way to the server that does not suit it
			f = &Fault{Key: "proxy.upstream", Msg: fmt.Sprintf("%s does not suit the server %s: %s", p.Upstream, s.Server, f.Msg)}
		}
		faults = append(faults, f)
	}
	for _, f := range kind.Validate(p) {
		faults = append(faults, &Fault{Key: "proxy." + f.Key, Msg: f.Msg})
	}
	if n := p.Upstreams * server.Workers; n > maxProcesses && p.Upstreams <= maxUpstreams {
		bad("proxy.upstreams", "%d copies of %d workers are more than %d processes; want fewer of either", p.Upstreams, server.Workers, maxProcesses)
	}
	switch {
	case p.Uneven <= 1 || p.Uneven > maxUneven:
	case p.Upstreams == 1:
		bad("proxy.uneven", "there is one copy of the server, and uneven needs two; set proxy.upstreams to 2 or more")
	case !d.Weighted:
		bad("proxy.uneven", "the server %s cannot do more work than it is asked for; servers that can: %s", s.Server, strings.Join(weighted(), ", "))
	}
	if s.Listen != "" {
		if err := CheckListen(s.Listen); err != nil {
			bad("listen", "%v", err)
		}
	}
	server.Proxy, server.TLS, server.Listen = &p, s.TLS, s.Listen
	return server, faults
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
