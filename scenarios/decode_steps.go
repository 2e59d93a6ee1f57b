package scenarios

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"benchtop/lab"
	"benchtop/targets"
	"benchtop/targets/printable"
	"benchtop/targets/setting"
)

// steps reads what changes in the run. What the settings mean depends on the variants, and on the steps before, so that
// it is judged with the whole plan (rules.steps). A step that could not be read stays in the list, so that places and
// indexes agree.
func (d *decoder) steps(row *setting.Setting, owner any, n *node, at string) {
	row.Begin(owner)
	for i, item := range d.list(n, at, row.Least, row.Most) {
		in := fmt.Sprintf("%s[%d]", at, i)
		given := d.mapping(item, in, row.Noun, row.Rows, row.Append(owner))
		if item.kind == mapping && !given["set"] && !given["signal"] && !given["start"] && !given["stop"] {
			d.problem(item, in, "the step changes nothing", "write set: {a.workers: 2}, signal: {a.worker: TERM}, or start or stop with the ids of variants")
		}
	}
}

// names reads ids of variants.
func (d *decoder) names(row *setting.Setting, n *node, at string) []string {
	var out []string
	for i, item := range d.list(n, at, row.Least, row.Most) {
		in := fmt.Sprintf("%s[%d]", at, i)
		d.places[in] = item
		v, _ := d.word(item, in)
		out = append(out, v)
	}
	return out
}

// settings reads variant.key: value pairs into the form of --set, and variant.part: NAME pairs into the same.
func (d *decoder) settings(n *node, at, example string) []string {
	if n.kind != mapping || len(n.pairs) == 0 {
		d.wants(n, at, "a mapping "+example, "")
		return nil
	}
	if len(n.pairs) > maxSettings {
		d.problem(n, at, fmt.Sprintf("set has %d settings; at most %d are allowed", len(n.pairs), maxSettings), "")
		return nil
	}
	var out []string
	seen := map[string]int{}
	for _, p := range n.pairs {
		name := p.key.value
		in := join(at, name)
		switch {
		case p.key.kind != text || strings.ContainsAny(name, "=\n"):
			d.problem(p.key, in, fmt.Sprintf("%s is not a setting: write variant.key", short(name)), "")
		case seen[name] > 0:
			d.problem(p.key, in, fmt.Sprintf("setting %s stands twice; first on line %d", short(name), seen[name]), "remove one of them")
		case p.value.kind != text && p.value.kind != number && p.value.kind != truth:
			d.problem(p.value, in, fmt.Sprintf("%s is %s; a setting is one value", name, p.value.found()), "write a key for each setting: a.proxy.keepalive: 8")
		default:
			d.places[in], d.places[keyOf(in)] = p.value, p.key
			out = append(out, name+"="+p.value.value)
		}
		seen[name] = p.key.line
	}
	return out
}

// keyOf is the path of the key of a setting, where its name is what is wrong.
func keyOf(path string) string { return path + "#" }

// stepped is a target as a step leaves it.
type stepped struct {
	path   string
	target targets.Spec
}

// steps carries the steps out on a copy of the variants and judges each by what it makes of them.
func (r *rules) steps() {
	p := r.plan
	if len(p.Steps) == 0 || p.Free {
		return
	}
	if p.Order == lab.Sequential && len(p.Timed()) > 0 {
		r.breaks("steps", "write order: interleaved", "steps in order: sequential, where each variant is measured in a part of the run of its own")
	}
	now := lab.Plan{Variants: p.Opening(), Slice: p.Slice, Order: p.Order}
	if len(now.Variants) == 0 && len(p.Variants) > 0 {
		r.breaks("steps", "leave one of them out of start", "no variant is there from the beginning")
		return
	}
	length, before := p.Counted(), time.Duration(0)
	for i := range p.Steps {
		s := &p.Steps[i]
		at := fmt.Sprintf("steps[%d]", i)
		if s.Every != "" {
			r.inSlices(at, s)
			continue
		}
		switch {
		case s.At < before:
			r.breaks(at+".at", "put them in the order of time", "the step at %s stands behind the one at %s", setting.Span(s.At), setting.Span(before))
		case s.At >= length:
			r.breaks(at+".at", "write more blocks, or an earlier time", "the step comes at %s, and the slices of this plan take about %s", setting.Span(s.At), setting.Span(length.Round(100_000_000)))
		}
		before = s.At
		r.started(at, s, &now)
		r.settings(at, s, &now)
		r.signals(at, s, now.Variants)
		r.stopped(at, s, &now)
	}
}

// inSlices judges a step that comes in every slice.
func (r *rules) inSlices(at string, s *lab.Step) {
	if len(s.Signal) == 0 || len(s.Set)+len(s.Start)+len(s.Stop) > 0 {
		r.breaks(at+".every", "write the signals as a step of their own, and what else changes with a time of the run", "only signals come in every slice")
	}
	if s.At >= r.plan.Slice {
		r.breaks(at+".at", "write an earlier time, or a longer slice", "the signal comes at %s, and the counted part of a slice takes %s", setting.Span(s.At), setting.Span(r.plan.Slice))
	}
	r.signals(at, s, r.plan.Variants)
}

// signals holds what is told against what the parts of the variants that are there take.
func (r *rules) signals(at string, s *lab.Step, there []lab.Variant) {
	for _, signal := range s.Signal {
		id, part, name := lab.ParseSignal(signal)
		path := at + ".signal." + id + "." + part
		if part == "" {
			path = at + ".signal." + id
		}
		told := false
		for i := range there {
			if lab.Addresses(signal, there[i].ID) {
				told = true
				if r.signal(path, &there[i], part, name) {
					break // the same is wrong with the others
				}
			}
		}
		switch {
		case !told && id != lab.AllVariants && r.plan.Variant(id) == nil:
			r.variantName(keyOf(path), id)
		case !told:
			r.breaks(keyOf(path), "", "variant %s is not there at this time", short(id))
		case name == targets.SignalStop && !r.continues(s, id, part):
			r.breaks(path, "write every: slice, and a step with CONT at a later time of the slice",
				"a part that is told STOP must go on in the same slice; it cannot say what it counted while it stands still")
		}
	}
}

// signal judges one signal to a part of a variant, and reports whether something is wrong with it.
func (r *rules) signal(path string, v *lab.Variant, part, name string) (wrong bool) {
	takes, kind := targets.SignalsFor(v.Target, part)
	names := make([]string, len(takes))
	for i, g := range takes {
		names[i] = g.Name
	}
	switch {
	case kind == "":
		parts := []string{targets.PartServer, targets.PartWorker}
		if v.Target.Proxy != nil {
			parts = append(parts, targets.PartProxy)
		}
		parts = append(parts, slices.Sorted(maps.Keys(v.Target.Services))...)
		r.breaks(keyOf(path), didYouMean(part, parts), "variant %s has no part %s", short(v.ID), short(part))
	case len(names) == 0 && part == targets.PartWorker:
		r.breaks(path, "tell the server as a whole, if it takes signals", "one worker of %s takes no signals", kind)
	case len(names) == 0:
		r.breaks(path, "", "%s takes no signals", kind)
	case !slices.Contains(names, name):
		whom := kind
		if part == targets.PartWorker {
			whom = "one worker of " + kind
		}
		r.breaks(path, didYouMean(name, names), "%s takes no signal %s", whom, short(name))
	default:
		return false
	}
	return true
}

// continues reports whether a part that a step stops in every slice goes on in it.
func (r *rules) continues(s *lab.Step, id, part string) bool {
	return s.Every == lab.EverySlice && slices.ContainsFunc(r.plan.Steps, func(o lab.Step) bool {
		return o.Every == s.Every && o.At > s.At && slices.Contains(o.Signal, id+"."+part+"="+targets.SignalCont)
	})
}

func (r *rules) started(at string, s *lab.Step, now *lab.Plan) {
	for k, id := range s.Start {
		path := fmt.Sprintf("%s.start[%d]", at, k)
		v := r.plan.Variant(id)
		switch {
		case id == "":
		case v == nil:
			r.variantName(path, id)
		case now.Variant(id) != nil:
			r.breaks(path, "", "variant %s is there already", short(id))
		case v.Load.RateShare > 0:
			r.breaks(path, "write requests per second in its load", "the rate of %s is a share of the capacity, which is measured in the warm-up before the run", short(id))
		default:
			now.Variants = append(now.Variants, *v)
		}
	}
}

func (r *rules) stopped(at string, s *lab.Step, now *lab.Plan) {
	for k, id := range s.Stop {
		path := fmt.Sprintf("%s.stop[%d]", at, k)
		switch {
		case id == "":
		case r.plan.Variant(id) == nil:
			r.variantName(path, id)
		case now.Variant(id) == nil:
			r.breaks(path, "", "variant %s is not there at this time", short(id))
		case len(now.Variants) == 1:
			r.breaks(path, "", "%s is the last variant; a run without one measures nothing", short(id))
		default:
			now.Variants = slices.DeleteFunc(slices.Clone(now.Variants), func(v lab.Variant) bool { return v.ID == id })
		}
	}
}

// settings carries out what a step sets, and holds the variants against the rules again.
func (r *rules) settings(at string, s *lab.Step, now *lab.Plan) {
	if len(s.Set) == 0 {
		return
	}
	broken := variantRules(now)
	now.Variants = slices.Clone(now.Variants)
	failed := false
	for _, set := range modelsFirst(s.Set) {
		name, value, _ := strings.Cut(set, "=")
		path := at + ".set." + name
		if strings.HasSuffix(name, ".load.rate") && strings.HasSuffix(value, "%") {
			r.breaks(path, "write requests per second", "a share of the capacity is measured in the warm-up, before the first step")
			failed = true
			continue
		}
		for _, problem := range override(now, set) {
			failed = true
			where := path
			if problem.Path == "" {
				where = keyOf(path)
			}
			r.found = append(r.found, violation{path: where, msg: problem.Msg, hint: problem.Hint})
		}
	}
	if failed {
		return
	}
	for _, v := range variantRules(now) {
		if slices.Contains(broken, v) {
			continue
		}
		_, key, _ := strings.Cut(v.path, ".")
		v.path = settingAt(at, s, now, v.path, key)
		v.inside = false
		r.found = append(r.found, v)
	}
	for i := range now.Variants {
		r.stepped = append(r.stepped, stepped{at + ".set", now.Variants[i].Target})
	}
}

// settingAt is the place of the setting that broke a rule of the key of a variant, or of the whole step.
func settingAt(at string, s *lab.Step, now *lab.Plan, path, key string) string {
	var i int
	if _, err := fmt.Sscanf(path, "variants[%d]", &i); err == nil && i < len(now.Variants) {
		for _, id := range []string{now.Variants[i].ID, lab.AllVariants} {
			name := id + "." + key
			if slices.ContainsFunc(s.Set, func(set string) bool { return strings.HasPrefix(set, name+"=") }) {
				return at + ".set." + name
			}
		}
	}
	return at + ".set"
}

// variantRules gives what the variants alone break.
func variantRules(p *lab.Plan) []violation {
	r := &rules{plan: p}
	for i := range p.Variants {
		at := fmt.Sprintf("variants[%d]", i)
		r.target(at, &p.Variants[i].Target)
		r.load(at+".load", &p.Variants[i].Load)
	}
	slices.SortFunc(r.found, func(a, b violation) int { return cmp.Compare(a.path, b.path) })
	return r.found
}

// Turn is Apply for settings that are turned in a run: what is wrong comes back in one line.
func Turn(p *lab.Plan, set []string) error {
	err := Apply(p, set)
	problems, ok := err.(*Errors) //nolint:errorlint // Apply gives this type and no other
	if !ok {
		return err
	}
	parts := make([]string, 0, len(problems.Problems))
	for _, problem := range problems.Problems {
		parts = append(parts, printable.Line(problem.Msg))
	}
	return fmt.Errorf("%s", strings.Join(slices.Compact(parts), "; "))
}
