package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"benchtop/targets"
)

// builtinProxy is the kind of a proxy that names none.
const builtinProxy = "builtin"

// proxyNames are the keys of a proxy, whichever kind it is. A kind documents which of them it has.
var proxyNames = []string{
	"kind", "keepalive", "upstream", "upstreams", "uneven", "http_version", "balance", "eject", "connect_timeout",
	"read_timeout", "gzip", "buffering", "body_limit", "access_log", "workers",
}

// proxyFields reads the keys that the kind has into the Proxy.
func (d *decoder) proxyFields(p *targets.Proxy, kind targets.ProxyDescriptor) []field {
	r := d.knobs(kind.Knobs)
	whole := func(name string, into *int) field { return r.whole(name, func(v int) { *into = v }) }
	return append([]field{d.kindField(p)}, r.only([]field{
		r.whole("keepalive", func(v int) { p.Keepalive = &v }),
		r.word("upstream", &p.Upstream),
		whole("upstreams", &p.Upstreams),
		whole("uneven", &p.Uneven),
		r.version("http_version", &p.HTTPVersion),
		r.word("balance", &p.Balance),
		r.truth("eject", func(v bool) { p.Eject = &v }),
		r.span("connect_timeout", &p.ConnectTimeout),
		r.span("read_timeout", &p.ReadTimeout),
		{"gzip", func(n *node, at string) { d.gzip(n, at, p) }},
		r.truth("buffering", func(v bool) { p.Buffering = &v }),
		r.size("body_limit", &p.BodyLimit),
		r.word("access_log", &p.AccessLog),
		whole("workers", &p.Workers),
	})...)
}

func (d *decoder) gzipFields(g *targets.Gzip) []field {
	r := d.knobs([]targets.Knob{{Name: "level", Min: 1, Max: 9}, {Name: "min_length", Min: 1, Max: maxMinLength}})
	return []field{
		r.whole("level", func(v int) { g.Level = v }),
		r.whole("min_length", func(v int) { g.MinLength = v }),
		r.words("types", 20, 100, &g.Types),
	}
}

func (d *decoder) kindField(p *targets.Proxy) field {
	return field{"kind", func(n *node, at string) {
		if v, ok := d.choice(n, at, proxyKinds(), nil); ok {
			p.Kind = v
		}
	}}
}

func proxyKinds() []string {
	var out []string
	for _, k := range targets.Proxies() {
		out = append(out, k.Name)
	}
	return out
}

func (d *decoder) proxyField(s *targets.Spec) field {
	return field{"proxy", func(n *node, at string) { d.proxy(n, at, s) }}
}

// switched tells whether the value is one of the words on and off; what else it may be is said in the message when it
// is neither that nor a mapping.
func (d *decoder) switched(n *node, at, otherwise string) (on, off, ok bool) {
	d.places[at] = n
	switch {
	case n.kind == mapping:
		return false, false, true
	case n.kind == text && n.value == "on":
		return true, false, true
	case n.kind == text && n.value == "off":
		return false, true, true
	}
	hint := ""
	if n.kind == truth {
		hint = "write " + map[string]string{"true": "on", "false": "off"}[n.value]
	}
	d.wants(n, at, fmt.Sprintf("a mapping (%s), on or off", otherwise), hint)
	return false, false, false
}

// proxy reads a proxy key by key over the one that is there: off removes it, on leaves it as it is and puts one with
// the defaults of its kind where there is none.
func (d *decoder) proxy(n *node, at string, s *targets.Spec) {
	on, off, ok := d.switched(n, at, "keepalive: 8")
	if off || !ok {
		s.Proxy = nil
		return
	}
	p := cloneProxy(s.Proxy)
	if p == nil {
		p = &targets.Proxy{Kind: builtinProxy}
	}
	inherited := p.Kind
	if k := n.get("kind"); k != nil && k.kind == text {
		p.Kind = k.value
	}
	kind, known := targets.LookupProxy(p.Kind)
	switch {
	case !known && n.get("kind") != nil: // nothing can be said of the other keys
		d.kindField(p).read(n.get("kind"), join(at, "kind"))
		return
	case !known:
		d.problem(n, at, fmt.Sprintf("there is no proxy of kind %s", short(p.Kind)), "allowed: "+strings.Join(proxyKinds(), ", "))
		return
	}
	s.Proxy = p
	if on {
		return
	}
	d.object(n, at, "proxy", d.proxyFields(p, kind), laterProxy)
	if p.Kind != inherited {
		fields := fieldNames(d.proxyFields(p, kind))
		d.inherits(n.get("kind"), join(at, "kind"), "target.proxy", "proxy kind "+p.Kind, proxyNames, fields)
	}
}

// inherits reports keys that a variant takes over from the mapping at from although the server or proxy that it names
// does not have them: nothing in a file is ignored.
func (d *decoder) inherits(n *node, at, from, who string, names, has []string) {
	defaults := d.places[from]
	if defaults == nil || n == nil {
		return
	}
	for _, p := range defaults.pairs {
		if key := p.key.value; slices.Contains(names, key) && !slices.Contains(has, key) {
			d.problem(n, at, fmt.Sprintf("%s has no key %s, which %s sets for every variant", who, key, from),
				fmt.Sprintf("move %s from %s into the variants that have it", key, from))
		}
	}
}

// gzip reads the compression of a proxy over the one that is there.
func (d *decoder) gzip(n *node, at string, p *targets.Proxy) {
	on, off, ok := d.switched(n, at, "level: 6")
	if off || !ok {
		p.Gzip = nil
		return
	}
	if p.Gzip == nil {
		p.Gzip = &targets.Gzip{}
	}
	if !on {
		d.object(n, at, "gzip", d.gzipFields(p.Gzip), nil)
	}
}

func (d *decoder) tlsField(s *targets.Spec) field {
	return field{"tls", func(n *node, at string) {
		on, off, ok := d.switched(n, at, "resumption: true")
		if off || !ok {
			s.TLS = nil
			return
		}
		s.TLS = cloneTLS(s.TLS)
		if s.TLS == nil {
			s.TLS = &targets.TLS{}
		}
		if !on {
			d.object(n, at, "tls", d.tlsFields(s.TLS), nil)
		}
	}}
}

func (d *decoder) tlsFields(t *targets.TLS) []field {
	return []field{{"resumption", func(n *node, at string) {
		if v, ok := d.bool(n, at); ok {
			t.Resumption = &v
		}
	}}}
}

// cloneProxy gives a copy that may be written to. What its pointers to plain values point to is never written.
func cloneProxy(p *targets.Proxy) *targets.Proxy {
	if p == nil {
		return nil
	}
	c := *p
	if p.Gzip != nil {
		g := *p.Gzip
		c.Gzip = &g
	}
	return &c
}

func cloneTLS(t *targets.TLS) *targets.TLS {
	if t == nil {
		return nil
	}
	c := *t
	return &c
}
