package scenarios

import (
	"fmt"
	"slices"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/targets"
)

func (d *decoder) serverField(s *targets.Spec) field {
	return field{"server", func(n *node, at string) {
		names := serverNames()
		later := slices.DeleteFunc(slices.Clone(laterServers), func(l string) bool { return slices.Contains(names, l) })
		if v, ok := d.choice(n, at, names, later); ok {
			s.Server = v
		}
	}}
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

// builtinServer is the server of a target that names none.
const builtinServer = "builtin"

// variants reads target, load and the variants of a list or a matrix, each variant over the defaults of the other two.
func (d *decoder) variants(p *lab.Plan, t *targetPart) {
	base := lab.Variant{
		Target: targets.Spec{Server: serverOf(t.target, builtinServer)},
		Load:   lab.Load{Model: load.Closed, KeepAlive: true, Timeout: defaultTimeout},
	}
	if t.target != nil {
		d.object(t.target, "target", "target", d.targetFields(&base.Target), laterTarget)
	}
	if t.load != nil {
		d.object(t.load, "load", "load", d.loadFields(&base.Load), laterLoad)
	}
	for i, n := range d.variantNodes(t) {
		at := fmt.Sprintf("variants[%d]", i)
		v := base
		v.Target.Server = serverOf(n, base.Target.Server)
		given := d.object(n, at, "the variant", d.variantFields(&v), laterTarget)
		d.required(n, "the variant", given, "id")
		if v.Target.Server != base.Target.Server {
			server, _ := targets.Lookup(v.Target.Server)
			d.inherits(n.get("server"), join(at, "server"), "target", "server "+server.Name, knobNames, fieldNames(d.knobFields(&v.Target, server)))
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

// targetFields are the keys of a target whose server is known.
func (d *decoder) targetFields(s *targets.Spec) []field {
	server, _ := targets.Lookup(s.Server)
	return append(append([]field{d.serverField(s)}, d.knobFields(s, server)...), d.proxyField(s), d.tlsField(s))
}

func (d *decoder) variantFields(v *lab.Variant) []field {
	return append([]field{
		{"id", func(n *node, at string) { v.ID, _ = d.word(n, at) }},
		{"label", func(n *node, at string) { v.Label, _ = d.text(n, at, maxLabel) }},
		{"load", func(n *node, at string) { d.loadOver(n, at, &v.Load) }},
	}, d.targetFields(&v.Target)...)
}
