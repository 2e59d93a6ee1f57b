package targets

import (
	"fmt"
	"strconv"
	"strings"
)

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
	if p.Upstream == UpstreamUnix {
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
	if n := p.Upstreams * server.Workers; n > maxProcesses && p.Upstreams <= MaxUpstreams {
		bad("proxy.upstreams", "%d copies of %d workers are more than %d processes; want fewer of either", p.Upstreams, server.Workers, maxProcesses)
	}
	switch {
	case p.Uneven <= 1 || p.Uneven > maxUneven:
	case p.Upstreams == 1:
		bad("proxy.uneven", "there is one copy of the server, and uneven needs two; set proxy.upstreams to 2 or more")
	case !d.Weighted:
		bad("proxy.uneven", "the server %s cannot do more work than it is asked for; servers that can: %s", s.Server, strings.Join(weighted(), ", "))
	}
	if s.Listen != "" && s.Link == nil { // else it is the link's
		if err := CheckListen(s.Listen); err != nil {
			bad("listen", "%v", err)
		}
	}
	server.Proxy, server.TLS, server.Link, server.Listen = &p, s.TLS, s.Link, s.Listen
	return server, faults
}

// behind is the Spec of a server behind the proxy, without its address. TLS ends at the proxy.
func behind(s Spec) Spec {
	s.Proxy, s.TLS, s.Link, s.Listen, s.HTTP2 = nil, nil, nil, "", false
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
