package scenarios

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"benchtop/lab"
	"benchtop/lab/expect"
	"benchtop/lab/metric"
	"benchtop/targets"
	"benchtop/targets/setting"
)

// violation is a rule that a plan breaks.
type violation struct {
	path, msg, hint string
	inside          bool // the place is offset bytes into the text at path
	offset          int
}

// Validate checks a plan against every rule that a file is checked against. It is for plans that were changed after
// they were read; what it finds has a Path instead of a line.
func Validate(p *lab.Plan) []Problem {
	var out []Problem
	for _, v := range check(p) {
		msg := v.msg
		if v.path != "" {
			msg = v.path + ": " + msg
		}
		out = append(out, Problem{File: p.Source, Path: v.path, Msg: msg, Hint: v.hint})
	}
	return out
}

type rules struct {
	plan    *lab.Plan
	found   []violation
	stepped []stepped // what steps make of the targets
}

func (r *rules) breaks(path, hint, format string, args ...any) {
	r.found = append(r.found, violation{path: path, msg: fmt.Sprintf(format, args...), hint: hint})
}

// check gives every violation of the plan. Targets are replaced by what they normalize to, so that a plan says what
// really runs.
func check(p *lab.Plan) []violation {
	r := &rules{plan: p}
	r.variants()
	for i := range p.Variants {
		at := fmt.Sprintf("variants[%d]", i)
		r.target(at, &p.Variants[i].Target)
		r.load(at+".load", &p.Variants[i].Load)
		r.requests(at+".load", &p.Variants[i])
	}
	r.agents()
	r.timing()
	r.steps()
	r.requires()
	r.metric()
	for i, s := range p.Expect {
		r.sentence(fmt.Sprintf("expect[%d]", i), s)
	}
	for i, s := range p.Mechanism {
		r.sentence(fmt.Sprintf("mechanism[%d]", i), s)
	}
	r.conclusions()
	if q := p.Predict; q != nil && q.Variant != "" {
		r.variantName("predict.variant", q.Variant)
	}
	r.ablation()
	known := append(slices.Clone(teachingOrder), p.ID)
	for i, q := range p.Quiz {
		right := 0
		for _, o := range q.Options {
			if o.Correct {
				right++
			}
		}
		if len(q.Options) > 0 && right != 1 {
			r.breaks(fmt.Sprintf("quiz[%d]", i), "write correct: true in one of them", "the question has %d correct options; it needs exactly one", right)
		}
		for j, o := range q.Options {
			if o.Proof != "" && !slices.Contains(known, o.Proof) {
				r.breaks(fmt.Sprintf("quiz[%d].options[%d].proof", i, j), didYouMean(o.Proof, known), "proof names scenario %s, which is not shipped", short(o.Proof))
			}
		}
	}
	return r.found
}

// checkOffered is check with what only the person at this machine may have run or read.
func checkOffered(p *lab.Plan) []violation {
	r := &rules{plan: p}
	for i := range p.Variants {
		v, at := &p.Variants[i], fmt.Sprintf("variants[%d]", i)
		if d, _ := targets.Lookup(v.Target.Server); d.Executes {
			r.breaks(at+".server", "a class compares what benchtop itself starts", "server: %s starts a program that the file names; nobody else's file may do that here", short(v.Target.Server))
		}
		if v.Load.Agents != "" {
			r.breaks(at+".load.agents", "leave it out: each seat drives its own machine", "agents in the lesson of a class")
		}
		if k := v.Load.Keys; k != nil && k.From != "" {
			r.breaks(at+".load.keys.from", "write count: N instead", "keys from a file of this machine; nobody else's file may name one")
		}
	}
	if len(r.found) > 0 {
		return r.found
	}
	return check(p)
}

func (r *rules) ids() []string {
	var out []string
	for _, v := range r.plan.Variants {
		if v.ID != "" && !slices.Contains(out, v.ID) {
			out = append(out, v.ID)
		}
	}
	return out
}

func (r *rules) variants() {
	p := r.plan
	if len(p.Variants) > MaxVariants {
		r.breaks("variants", "", "%d variants; at most %d are allowed", len(p.Variants), MaxVariants)
	}
	seen := map[string]bool{}
	for i, v := range p.Variants {
		if v.ID != "" && seen[v.ID] {
			r.breaks(fmt.Sprintf("variants[%d].id", i), "each variant has an id of its own", "variant %s stands twice", short(v.ID))
		}
		seen[v.ID] = true
	}
	if p.Baseline != "" {
		r.variantName("baseline", p.Baseline)
	}
}

// ablation asks for a variant of its own behind each name, and for a metric of which a cost can be made.
func (r *rules) ablation() {
	a := r.plan.Ablation
	if a == nil {
		return
	}
	seen := map[string]bool{}
	name := func(path, id string) {
		if id == "" {
			return
		}
		if r.variantName(path, id); seen[id] {
			r.breaks(path, "each place of an ablation has a variant of its own", "variant %s stands twice in the ablation", short(id))
		}
		seen[id] = true
	}
	name("ablation.off", a.Off)
	name("ablation.on", a.On)
	for i, f := range a.Fixes {
		name(fmt.Sprintf("ablation.fixes[%d].without", i), f.Without)
		name(fmt.Sprintf("ablation.fixes[%d].alone", i), f.Alone)
	}
	if m := metric.Named(r.plan.Metric); !m.Lower && m.Unit != metric.PerSecond {
		r.breaks("ablation", "set plan.metric to rps, or to a metric of which less is better", "an ablation adds up what a request costs, and plan.metric %s is no cost", short(r.plan.Metric))
	}
}

func (r *rules) variantName(path, name string) {
	if ids := r.ids(); len(ids) > 0 && !slices.Contains(ids, name) {
		r.breaks(path, didYouMean(name, ids), "there is no variant %s", short(name))
	}
}

func (r *rules) target(at string, s *targets.Spec) {
	normal, problems := targets.Check(*s)
	if len(problems) == 0 {
		*s = normal
	}
	server, _ := targets.Lookup(s.Server)
	for _, f := range problems {
		if setting.Find(targets.ServerSettings(), f.Key) != nil && setting.Find(server.Settings, f.Key) == nil {
			continue // the reader has said so, with the place where the key stands
		}
		r.breaks(join(at, f.Key), "", "%s: %s", f.Key, f.Msg)
	}
}

func (r *rules) metric() {
	name := r.plan.Metric
	if name == "" {
		return
	}
	m, ok := metric.Lookup(name)
	switch {
	case !ok:
		r.breaks("plan.metric", didYouMean(name, metricNames()), "metric %s is not known", short(name))
	case m.Exact:
		r.breaks("plan.metric", "compare error_rate, or write an expectation such as errors(a) == 0", "%s is a count, and counts have no interval to decide on", name)
	default:
		for _, v := range r.plan.Variants {
			if msg, hint := r.unmeasured(name, v.ID); msg != "" {
				r.breaks("plan.metric", hint, "%s", msg)
				return
			}
		}
	}
}

// unmeasured says why a metric cannot be had of a variant; empty when it can.
func (r *rules) unmeasured(name, variant string) (msg, hint string) {
	v, m := r.plan.Variant(variant), metric.Named(name)
	switch {
	case v == nil:
	case m.Scope == metric.Proxy && v.Target.Proxy == nil:
		return fmt.Sprintf("%s is a metric of a proxy, and variant %s has none", name, short(variant)), "write proxy: {keepalive: 8} in the variant or in target"
	case m.Scope == metric.Service && len(v.Target.Services) == 0:
		return fmt.Sprintf("%s is a metric of services, and variant %s has none", name, short(variant)), "write services: in the variant or in target"
	case m.Scope == metric.Link && v.Target.Link == nil:
		return fmt.Sprintf("%s is a metric of a link, and variant %s has none", name, short(variant)), "write link: {rate: 10mbit} in the variant or in target"
	case m.Counter != "" && !r.plan.Counters:
		return name + " is counted by the kernel or the processor, which the plan does not ask for (counters: true, --counters)", "write counters: true under plan"
	case m.TLS && v.Target.TLS == nil:
		return fmt.Sprintf("%s is a metric of TLS, and variant %s does without", name, short(variant)), "write tls: on in the variant or in target"
	}
	return "", ""
}

// conclusions checks what the conclusions hold for, and that none stands where it is never reached.
func (r *rules) conclusions() {
	for i, c := range r.plan.Conclusions {
		at := fmt.Sprintf("conclusions[%d].when", i)
		for k, s := range c.When {
			r.condition(fmt.Sprintf("%s[%d]", at, k), s)
		}
		if len(c.When) == 0 && i < len(r.plan.Conclusions)-1 {
			r.breaks(at, "give it a when, or write it last", "a conclusion without when always holds; those after it are never shown")
		}
	}
}

// condition checks a case of a conclusion.
func (r *rules) condition(path, s string) {
	c, err := expect.ParseCase(s)
	switch {
	case err != nil:
		r.unread(path, s, err)
	case c.Expr != nil:
		r.refers(path, s, c.Expr.Refs()...)
	case c.Variant == r.plan.Baseline:
		r.breaks(path, "name one of the others", "%s is the baseline; a verdict is about another variant against it", short(c.Variant))
	default:
		r.refers(path, s, expect.Ref{Metric: r.plan.Metric, Variant: c.Variant, Offset: c.Offset})
	}
}

// sentence checks an expectation: grammar, units, and the variants that it names.
func (r *rules) sentence(path, s string) {
	e, err := expect.Parse(s)
	if err != nil {
		r.unread(path, s, err)
		return
	}
	r.refers(path, s, e.Refs()...)
}

// unread reports a sentence that is not in the grammar.
func (r *rules) unread(path, s string, err error) {
	v := violation{path: path, msg: err.Error(), inside: true}
	var syntax *expect.SyntaxError
	if errors.As(err, &syntax) {
		v.msg, v.offset = syntax.Msg, syntax.Offset
		if syntax.Suggest != "" {
			v.hint = fmt.Sprintf("did you mean %q?", syntax.Suggest)
		}
	}
	v.offset = min(max(0, v.offset), len(s))
	r.found = append(r.found, v)
}

// refers checks that the variants and services which a sentence names are there, and have what it measures.
func (r *rules) refers(path, s string, refs ...expect.Ref) {
	ids := r.ids()
	for _, ref := range refs {
		at := violation{path: path, inside: true, offset: min(max(0, ref.Offset), len(s))}
		if msg, hint := r.unmeasured(ref.Metric, ref.Variant); msg != "" {
			at.msg, at.hint = msg, hint
			r.found = append(r.found, at)
		}
		if len(ids) > 0 && !slices.Contains(ids, ref.Variant) {
			at.msg, at.hint = fmt.Sprintf("there is no variant %s", short(ref.Variant)), didYouMean(ref.Variant, ids)
			if id, _, dotted := strings.Cut(ref.Variant, "."); dotted && slices.Contains(ids, id) {
				at.msg += "; metrics of one service are " + strings.Join(metric.Names(metric.OfOneService()), ", ")
			}
			r.found = append(r.found, at)
		}
		v := r.plan.Variant(ref.Variant)
		if ref.Service == "" || v == nil || len(v.Target.Services) == 0 {
			continue
		}
		if names := slices.Sorted(maps.Keys(v.Target.Services)); !slices.Contains(names, ref.Service) {
			at.offset = min(max(0, ref.At), len(s))
			at.msg, at.hint = fmt.Sprintf("variant %s has no service %s; it has %s", short(ref.Variant), short(ref.Service), strings.Join(names, ", ")), didYouMean(ref.Service, names)
			r.found = append(r.found, at)
		}
	}
}

// locate gives the problem that a violation is in the file: at the value itself, at the default that the variant took
// it from, or at the closest thing around it. ok is false when that place has been reported already.
func (d *decoder) locate(v violation) (Problem, bool) {
	for _, path := range around(v.path) {
		if d.failed[path] && path != "" {
			return Problem{}, false
		}
		if n := d.places[path]; n != nil {
			at := *n
			if v.inside {
				at = d.inside(n, v.offset)
			}
			return Problem{Line: at.line, Col: at.col, Path: v.path, Msg: v.msg, Hint: v.hint}, true
		}
	}
	return Problem{Line: 1, Col: 1, Path: v.path, Msg: v.msg, Hint: v.hint}, true
}

// around lists where to look for the place of a path, the closest first.
func around(path string) []string {
	var out []string
	for path != "" {
		out = append(out, path)
		if strings.HasPrefix(path, "variants[") {
			switch _, rest, nested := strings.Cut(path, "."); {
			case !nested:
				out = append(out, "variants")
			case rest == "load" || strings.HasPrefix(rest, "load."):
				out = append(out, rest)
			case rest != "id":
				out = append(out, "target."+rest)
			}
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	return append(out, "")
}
