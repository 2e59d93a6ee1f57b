package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"benchtop/lab"
	"benchtop/targets"
	"benchtop/targets/setting"
)

// Types of keys of a target whose own keys depend on a kind.
const (
	typeProxy    setting.Type = "proxy"
	typeServices setting.Type = "services"
)

// Kinds of a target and a proxy that name none.
const (
	builtinServer = "builtin"
	builtinProxy  = "builtin"
)

// targetKeys are the keys of a target with these settings of its server.
func targetKeys(settings []setting.Setting) []setting.Setting {
	inSpec := setting.At(func(s *targets.Spec) *targets.Spec { return s })
	out := []setting.Setting{{Key: "server", Doc: "Which server is started.", Values: targets.Names(targets.All()), Fixed: true, At: setting.At(func(s *targets.Spec) *string { return &s.Server })}}
	out = append(out, settings...)
	out = append(out, setting.Setting{
		Key: "proxy", Type: typeProxy, Example: "keepalive: 8", At: inSpec,
		Doc: "A reverse proxy in front of the server; a variant's keys are laid over the target's. off: none. on: as it is, with the defaults of its kind.",
	})
	out = append(out, targets.AroundSettings()...)
	if len(targets.Services()) > 0 {
		out = append(out, setting.Setting{
			Key: "services", Type: typeServices, Fixed: true, At: inSpec,
			Doc: "What the server needs beside it, by name: a database, a cache. A variant's keys are laid over the target's. off: none of this name.",
		})
	}
	return out
}

// proxyKeys are the keys of a proxy with these settings of its kind.
func proxyKeys(settings []setting.Setting) []setting.Setting {
	return append([]setting.Setting{{
		Key: "kind", Doc: "which proxy it is", More: "Which proxy is started; builtin if left out.", Values: targets.Names(targets.Proxies()), At: setting.At(func(p *targets.Proxy) *string { return &p.Kind }),
	}}, settings...)
}

// ofServer are the keys of a target by the name of its server.
func ofServer(name string) []setting.Setting {
	server, _ := targets.Lookup(name)
	return targetKeys(server.Settings)
}

// serversWith are the servers that have a key.
func serversWith(key string) []string {
	var out []string
	for _, s := range targets.All() {
		if setting.Find(s.Settings, key) != nil {
			out = append(out, s.Name)
		}
	}
	return out
}

// serverOf peeks at the server, because it decides which other keys there are.
func serverOf(n *node, otherwise string) string {
	if n != nil && n.kind == mapping {
		if s := n.get("server"); s != nil && s.kind == text {
			if _, ok := targets.Lookup(s.value); ok {
				return s.value
			}
		}
	}
	return otherwise
}

// targetPart are the nodes that depend on each other, whatever their order in the file.
type targetPart struct{ target, variants, matrix, exclude, load *node }

// variants reads target, load and the variants of a list or a matrix, each variant over the defaults of the other two.
func (d *decoder) variants(p *lab.Plan, t *targetPart) {
	base := lab.Variant{Target: targets.Spec{Server: serverOf(t.target, builtinServer)}}
	setting.Fill(lab.LoadSettings(), &base.Load)
	if t.target != nil {
		d.mapping(t.target, "target", "target", ofServer(base.Target.Server), &base.Target)
	}
	if t.load != nil {
		d.mapping(t.load, "load", "load", lab.LoadSettings(), &base.Load)
	}
	for i, n := range d.variantNodes(t) {
		at := fmt.Sprintf("variants[%d]", i)
		v := base
		v.Target.Server = serverOf(n, base.Target.Server)
		own := variantKeys()
		fields := append(d.fields(own, &v), d.fields(ofServer(v.Target.Server), &v.Target)...)
		given := d.object(n, at, "the variant", fields)
		d.required(n, "the variant", given, "id")
		if v.Target.Server != base.Target.Server {
			server, _ := targets.Lookup(v.Target.Server)
			d.inherits(n.get("server"), join(at, "server"), "target", "server "+server.Name, targets.ServerSettings(), server.Settings)
		}
		if v.Label == "" {
			v.Label = v.ID
		}
		completeLoad(&v.Load)
		p.Variants = append(p.Variants, v) // unreadable ones too, so that places and indexes agree
	}
}

// variantNodes gives the variants of a list as they stand, and those of a matrix as if they had been written out.
func (d *decoder) variantNodes(t *targetPart) []*node {
	switch {
	case t.matrix != nil && t.variants != nil:
		d.problem(t.matrix, "matrix", "a matrix beside variants", "write one of them: a matrix is the variants")
		return nil
	case t.matrix != nil:
		return d.matrix(t.matrix, t.exclude)
	case t.exclude != nil:
		d.problem(t.exclude, "exclude", "exclude without a matrix", "it leaves out combinations of a matrix; write matrix: {workers: [1, 2]} or leave it out")
	}
	if t.variants == nil {
		return nil
	}
	return d.list(t.variants, "variants", 1, MaxVariants)
}

// proxy reads a proxy key by key over the one that is there: off removes it, on leaves it as it is and puts one with
// the defaults of its kind where there is none.
func (d *decoder) proxy(n *node, at string, owner any) {
	s := owner.(*targets.Spec)
	on, off, ok := d.switched(n, at, "keepalive: 8")
	if off || !ok {
		s.Proxy = nil
		return
	}
	p := targets.Proxy{Kind: builtinProxy}
	if s.Proxy != nil {
		p = *s.Proxy
	}
	inherited := p.Kind
	if k := n.get("kind"); k != nil && k.kind == text {
		p.Kind = k.value
	}
	kind, known := targets.LookupProxy(p.Kind)
	rows := proxyKeys(kind.Settings)
	switch {
	case !known && n.get("kind") != nil: // nothing can be said of the other keys
		d.setting(&rows[0], &p, n.get("kind"), join(at, "kind"))
		return
	case !known:
		d.problem(n, at, fmt.Sprintf("there is no proxy of kind %s", short(p.Kind)), "allowed: "+strings.Join(rows[0].Values, ", "))
		return
	}
	s.Proxy = &p
	if on {
		return
	}
	d.mapping(n, at, "proxy", rows, &p)
	if p.Kind != inherited {
		d.inherits(n.get("kind"), join(at, "kind"), "target.proxy", "proxy kind "+p.Kind, targets.ProxySettings(), kind.Settings)
	}
}

// inherits reports keys that a variant takes over from the mapping at from although the server or proxy that it names
// does not have them: nothing in a file is ignored.
func (d *decoder) inherits(n *node, at, from, who string, all, has []setting.Setting) {
	defaults := d.places[from]
	if defaults == nil || n == nil {
		return
	}
	for _, p := range defaults.pairs {
		if key := p.key.value; setting.Find(all, key) != nil && setting.Find(has, key) == nil {
			d.problem(n, at, fmt.Sprintf("%s has no key %s, which %s sets for every variant", who, key, from),
				fmt.Sprintf("move %s from %s into the variants that have it", key, from))
		}
	}
}

// services reads the services by their names, each key by key over the one that is there; off removes it.
func (d *decoder) services(n *node, at string, owner any) {
	spec := owner.(*targets.Spec)
	if n.kind != mapping {
		d.wants(n, at, "a mapping of names to services (cache: {kind: ...})", "")
		return
	}
	all := map[string]targets.Part{}
	for name, part := range spec.Services {
		all[name] = part
	}
	for _, p := range n.pairs {
		name := p.key.value
		in := join(at, name)
		switch {
		case !identifier.MatchString(name) || slices.Contains([]string{targets.PartServer, targets.PartProxy, targets.PartLink}, name):
			d.problem(p.key, in, fmt.Sprintf("%s cannot be the name of a service: small letters, digits and single hyphens, and none of server, proxy, link", short(name)), identifierHint(name))
		case p.value.kind == text && p.value.value == "off":
			delete(all, name)
		default:
			if part, ok := d.service(p.value, in, all[name]); ok {
				all[name] = part
			}
		}
	}
	spec.Services = all
	if len(all) == 0 {
		spec.Services = nil
	}
}

func (d *decoder) service(n *node, at string, part targets.Part) (targets.Part, bool) {
	kinds := targets.Names(targets.Services())
	if n.kind != mapping {
		d.wants(n, at, "a mapping (kind: "+kinds[0]+") or off", "")
		return part, false
	}
	rows := []setting.Setting{{Key: "kind", Doc: "Which service is started.", Values: kinds, Needed: true, At: setting.At(func(p *targets.Part) *string { return &p.Kind })}}
	k := n.get("kind")
	if k != nil && k.value != part.Kind {
		part = targets.Part{Kind: k.value}
	}
	kind, known := targets.LookupService(part.Kind)
	if !known {
		if k == nil {
			d.required(n, "the service", map[string]bool{}, "kind")
			return part, false
		}
		d.setting(&rows[0], &part, k, join(at, "kind"))
		return part, false
	}
	own := kind.Owned(part)
	d.object(n, at, "the service", append(d.fields(rows, &part), d.fields(kind.Settings, own)...))
	part.Settings = own
	return part, true
}
