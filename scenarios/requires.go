package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"benchtop/lab"
	"benchtop/targets"
)

// components are what a scenario may need beside benchtop.
var components = []string{"nginx", "uvicorn", "gunicorn", "uvloop", "httptools"}

// requires reads the components that a scenario needs.
func (d *decoder) requires(n *node, at string) []string {
	var out []string
	for i, item := range d.list(n, at, 0, len(components)) {
		in := fmt.Sprintf("%s[%d]", at, i)
		v, ok := d.choice(item, in, components, laterRequires)
		switch {
		case !ok:
		case slices.Contains(out, v):
			d.problem(item, in, fmt.Sprintf("requires names %s twice", v), "")
		default:
			out = append(out, v)
		}
	}
	return out
}

// need is a component that a variant cannot do without, and the key that makes it so.
type need struct{ component, path, because string }

// needs gives what a target needs beside benchtop.
func needs(s *targets.Spec) []need {
	var out []need
	server, _ := targets.Lookup(s.Server)
	for _, c := range server.Requires {
		out = append(out, need{c, "server", "server " + s.Server})
	}
	for _, word := range []struct{ path, value string }{{"loop", s.Loop}, {"http", s.HTTP}} {
		if slices.Contains(components, word.value) {
			out = append(out, need{word.value, word.path, word.path + ": " + word.value})
		}
	}
	if s.Proxy != nil && slices.Contains(components, s.Proxy.Kind) {
		out = append(out, need{s.Proxy.Kind, "proxy.kind", "a proxy of kind " + s.Proxy.Kind})
	}
	return out
}

// requires holds what the variants need against what the scenario says that it needs: whoever lacks a component is
// told before anything starts, by what stands there.
func (r *rules) requires() {
	p := r.plan
	for i := range p.Variants {
		for _, n := range needs(&p.Variants[i].Target) {
			if !slices.Contains(p.Requires, n.component) {
				all := append(slices.Clone(p.Requires), n.component)
				r.breaks(fmt.Sprintf("variants[%d].%s", i, n.path), fmt.Sprintf("write requires: [%s]", strings.Join(all, ", ")),
					"%s needs %s, which requires does not name", n.because, n.component)
			}
		}
	}
}

// require adds what the variants of a changed plan need.
func require(p *lab.Plan) {
	p.Requires = slices.Clone(p.Requires)
	for i := range p.Variants {
		for _, n := range needs(&p.Variants[i].Target) {
			if !slices.Contains(p.Requires, n.component) {
				p.Requires = append(p.Requires, n.component)
			}
		}
	}
}
