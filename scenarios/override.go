package scenarios

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"benchtop/lab"
	"benchtop/targets"
)

// Apply changes a plan as `--set variant.key=value` asks for: the key is a knob of the variant's target (workers,
// engine, keepalive ...), proxy.KEY or tls.KEY, or load.KEY for a key of its load (load.connections, load.retry.max
// ...); proxy and tls themselves are on or off, and the variant all is every one of them. Values are written and checked as in a file, and what the variants need
// beside benchtop afterwards is added to Requires. The plan stays as it was when any of them is wrong; the error is an
// *Errors.
func Apply(p *lab.Plan, set []string) error {
	changed := *p
	changed.Variants = slices.Clone(p.Variants)
	var problems []Problem
	for _, s := range modelsFirst(set) {
		for _, problem := range override(&changed, s) {
			problem.File, problem.Line, problem.Col = "--set "+s, 0, 0
			problems = append(problems, problem)
		}
	}
	if len(problems) == 0 {
		changed.Requires = required(&changed)
		before := Validate(p) // a plan that was wrong before is not the override's fault
		for _, problem := range Validate(&changed) {
			if !slices.Contains(before, problem) {
				problem.File = "--set"
				problems = append(problems, problem)
			}
		}
	}
	if len(problems) > 0 {
		return asErrors(problems, nil)
	}
	*p = changed
	return nil
}

// modelsFirst moves load.model before the other keys, because changing the model drops what belongs to the other one.
func modelsFirst(set []string) []string {
	out := slices.Clone(set)
	slices.SortStableFunc(out, func(a, b string) int {
		return cmp.Compare(modelRank(a), modelRank(b))
	})
	return out
}

func modelRank(s string) int {
	if name, _, _ := strings.Cut(s, "="); strings.HasSuffix(name, ".load.model") {
		return 0
	}
	return 1
}

func override(p *lab.Plan, s string) []Problem {
	name, value, ok := strings.Cut(s, "=")
	id, key, dotted := strings.Cut(name, ".")
	if !ok || !dotted || id == "" || key == "" {
		return []Problem{{Msg: "wants variant.key=value", Hint: "for example --set " + firstID(p) + ".workers=2"}}
	}
	v := p.Variant(id)
	if v == nil && id == lab.AllVariants {
		var problems []Problem
		for i := range p.Variants {
			problems = append(problems, overrideOne(&p.Variants[i], key, value)...)
		}
		return slices.Compact(problems)
	}
	if v == nil {
		ids := []string{lab.AllVariants}
		for _, v := range p.Variants {
			ids = append(ids, v.ID)
		}
		return []Problem{{Msg: fmt.Sprintf("there is no variant %s", short(id)), Hint: didYouMean(id, ids)}}
	}
	return overrideOne(v, key, value)
}

// overrideOne changes one variant. A problem with the name of the key has no Path, one with its value has.
func overrideOne(v *lab.Variant, key, value string) []Problem {
	d := newDecoder("")
	if key == "load.model" {
		v.Load.Rate, v.Load.RateShare, v.Load.Stages, v.Load.Arrivals = 0, 0, nil, "" // those of the other model
	}
	if key == "load.rate" {
		v.Load.Stages = nil // a rate replaces them
	}
	fields := d.settable(v)
	for _, f := range fields {
		inner, ok := strings.CutPrefix(key, f.name+".")
		if f.name != key && (!ok || !nestedKeys[f.name]) {
			continue
		}
		n := scalar(value)
		if ok {
			n = within(strings.Split(inner, "."), n)
		}
		before := v.Target
		f.read(n, f.name)
		if key == "proxy.kind" {
			dropUndocumented(v.Target.Proxy)
		}
		if f.name == "proxy" {
			followAccept(&v.Target, before)
		}
		completeLoad(&v.Load)
		return d.problems
	}
	names := fieldNames(fields)
	if slices.Contains(laterTarget, key) || slices.Contains(laterLoad, strings.TrimPrefix(key, "load.")) {
		return []Problem{{Msg: key + " is not in this version of benchtop", Hint: "allowed: " + strings.Join(names, ", ")}}
	}
	hint := didYouMean(key, names)
	for _, place := range []string{"load.", "proxy.", "tls."} {
		if slices.Contains(names, place+key) || place == "proxy." && slices.Contains(proxyNames, key) {
			hint = fmt.Sprintf("did you mean %q? allowed: %s", place+key, strings.Join(names, ", "))
			break
		}
	}
	return []Problem{{Msg: fmt.Sprintf("unknown key %s", short(key)), Hint: hint}}
}

// nestedKeys hold keys of their own, which --set reaches with a dot.
var nestedKeys = map[string]bool{"proxy": true, "tls": true, "load.retry": true, "load.timeouts": true}

// settable are the keys of a variant that are one value, or hold such keys.
func (d *decoder) settable(v *lab.Variant) []field {
	var out []field
	for _, f := range d.targetFields(&v.Target) {
		if f.name != "server" && f.name != "command" {
			out = append(out, f)
		}
	}
	for _, f := range d.loadFields(&v.Load) {
		if f.name != "header" && f.name != "expect_status" && f.name != "stages" {
			out = append(out, field{"load." + f.name, f.read})
		}
	}
	return out
}

// within is the mapping that holds a value under a path of keys.
func within(path []string, value *node) *node {
	for _, key := range slices.Backward(path) {
		value = &node{kind: mapping, pairs: []pair{{&node{kind: text, value: key}, value}}}
	}
	return value
}

// followAccept forgets how connections are accepted where that was the default: with another way to the server, such as
// a unix socket behind a proxy that was put in front of it, the default is another one.
func followAccept(s *targets.Spec, before targets.Spec) {
	standard, _ := targets.Check(targets.Spec{Server: before.Server, Proxy: cloneProxy(before.Proxy)})
	if s.Accept == standard.Accept {
		s.Accept = ""
	}
}

// dropUndocumented clears the settings that the proxy's kind does not have: those of the kind that it was before.
func dropUndocumented(p *targets.Proxy) {
	if p == nil {
		return
	}
	kind, ok := targets.LookupProxy(p.Kind)
	if !ok {
		return
	}
	has := newDecoder("").knobs(kind.Knobs).has
	v := reflect.ValueOf(p).Elem()
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if name != "kind" && !has(name) {
			v.Field(i).SetZero()
		}
	}
}

func firstID(p *lab.Plan) string {
	if len(p.Variants) > 0 {
		return p.Variants[0].ID
	}
	return "a"
}

// scalar is a value of the command line as YAML would read it.
func scalar(value string) *node {
	n := &node{kind: text, value: value}
	if value == "true" || value == "false" {
		n.kind = truth
	} else if _, err := strconv.ParseFloat(value, 64); err == nil {
		n.kind = number
	}
	return n
}
