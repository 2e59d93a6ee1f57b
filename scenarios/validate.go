package scenarios

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"benchtop/lab"
	"benchtop/lab/expect"
	"benchtop/lab/load"
	"benchtop/lab/metric"
	"benchtop/targets"
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
	}
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
	if q := p.Predict; q != nil && q.Variant != "" {
		r.variantName("predict.variant", q.Variant)
	}
	known := append(slices.Clone(teachingOrder), p.ID)
	for i, q := range p.Quiz {
		for j, o := range q.Options {
			if o.Proof != "" && !slices.Contains(known, o.Proof) {
				r.breaks(fmt.Sprintf("quiz[%d].options[%d].proof", i, j), didYouMean(o.Proof, known), "proof names scenario %s, which is not shipped", short(o.Proof))
			}
		}
	}
	return r.found
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
		documented := slices.ContainsFunc(server.Knobs, func(k targets.Knob) bool { return k.Name == f.Knob })
		if slices.Contains(knobNames, f.Knob) && !documented {
			continue // the reader has said so, with the place where the key stands
		}
		r.breaks(join(at, f.Knob), "", "%s: %s", f.Knob, f.Msg)
	}
}

func (r *rules) load(at string, l *lab.Load) {
	switch {
	case l.Model == load.Closed && (l.Rate != 0 || l.RateShare != 0):
		r.breaks(at+".rate", "write model: open, or leave the rate out: closed connections send as fast as they are answered", "a rate in a closed model")
	case l.Model == load.Closed && len(l.Stages) > 0:
		r.breaks(at+".stages", "write model: open, or leave the stages out: closed connections send as fast as they are answered", "stages in a closed model")
	case l.Model == load.Open && l.Stages != nil && (l.Rate != 0 || l.RateShare != 0):
		r.breaks(at+".rate", "leave one of them out: the stages are the rate", "a rate together with stages")
	case l.Model == load.Open && l.Stages == nil && l.Rate == 0 && l.RateShare == 0:
		r.breaks(at+".rate", "write rate: 2000 (requests per second), rate: 60% of the slowest variant's capacity, or stages", "the open model has no rate")
	}
	r.stages(at+".stages", l.Stages)
	if l.Model == load.Closed && l.Arrivals != "" {
		r.breaks(at+".arrivals", "leave it out, or write model: open and a rate", "arrivals in a closed model")
	}
	switch least := load.LeastWindow(l.Rate); {
	case !(l.Rate >= 0 && l.Rate <= MaxRate):
		r.breaks(at+".rate", "", "rate is %g; allowed: above 0, at most %s requests per second", l.Rate, grouped(MaxRate))
	case l.Rate == 0 || fits(least, r.plan.Slice) && fits(least, r.plan.Warmup):
	case least <= MaxSlice && least <= MaxWarmup:
		r.breaks(at+".rate", fmt.Sprintf("write plan.slice and plan.warmup of at least %s, or a higher rate", span(least)),
			"rate is %g: no request is due in a slice of %s or a warm-up of %s", l.Rate, span(r.plan.Slice), span(r.plan.Warmup))
	default:
		r.breaks(at+".rate", "write a higher rate", "rate is %g: no request is due in the longest slice, %s", l.Rate, span(min(MaxSlice, MaxWarmup)))
	}
	if l.Connections < 1 || l.Connections > MaxConnections {
		r.breaks(at+".connections", "", "connections is %d; allowed: 1 to %s", l.Connections, grouped(MaxConnections))
	}
	r.between(at+".timeout", l.Timeout, MinTimeout, MaxTimeout)
	if l.Body != "" && (l.Method == "" || l.Method == "GET" || l.Method == "HEAD") {
		r.breaks(at+".body", "write method: POST, or leave the body out", "a body in a %s request", cmp.Or(l.Method, "GET"))
	}
	r.policy(at, l)
}

// fits reports whether a window is at least so long; one of 0 there is not, or another rule says so.
func fits(least, window time.Duration) bool { return window == 0 || least <= window }

// stages are the counted part of a slice.
func (r *rules) stages(at string, stages load.Stages) {
	if stages == nil {
		return
	}
	good := len(stages) <= maxStages
	if !good {
		r.breaks(at, "", "%d stages; at most %d are allowed", len(stages), maxStages)
	}
	for i, s := range stages {
		in := fmt.Sprintf("%s[%d]", at, i)
		good = r.between(in+".for", s.For, MinStage, MaxSlice) && good
		for _, rate := range []struct {
			key string
			is  float64
		}{{".rate", s.Rate}, {".to", s.To}} {
			if !(rate.is >= 0 && rate.is <= MaxRate) {
				r.breaks(in+rate.key, "", "%s is %g; allowed: 0 to %s requests per second", rate.key[1:], rate.is, grouped(MaxRate))
				good = false
			}
		}
	}
	total := stages.Total()
	switch {
	case !good:
	case stages.Mean()*total.Seconds() < 1:
		r.breaks(at, "give one of them a higher rate", "the stages have no request")
	case total < MinSlice || total > MaxSlice:
		r.breaks(at, "they are the counted part of every slice", "the stages take %s; allowed: %s to %s", span(total), span(MinSlice), span(MaxSlice))
	case total != r.plan.Slice:
		r.breaks(at, "leave plan.slice and --slice out, and let the stages of every variant take equally long",
			"the stages take %s and a slice %s; stages replace plan.slice, and the slices of all variants are equally long", span(total), span(r.plan.Slice))
	}
}

func (r *rules) between(path string, d, least, most time.Duration) bool {
	if d < least || d > most {
		r.breaks(path, "", "%s is %s; allowed: %s to %s", lastOf(path), span(d), span(least), span(most))
		return false
	}
	return true
}

func (r *rules) timing() {
	p := r.plan
	ok := r.between("plan.warmup", p.Warmup, MinWarmup, MaxWarmup)
	if !p.Staged() { // otherwise it is their total
		ok = r.between("plan.slice", p.Slice, MinSlice, MaxSlice) && ok
	}
	ok = r.between("plan.settle", p.Settle, 0, MaxSettle) && ok
	if p.Blocks < 1 || p.Blocks > MaxBlocks {
		r.breaks("plan.blocks", "", "blocks is %d; allowed: 1 to %d", p.Blocks, MaxBlocks)
		ok = false
	}
	if total := p.Duration(); ok && !p.Free && total > MaxTotal {
		r.breaks("plan", "fewer blocks, shorter slices or fewer variants", "the run would take %s; at most %s are allowed", span(total.Round(time.Minute)), span(MaxTotal))
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
	case m.TLS && v.Target.TLS == nil:
		return fmt.Sprintf("%s is a metric of TLS, and variant %s does without", name, short(variant)), "write tls: on in the variant or in target"
	}
	return "", ""
}

// sentence checks an expectation: grammar, units, and the variants that it names.
func (r *rules) sentence(path, s string) {
	e, err := expect.Parse(s)
	if err != nil {
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
		return
	}
	ids := r.ids()
	for _, ref := range e.Refs() {
		if msg, hint := r.unmeasured(ref.Metric, ref.Variant); msg != "" {
			r.found = append(r.found, violation{path: path, inside: true, offset: min(max(0, ref.Offset), len(s)), msg: msg, hint: hint})
		}
		if len(ids) > 0 && !slices.Contains(ids, ref.Variant) {
			r.found = append(r.found, violation{
				path: path, inside: true, offset: min(max(0, ref.Offset), len(s)),
				msg: fmt.Sprintf("there is no variant %s", short(ref.Variant)), hint: didYouMean(ref.Variant, ids),
			})
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
