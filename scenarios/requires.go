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
		d.places[in] = item
		v, ok := d.choice(item, in, components, laterRequires)
		switch {
		case !ok:
			out = append(out, "") // so that places and indexes agree
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

// requires holds what the variants need against what the scenario says that it needs, both ways: whoever lacks a
// component is told before anything starts, by what stands there, and nobody is sent away for one that is not used.
func (r *rules) requires() {
	p := r.plan
	needed := map[string]bool{}
	for i := range p.Variants {
		for _, n := range needs(&p.Variants[i].Target) {
			needed[n.component] = true
			if !slices.Contains(p.Requires, n.component) {
				all := append(slices.Clone(p.Requires), n.component)
				r.breaks(fmt.Sprintf("variants[%d].%s", i, n.path), fmt.Sprintf("write requires: [%s]", strings.Join(all, ", ")),
					"%s needs %s, which requires does not name", n.because, n.component)
			}
		}
	}
	for _, s := range r.stepped {
		for _, n := range needs(&s.target) {
			if !needed[n.component] && !slices.Contains(p.Requires, n.component) {
				all := append(slices.Clone(p.Requires), n.component)
				r.breaks(s.path, fmt.Sprintf("write requires: [%s]", strings.Join(all, ", ")), "%s needs %s, which requires does not name", n.because, n.component)
			}
			needed[n.component] = true
		}
	}
	for i, c := range p.Requires {
		if c != "" && !needed[c] && len(p.Variants) > 0 {
			r.breaks(fmt.Sprintf("requires[%d]", i), "remove it, or name the server or proxy that needs it in a variant", "requires names %s, which no variant needs", c)
		}
	}
}

// required is what the variants of a plan need, in the order of components.
func required(p *lab.Plan) []string {
	var out []string
	r := &rules{plan: p}
	r.steps()
	for _, c := range components {
		for i := range p.Variants {
			if slices.ContainsFunc(needs(&p.Variants[i].Target), func(n need) bool { return n.component == c }) {
				out = append(out, c)
				break
			}
		}
		later := func(s stepped) bool {
			return slices.ContainsFunc(needs(&s.target), func(n need) bool { return n.component == c })
		}
		if !slices.Contains(out, c) && slices.ContainsFunc(r.stepped, later) {
			out = append(out, c)
		}
	}
	return out
}
