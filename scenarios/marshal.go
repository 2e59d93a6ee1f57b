package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"benchtop/lab"
)

// Marshal writes a plan as a scenario file that Parse reads as the same plan, its name and hash aside. What all variants
// share stands in target and load, what is a default is left out.
func Marshal(p *lab.Plan) ([]byte, error) {
	root := mapNode()
	root.put("benchtop", intNode(FormatVersion))
	root.put("id", textNode(p.ID))
	root.put("title", textNode(p.Title))
	if p.Track != "" {
		root.put("track", textNode(p.Track))
	}
	if p.Minutes > 0 {
		root.put("minutes", intNode(p.Minutes))
	}
	root.put("claims", claimsNode(p.Claims))
	root.put("requires", textsNode(p.Requires))
	if p.Twin != "" {
		root.put("twin", textNode(p.Twin))
	}
	if p.Lesson != "" {
		root.put("lesson", textNode(p.Lesson))
	}
	target, load, variants := variantsNode(p)
	root.put("target", target)
	root.put("variants", variants)
	if p.Baseline != "" && len(p.Variants) > 0 && p.Baseline != p.Variants[0].ID {
		root.put("baseline", textNode(p.Baseline))
	}
	root.put("load", load)
	root.put("plan", planNode(p))
	root.put("steps", stepsNode(p.Steps))
	if q := p.Predict; q != nil {
		n := mapNode()
		n.put("ask", textNode(q.Ask))
		n.put("metric", textNode(q.Metric))
		n.put("variant", textNode(q.Variant))
		root.put("predict", n)
	}
	root.put("expect", textsNode(p.Expect))
	root.put("mechanism", textsNode(p.Mechanism))
	root.put("quiz", quizNode(p.Quiz))
	if p.Notes != "" {
		root.put("notes", textNode(p.Notes))
	}
	var b strings.Builder
	root.write(&b)
	out := []byte(b.String())
	if _, err := Parse(p.ID+".yaml", out); err != nil {
		return nil, fmt.Errorf("writing %s as a scenario: %w", p.ID, err)
	}
	return out, nil
}

func claimsNode(claims []lab.Claim) *node {
	if len(claims) == 0 {
		return nil
	}
	out := listNode()
	for _, c := range claims {
		item := textNode(c.ID)
		if c.Part != "" {
			item = mapNode()
			item.put("id", textNode(c.ID))
			item.put("part", textNode(c.Part))
		}
		out.items = append(out.items, item)
	}
	return out
}

func planNode(p *lab.Plan) *node {
	n := mapNode()
	for _, t := range []struct {
		key          string
		is, standard time.Duration
	}{{"warmup", p.Warmup, defaultWarmup}, {"slice", p.Slice, defaultSlice}, {"settle", p.Settle, defaultSettle}} {
		if t.is != t.standard && (t.key != "slice" || !p.Staged()) {
			n.put(t.key, textNode(span(t.is)))
		}
	}
	n.put("blocks", intNode(p.Blocks))
	if p.Order != lab.Interleaved {
		n.put("order", textNode(string(p.Order)))
	}
	n.put("metric", textNode(p.Metric))
	if p.SmallestEffect != defaultSmallestEffect {
		n.put("smallest_effect", textNode(percent(p.SmallestEffect)))
	}
	if p.ErrorLimit != defaultErrorLimit {
		n.put("max_errors", textNode(percent(p.ErrorLimit)))
	}
	if p.Seed != 0 {
		n.put("seed", numberNode(fmt.Sprint(p.Seed)))
	}
	return n
}

func stepsNode(steps []lab.Step) *node {
	if len(steps) == 0 {
		return nil
	}
	out := listNode()
	for _, s := range steps {
		n := mapNode()
		n.put("at", textNode(span(s.At)))
		n.put("start", textsNode(s.Start))
		if len(s.Set) > 0 {
			set := mapNode()
			for _, name := range s.Set {
				key, value, _ := strings.Cut(name, "=")
				set.put(key, settingNode(value))
			}
			n.put("set", set)
		}
		n.put("stop", textsNode(s.Stop))
		out.items = append(out.items, n)
	}
	return out
}

// settingNode is a value of a setting: numbers and truths as they are.
func settingNode(value string) *node {
	if n := scalar(value); n.kind != number || anyNumber.MatchString(value) {
		return n
	}
	return textNode(value)
}

func quizNode(quiz []lab.Quiz) *node {
	if len(quiz) == 0 {
		return nil
	}
	out := listNode()
	for _, q := range quiz {
		n := mapNode()
		n.put("ask", textNode(q.Ask))
		options := listNode()
		for _, o := range q.Options {
			option := mapNode()
			option.put("text", textNode(o.Text))
			if o.Correct {
				option.put("correct", truthNode(true))
			}
			if o.Proof != "" {
				option.put("proof", textNode(o.Proof))
			}
			options.items = append(options.items, option)
		}
		n.put("options", options)
		if q.Why != "" {
			n.put("why", textNode(q.Why))
		}
		out.items = append(out.items, n)
	}
	return out
}

// variantsNode writes the variants, with what all of them share in target and load.
func variantsNode(p *lab.Plan) (target, load, variants *node) {
	var targets, loads []*node
	for i := range p.Variants {
		targets = append(targets, targetNode(&p.Variants[i].Target))
		loads = append(loads, loadNode(&p.Variants[i].Load))
	}
	target, load, variants = shared(targets), shared(loads), listNode()
	for i := range p.Variants {
		v := &p.Variants[i]
		n := mapNode()
		n.put("id", textNode(v.ID))
		if v.Label != v.ID {
			n.put("label", textNode(v.Label))
		}
		n.pairs = append(n.pairs, targets[i].pairs...)
		if len(loads[i].pairs) > 0 {
			n.put("load", loads[i])
		}
		variants.items = append(variants.items, n)
	}
	return target, load, variants
}

// shared moves the keys that all mappings have with the same value into one of its own.
func shared(all []*node) *node {
	out := mapNode()
	if len(all) == 0 {
		return out
	}
	for _, p := range slices.Clone(all[0].pairs) {
		key := p.key.value
		everywhere := !slices.ContainsFunc(all, func(n *node) bool { v := n.get(key); return v == nil || !v.same(p.value) })
		if !everywhere {
			continue
		}
		out.pairs = append(out.pairs, p)
		for _, n := range all {
			n.pairs = slices.DeleteFunc(n.pairs, func(p pair) bool { return p.key.value == key })
		}
	}
	return out
}
