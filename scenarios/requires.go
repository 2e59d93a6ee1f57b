package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"benchtop/lab"
	"benchtop/targets"
)

// requires reads the components that a scenario needs.
func (d *decoder) requires(n *node, at string) []string {
	var out []string
	components := targets.Requirable()
	for i, item := range d.list(n, at, 0, len(components)) {
		in := fmt.Sprintf("%s[%d]", at, i)
		d.places[in] = item
		v, ok := d.choice(item, in, components)
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

// requires compares the components that the variants need with those that the scenario lists, both ways: a person learns
// from the list what is missing before anything starts, and is not sent away for a component that no variant uses.
func (r *rules) requires() {
	p := r.plan
	needed := map[string]bool{}
	for i := range p.Variants {
		for _, n := range targets.NeedsOf(&p.Variants[i].Target) {
			needed[n.Component] = true
			if !slices.Contains(p.Requires, n.Component) {
				all := append(slices.Clone(p.Requires), n.Component)
				r.breaks(fmt.Sprintf("variants[%d].%s", i, n.Key), fmt.Sprintf("write requires: [%s]", strings.Join(all, ", ")),
					"%s needs %s, which requires does not name", n.Because, n.Component)
			}
		}
	}
	for _, s := range r.stepped {
		for _, n := range targets.NeedsOf(&s.target) {
			if !needed[n.Component] && !slices.Contains(p.Requires, n.Component) {
				all := append(slices.Clone(p.Requires), n.Component)
				r.breaks(s.path, fmt.Sprintf("write requires: [%s]", strings.Join(all, ", ")), "%s needs %s, which requires does not name", n.Because, n.Component)
			}
			needed[n.Component] = true
		}
	}
	for i, c := range p.Requires {
		if c != "" && !needed[c] && len(p.Variants) > 0 {
			r.breaks(fmt.Sprintf("requires[%d]", i), "remove it, or name the server or proxy that needs it in a variant", "requires names %s, which no variant needs", c)
		}
	}
}

// required is what the variants of a plan need, in the order of requires.
func required(p *lab.Plan) []string {
	r := &rules{plan: p}
	r.steps()
	var needed []string
	add := func(s *targets.Spec) {
		for _, n := range targets.NeedsOf(s) {
			needed = append(needed, n.Component)
		}
	}
	for i := range p.Variants {
		add(&p.Variants[i].Target)
	}
	for i := range r.stepped {
		add(&r.stepped[i].target)
	}
	var out []string
	for _, c := range targets.Requirable() {
		if slices.Contains(needed, c) {
			out = append(out, c)
		}
	}
	return out
}
