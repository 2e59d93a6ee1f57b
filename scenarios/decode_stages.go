package scenarios

import (
	"fmt"
	"math"
	"strconv"

	"benchtop/lab"
	"benchtop/lab/load"
)

// stages reads the stages of a load. A stage with a rate holds it; one with `to` goes there in a straight line, from
// its own rate or from where the stage before it ended (the first one: from 0). The result is never nil, so that the
// rules can tell stages that could not be read from none; a stage that could not be read stays in it, so that places
// and indexes agree.
func (d *decoder) stages(n *node, at string) load.Stages {
	out := load.Stages{}
	last := 0.0
	for i, item := range d.list(n, at, 1, maxStages) {
		in := fmt.Sprintf("%s[%d]", at, i)
		var s load.Stage
		given := d.object(item, in, "the stage", d.stageFields(&s), nil)
		d.required(item, "the stage", given, "for")
		if !given["for"] {
			d.failed[join(in, "for")] = true // reported just now
		}
		switch {
		case item.kind != mapping:
		case !given["rate"] && !given["to"]:
			d.problem(item, in, "the stage has neither rate nor to", "write rate: 1000 to hold a rate, or to: 5000 to go there in a straight line")
		case !given["to"]:
			s.To = s.Rate
		case !given["rate"]:
			s.Rate = last
		}
		for _, path := range []string{in, join(in, "for"), join(in, "rate"), join(in, "to")} {
			if d.failed[path] {
				d.failed[at] = true // nothing can be said of their total then
			}
		}
		last = s.To
		out = append(out, s)
	}
	return out
}

func (d *decoder) stageFields(s *load.Stage) []field {
	return []field{
		{"for", func(n *node, at string) {
			if v, ok := d.duration(n, at, MinStage, MaxSlice); ok {
				s.For = v
			}
		}},
		{"rate", func(n *node, at string) { s.Rate = d.perSecond(n, at) }},
		{"to", func(n *node, at string) { s.To = d.perSecond(n, at) }},
	}
}

// perSecond reads requests per second, 0 included.
func (d *decoder) perSecond(n *node, path string) float64 {
	if n.kind != number || !anyNumber.MatchString(n.value) {
		d.wants(n, path, "requests per second (a number)", "")
		return 0
	}
	v, err := strconv.ParseFloat(n.value, 64)
	if err != nil || math.IsInf(v, 0) || v > MaxRate {
		d.problem(n, path, fmt.Sprintf("%s is %s; allowed: 0 to %s requests per second", lastOf(path), n.value, grouped(MaxRate)), "")
		return 0
	}
	return v
}

// loadOver reads the load of a variant over the one that it inherits. A rate replaces inherited stages and stages an
// inherited rate; both in one place are a mistake, which the rules report.
func (d *decoder) loadOver(n *node, at string, l *lab.Load) {
	given := d.object(n, at, "load", d.loadFields(l), laterLoad)
	switch {
	case given["rate"] && !given["stages"]:
		l.Stages = nil
	case given["stages"] && !given["rate"]:
		l.Rate, l.RateShare = 0, 0
	}
}

// windowOfStages makes the stages the counted part of every slice: they replace plan.slice, which must not be given
// beside them. That the stages of all variants take equally long is a rule (validate.go).
func (d *decoder) windowOfStages(p *lab.Plan) {
	for i := range p.Variants {
		stages := p.Variants[i].Load.Stages
		if len(stages) == 0 {
			continue
		}
		if n := d.places["plan.slice"]; n != nil {
			d.problem(n, "plan.slice", "slice together with stages: the stages are the counted part of every slice",
				fmt.Sprintf("leave slice out; the stages take %s", span(stages.Total())))
		}
		p.Slice = stages.Total()
		return
	}
}
