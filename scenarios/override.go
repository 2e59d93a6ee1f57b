package scenarios

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"benchtop/lab"
	"benchtop/targets"
)

// Apply changes a plan as `--set variant.key=value` asks for: the key is a knob of the variant's target (workers,
// engine, keepalive ...) or load.KEY for a key of its load (load.connections, load.rate, load.keepalive ...). Values
// are written and checked as in a file. The plan stays as it was when any of them is wrong; the error is an *Errors.
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
	if v == nil {
		var ids []string
		for _, v := range p.Variants {
			ids = append(ids, v.ID)
		}
		return []Problem{{Msg: fmt.Sprintf("there is no variant %s", short(id)), Hint: didYouMean(id, ids)}}
	}
	d := newDecoder("")
	server, _ := targets.Lookup(v.Target.Server)
	fields := d.knobFields(&v.Target, server)
	for _, f := range d.loadFields(&v.Load) {
		if f.name == "header" || f.name == "expect_status" || f.name == "stages" { // not one value
			continue
		}
		fields = append(fields, field{"load." + f.name, f.read})
	}
	if key == "load.model" {
		v.Load.Rate, v.Load.RateShare, v.Load.Stages, v.Load.Arrivals = 0, 0, nil, "" // those of the other model
	}
	if key == "load.rate" {
		v.Load.Stages = nil // a rate replaces them
	}
	var names []string
	for _, f := range fields {
		if f.name == key {
			f.read(scalar(value), key)
			completeLoad(&v.Load)
			return d.problems
		}
		names = append(names, f.name)
	}
	if slices.Contains(laterTarget, key) || slices.Contains(laterLoad, strings.TrimPrefix(key, "load.")) {
		return []Problem{{Msg: key + " is not in this version of benchtop", Hint: "allowed: " + strings.Join(names, ", ")}}
	}
	hint := didYouMean(key, names)
	if slices.Contains(names, "load."+key) {
		hint = fmt.Sprintf("did you mean %q? allowed: %s", "load."+key, strings.Join(names, ", "))
	}
	return []Problem{{Msg: fmt.Sprintf("unknown key %s", short(key)), Hint: hint}}
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
